// Gives each host of each case an address of its own, in order, so that a run is repeatable. It
// does not look whether anybody uses an address.
#pragma once

#include "cbv/ip_address.hpp"

#include <cstdint>

namespace cbv::fakemx {

/// Where hosts get their addresses. The defaults are the lab's: benchmark and documentation ranges
/// (RFC 2544, RFC 5737, RFC 3849).
struct address_ranges {
    ip_prefix v4 = *ip_prefix::parse("198.18.0.0/15");
    ip_prefix v6 = *ip_prefix::parse("2001:db8:0:1::/64");
    ip_prefix blackhole_v4 = *ip_prefix::parse("203.0.113.0/24");
    ip_prefix blackhole_v6 = *ip_prefix::parse("2001:db8:dead::/48");
    std::uint64_t first_v4 = 1; ///< offset of the first address given from `v4`
    std::uint64_t first_v6 = 1; ///< likewise
};

/// Hands out addresses in order.
class address_allocator {
public:
    explicit address_allocator(address_ranges ranges = {});

    /// The next address for a host that listens or refuses. Throws std::runtime_error when the
    /// range is used up.
    [[nodiscard]] ip_address next_v4();
    [[nodiscard]] ip_address next_v6();
    /// The next address in the black hole; throws likewise.
    [[nodiscard]] ip_address next_blackhole_v4();
    [[nodiscard]] ip_address next_blackhole_v6();

private:
    address_ranges ranges_;
    std::uint64_t v4_;
    std::uint64_t v6_;
    std::uint64_t blackhole_v4_ = 1;
    std::uint64_t blackhole_v6_ = 1;
};

} // namespace cbv::fakemx
