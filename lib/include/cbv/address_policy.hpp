// Which addresses may be called (draft, section "Host selection"; CBV-HOST-001..004). A table and a
// test; no lookup, no interface enumeration: own addresses are given by the caller.
#pragma once

#include "cbv/ip_address.hpp"

#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// A range never called by default, with the registry's name for it.
struct special_range {
    ip_prefix prefix;
    std::string_view name;
};

/// IANA special-purpose ranges that are not "Globally Reachable" (RFC 6890), and multicast
/// (CBV-HOST-002). The draft has the same table; a test compares them.
[[nodiscard]] std::span<const special_range> special_ranges();

/// Ranges that carry an IPv4 address inside an IPv6 one (CBV-HOST-003); the embedded address is
/// tested as well.
[[nodiscard]] std::optional<ip_address> embedded_v4(const ip_address& address);

/// The policy of one verifier.
class address_policy {
public:
    enum class ruling {
        allowed,
        prohibited, ///< special-purpose and not permitted
        own,        ///< one of the verifier's own addresses (CBV-HOST-004)
    };

    /// Permits calls into `prefix` although it is special-purpose. An address inside the permitted
    /// prefix is allowed; own addresses stay own. CBV-HOST-001 cannot be lifted: loopback and
    /// unspecified addresses stay prohibited. An address that embeds an IPv4 one needs leave for
    /// both (CBV-HOST-003).
    void permit(ip_prefix prefix) { permitted_.push_back(prefix); }
    /// Forbids calls into `prefix` although it is globally reachable; wins over permit().
    void prohibit(ip_prefix prefix) { prohibited_.push_back(prefix); }
    /// Adds one of the verifier's own addresses. It need not be permitted to be known as own;
    /// loopback is never own but prohibited, since every host has it.
    void add_own(const ip_address& address) { own_.push_back(address); }

    [[nodiscard]] ruling check(const ip_address& address) const;
    /// Why check() said so, in words, for traces: "127.0.0.1 is in 127.0.0.0/8 (Loopback)".
    [[nodiscard]] std::string explain(const ip_address& address) const;

private:
    std::vector<ip_prefix> permitted_;
    std::vector<ip_prefix> prohibited_;
    std::vector<ip_address> own_;
};

} // namespace cbv
