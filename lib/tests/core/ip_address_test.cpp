// Tests of cbv/ip_address.hpp: text forms both ways, prefixes at their bounds.
#include "cbv/ip_address.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using namespace std::string_literals;
using cbv::ip_address;
using cbv::ip_prefix;

std::string round_trip(std::string_view text) {
    const auto address = ip_address::parse(text);
    return address ? address->to_string() : "refused";
}

TEST(ip_address, reads_ipv4) {
    const auto address = ip_address::parse("192.0.2.25");
    ASSERT_TRUE(address);
    EXPECT_TRUE(address->is_v4());
    EXPECT_FALSE(address->is_v6());
    EXPECT_EQ(*address, ip_address::v4({192, 0, 2, 25}));
    EXPECT_EQ(address->octets()[4], 0);
    EXPECT_EQ(ip_address().to_string(), "0.0.0.0");
}

TEST(ip_address, refuses_other_text) {
    for (const auto& bad : {""s,
                            "1"s,
                            "1.2.3"s,
                            "1.2.3.4.5"s,
                            "256.0.0.1"s,
                            "01.2.3.4"s,
                            "1.2.3.4 "s,
                            " 1.2.3.4"s,
                            "1.2.3.4\0"s,
                            "1.2.3.4\0x"s,
                            "1.2.3.4:25"s,
                            "0x7f.0.0.1"s,
                            "::1%lo"s,
                            "[::1]"s,
                            "::1/128"s,
                            ":::"s,
                            "1::2::3"s,
                            "12345::"s,
                            "1:2:3:4:5:6:7"s,
                            "1:2:3:4:5:6:7:8:9"s,
                            "::1.2.3"s,
                            "::1\0"s,
                            std::string(4096, '1')})
        EXPECT_EQ(round_trip(bad), "refused") << bad;
}

// RFC 5952 section 4
TEST(ip_address, writes_the_canonical_form) {
    EXPECT_EQ(round_trip("2001:DB8:0:0:0:0:2:1"), "2001:db8::2:1");
    EXPECT_EQ(round_trip("2001:db8:0:1:1:1:1:1"), "2001:db8:0:1:1:1:1:1");
    EXPECT_EQ(round_trip("2001:0:0:1:0:0:0:1"), "2001:0:0:1::1");
    EXPECT_EQ(round_trip("2001:db8:0:0:1:0:0:1"), "2001:db8::1:0:0:1");
    EXPECT_EQ(round_trip("::"), "::");
    EXPECT_EQ(round_trip("0:0:0:0:0:0:0:1"), "::1");
    EXPECT_EQ(round_trip("1::"), "1::");
    EXPECT_EQ(round_trip("1:2:3:4:5:6:7::"), "1:2:3:4:5:6:7:0");
    EXPECT_EQ(round_trip("::1:2"), "::1:2");
    EXPECT_EQ(round_trip("::FFFF:192.0.2.1"), "::ffff:192.0.2.1");
    EXPECT_EQ(round_trip("64:ff9b::192.0.2.1"), "64:ff9b::c000:201");
}

TEST(ip_address, keeps_a_mapped_address_ipv6) {
    const auto mapped = ip_address::parse("::ffff:127.0.0.1");
    ASSERT_TRUE(mapped);
    EXPECT_TRUE(mapped->is_v6());
    EXPECT_NE(*mapped, *ip_address::parse("127.0.0.1"));
}

TEST(ip_address, families_differ_even_with_equal_octets) {
    EXPECT_NE(ip_address::v4({0, 0, 0, 0}), ip_address::v6({}));
    EXPECT_LT(ip_address::v4({1, 0, 0, 0}), ip_address::v4({1, 0, 0, 1}));
}

bool contains(std::string_view prefix, std::string_view address) {
    return ip_prefix::parse(prefix).value().contains(ip_address::parse(address).value());
}

TEST(ip_prefix, contains_its_first_and_last_address_and_no_neighbour) {
    EXPECT_FALSE(contains("198.18.0.0/15", "198.17.255.255"));
    EXPECT_TRUE(contains("198.18.0.0/15", "198.18.0.0"));
    EXPECT_TRUE(contains("198.18.0.0/15", "198.19.255.255"));
    EXPECT_FALSE(contains("198.18.0.0/15", "198.20.0.0"));
    EXPECT_TRUE(contains("0.0.0.0/0", "255.255.255.255"));
    EXPECT_TRUE(contains("192.0.2.1", "192.0.2.1"));
    EXPECT_FALSE(contains("192.0.2.1/32", "192.0.2.0"));
    EXPECT_TRUE(contains("2001:db8::/33", "2001:db8:7fff:ffff::"));
    EXPECT_FALSE(contains("2001:db8::/33", "2001:db8:8000::"));
    EXPECT_TRUE(contains("::1/128", "::1"));
    EXPECT_FALSE(contains("::1/128", "::2"));
}

TEST(ip_prefix, keeps_the_families_apart) {
    EXPECT_FALSE(contains("0.0.0.0/0", "::"));
    EXPECT_FALSE(contains("::/0", "0.0.0.0"));
}

TEST(ip_prefix, clears_host_bits) {
    EXPECT_EQ(ip_prefix::parse("198.19.255.255/15")->to_string(), "198.18.0.0/15");
    EXPECT_EQ(*ip_prefix::parse("10.1.2.3/8"), *ip_prefix::parse("10.0.0.0/8"));
    EXPECT_EQ(ip_prefix::parse("10.1.2.3")->length(), 32U);
    EXPECT_EQ(ip_prefix::parse("fe80::1/10")->address().to_string(), "fe80::");
}

TEST(ip_prefix, refuses_bad_text) {
    for (const char* bad : {"",
                            "/8",
                            "10.0.0.0/",
                            "10.0.0.0/33",
                            "::/129",
                            "10.0.0.0/-1",
                            "10.0.0.0/+8",
                            "10.0.0.0/08",
                            "10.0.0.0/8x",
                            "10.0.0.0/8/8",
                            "10.0.0.0/ 8",
                            "10/8",
                            "10.0.0.0/99999999999999999999"})
        EXPECT_FALSE(ip_prefix::parse(bad)) << bad;
}

TEST(ip_prefix, a_length_out_of_range_is_misuse) {
    EXPECT_THROW(ip_prefix(ip_address(), 33), std::logic_error);
    EXPECT_THROW(ip_prefix(ip_address::v6({}), 129), std::logic_error);
    EXPECT_NO_THROW(ip_prefix(ip_address(), 32));
}

} // namespace
