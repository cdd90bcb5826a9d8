// Where messages come from: for each verifier a stream of each kind, spread evenly with jitter. The
// same seed gives the same mail to every policy.
#pragma once

#include "simulation/verifier.hpp"

#include <optional>

namespace simulation {

class mail_source {
public:
    mail_source(const settings& s, const world& w, std::uint64_t seed);

    /// Streams of all verifiers.
    [[nodiscard]] std::size_t streams() const { return streams_.size(); }
    /// When the next message of a stream comes, in the time since the beginning; nothing at its
    /// end.
    [[nodiscard]] std::optional<duration> next(std::uint32_t stream);
    /// The messages of that moment: several of a burst.
    [[nodiscard]] std::vector<message> take(std::uint32_t stream);
    /// How long a client waits after its n-th attempt (from 1); nothing when it gives up.
    [[nodiscard]] std::optional<duration> waits(const message& m, instant now) const;

private:
    struct stream {
        mail_kind kind;
        std::uint32_t verifier;
        double a_minute;
        std::uint64_t sent;
        random_source random;
    };
    message good(random_source& r) const;
    message bulk(random_source& r, std::uint32_t list) const;
    message from_a_bot(random_source& r) const;
    message forged(random_source& r) const;
    message of_the_run(random_source& r) const;
    [[nodiscard]] std::uint32_t pick(random_source& r, role which) const;

    const world& world_;
    std::vector<stream> streams_;
    duration window_{};
    std::string forger_;
    std::uint64_t users_, bots_, burst_;
    double forwarded_, good_retry_, bot_retry_, harvested_, trapped_;
    duration retry_first_{}, retry_most_{}, retry_for_{};
};

} // namespace simulation
