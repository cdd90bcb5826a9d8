// The rules of RFC 5321 section 4.1.2 and 4.1.3, one scanner each, for mailbox.cpp. A scanner moves
// `at` past what it read, or says what it missed. They do not look at what follows, nor at the
// control octets and bad UTF-8 that check_octets() refuses beforehand.
#pragma once

#include "cbv/mailbox.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace cbv::grammar {

/// A rule that was not met; `expected` is a literal, so that nothing is allocated.
struct violation {
    path_fault fault;
    std::size_t offset;
    const char* expected;
};

/// The outcome of a scanner: nothing when the rule was met.
using outcome = std::optional<violation>;

/// No octet below 0x20 and no 0x7F anywhere, quoted or not (CBV-ADDR-005), and UTF-8.
[[nodiscard]] outcome check_octets(std::string_view text) noexcept;

/// Local-part = Dot-string / Quoted-string
[[nodiscard]] outcome
scan_local_part(std::string_view text, std::size_t& at, lengths bound) noexcept;

/// Domain = sub-domain *("." sub-domain)
[[nodiscard]] outcome scan_domain(std::string_view text, std::size_t& at) noexcept;

/// address-literal = "[" ( IPv4-address-literal / IPv6-address-literal ) "]"
/// A General-address-literal is refused: no other tag is registered, nor could one be called.
[[nodiscard]] outcome scan_literal(std::string_view text, std::size_t& at, ip_address& address);

} // namespace cbv::grammar
