// What the verifier answers its client for a verdict (draft, section "Reply to the client"; CBV-RPLY
// group and the reply table). Pure; it writes no socket and keeps no state.
#pragma once

#include "cbv/reply.hpp"
#include "cbv/verdict.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cbv {

/// Octets of a reply line, code and CR LF included (RFC 5321 section 4.5.3.1.5).
inline constexpr std::size_t max_reply_line = 512;

/// The operator's choices.
struct reply_options {
    bool quote_called_host = false;     ///< add the called host's text, escaped (CBV-RPLY-009)
    bool defer_unverifiable = false;    ///< answer `unverifiable` with 451 instead of no effect
    bool accept_tempfail = false;       ///< `tempfail` has no effect either (CBV-RPLY-002)
    bool observe = false;               ///< no verdict has an effect, each is recorded (CBV-RPLY-010)
    bool enhanced_codes = true;         ///< ENHANCEDSTATUSCODES is advertised (CBV-RPLY-004)
};

/// The codes of one cause in the draft's reply table.
struct reply_codes {
    int code = 0;               ///< 550 or 451; 0: no effect
    enhanced_code enhanced;     ///< class equals the first digit
};

/// The row of the reply table for this verdict; `code` 0 when it has no effect (pass, none,
/// unverifiable unless defer_unverifiable, tempfail with accept_tempfail, all with observe).
[[nodiscard]] reply_codes codes_for(verdict_kind kind, cause why, const reply_options& options = {});

/// The reply to RCPT for a verdict, or nothing when the recipient is accepted. Lines are printable
/// ASCII and fit 512 octets (CBV-RPLY-008); the text names the cause (CBV-RPLY-009).
[[nodiscard]] std::optional<reply> reply_for(const verdict& v, const std::string& reverse_path,
                                             const reply_options& options = {});

/// The cause in words, one printable ASCII clause without a final dot, for people.
[[nodiscard]] std::string_view explain(cause why) noexcept;
/// The same where the words depend on the verdict: `limit` is a bound on what is asked with
/// `unverifiable` (CBV-HOST-011), and one on what runs at a time with any other.
[[nodiscard]] std::string_view explain(verdict_kind kind, cause why) noexcept;

/// A reply as octets on the wire, CR LF included; multi-line where it has several lines. Octets that
/// are not printable ASCII are escaped and each line is cut at max_reply_line (CBV-RPLY-008).
[[nodiscard]] std::string serialize(const reply& r);

} // namespace cbv
