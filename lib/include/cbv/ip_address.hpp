// An IPv4 or IPv6 address and a prefix of either, as plain values. No sockets, no resolution, no
// zone identifiers.
#pragma once

#include <array>
#include <compare>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace cbv {

/// An IPv4 or IPv6 address. IPv4-mapped IPv6 addresses stay IPv6 (see address_policy).
class ip_address {
public:
    /// The IPv4 address 0.0.0.0.
    ip_address() = default;

    /// Reads dotted-quad IPv4 or RFC 4291 IPv6 text; nothing for anything else (no zone, no port).
    [[nodiscard]] static std::optional<ip_address> parse(std::string_view text);
    /// The address of these octets, in network order.
    [[nodiscard]] static ip_address v4(std::array<std::uint8_t, 4> octets) noexcept;
    [[nodiscard]] static ip_address v6(std::array<std::uint8_t, 16> octets) noexcept;

    /// Whether it is of one family or the other; an IPv4-mapped address is IPv6.
    [[nodiscard]] bool is_v4() const noexcept { return v4_; }
    [[nodiscard]] bool is_v6() const noexcept { return !v4_; }
    /// The address in network order; for IPv4 the first four octets count, the rest are zero.
    [[nodiscard]] const std::array<std::uint8_t, 16>& octets() const noexcept { return octets_; }
    /// Canonical text (RFC 5952 for IPv6; an IPv4-mapped address as ::ffff:192.0.2.1).
    [[nodiscard]] std::string to_string() const;

    friend auto operator<=>(const ip_address&, const ip_address&) = default;

private:
    std::array<std::uint8_t, 16> octets_{};
    bool v4_ = true;
};

/// An address prefix such as 198.18.0.0/15 or 2001:db8::/32.
class ip_prefix {
public:
    /// `length` must not exceed 32 (IPv4) or 128 (IPv6), else std::logic_error. Host bits are
    /// cleared.
    ip_prefix(ip_address address, unsigned length);
    /// Reads `ADDRESS/LENGTH`, or a bare address as a full-length prefix; nothing for anything
    /// else. LENGTH is decimal without leading zeros; host bits are cleared.
    [[nodiscard]] static std::optional<ip_prefix> parse(std::string_view text);

    /// Whether `address` is of the same family and lies in the prefix.
    [[nodiscard]] bool contains(const ip_address& address) const noexcept;
    /// The address with its host bits cleared.
    [[nodiscard]] const ip_address& address() const noexcept { return address_; }
    /// The number of leading bits that count, 0..32 or 0..128.
    [[nodiscard]] unsigned length() const noexcept { return length_; }
    /// `ADDRESS/LENGTH`.
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const ip_prefix&, const ip_prefix&) = default;

private:
    ip_address address_;
    unsigned length_;
};

/// Whether one of the prefixes contains the address.
[[nodiscard]] bool covers(std::span<const ip_prefix> prefixes, const ip_address& address) noexcept;

} // namespace cbv
