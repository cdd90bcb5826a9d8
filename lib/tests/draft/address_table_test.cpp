// The library's ranges never called against the draft's address table, in both directions, and the
// policy at both ends of each range (CBV-HOST-001..003).
#include "cbv/address_policy.hpp"
#include "the_draft.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace {

using namespace cbv_test;
using cbv::address_policy;
using cbv::ip_address;
using cbv::ip_prefix;

const cbv::draft::table& address_table() {
    return the_draft().table("address-table");
}

ip_prefix prefix_of(std::size_t row) {
    const std::string& text = address_table().cell(row, "prefix");
    const auto prefix = ip_prefix::parse(text);
    if (!prefix || ip_address::parse(text.substr(0, text.find('/'))) != prefix->address())
        throw std::invalid_argument(address_table().describe(row) +
                                    "\n  needs a prefix without bits behind its length");
    return *prefix;
}

ip_address of(const std::array<std::uint8_t, 16>& octets, bool v4) {
    if (v4)
        return ip_address::v4({octets[0], octets[1], octets[2], octets[3]});
    return ip_address::v6(octets);
}

// The last address of a prefix.
ip_address last_of(const ip_prefix& prefix) {
    auto octets = prefix.address().octets();
    const unsigned bits = prefix.address().is_v4() ? 32 : 128;
    for (unsigned bit = prefix.length(); bit < bits; ++bit)
        octets[bit / 8] = static_cast<std::uint8_t>(octets[bit / 8] | (0x80U >> (bit % 8)));
    return of(octets, prefix.address().is_v4());
}

// The address behind the last one of an IPv6 prefix; of the very last one, the first of all.
ip_address behind(const ip_prefix& prefix) {
    auto octets = last_of(prefix).octets();
    for (std::size_t i = octets.size(); i-- > 0;) {
        if (++octets[i] != 0)
            break;
    }
    return ip_address::v6(octets);
}

// An address of an IPv6 prefix that ends in whole octets, with an IPv4 address behind it.
ip_address with_embedded(const ip_prefix& prefix, const ip_address& inner) {
    auto octets = prefix.address().octets();
    for (std::size_t i = 0; i < 4; ++i)
        octets.at(prefix.length() / 8 + i) = inner.octets()[i];
    return ip_address::v6(octets);
}

TEST(draft_address_table, every_row_is_the_librarys) {
    expect_unique_rows(address_table(), {"prefix"});
    for (std::size_t i = 0; i < address_table().rows.size(); ++i) {
        const auto prefix = prefix_of(i);
        EXPECT_EQ(address_table().cell(i, "family"), prefix.address().is_v4() ? "IPv4" : "IPv6")
            << address_table().describe(i);
        const auto ranges = cbv::special_ranges();
        const auto found = std::find_if(ranges.begin(), ranges.end(), [&](const auto& range) {
            return range.prefix == prefix;
        });
        EXPECT_EQ(address_table().cell(i, "rule"), found != ranges.end() ? "never" : "by embedded")
            << address_table().describe(i);
        if (found != ranges.end()) {
            EXPECT_EQ(found->name, address_table().cell(i, "name")) << address_table().describe(i);
            for (const ip_address& address : {prefix.address(), last_of(prefix)})
                EXPECT_EQ(address_policy{}.check(address), address_policy::ruling::prohibited)
                    << address_table().describe(i) << "\n  " << address.to_string();
        }
    }
}

TEST(draft_address_table, the_library_has_no_range_of_its_own) {
    for (const auto& range : cbv::special_ranges()) {
        bool row = false;
        for (std::size_t i = 0; i < address_table().rows.size(); ++i)
            row = row || prefix_of(i) == range.prefix;
        EXPECT_TRUE(row) << "address-table has no row for " << range.prefix.to_string();
    }
}

TEST(draft_address_table, embedded_addresses) {
    const auto loopback = ip_address::parse("127.0.0.1").value();
    const auto global = ip_address::parse("198.51.99.1").value(); // of no special range
    address_policy permissive;
    for (std::size_t i = 0; i < address_table().rows.size(); ++i)
        permissive.permit(prefix_of(i));
    for (std::size_t i = 0; i < address_table().rows.size(); ++i) {
        const auto prefix = prefix_of(i);
        const bool embeds = cbv::embedded_v4(prefix.address()).has_value();
        EXPECT_EQ(address_table().cell(i, "embedded IPv4"), embeds ? "yes" : "no")
            << address_table().describe(i);
        EXPECT_TRUE(embeds || address_table().cell(i, "rule") == "never")
            << address_table().describe(i);
        if (!embeds)
            continue;
        ASSERT_LE(prefix.length(), 96U) << address_table().describe(i);
        const auto bad = with_embedded(prefix, loopback);
        const auto good = with_embedded(prefix, global);
        EXPECT_EQ(cbv::embedded_v4(bad), loopback) << address_table().describe(i);
        EXPECT_TRUE(cbv::embedded_v4(last_of(prefix))) << address_table().describe(i);
        EXPECT_FALSE(cbv::embedded_v4(behind(prefix))) << address_table().describe(i);
        // Even where the range itself is permitted.
        EXPECT_EQ(permissive.check(bad), address_policy::ruling::prohibited)
            << address_table().describe(i);
        EXPECT_EQ(address_policy{}.check(good),
                  address_table().cell(i, "rule") == "never" ? address_policy::ruling::prohibited
                                                             : address_policy::ruling::allowed)
            << address_table().describe(i);
    }
}

TEST(draft_address_table, the_library_has_no_carrier_of_its_own) {
    const std::pair<const char*, const char*> carriers[] = {
        {"::ffff:0:0/96", "::ffff:127.0.0.1"},
        {"64:ff9b::/96", "64:ff9b::127.0.0.1"},
        {"2002::/16", "2002:7f00:1::"},
    };
    for (const auto& [prefix, text] : carriers) {
        const auto carrier = ip_address::parse(text).value();
        ASSERT_TRUE(cbv::embedded_v4(carrier)) << text;
        bool row = false;
        for (std::size_t i = 0; i < address_table().rows.size(); ++i)
            row = row || (prefix_of(i).contains(carrier) &&
                          address_table().cell(i, "embedded IPv4") == "yes");
        EXPECT_TRUE(row) << "address-table has no row " << prefix << " with IPv4 embedded";
    }
}

} // namespace
