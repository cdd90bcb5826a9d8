// One run: a world, its mail and verifiers of one policy, from the first message to the last event;
// and what was counted. All counts are whole numbers, so that runs can be compared exactly.
#pragma once

#include "simulation/verifier.hpp"

#include <array>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

namespace simulation {

/// Of one kind of mail.
struct mail_count {
    std::uint64_t sent = 0;
    std::uint64_t admitted = 0;
    std::uint64_t refused = 0; ///< 550
    std::uint64_t by_spf =
        0; ///< refused by the receiver itself, as SPF said fail: no verifier was asked
    std::uint64_t never = 0;                   ///< deferred until its client gave up
    std::uint64_t late = 0;                    ///< admitted, but not at the first attempt
    std::vector<std::uint32_t> delays;         ///< of those admitted, seconds
    std::map<std::string, std::uint64_t> ways; ///< admitted with these verdicts
};

struct counts {
    std::array<mail_count, 4> mail;       ///< by mail_kind
    std::uint64_t connections = 0;        ///< of calls
    std::uint64_t recipients = 0;         ///< RCPT commands in them
    std::uint64_t victim_connections = 0; ///< of calls, while mail arrives
    std::uint64_t victim_peak = 0;        ///< in the worst minute
    std::uint64_t backscatter = 0;        ///< bounces at the victim, while mail arrives
    std::uint64_t listed = 0;             ///< verifiers that came onto the block list
    std::uint64_t events = 0;

    /// By name, for the results; `delay_*_50` and the like are seconds.
    [[nodiscard]] std::map<std::string, std::uint64_t> named() const;
};

/// std::runtime_error when parameters are not fit for use.
[[nodiscard]] counts run(const settings& s, const policy& p, std::uint64_t seed);

} // namespace simulation
