// What has been tried before, for faults that end after some tries (`grey`, `limit`). Bounded; it
// reads no clock.
#pragma once

#include "cbv/time.hpp"
#include "fakemx/demo/faults.hpp"

#include <deque>
#include <string>
#include <unordered_map>

namespace cbv::fakemx::demo {

/// Shared by all connections of a demo.
class memory {
public:
    /// Tries of so many kinds are remembered; then the one known longest is forgotten.
    static constexpr std::size_t most = 10'000;

    /// Counts a try of `key` (client, sender, recipient, fault) and says whether it fails.
    [[nodiscard]] bool is_played(const gate& when, const std::string& key, instant now);

private:
    struct tries {
        unsigned count = 0;
        instant first{};
        std::deque<instant> free; // tries that were let through within the time of a limit
    };

    std::unordered_map<std::string, tries> known_;
    std::deque<std::string> order_;
};

} // namespace cbv::fakemx::demo
