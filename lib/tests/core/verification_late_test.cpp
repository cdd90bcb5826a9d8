// Tests of what a verification does while some of its lookups are open, and of what it keeps for a
// further preference value. The rules for addresses are tested with host_selection.
#include "cbv/verification.hpp"
#include "virtual_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::dns_status;
using cbv::record_type;
using cbv::verdict_kind;
using cbv::test::course;
using cbv::test::host;
using cbv::test::virtual_world;

struct exchange {
    unsigned preference;
    std::vector<std::string> addresses;
};

/// example.org with these exchanges, mx1 and on, all up.
virtual_world zone(const std::vector<exchange>& exchanges) {
    virtual_world w;
    std::vector<cbv::mx_record> records;
    for (const exchange& e : exchanges) {
        const std::string name = "mx" + std::to_string(records.size() + 1) + ".example.org";
        records.push_back({static_cast<std::uint16_t>(e.preference), name});
        w.address(name, e.addresses);
        for (const auto& address : e.addresses)
            w.at(address);
    }
    w.mx("example.org", records);
    return w;
}

// CBV-HOST-009
TEST(verification_late, calls_one_family_two_seconds_after_its_answer) {
    auto w = zone({{10, {"198.18.0.1"}}});
    w.address("mx1.example.org", {"198.18.0.1"}, 1s);
    w.silent("mx1.example.org", record_type::aaaa);
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.when("connect 198.18.0.1"), 3s);
    w.options.selection.late_after = 0s;
    EXPECT_EQ(w.run("joe@example.org").when("connect 198.18.0.1"), 1s);
}

// CBV-HOST-009: first host down, second good, no AAAA answered.
TEST(verification_late, does_not_let_a_silent_aaaa_eat_the_time_of_others) {
    auto w = zone({{10, {"198.18.0.1"}}, {20, {"198.18.0.2"}}, {30, {"198.18.0.3"}}});
    for (const char* name : {"mx1.example.org", "mx2.example.org", "mx3.example.org"})
        w.silent(name, record_type::aaaa);
    w.at("198.18.0.1").reachable = host::reach::refused;
    w.at("198.18.0.2").reachable = host::reach::refused;
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.count("connect"), 3U);
    EXPECT_LT(c.done_at, 7s);
}

// CBV-HOST-009: nothing is known of the first at all.
TEST(verification_late, goes_on_to_a_further_preference_value) {
    auto w = zone({{10, {}}, {20, {"198.18.0.2"}}});
    w.silent("mx1.example.org", record_type::a);
    w.silent("mx1.example.org", record_type::aaaa);
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.when("connect 198.18.0.2"), 15s) << "a quarter of 20 s is kept (CBV-HOST-013)";
    w.at("198.18.0.2").say("RCPT", "550 no");
    expect(w.run("joe@example.org"), verdict_kind::tempfail, cause::dns_failure, "CBV-SMX-002");
}

TEST(verification_late, calls_what_comes_late) {
    auto w = zone({{10, {"198.18.0.1"}}});
    w.at("198.18.0.1").reachable = host::reach::refused;
    w.at("2001:db8::1");
    w.address("mx1.example.org", {"2001:db8::1"}, 10s, record_type::aaaa);
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.when("connect 198.18.0.1"), 2s);
    EXPECT_EQ(c.when("connect 2001:db8::1"), 10s);
    // It is waited for no longer than the timer for the DNS lasts.
    w.address("mx1.example.org", {"2001:db8::1"}, 30s, record_type::aaaa);
    const course never = w.run("joe@example.org");
    expect(never, verdict_kind::tempfail, cause::connection_refused, "CBV-INT-010");
    EXPECT_LT(never.done_at, 21s);
    // A better preference value comes first even when it comes late.
    auto two = zone({{10, {"198.18.0.1"}}, {20, {"198.18.0.2", "198.18.0.3"}}});
    two.at("198.18.0.1").reachable = host::reach::refused;
    two.at("198.18.0.2").reachable = host::reach::black_hole;
    two.at("2001:db8::1");
    two.address("mx1.example.org", {"2001:db8::1"}, 10s, record_type::aaaa);
    const course late = two.run("joe@example.org");
    EXPECT_EQ(late.count("connect 2001:db8::1"), 1U);
    EXPECT_EQ(late.count("connect 198.18.0.3"), 0U);
}

// What comes late passes the same tests (CBV-HOST-001).
TEST(verification_late, tests_what_comes_late) {
    auto w = zone({{10, {"198.18.0.1"}}});
    w.at("198.18.0.1").reachable = host::reach::black_hole;
    w.address("mx1.example.org", {"::1", "2001:db8:ffff::1"}, 5s, record_type::aaaa);
    w.options.addresses.prohibit(*cbv::ip_prefix::parse("2001:db8:ffff::/48"));
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::tempfail, cause::timeout, "CBV-TIME-004");
    EXPECT_EQ(c.count("connect"), 1U);
}

