// Random numbers that are the same on every machine: splitmix64 and distributions of our own, in
// integers and IEEE doubles without library functions. Not for anything that must not be guessed.
#pragma once

#include <cstdint>

namespace simulation {

class random_source {
public:
    explicit random_source(std::uint64_t seed) : state_(seed) {}

    [[nodiscard]] std::uint64_t next() noexcept {
        state_ += 0x9E3779B97F4A7C15U;
        std::uint64_t z = state_;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    }
    /// 0 to n-1; 0 when n is 0. The bias is below n/2^64.
    [[nodiscard]] std::uint64_t below(std::uint64_t n) noexcept { return n == 0 ? 0 : next() % n; }
    /// 0 up to, not including, 1.
    [[nodiscard]] double share() noexcept {
        return static_cast<double>(next() >> 11U) / 9007199254740992.0; // 2^53
    }
    /// True with this probability. Draws once, also for 0 and 1: what comes after stays the same.
    [[nodiscard]] bool chance(double probability) noexcept { return share() < probability; }

private:
    std::uint64_t state_;
};

/// An independent source for one part of a run, so that a change of one part leaves the others.
[[nodiscard]] inline random_source part_of(std::uint64_t seed, std::uint64_t part) {
    random_source mixed(seed ^ (part * 0xD1342543DE82EF95U));
    return random_source(mixed.next());
}

} // namespace simulation
