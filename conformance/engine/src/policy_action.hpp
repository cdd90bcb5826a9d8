// What Postfix's smtpd does at RCPT with the action a policy server answers (access(5), "ACCEPT
// ACTIONS" to "ENHANCED STATUS CODES"). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cbv::engine::policy {

/// The reply to RCPT an action makes, or none: the recipient is taken.
struct outcome {
    std::optional<std::string> refusal; ///< "CODE X.Y.Z text", printable, at most 510 octets
    std::string remark;                 ///< what else is worth a note; may be empty
};

/// `recipient` is named in the reply, as Postfix names it. An enhanced status code stays as the
/// server gave it; Postfix would turn 5.1.8 into 5.1.2 here, since a recipient is refused.
[[nodiscard]] outcome read_action(std::string_view action, std::string_view recipient);

/// What smtpd says when the server cannot be asked: smtpd_policy_service_default_action.
[[nodiscard]] std::string unavailable(std::string_view recipient);

} // namespace cbv::engine::policy
