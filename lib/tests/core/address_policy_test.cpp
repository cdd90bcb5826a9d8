// The table of ranges never called and the test of addresses against it, CBV-HOST-001..004.
#include "cbv/address_policy.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using cbv::address_policy;
using cbv::ip_address;
using cbv::ip_prefix;
using ruling = address_policy::ruling;

ip_address ip(const char* text) {
    return ip_address::parse(text).value();
}
ip_prefix prefix(const char* text) {
    return ip_prefix::parse(text).value();
}

// The address before or after `address`, of the same family; for the edges of ranges.
ip_address step(const ip_address& address, int direction) {
    auto octets = address.octets();
    for (std::size_t i = address.is_v4() ? 4 : 16; i-- > 0;) {
        octets[i] = static_cast<std::uint8_t>(octets[i] + direction);
        if (octets[i] != (direction > 0 ? 0 : 255))
            break;
    }
    return address.is_v4() ? ip_address::v4({octets[0], octets[1], octets[2], octets[3]})
                           : ip_address::v6(octets);
}

ip_address last_of(const ip_prefix& p) {
    auto octets = p.address().octets();
    const std::size_t bits = p.address().is_v4() ? 32 : 128;
    for (std::size_t bit = p.length(); bit < bits; ++bit)
        octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] | (0x80U >> (bit % 8)));
    return p.address().is_v4() ? ip_address::v4({octets[0], octets[1], octets[2], octets[3]})
                               : ip_address::v6(octets);
}

TEST(special_ranges, are_the_registries_in_order) {
    const std::vector<std::string> expected{
        "0.0.0.0/8",      "10.0.0.0/8",     "100.64.0.0/10", "127.0.0.0/8",
        "169.254.0.0/16", "172.16.0.0/12",  "192.0.0.0/24",  "192.0.2.0/24",
        "192.88.99.0/24", "192.168.0.0/16", "198.18.0.0/15", "198.51.100.0/24",
        "203.0.113.0/24", "224.0.0.0/4",    "240.0.0.0/4",   "255.255.255.255/32",
        "::/128",         "::1/128",        "::ffff:0:0/96", "64:ff9b:1::/48",
        "100::/64",       "100:0:0:1::/64", "2001::/23",     "2001:2::/48",
        "2001:db8::/32",  "2002::/16",      "3fff::/20",     "5f00::/16",
        "fc00::/7",       "fe80::/10",      "fec0::/10",     "ff00::/8"};
    const auto ranges = cbv::special_ranges();
    ASSERT_EQ(ranges.size(), expected.size());
    for (std::size_t i = 0; i < expected.size(); ++i) {
        EXPECT_EQ(ranges[i].prefix, prefix(expected[i].c_str())) << expected[i];
        EXPECT_FALSE(ranges[i].name.empty()) << expected[i];
        if (i > 0 && ranges[i].prefix.address().is_v4() == ranges[i - 1].prefix.address().is_v4()) {
            EXPECT_LT(ranges[i - 1].prefix.address(), ranges[i].prefix.address());
        }
    }
}

TEST(address_policy, both_ends_of_every_special_range_are_prohibited) {
    const address_policy policy;
    for (const auto& range : cbv::special_ranges()) {
        const ip_address first = range.prefix.address();
        const ip_address last = last_of(range.prefix);
        EXPECT_EQ(policy.check(first), ruling::prohibited) << first.to_string();
        EXPECT_EQ(policy.check(last), ruling::prohibited) << last.to_string();
    }
}

TEST(address_policy, neighbours_of_special_ranges_are_allowed) {
    const address_policy policy;
    for (const auto& range : cbv::special_ranges()) {
        for (const ip_address& neighbour :
             {step(range.prefix.address(), -1), step(last_of(range.prefix), +1)}) {
            bool special = false;
            for (const auto& other : cbv::special_ranges())
                special = special || other.prefix.contains(neighbour);
            EXPECT_EQ(policy.check(neighbour), special ? ruling::prohibited : ruling::allowed)
                << neighbour.to_string();
        }
    }
}