// CBV-HOST-010
TEST(verification_late, believes_no_refusal_from_its_own_preference_on) {
    auto w = zone({{10, {"198.18.0.1"}}, {20, {"198.18.0.2"}}, {30, {"198.18.0.3"}}});
    w.address(
        "mx2.example.org", {"192.0.2.25"}, 10s, record_type::aaaa); // the type does not matter
    w.options.addresses.add_own(*cbv::ip_address::parse("192.0.2.25"));
    w.at("198.18.0.1").say("EHLO", "554 not you");
    w.at("198.18.0.2").say("RCPT", "550 no", 20s);
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::unverifiable, cause::prober_refused, "CBV-INT-008");
    EXPECT_EQ(c.count("connect 198.18.0.2"), 1U);
    EXPECT_EQ(c.count("query A mx3.example.org"), 0U);

    auto alone = zone({{20, {"198.18.0.2", "198.18.0.3"}}});
    alone.address("mx1.example.org", {"192.0.2.25"}, 10s, record_type::aaaa);
    alone.options.addresses.add_own(*cbv::ip_address::parse("192.0.2.25"));
    alone.at("198.18.0.2").say("RCPT", "550 no", 20s);
    expect(
        alone.run("joe@example.org"), verdict_kind::unverifiable, cause::own_host, "CBV-HOST-010");
    alone.at("198.18.0.2").script.clear();
    alone.at("198.18.0.2").say("RCPT", "250 yes", 20s);
    expect(alone.run("joe@example.org"), verdict_kind::pass, cause::accepted, "CBV-INT-002");
    alone.at("198.18.0.2").reachable = host::reach::black_hole; // what is left is not called
    EXPECT_EQ(alone.run("joe@example.org").count("connect"), 1U);

    auto best = zone({{10, {"198.18.0.1"}}, {20, {"198.18.0.2"}}});
    best.address("mx2.example.org", {"192.0.2.25"}, 10s, record_type::aaaa);
    best.options.addresses.add_own(*cbv::ip_address::parse("192.0.2.25"));
    best.at("198.18.0.1").say("RCPT", "550 no", 20s);
    expect(best.run("joe@example.org"), verdict_kind::fail, cause::mailbox_refused, "CBV-INT-003");
}

// CBV-HOST-014
TEST(verification_late, asked_at_one_address_is_no_failed_lookup) {
    for (const bool silent : {false, true}) {
        auto w = zone({{10, {"198.18.0.1"}}, {20, {"198.18.0.2"}}});
        if (silent)
            w.silent("mx1.example.org", record_type::aaaa);
        else
            w.status("mx1.example.org", record_type::aaaa, dns_status::temporary);
        for (const char* address : {"198.18.0.1", "198.18.0.2"})
            w.at(address).say("EHLO", "554 not you");
        expect(w.run("joe@example.org"),
               verdict_kind::unverifiable,
               cause::prober_refused,
               "CBV-INT-008");
        // Another one that has no address to call is.
        w.status("mx2.example.org", record_type::a, dns_status::temporary);
        expect(w.run("joe@example.org"), verdict_kind::tempfail, cause::dns_failure, "CBV-INT-011");
    }
}

// CBV-HOST-012: four dead addresses of the first, and a second that would accept.
TEST(verification_late, keeps_an_attempt_for_a_further_preference_value) {
    const std::vector<std::string> dead{"198.18.1.1", "198.18.1.2", "198.18.1.3", "198.18.1.4"};
    auto w = zone({{10, dead}, {20, {"198.18.0.2"}}, {30, {"198.18.0.3"}}});
    for (const auto& address : dead)
        w.at(address).reachable = host::reach::refused;
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.result->host, "mx2.example.org");
    EXPECT_EQ(c.count("connect"), 4U);
    // Where there is nobody to keep it for, it is used.
    auto alone = zone({{10, dead}, {20, {}}, {30, {"127.0.0.1"}}});
    for (const auto& address : dead)
        alone.at(address).reachable = host::reach::refused;
    EXPECT_EQ(alone.run("joe@example.org").count("connect 198.18.1."), 4U);
    // The last one is not kept from the value whose turn it is.
    w.at("198.18.0.2").reachable = host::reach::refused;
    EXPECT_EQ(w.run("joe@example.org").count("connect 198.18.0.2"), 1U);
}

