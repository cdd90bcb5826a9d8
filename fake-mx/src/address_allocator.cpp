// fakemx/address_allocator.hpp: counting within a prefix.
#include "fakemx/address_allocator.hpp"

#include <array>
#include <stdexcept>

namespace cbv::fakemx {
namespace {

/// The address `count` after the start of `range`, counting in its last 64 bits (IPv6) or 32.
ip_address take(const ip_prefix& range, std::uint64_t& count) {
    auto octets = range.address().octets();
    const bool v4 = range.address().is_v4();
    std::uint64_t carry = count;
    for (std::size_t i = v4 ? 4 : 16; i-- > (v4 ? 0U : 8U);) {
        carry += octets[i];
        octets[i] = static_cast<std::uint8_t>(carry & 0xFFU);
        carry >>= 8U;
    }
    const auto address =
        v4 ? ip_address::v4({octets[0], octets[1], octets[2], octets[3]}) : ip_address::v6(octets);
    if (carry != 0 || !range.contains(address))
        throw std::runtime_error{"no address is left in " + range.to_string() +
                                 "; expected a larger range"};
    ++count;
    return address;
}

} // namespace

address_allocator::address_allocator(address_ranges ranges)
    : ranges_(ranges), v4_(ranges.first_v4), v6_(ranges.first_v6) {}

ip_address address_allocator::next_v4() {
    return take(ranges_.v4, v4_);
}
ip_address address_allocator::next_v6() {
    return take(ranges_.v6, v6_);
}
ip_address address_allocator::next_blackhole_v4() {
    return take(ranges_.blackhole_v4, blackhole_v4_);
}
ip_address address_allocator::next_blackhole_v6() {
    return take(ranges_.blackhole_v6, blackhole_v6_);
}

} // namespace cbv::fakemx
