// The table of ranges never called and the test of one address against it (CBV-HOST-001..004). No
// lookup and no interface enumeration.
#include "cbv/address_policy.hpp"

#include <algorithm>
#include <array>

namespace cbv {

namespace {

// Only for the constants below: a slip there shows in the first test that touches the table.
ip_prefix range(std::string_view text) {
    return ip_prefix::parse(text).value();
}

// CBV-HOST-001: no configuration lifts these. The rest of 0/8 is "this network" and never a
// destination either (RFC 1122 section 3.2.1.3).
const std::array<ip_prefix, 4>& never_permitted() {
    static const std::array<ip_prefix, 4> ranges{
        range("0.0.0.0/8"), range("127.0.0.0/8"), range("::/128"), range("::1/128")};
    return ranges;
}

// The narrowest range that holds the address, for a name that says most.
const special_range* narrowest(const ip_address& address) {
    const special_range* found = nullptr;
    for (const special_range& candidate : special_ranges()) {
        if (candidate.prefix.contains(address) &&
            (found == nullptr || candidate.prefix.length() > found->prefix.length()))
            found = &candidate;
    }
    return found;
}

} // namespace

std::span<const special_range> special_ranges() {
    // Whole blocks: the few single addresses that the registries carve out of 192.0.0.0/24 and
    // 2001::/23 as globally reachable (anycast services, ORCHIDv2) are no mail hosts, and permit()
    // can name them.
    static const std::array<special_range, 32> ranges{{
        {range("0.0.0.0/8"), "\"This network\""},
        {range("10.0.0.0/8"), "Private-Use"},
        {range("100.64.0.0/10"), "Shared Address Space"},
        {range("127.0.0.0/8"), "Loopback"},
        {range("169.254.0.0/16"), "Link Local"},
        {range("172.16.0.0/12"), "Private-Use"},
        {range("192.0.0.0/24"), "IETF Protocol Assignments"},
        {range("192.0.2.0/24"), "Documentation (TEST-NET-1)"},
        {range("192.88.99.0/24"), "Deprecated (6to4 Relay Anycast)"},
        {range("192.168.0.0/16"), "Private-Use"},
        {range("198.18.0.0/15"), "Benchmarking"},
        {range("198.51.100.0/24"), "Documentation (TEST-NET-2)"},
        {range("203.0.113.0/24"), "Documentation (TEST-NET-3)"},
        {range("224.0.0.0/4"), "Multicast"},
        {range("240.0.0.0/4"), "Reserved"},
        {range("255.255.255.255/32"), "Limited Broadcast"},
        {range("::/128"), "Unspecified Address"},
        {range("::1/128"), "Loopback Address"},
        {range("::ffff:0:0/96"), "IPv4-mapped Address"},
        {range("64:ff9b:1::/48"), "IPv4-IPv6 Translation, local use"},
        {range("100::/64"), "Discard-Only Address Block"},
        {range("100:0:0:1::/64"), "Dummy IPv6 Prefix"},
        {range("2001::/23"), "IETF Protocol Assignments"},
        {range("2001:2::/48"), "Benchmarking"},
        {range("2001:db8::/32"), "Documentation"},
        {range("2002::/16"), "6to4"},
        {range("3fff::/20"), "Documentation"},
        {range("5f00::/16"), "Segment Routing (SRv6) SIDs"},
        {range("fc00::/7"), "Unique-Local"},
        {range("fe80::/10"), "Link-Local Unicast"},
        {range("fec0::/10"), "Site-Local Unicast, deprecated"},
        {range("ff00::/8"), "Multicast"},
    }};
    return ranges;
}

std::optional<ip_address> embedded_v4(const ip_address& address) {
    // The octet at which the IPv4 address begins: RFC 4291 section 2.5.5.2, RFC 6052 section 2.2,
    // RFC 3056 section 2.
    struct carrier {
        ip_prefix prefix;
        std::size_t offset;
    };
    static const std::array<carrier, 3> carriers{{
        {range("::ffff:0:0/96"), 12},
        {range("64:ff9b::/96"), 12},
        {range("2002::/16"), 2},
    }};
    for (const carrier& c : carriers) {
        if (c.prefix.contains(address)) {
            const auto& octets = address.octets();
            return ip_address::v4({octets[c.offset],
                                   octets[c.offset + 1],
                                   octets[c.offset + 2],
                                   octets[c.offset + 3]});
        }
    }
    return std::nullopt;
}

address_policy::ruling address_policy::check(const ip_address& address) const {
    // Loopback comes before "own": every host owns 127.0.0.1, so a stranger's zone that names it is
    // a prohibited address to skip (CBV-HOST-005), not a sign that we are an MX (CBV-HOST-004).
    if (covers(never_permitted(), address))
        return ruling::prohibited;
    if (std::find(own_.begin(), own_.end(), address) != own_.end())
        return ruling::own;
    // CBV-HOST-003: the carrier must be allowed and so must what it carries.
    if (const auto inner = embedded_v4(address)) {
        if (const ruling carried = check(*inner); carried != ruling::allowed)
            return carried;
    }
    if (covers(prohibited_, address))
        return ruling::prohibited;
    if (covers(permitted_, address))
        return ruling::allowed;
    return narrowest(address) == nullptr ? ruling::allowed : ruling::prohibited;
}

std::string address_policy::explain(const ip_address& address) const {
    const std::string text = address.to_string();
    const ruling decided = check(address);
    const bool own = std::find(own_.begin(), own_.end(), address) != own_.end();
    const bool never = covers(never_permitted(), address);

    if (own && !never)
        return text + " is one of our own addresses";
    if (decided != ruling::allowed && !never) {
        if (const auto inner = embedded_v4(address); inner && check(*inner) != ruling::allowed)
            return text + " carries an IPv4 address: " + explain(*inner);
        for (const ip_prefix& prefix : prohibited_) {
            if (prefix.contains(address))
                return text + " is in " + prefix.to_string() + " (prohibited by configuration)";
        }
    }
    if (decided == ruling::allowed) {
        for (const ip_prefix& prefix : permitted_) {
            if (prefix.contains(address))
                return text + " is in " + prefix.to_string() + " (permitted by configuration)";
        }
        return text + " is globally reachable";
    }
    const special_range* special = narrowest(address);
    return text + " is in " + special->prefix.to_string() + " (" + std::string(special->name) + ")";
}

} // namespace cbv
