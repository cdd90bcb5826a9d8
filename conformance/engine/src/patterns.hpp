// Patterns on reply codes (`250`, `45z`, `not-5yz`) and enhanced status codes (`5.1.z`), and the
// comparison of command lines. Pure text work; what a miss means is the judge's business.
#pragma once

#include <string>
#include <string_view>

namespace cbv::engine {

/// Whether `pattern` is a reply code of which trailing digits may be `y` and `z`, `not-` before it
/// allowed.
[[nodiscard]] bool is_reply_pattern(std::string_view pattern);
/// Whether `code` (three digits) is one of those `pattern` names.
[[nodiscard]] bool matches_reply(std::string_view pattern, int code);

/// Whether `pattern` is `class.subject.detail` with `y` or `z` for any number, `not-` before it
/// allowed.
[[nodiscard]] bool is_enhanced_pattern(std::string_view pattern);
/// Whether the enhanced code `code` ("5.1.1", empty: none) is one of those `pattern` names.
[[nodiscard]] bool matches_enhanced(std::string_view pattern, std::string_view code);

/// Whether a command line is `wanted`, octet by octet but for the case of the verb (up to the first
/// space or colon; `MAIL FROM:` and `RCPT TO:` count as verbs), which RFC 5321 section 2.4 leaves
/// open.
[[nodiscard]] bool same_command(std::string_view line, std::string_view wanted);
/// `line` with its verb in capitals, so that a pattern need not spell both cases.
[[nodiscard]] std::string with_upper_verb(std::string_view line);

} // namespace cbv::engine
