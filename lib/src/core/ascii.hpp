// Character classes of US-ASCII as the ABNF of RFC 5234 names them. No locale: <cctype> would read
// one, and is undefined for negative char.
#pragma once

namespace cbv::ascii {

constexpr bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}
constexpr bool is_alpha(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
constexpr bool is_let_dig(char c) noexcept {
    return is_alpha(c) || is_digit(c);
}
/// An octet below 0x20, or 0x7F.
constexpr bool is_control(char c) noexcept {
    return static_cast<unsigned char>(c) < 0x20 || c == 0x7F;
}
/// An octet of 0x80 or more: part of a UTF8-non-ascii (RFC 6531 section 3.3) once is_utf8() holds.
constexpr bool is_high(char c) noexcept {
    return static_cast<unsigned char>(c) >= 0x80;
}
constexpr char to_lower(char c) noexcept {
    return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
}
constexpr char to_upper(char c) noexcept {
    return c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
}

} // namespace cbv::ascii