TEST(address_policy, rulings_by_default) {
    const struct {
        const char* address;
        ruling expected;
    } rows[] = {
        {"8.8.8.8", ruling::allowed},
        {"1.0.0.0", ruling::allowed},
        {"9.255.255.255", ruling::allowed},
        {"11.0.0.0", ruling::allowed},
        {"100.63.255.255", ruling::allowed},
        {"100.128.0.0", ruling::allowed},
        {"172.15.255.255", ruling::allowed},
        {"172.32.0.0", ruling::allowed},
        {"198.17.255.255", ruling::allowed},
        {"198.20.0.0", ruling::allowed},
        {"223.255.255.255", ruling::allowed},
        {"2001:200::1", ruling::allowed},
        {"2606:2800::1", ruling::allowed},
        {"127.0.0.1", ruling::prohibited},
        {"127.255.255.255", ruling::prohibited},
        {"0.0.0.0", ruling::prohibited},
        {"169.254.169.254", ruling::prohibited},
        {"::", ruling::prohibited},
        {"::1", ruling::prohibited},
        {"2001::1", ruling::prohibited}, // Teredo
        {"fd00::1", ruling::prohibited},
        {"ff02::1", ruling::prohibited},
        // IPv4 inside IPv6, CBV-HOST-003.
        {"::ffff:127.0.0.1", ruling::prohibited},
        {"::ffff:8.8.8.8", ruling::prohibited}, // the range itself is not globally reachable
        {"64:ff9b::8.8.8.8", ruling::allowed},
        {"64:ff9b::127.0.0.1", ruling::prohibited},
        {"64:ff9b::10.0.0.1", ruling::prohibited},
        {"64:ff9b::224.0.0.1", ruling::prohibited},
        {"64:ff9b:1::8.8.8.8", ruling::prohibited},
        {"2002:808:808::1", ruling::prohibited},
        {"2002:7f00:1::1", ruling::prohibited},
    };
    const address_policy policy;
    for (const auto& row : rows)
        EXPECT_EQ(policy.check(ip(row.address)), row.expected) << row.address;
}

TEST(address_policy, permit_opens_one_prefix) {
    address_policy policy;
    policy.permit(prefix("198.18.0.0/15"));
    EXPECT_EQ(policy.check(ip("198.18.0.0")), ruling::allowed);
    EXPECT_EQ(policy.check(ip("198.19.255.255")), ruling::allowed);
    EXPECT_EQ(policy.check(ip("10.0.0.1")), ruling::prohibited);
    EXPECT_EQ(policy.check(ip("64:ff9b::198.18.0.1")), ruling::allowed) << "both are allowed";
    EXPECT_EQ(policy.check(ip("::ffff:198.18.0.1")), ruling::prohibited) << "the carrier is not";
    policy.permit(prefix("::ffff:0:0/96"));
    EXPECT_EQ(policy.check(ip("::ffff:198.18.0.1")), ruling::allowed);
}

TEST(address_policy, permit_of_a_carrier_opens_nothing_inside) {
    address_policy policy;
    for (const char* text : {"::ffff:0:0/96", "64:ff9b::/96", "2002::/16"})
        policy.permit(prefix(text));
    EXPECT_EQ(policy.check(ip("::ffff:8.8.8.8")), ruling::allowed);
    EXPECT_EQ(policy.check(ip("2002:808:808::1")), ruling::allowed);
    for (const char* text : {"::ffff:127.0.0.1",
                             "::ffff:10.0.0.1",
                             "64:ff9b::127.0.0.1",
                             "2002:7f00:1::1",
                             "2002:a00:1::"})
        EXPECT_EQ(policy.check(ip(text)), ruling::prohibited) << text;
}

// CBV-HOST-001 knows no exception.
TEST(address_policy, loopback_and_unspecified_cannot_be_permitted) {
    address_policy policy;
    for (const char* text : {"0.0.0.0/0", "127.0.0.0/8", "127.0.0.1/32", "::/0", "::1/128"})
        policy.permit(prefix(text));
    for (const char* text : {"127.0.0.1",
                             "127.8.8.8",
                             "0.0.0.0",
                             "0.1.2.3",
                             "::",
                             "::1",
                             "::ffff:127.0.0.1",
                             "::ffff:0.0.0.0",
                             "64:ff9b::7f00:1",
                             "2002:7f00:1::"})
        EXPECT_EQ(policy.check(ip(text)), ruling::prohibited) << text;
    EXPECT_EQ(policy.check(ip("10.0.0.1")), ruling::allowed);
}

