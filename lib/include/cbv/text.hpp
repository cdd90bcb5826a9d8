// Small text helpers shared by the whole house: ASCII case, escaping of bytes from the wire.
// No locale, no Unicode knowledge beyond UTF-8 well-formedness.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace cbv {

/// `text` with every octet outside printable ASCII (0x20..0x7E), and the backslash, written as
/// `\r`, `\n`, `\t`, `\\` or `\xHH`, so that a peer's bytes can neither forge a line of a log nor
/// break XML or JSON (CBV-TRC-002). At most `limit` octets of output; a cut is shown by "...".
[[nodiscard]] std::string escape(std::string_view text, std::size_t limit = 1024);

/// `text` with A-Z turned into a-z; other octets are unchanged.
[[nodiscard]] std::string to_lower(std::string_view text);
/// `text` with a-z turned into A-Z; other octets are unchanged.
[[nodiscard]] std::string to_upper(std::string_view text);

/// Whether both are equal when A-Z and a-z are the same (ASCII only).
[[nodiscard]] bool iequals(std::string_view a, std::string_view b) noexcept;

/// A domain name without the dot that makes it absolute, if it has one.
[[nodiscard]] std::string_view without_final_dot(std::string_view name) noexcept;

/// Whether every octet is below 0x80.
[[nodiscard]] bool is_ascii(std::string_view text) noexcept;

/// Whether `text` is well-formed UTF-8 (RFC 3629; no surrogates, no overlong forms).
[[nodiscard]] bool is_utf8(std::string_view text) noexcept;

} // namespace cbv
