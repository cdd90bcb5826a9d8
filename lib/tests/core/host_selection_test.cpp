// From MX answers to groups of exchanges, and the shuffle. Addresses: choose_addresses_test.cpp.
#include "cbv/host_selection.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

namespace {

using cbv::cause;
using cbv::dns_answer;
using cbv::dns_status;
using cbv::mx_plan;
using cbv::mx_record;
using cbv::plan_mx;
using cbv::selection_options;
using cbv::verdict_kind;
using testing::ElementsAre;
using testing::UnorderedElementsAre;

dns_answer mx(std::vector<mx_record> records) {
    dns_answer answer;
    answer.status = dns_status::ok;
    answer.mx = std::move(records);
    return answer;
}

dns_answer status(dns_status s) {
    dns_answer answer;
    answer.status = s;
    return answer;
}

// "10: a b; 20: c", the names of a group in alphabetical order.
std::string in_words(const mx_plan& plan) {
    std::string text;
    for (const auto& group : plan.groups) {
        text += (text.empty() ? "" : "; ") + std::to_string(group.preference) + ":";
        auto names = group.exchanges;
        std::sort(names.begin(), names.end());
        for (const auto& name : names)
            text += " " + name;
    }
    return text;
}

TEST(plan_mx, groups) {
    const struct {
        const char* name;
        std::vector<mx_record> records;
        const char* expected;
    } rows[] = {
        {"one", {{10, "a.test"}}, "10: a.test"},
        {"ascending, CBV-MX-003",
         {{30, "c.test"}, {10, "a.test"}, {20, "b.test"}},
         "10: a.test; 20: b.test; 30: c.test"},
        {"equal ones together",
         {{20, "c.test"}, {10, "b.test"}, {10, "a.test"}},
         "10: a.test b.test; 20: c.test"},
        {"extremes", {{65535, "b.test"}, {0, "a.test"}}, "0: a.test; 65535: b.test"},
        {"root beside others, CBV-MX-008", {{0, ""}, {10, "a.test"}}, "10: a.test"},
        {"root as a dot", {{0, "."}, {10, "a.test"}}, "10: a.test"},
        {"number, CBV-MX-012", {{5, "127.0.0.9"}, {10, "a.test"}}, "10: a.test"},
        {"number with a dot", {{5, "127.0.0.9."}, {10, "a.test"}}, "10: a.test"},
        {"short number", {{5, "127.9"}, {6, "2130706433"}, {10, "a.test"}}, "10: a.test"},
        {"hexadecimal", {{5, "0x7f000009"}, {6, "127.0X9"}, {10, "a.test"}}, "10: a.test"},
        {"IPv6", {{5, "::1"}, {10, "a.test"}}, "10: a.test"},
        {"digits in a name are no number",
         {{5, "127.0.0.9.test"}, {6, "mx1"}, {7, "0xfeed.test"}},
         "5: 127.0.0.9.test; 6: mx1; 7: 0xfeed.test"},
        {"final dot", {{5, "a.test."}}, "5: a.test"},
        {"twice the same",
         {{20, "a.test"}, {10, "A.test"}, {10, "a.TEST."}, {15, "b.test"}},
         "10: A.test; 15: b.test"},
    };
    for (const auto& row : rows) {
        const mx_plan plan = plan_mx("d.test", mx(row.records), {});
        EXPECT_EQ(plan.what, mx_plan::kind::groups) << row.name;
        EXPECT_EQ(in_words(plan), row.expected) << row.name;
        EXPECT_EQ(plan.mx_count, row.records.size()) << row.name;
        EXPECT_FALSE(plan.cut_preference) << row.name;
    }
}

TEST(plan_mx, own_names_cut_the_list) {
    selection_options options;
    options.own_names = {"V.test.", "other.v.test"};
    const struct {
        const char* name;
        std::vector<mx_record> records;
        const char* expected; // nullptr: ended, CBV-ELIG-018
    } rows[] = {
        {"in the middle", {{5, "a.test"}, {10, "v.test"}, {20, "c.test"}}, "5: a.test"},
        {"with an equal", {{5, "a.test"}, {10, "v.TEST."}, {10, "b.test"}}, "5: a.test"},
        {"at the end",
         {{5, "a.test"}, {10, "b.test"}, {20, "OTHER.v.test"}},
         "5: a.test; 10: b.test"},
        {"twice",
         {{5, "a.test"}, {20, "v.test"}, {10, "other.v.test"}, {15, "b.test"}},
         "5: a.test"},
        {"a longer name is another", {{5, "x.v.test"}}, "5: x.v.test"},
        {"best", {{10, "v.test"}, {20, "c.test"}}, nullptr},
        {"only", {{10, "v.test"}}, nullptr},
        {"best beside unusable ones", {{0, "."}, {5, "127.0.0.1"}, {10, "v.test"}}, nullptr},
    };
    for (const auto& row : rows) {
        const mx_plan plan = plan_mx("d.test", mx(row.records), options);
        if (row.expected != nullptr) {
            EXPECT_EQ(plan.what, mx_plan::kind::groups) << row.name;
            EXPECT_EQ(in_words(plan), row.expected) << row.name;
        } else {
            EXPECT_EQ(plan.what, mx_plan::kind::ended) << row.name;
            EXPECT_EQ(plan.result.kind, verdict_kind::unverifiable) << row.name;
            EXPECT_EQ(plan.result.why, cause::own_host) << row.name;
            EXPECT_EQ(plan.result.requirement, "CBV-ELIG-018") << row.name;
            EXPECT_TRUE(plan.groups.empty()) << row.name;
        }
        EXPECT_EQ(plan.mx_count, row.records.size()) << row.name;
    }
}

TEST(plan_mx, ended) {
    selection_options soft;
    soft.soft_nxdomain = true;
    const struct {
        const char* name;
        dns_answer answer;
        selection_options options;
        verdict_kind kind;
        cause why;
        const char* requirement;
    } rows[] = {
        {"null MX", mx({{0, ""}}), {}, verdict_kind::fail, cause::null_mx, "CBV-MX-007"},
        {"null MX as a dot", mx({{0, "."}}), {}, verdict_kind::fail, cause::null_mx, "CBV-MX-007"},
        {"null MX, preference 10",
         mx({{10, "."}}),
         {},
         verdict_kind::fail,
         cause::null_mx,
         "CBV-MX-007"},
        {"null MX is not softened",
         mx({{0, "."}}),
         soft,
         verdict_kind::fail,
         cause::null_mx,
         "CBV-MX-007"},
        {"several roots",
         mx({{0, "."}, {10, "."}}),
         {},
         verdict_kind::fail,
         cause::no_address,
         "CBV-MX-011"},
        {"only a number",
         mx({{0, "127.0.0.9"}}),
         {},
         verdict_kind::fail,
         cause::no_address,
         "CBV-MX-011"},
        {"NXDOMAIN",
         status(dns_status::nxdomain),
         {},
         verdict_kind::fail,
         cause::domain_not_found,
         "CBV-MX-009"},
        {"NXDOMAIN softened",
         status(dns_status::nxdomain),
         soft,
         verdict_kind::tempfail,
         cause::domain_not_found,
         "CBV-MX-009"},
        {"SERVFAIL",
         status(dns_status::temporary),
         {},
         verdict_kind::tempfail,
         cause::dns_failure,
         "CBV-MX-010"},
        {"unfilled", dns_answer{}, {}, verdict_kind::tempfail, cause::dns_failure, "CBV-MX-010"},
    };
    for (const auto& row : rows) {
        const mx_plan plan = plan_mx("d.test", row.answer, row.options);
        EXPECT_EQ(plan.what, mx_plan::kind::ended) << row.name;
        EXPECT_EQ(plan.result.then, cbv::next_step::end) << row.name;
        EXPECT_EQ(plan.result.kind, row.kind) << row.name;
        EXPECT_EQ(to_string(plan.result.why), to_string(row.why)) << row.name;
        EXPECT_EQ(plan.result.requirement, row.requirement) << row.name;
        EXPECT_TRUE(plan.groups.empty()) << row.name;
        EXPECT_EQ(plan.mx_count, row.answer.mx.size()) << row.name;
    }
}

TEST(plan_mx, no_mx_means_the_domain_itself) {
    const mx_plan plan = plan_mx("d.test", mx({}), {});
    EXPECT_EQ(plan.what, mx_plan::kind::implicit_mx);
    EXPECT_EQ(in_words(plan), "0: d.test");
    EXPECT_EQ(plan.mx_count, 0U);

    selection_options options;
    options.own_names = {"D.test"};
    const mx_plan own = plan_mx("d.test", mx({}), options);
    EXPECT_EQ(own.what, mx_plan::kind::ended);
    EXPECT_EQ(own.result.why, cause::own_host);

    const mx_plan number = plan_mx("127.0.0.9", mx({}), {});
    EXPECT_EQ(number.what, mx_plan::kind::ended);
    EXPECT_EQ(number.result.why, cause::no_address);
}

TEST(plan_mx, the_number_of_exchanges_is_bounded) {
    std::vector<mx_record> records{{5, "best.test"}};
    for (int i = 0; i < 20; ++i)
        records.push_back({10, "m" + std::to_string(i) + ".test"});
    records.push_back({20, "last.test"});
    selection_options options;
    options.max_exchanges = 4;
    std::set<std::string> kept;
    for (options.seed = 0; options.seed < 200; ++options.seed) {
        const mx_plan plan = plan_mx("d.test", mx(records), options);
        EXPECT_EQ(plan.cut_preference, 10U) << "the best that is left out";
        EXPECT_EQ(plan.mx_count, 22U);
        ASSERT_EQ(plan.groups.size(), 2U);
        EXPECT_THAT(plan.groups[0].exchanges, ElementsAre("best.test"));
        EXPECT_EQ(plan.groups[1].exchanges.size(), 3U);
        kept.insert(plan.groups[1].exchanges.begin(), plan.groups[1].exchanges.end());
    }
    EXPECT_EQ(kept.size(), 20U) << "over many calls each has its turn";

    options.max_exchanges = 22;
    EXPECT_FALSE(plan_mx("d.test", mx(records), options).cut_preference);
    options.max_exchanges = 1;
    EXPECT_EQ(in_words(plan_mx("d.test", mx(records), options)), "5: best.test");
}

// CBV-HOST-015: the tests come before the bounds.
TEST(plan_mx, our_name_is_found_beyond_the_bound) {
    std::vector<mx_record> records{{30, "us.test"}};
    for (int i = 0; i < 40; ++i)
        records.push_back({30, "m" + std::to_string(i) + ".test"});
    selection_options options;
    options.own_names = {"us.test"};
    for (options.seed = 0; options.seed < 20; ++options.seed)
        EXPECT_EQ(plan_mx("d.test", mx(records), options).result.why, cause::own_host);
}

// CBV-MX-014
TEST(plan_mx, a_chain_that_is_too_long_is_a_doubt) {
    for (const unsigned aliases : {9U, cbv::endless_chain}) {
        for (auto answer : {mx({}), mx({{10, "a.test"}})}) {
            answer.aliases = aliases;
            const mx_plan plan = plan_mx("d.test", answer, {});
            EXPECT_EQ(plan.what, mx_plan::kind::ended);
            EXPECT_EQ(plan.result.kind, verdict_kind::unverifiable);
            EXPECT_EQ(plan.result.why, cause::limit);
            EXPECT_EQ(plan.result.requirement, "CBV-MX-014");
        }
    }
    auto eight = mx({{10, "a.test"}});
    eight.aliases = 8;
    EXPECT_EQ(in_words(plan_mx("d.test", eight, {})), "10: a.test");
}

TEST(selection_options, usable_or_not) {
    EXPECT_FALSE(selection_options{}.problem());
    selection_options o;
    o.ipv4 = o.ipv6 = false;
    EXPECT_THAT(o.problem().value(), testing::HasSubstr("IPv4"));
    for (auto member : {&selection_options::max_exchanges,
                        &selection_options::max_addresses,
                        &selection_options::max_lookups,
                        &selection_options::lookups_at_once,
                        &selection_options::max_aliases}) {
        selection_options none;
        none.*member = 0;
        EXPECT_THAT(none.problem().value(), testing::HasSubstr("not 0 (CBV-MX-01"));
    }
    selection_options hasty;
    hasty.late_after = -cbv::duration{1};
    EXPECT_TRUE(hasty.problem());
}

// CBV-MX-004, as the suite tests it: 40 calls, two exchanges, each at least once first.
TEST(plan_mx, equal_preferences_come_in_both_orders) {
    std::set<std::string> first;
    selection_options options;
    for (options.seed = 0; options.seed < 40; ++options.seed)
        first.insert(plan_mx("d.test", mx({{10, "a.test"}, {10, "b.test"}}), options)
                         .groups.at(0)
                         .exchanges.at(0));
    EXPECT_THAT(first, UnorderedElementsAre("a.test", "b.test"));
}

TEST(plan_mx, groups_do_not_share_an_order) {
    selection_options options;
    int alike = 0;
    for (options.seed = 0; options.seed < 40; ++options.seed) {
        const auto plan =
            plan_mx("d.test",
                    mx({{10, "a.test"}, {10, "b.test"}, {20, "c.test"}, {20, "d.test"}}),
                    options);
        alike += (plan.groups.at(0).exchanges.at(0) == "a.test") ==
                 (plan.groups.at(1).exchanges.at(0) == "c.test");
    }
    EXPECT_GT(alike, 0);
    EXPECT_LT(alike, 40);
}

TEST(shuffle, is_a_function_of_the_seed) {
    const std::vector<std::string> names{"a", "b", "c", "d", "e"};
    std::set<std::vector<std::string>> orders;
    for (std::uint64_t seed = 0; seed < 2000; ++seed) {
        auto once = names;
        auto again = names;
        cbv::shuffle(once, seed);
        cbv::shuffle(again, seed);
        EXPECT_EQ(once, again);
        orders.insert(once);
        std::sort(once.begin(), once.end());
        EXPECT_EQ(once, names) << "nothing lost";
    }
    EXPECT_EQ(orders.size(), 120U) << "all 5! orders occur";
    std::vector<std::string> none;
    cbv::shuffle(none, 1);
    EXPECT_TRUE(none.empty());
}

// Each of four names is first in a quarter of 4000 orders; seeds are fixed, so this cannot flicker.
TEST(shuffle, is_even) {
    std::map<std::string, int> first;
    for (std::uint64_t seed = 0; seed < 4000; ++seed) {
        std::vector<std::string> names{"a", "b", "c", "d"};
        cbv::shuffle(names, seed);
        ++first[names.front()];
    }
    for (const auto& [name, count] : first) {
        EXPECT_GT(count, 900) << name;
        EXPECT_LT(count, 1100) << name;
    }
}

} // namespace
