// Tests of fakemx/address_allocator.hpp.
#include "fakemx/address_allocator.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using cbv::ip_prefix;
using cbv::fakemx::address_allocator;

TEST(address_allocator, counts_through_the_ranges_of_the_lab) {
    address_allocator a;
    EXPECT_EQ(a.next_v4().to_string(), "198.18.0.1");
    EXPECT_EQ(a.next_v6().to_string(), "2001:db8:0:1::1");
    EXPECT_EQ(a.next_blackhole_v4().to_string(), "203.0.113.1");
    EXPECT_EQ(a.next_blackhole_v6().to_string(), "2001:db8:dead::1");
    for (int i = 2; i < 256; ++i)
        (void)a.next_v4();
    EXPECT_EQ(a.next_v4().to_string(), "198.18.1.0");
    EXPECT_EQ(a.next_v6().to_string(), "2001:db8:0:1::2");
}

TEST(address_allocator, says_when_a_range_is_used_up) {
    cbv::fakemx::address_ranges ranges;
    ranges.v4 = *ip_prefix::parse("127.0.0.0/30");
    ranges.first_v4 = 2;
    ranges.v6 = *ip_prefix::parse("::/127");
    address_allocator a{ranges};
    EXPECT_EQ(a.next_v4().to_string(), "127.0.0.2");
    EXPECT_EQ(a.next_v4().to_string(), "127.0.0.3");
    EXPECT_EQ(a.next_v6().to_string(), "::1");
    EXPECT_THROW((void)a.next_v6(), std::runtime_error);
    try {
        (void)a.next_v4();
        ADD_FAILURE();
    } catch (const std::runtime_error& e) {
        EXPECT_STREQ(e.what(), "no address is left in 127.0.0.0/30; expected a larger range");
    }
}

TEST(address_allocator, stops_at_the_end_of_the_address_space) {
    cbv::fakemx::address_ranges ranges;
    ranges.v4 = *ip_prefix::parse("255.255.255.254/31");
    address_allocator a{ranges};
    EXPECT_EQ(a.next_v4().to_string(), "255.255.255.255");
    EXPECT_THROW((void)a.next_v4(), std::runtime_error);
}

} // namespace