// CBV-HOST-013: 240 s of budget, of which the first may use 180 while there is a second.
TEST(verification_late, keeps_time_for_a_further_preference_value) {
    auto w = zone({{10, {"198.18.0.1", "198.18.0.9"}}, {20, {"198.18.0.2"}}});
    for (const char* address : {"198.18.0.1", "198.18.0.9"})
        w.at(address).hold("RCPT");
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.when("connect 198.18.0.2"), 180s);
    EXPECT_EQ(c.result->attempts[1].why, cause::timeout);
    EXPECT_EQ(c.when("close 198.18.0.9"), 180s);
    w.at("198.18.0.2").say("RCPT", "550 no");
    expect(w.run("joe@example.org"), verdict_kind::tempfail, cause::timeout, "CBV-SMX-002");
    // What its turn left over comes last.
    w.at("198.18.0.2").script.clear();
    w.at("198.18.0.2").reachable = host::reach::refused;
    w.at("198.18.0.9").script.clear();
    w.at("198.18.0.1").hold("greeting");
    w.options.dialogue.timers.greeting = 300s;
    const course left = w.run("joe@example.org");
    expect(left, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(left.result->host, "mx1.example.org");
    EXPECT_EQ(left.result->attempts.size(), 3U);
    w.at("198.18.0.9").hold("RCPT");
    w.at("198.18.0.1").script.clear();
    w.at("198.18.0.1").hold("RCPT");
    w.at("198.18.0.2").reachable = host::reach::up;
    w.options.kept_share = 0;
    expect(
        w.run("joe@example.org"), verdict_kind::tempfail, cause::budget_exhausted, "CBV-TIME-003");
    w.options.kept_share = 51;
    EXPECT_NE(w.options.problem().value().find("CBV-HOST-013"), std::string::npos);
    // Nobody gives way to nobody.
    auto last = zone({{10, {"198.18.0.1", "198.18.0.9"}}});
    for (const char* address : {"198.18.0.1", "198.18.0.9"})
        last.at(address).hold("RCPT");
    EXPECT_EQ(last.run("joe@example.org").done_at, 240s);
}

// CBV-MX-016: no more lookups open at once than permitted, and all in the end.
TEST(verification_late, asks_a_few_at_a_time) {
    std::vector<exchange> many(20, {10, {}});
    many.back() = {10, {"198.18.0.2"}};
    auto w = zone(many);
    const course quick = w.run("joe@example.org");
    expect(quick, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(quick.count("query A"), 40U) << "A and AAAA";
    for (int i = 1; i < 20; ++i) {
        w.silent("mx" + std::to_string(i) + ".example.org", record_type::a);
        w.silent("mx" + std::to_string(i) + ".example.org", record_type::aaaa);
    }
    const course slow = w.run("joe@example.org");
    EXPECT_EQ(slow.result->kind, verdict_kind::pass);
    std::size_t at_once = 0;
    for (const auto& e : slow.log)
        at_once += e.at == 0s && e.text.starts_with("query A") ? 1U : 0U;
    EXPECT_LE(at_once, 8U + 2U) << "one exchange answered";
}

// CBV-MX-013, CBV-HOST-011
TEST(verification_late, leaves_untried_what_is_beyond_its_bounds) {
    auto w = zone({{10, {}}, {20, {}}, {30, {"198.18.0.3"}}});
    w.options.selection.max_lookups = 4;
    expect(w.run("joe@example.org"), verdict_kind::unverifiable, cause::limit, "CBV-HOST-011");
    w.options.selection.max_lookups = 6;
    expect(w.run("joe@example.org"), verdict_kind::pass, cause::accepted, "CBV-INT-002");
    w.options.selection.max_exchanges = 2;
    expect(w.run("joe@example.org"), verdict_kind::unverifiable, cause::limit, "CBV-HOST-011");

    std::vector<exchange> loopback(19, {10, {"127.0.0.1"}});
    expect(zone(loopback).run("joe@example.org"),
           verdict_kind::fail,
           cause::hosts_prohibited,
           "CBV-HOST-006");
    std::vector<exchange> thirty(30, {10, {}});
    for (unsigned i = 0; i < 30; ++i)
        thirty[i].preference = 10 * i;
    thirty.back().addresses = {"198.18.0.2"};
    expect(zone(thirty).run("joe@example.org"), verdict_kind::pass, cause::accepted, "CBV-INT-002");
}

// CBV-MX-014 in the lookup of an exchange
TEST(verification_late, a_chain_that_is_too_long_hides_an_exchange) {
    auto w = zone({{10, {}}});
    cbv::dns_answer far;
    far.status = dns_status::ok;
    far.aliases = cbv::endless_chain;
    w.answer("mx1.example.org", record_type::a, far);
    w.answer("mx1.example.org", record_type::aaaa, far);
    expect(w.run("joe@example.org"), verdict_kind::unverifiable, cause::limit, "CBV-HOST-011");
    w.address("mx1.example.org", {"198.18.0.1"}, {}, record_type::aaaa);
    w.at("198.18.0.1");
    expect(w.run("joe@example.org"), verdict_kind::pass, cause::accepted, "CBV-INT-002");
}

} // namespace