TEST(address_policy, prohibit_wins_over_permit) {
    address_policy policy;
    policy.permit(prefix("198.18.0.0/15"));
    policy.prohibit(prefix("198.18.7.0/24"));
    policy.prohibit(prefix("8.8.8.0/24"));
    EXPECT_EQ(policy.check(ip("198.18.7.1")), ruling::prohibited);
    EXPECT_EQ(policy.check(ip("198.18.8.1")), ruling::allowed);
    EXPECT_EQ(policy.check(ip("8.8.8.8")), ruling::prohibited);
    EXPECT_EQ(policy.check(ip("64:ff9b::8.8.8.8")), ruling::prohibited) << "also inside IPv6";
}

TEST(address_policy, own_addresses_stay_own) {
    address_policy policy;
    policy.add_own(ip("192.0.2.25"));
    policy.add_own(ip("2001:db8::25"));
    policy.add_own(ip("8.8.4.4"));
    policy.add_own(ip("127.0.0.1"));
    policy.permit(prefix("192.0.2.0/24"));
    policy.prohibit(prefix("8.8.4.4/32"));
    EXPECT_EQ(policy.check(ip("192.0.2.25")), ruling::own) << "although permitted";
    EXPECT_EQ(policy.check(ip("192.0.2.26")), ruling::allowed);
    EXPECT_EQ(policy.check(ip("2001:db8::25")), ruling::own) << "although special";
    EXPECT_EQ(policy.check(ip("8.8.4.4")), ruling::own) << "although prohibited";
    EXPECT_EQ(policy.check(ip("64:ff9b::8.8.4.4")), ruling::own) << "inside IPv6";
    EXPECT_EQ(policy.check(ip("127.0.0.1")), ruling::prohibited) << "every host has it";
}

TEST(address_policy, embedded_addresses) {
    const struct {
        const char* address;
        const char* inner; // nullptr: none
    } rows[] = {
        {"::ffff:192.0.2.1", "192.0.2.1"},
        {"64:ff9b::c000:201", "192.0.2.1"},
        {"2002:c000:201::", "192.0.2.1"},
        {"2002:c000:201:ffff:ffff:ffff:ffff:ffff", "192.0.2.1"},
        {"64:ff9b:0:0:1::c000:201", nullptr},
        {"64:ff9b:1::c000:201", nullptr},
        {"::192.0.2.1", nullptr},
        {"2001:db8::1", nullptr},
        {"192.0.2.1", nullptr},
    };
    for (const auto& row : rows) {
        const auto inner = cbv::embedded_v4(ip(row.address));
        ASSERT_EQ(inner.has_value(), row.inner != nullptr) << row.address;
        if (inner) {
            EXPECT_EQ(*inner, ip(row.inner)) << row.address;
        }
    }
}

TEST(address_policy, explains_its_rulings) {
    address_policy policy;
    policy.permit(prefix("198.18.0.0/15"));
    policy.permit(prefix("::/0"));
    policy.prohibit(prefix("198.18.7.0/24"));
    policy.add_own(ip("192.0.2.25"));
    policy.add_own(ip("127.0.0.1"));
    const struct {
        const char* address;
        const char* text;
    } rows[] = {
        {"127.0.0.1", "127.0.0.1 is in 127.0.0.0/8 (Loopback)"},
        {"10.1.2.3", "10.1.2.3 is in 10.0.0.0/8 (Private-Use)"},
        {"255.255.255.255", "255.255.255.255 is in 255.255.255.255/32 (Limited Broadcast)"},
        {"::1", "::1 is in ::1/128 (Loopback Address)"},
        {"8.8.8.8", "8.8.8.8 is globally reachable"},
        {"198.18.0.1", "198.18.0.1 is in 198.18.0.0/15 (permitted by configuration)"},
        {"198.18.7.1", "198.18.7.1 is in 198.18.7.0/24 (prohibited by configuration)"},
        {"192.0.2.25", "192.0.2.25 is one of our own addresses"},
        {"64:ff9b::7f00:1",
         "64:ff9b::7f00:1 carries an IPv4 address: 127.0.0.1 is in 127.0.0.0/8 (Loopback)"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(policy.explain(ip(row.address)), row.text);
}

} // namespace
