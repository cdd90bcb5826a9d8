// The timers of a verification (the draft's section on timers). Values only; the state machines
// apply them.
#pragma once

#include "cbv/time.hpp"

#include <optional>
#include <string>

namespace cbv {

/// One timer a stage, all settable (CBV-TIME-001). Defaults are the draft's (CBV-TIME-002); a test
/// compares them with its table. Every value must be above zero.
struct timeouts {
    duration dns = std::chrono::seconds{20};      ///< all lookups of one verification together
    duration connect = std::chrono::seconds{30};  ///< one TCP connection
    duration greeting = std::chrono::seconds{60}; ///< from connected to the complete greeting
    duration ehlo = std::chrono::seconds{30};     ///< EHLO, and HELO after it, each
    duration mail = std::chrono::seconds{30};
    duration rcpt = std::chrono::seconds{120};
    duration quit = std::chrono::seconds{5};      ///< waiting for 221; the verdict does not wait
    duration starttls = std::chrono::seconds{30}; ///< command and handshake
    duration budget = std::chrono::seconds{240};  ///< the client's whole wait (CBV-TIME-003)

    /// What is wrong with the values, in words; nothing when they are usable: all above zero,
    /// budget not above max_budget.
    [[nodiscard]] std::optional<std::string> problem() const;

    /// CBV-TIME-003: no budget above this.
    static constexpr duration max_budget = std::chrono::seconds{270};
};

} // namespace cbv
