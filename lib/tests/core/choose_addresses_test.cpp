// From the addresses of exchanges to candidates: which are kept, which say something of the
// exchange, and what is cut after all were tested.
#include "cbv/host_selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using cbv::address_policy;
using cbv::candidate;
using cbv::dns_answer;
using cbv::dns_status;
using cbv::ip_address;
using testing::ElementsAre;

ip_address ip(const char* text) {
    return ip_address::parse(text).value();
}

dns_answer status(dns_status s) {
    dns_answer answer;
    answer.status = s;
    return answer;
}

dns_answer addresses(std::initializer_list<const char*> texts) {
    dns_answer answer;
    answer.status = dns_status::ok;
    for (const char* text : texts)
        answer.addresses.push_back(ip(text));
    return answer;
}

TEST(choose_addresses, keeps_order_and_names) {
    const auto group = cbv::choose_addresses(
        10,
        {{"a.test", {addresses({"8.8.8.1"}), addresses({"2606:2800::1"})}},
         {"b.test", {addresses({"8.8.8.2", "8.8.8.3"}), status(dns_status::nxdomain)}}},
        {});
    EXPECT_THAT(group.candidates,
                ElementsAre(candidate{"a.test", ip("8.8.8.1"), 10},
                            candidate{"a.test", ip("2606:2800::1"), 10},
                            candidate{"b.test", ip("8.8.8.2"), 10},
                            candidate{"b.test", ip("8.8.8.3"), 10}));
    EXPECT_FALSE(group.self);
    EXPECT_FALSE(group.prohibited);
    EXPECT_FALSE(group.temporary_failure);
}

TEST(choose_addresses, flags) {
    address_policy policy;
    policy.add_own(ip("192.0.2.25"));
    const struct {
        const char* name;
        std::vector<cbv::exchange_addresses> exchanges;
        std::size_t candidates;
        bool self, prohibited, temporary;
    } rows[] = {
        {"nothing", {}, 0, false, false, false},
        {"NODATA and NXDOMAIN",
         {{"a", {addresses({}), status(dns_status::nxdomain)}}},
         0,
         false,
         false,
         false},
        {"duplicates are called once",
         {{"a", {addresses({"8.8.8.1", "8.8.8.1"})}}, {"b", {addresses({"8.8.8.1", "8.8.8.2"})}}},
         2,
         false,
         false,
         false},
        {"prohibited is skipped, CBV-HOST-005",
         {{"a", {addresses({"127.0.0.1", "8.8.8.1"})}}},
         1,
         false,
         true,
         false},
        {"all prohibited", {{"a", {addresses({"127.0.0.1", "10.0.0.1"})}}}, 0, false, true, false},
        {"one lookup failed",
         {{"a", {addresses({"8.8.8.1"}), status(dns_status::temporary)}}},
         1,
         false,
         false,
         true},
        {"an own address empties the group, CBV-HOST-004",
         {{"a", {addresses({"8.8.8.1"})}},
          {"b", {addresses({"192.0.2.25"})}},
          {"c", {addresses({"8.8.8.2"})}}},
         0,
         true,
         false,
         false},
        {"own, prohibited and failed",
         {{"a", {addresses({"127.0.0.1", "192.0.2.25"}), status(dns_status::temporary)}}},
         0,
         true,
         true,
         true},
        {"a failed answer's records do not count",
         {{"a", {[] {
               auto a = addresses({"8.8.8.1"});
               a.status = dns_status::temporary;
               return a;
           }()}}},
         0,
         false,
         false,
         true},
    };
    for (const auto& row : rows) {
        const auto group = cbv::choose_addresses(10, row.exchanges, policy);
        EXPECT_EQ(group.candidates.size(), row.candidates) << row.name;
        EXPECT_EQ(group.self, row.self) << row.name;
        EXPECT_EQ(group.prohibited, row.prohibited) << row.name;
        EXPECT_EQ(group.temporary_failure, row.temporary) << row.name;
    }
}

// CBV-HOST-015: every address is tested, and only then some are left out.
TEST(choose_addresses, tests_all_before_it_keeps_some) {
    address_policy policy;
    policy.add_own(ip("8.8.9.9"));
    std::vector<std::string> texts;
    for (int i = 1; i <= 39; ++i)
        texts.push_back("127.0.0." + std::to_string(i));
    const auto answer_of = [](const std::vector<std::string>& all) {
        dns_answer a;
        a.status = dns_status::ok;
        for (const auto& text : all)
            a.addresses.push_back(ip(text.c_str()));
        return a;
    };
    texts.emplace_back("8.8.8.8");
    const auto good = cbv::choose_addresses(10, {{"a.test", {answer_of(texts)}}}, policy);
    ASSERT_EQ(good.candidates.size(), 1U);
    EXPECT_FALSE(good.cut);

    std::vector<std::string> many;
    for (int i = 1; i <= 70; ++i)
        many.push_back("8.8.8." + std::to_string(i));
    const auto kept = cbv::choose_addresses(10, {{"a.test", {answer_of(many)}}}, policy);
    EXPECT_EQ(kept.candidates.size(), 64U);
    EXPECT_TRUE(kept.cut);
    many.emplace_back("8.8.9.9");
    const auto self = cbv::choose_addresses(10, {{"a.test", {answer_of(many)}}}, policy);
    EXPECT_TRUE(self.self);
    EXPECT_TRUE(self.candidates.empty());
}

// CBV-MX-014
TEST(choose_addresses, follows_no_chain_that_is_too_long) {
    auto far = addresses({"8.8.8.8"});
    far.aliases = 9;
    const auto group = cbv::choose_addresses(10, {{"a.test", {far}}}, {});
    EXPECT_TRUE(group.candidates.empty());
    EXPECT_TRUE(group.cut);
}

} // namespace
