// Checks a set of timers (CBV-TIME-001, CBV-TIME-003). It applies none of them: the state machines
// do.
#include "cbv/timeouts.hpp"

#include <array>
#include <string_view>
#include <utility>

namespace cbv {

std::optional<std::string> timeouts::problem() const {
    const std::array<std::pair<std::string_view, duration>, 9> all{{
        {"dns", dns},
        {"connect", connect},
        {"greeting", greeting},
        {"ehlo", ehlo},
        {"mail", mail},
        {"rcpt", rcpt},
        {"quit", quit},
        {"starttls", starttls},
        {"budget", budget},
    }};
    for (const auto& [name, value] : all) {
        if (value <= duration::zero())
            return "the " + std::string(name) + " timer must be above zero, not " +
                   std::to_string(value.count()) + " us";
    }
    // A client gives up after 5 min at RCPT (RFC 5321 section 4.5.3.2.3); the answer must reach it
    // before that, with some seconds for the network.
    if (budget > max_budget) {
        const auto seconds = [](duration d) {
            return std::to_string(std::chrono::duration_cast<std::chrono::seconds>(d).count());
        };
        return "the budget must not be above " + seconds(max_budget) + " s, not " +
               seconds(std::chrono::ceil<std::chrono::seconds>(budget)) + " s (CBV-TIME-003)";
    }
    return std::nullopt;
}

} // namespace cbv
