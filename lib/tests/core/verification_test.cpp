// Tests of cbv/verification.hpp: the course of a call, its timers and its budget. Host selection in
// a whole call is in verification_hosts_test.cpp, faults in verification_faults_test.cpp.
#include "cbv/verification.hpp"
#include "virtual_world.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <variant>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::duration;
using cbv::record_type;
using cbv::stage;
using cbv::verdict;
using cbv::verdict_kind;
using cbv::verification;
using cbv::test::course;
using cbv::test::entry;
using cbv::test::host;
using cbv::test::virtual_world;

/// example.org with one host.
virtual_world one_host() {
    virtual_world w;
    w.mx("example.org", {{10, "mx.example.org"}});
    w.address("mx.example.org", {"198.18.0.1"});
    w.at("198.18.0.1");
    return w;
}

/// example.org with `count` hosts at preferences 10, 20, ...; addresses 198.18.0.1 and on.
virtual_world hosts_in_a_row(int count) {
    virtual_world w;
    std::vector<cbv::mx_record> records;
    for (int i = 1; i <= count; ++i) {
        const std::string name = "mx" + std::to_string(i) + ".example.org";
        const std::string address = "198.18.0." + std::to_string(i);
        records.push_back({static_cast<std::uint16_t>(10 * i), name});
        w.address(name, {address});
        w.at(address);
    }
    w.mx("example.org", records);
    return w;
}

TEST(verification, passes_a_mailbox_that_is_accepted) {
    auto w = one_host();
    const course c = w.run("joe@example.org");
    const std::vector<entry> expected{
        {0ms, "query MX example.org"},
        {0ms, "query A mx.example.org"},
        {0ms, "query AAAA mx.example.org"},
        {0ms, "connect 198.18.0.1 mx.example.org"},
        {2ms, "send 198.18.0.1 EHLO verifier.example.net\r\n"},
        {3ms, "send 198.18.0.1 MAIL FROM:<>\r\n"},
        {4ms, "send 198.18.0.1 RCPT TO:<joe@example.org>\r\n"},
        {5ms, "send 198.18.0.1 QUIT\r\n"},
        {5ms, "done pass accepted"},
        {6ms, "close 198.18.0.1"},
    };
    EXPECT_EQ(c.log, expected);
}

TEST(verification, fills_in_the_whole_verdict) {
    auto w = hosts_in_a_row(2);
    w.at("198.18.0.1").say("EHLO", "421 busy");
    w.at("198.18.0.2").say("RCPT", "250 fine", 3s);
    const course c = w.run("joe@example.org");
    ASSERT_TRUE(c.result);
    const verdict& v = *c.result;
    EXPECT_EQ(v.kind, verdict_kind::pass);
    EXPECT_EQ(v.why, cause::accepted);
    EXPECT_EQ(v.at, stage::rcpt);
    EXPECT_EQ(v.host, "mx2.example.org");
    EXPECT_EQ(v.address, cbv::ip_address::parse("198.18.0.2"));
    EXPECT_EQ(v.reply, (cbv::reply{250, {"fine"}}));
    EXPECT_EQ(v.requirement, "CBV-INT-002");
    EXPECT_EQ(v.mx_count, 2U);
    EXPECT_EQ(v.elapsed, c.done_at);
    ASSERT_EQ(v.attempts.size(), 2U);
    EXPECT_EQ(v.attempts[0].host, "mx1.example.org");
    EXPECT_EQ(v.attempts[0].address, *cbv::ip_address::parse("198.18.0.1"));
    EXPECT_EQ(v.attempts[0].preference, 10U);
    EXPECT_EQ(v.attempts[0].last_stage, stage::ehlo);
    EXPECT_EQ(v.attempts[0].reply, (cbv::reply{421, {"busy"}}));
    EXPECT_EQ(v.attempts[0].kind, verdict_kind::tempfail);
    EXPECT_EQ(v.attempts[0].why, cause::temporary_reply);
    EXPECT_EQ(v.attempts[0].elapsed, 3ms);
    EXPECT_EQ(v.attempts[1].kind, verdict_kind::pass);
    EXPECT_EQ(v.attempts[1].preference, 20U);
    EXPECT_EQ(v.attempts[1].elapsed, 3s + 4ms);
}

TEST(verification, fails_a_mailbox_that_is_refused) {
    auto w = one_host();
    w.at("198.18.0.1").say("RCPT", "550 no such user");
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::fail);
    EXPECT_EQ(c.result->why, cause::mailbox_refused);
    EXPECT_EQ(c.result->requirement, "CBV-INT-003");
    EXPECT_EQ(c.count("send 198.18.0.1 QUIT"), 1U);
}

// CBV-DLG-009: the answer does not wait for the reply to QUIT; the connection does, for 5 s.
TEST(verification, does_not_wait_for_the_reply_to_quit) {
    auto w = one_host();
    w.at("198.18.0.1").hold("QUIT");
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::pass);
    EXPECT_EQ(c.done_at, 5ms);
    EXPECT_EQ(c.finished_at, 5s + 5ms);
}

TEST(verification, lets_a_quit_linger_while_the_next_host_is_called) {
    auto w = hosts_in_a_row(2);
    w.at("198.18.0.1").say("RCPT", "450 later").hold("QUIT");
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::pass);
    EXPECT_EQ(c.when("send 198.18.0.1 QUIT"), 5ms);
    EXPECT_EQ(c.when("connect 198.18.0.2"), 5ms);
    EXPECT_EQ(c.done_at, 10ms);
    EXPECT_EQ(c.when("close 198.18.0.2"), 11ms);
    EXPECT_EQ(c.when("close 198.18.0.1"), 5s + 5ms);
}

// CBV-TIME-006
TEST(verification, ends_a_trickled_reply_at_the_timer) {
    auto w = one_host();
    for (int i = 0; i < 1000; ++i)
        w.at("198.18.0.1").say("RCPT", "250-wait", 300ms);
    w.options.dialogue.timers.rcpt = 20s;
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::tempfail);
    EXPECT_EQ(c.result->why, cause::timeout);
    EXPECT_EQ(c.result->at, stage::rcpt);
    EXPECT_EQ(c.done_at, 20s + 4ms);
}

// A late answer at RCPT, within the default timer (CBV-TIME-005).
TEST(verification, waits_for_a_slow_host) {
    auto w = one_host();
    w.at("198.18.0.1").say("RCPT", "250 at last", 40s).say("QUIT", "221 bye", 24s);
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::pass);
    EXPECT_EQ(c.done_at, 40s + 4ms);
    EXPECT_EQ(c.finished_at, 45s + 4ms);
}

// CBV-TIME-003
TEST(verification, ends_exactly_with_the_budget) {
    auto w = one_host();
    w.address("mx.example.org", {"198.18.0.1", "198.18.0.2", "198.18.0.3"});
    for (int i = 1; i <= 3; ++i)
        w.at("198.18.0." + std::to_string(i)).hold("RCPT");
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::tempfail);
    EXPECT_EQ(c.result->why, cause::budget_exhausted);
    EXPECT_EQ(c.result->requirement, "CBV-TIME-003");
    EXPECT_EQ(c.result->at, stage::rcpt);
    EXPECT_EQ(c.result->address, cbv::ip_address::parse("198.18.0.2"));
    EXPECT_EQ(c.done_at, 240s);
    EXPECT_EQ(c.finished_at, 240s); // no QUIT, just closed
    ASSERT_EQ(c.result->attempts.size(), 2U);
    EXPECT_EQ(c.result->attempts[0].why, cause::timeout);
    EXPECT_EQ(c.result->attempts[1].why, cause::budget_exhausted);
    EXPECT_EQ(c.result->attempts[1].last_stage, stage::rcpt);
    EXPECT_EQ(c.count("connect"), 2U);
}

TEST(verification, counts_what_the_client_has_waited_already) {
    auto w = one_host();
    w.at("198.18.0.1").hold("RCPT");
    w.client_waits_since = w.begin - 200s;
    EXPECT_EQ(w.run("joe@example.org").done_at, 40s);
    w.client_waits_since = w.begin + 10s; // not later than now
    EXPECT_EQ(w.run("joe@example.org").result->why, cause::timeout);

    w.client_waits_since = w.begin - 240s;
    const course over = w.run("joe@example.org");
    EXPECT_EQ(over.result->why, cause::budget_exhausted);
    EXPECT_EQ(over.result->kind, verdict_kind::tempfail);
    EXPECT_EQ(over.log, (std::vector<entry>{{0ms, "done tempfail budget-exhausted"}}));
}

TEST(verification, ends_a_lookup_with_the_budget) {
    auto w = one_host();
    w.silent("mx.example.org", record_type::a);
    w.options.dialogue.timers.budget = 10s;
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->why, cause::budget_exhausted);
    EXPECT_EQ(c.result->at, stage::address_lookup);
    EXPECT_EQ(c.done_at, 10s);
    EXPECT_EQ(c.finished_at, 10s);
}

// A verdict in hand is better than a doubt: the reply comes at the very end of the budget.
TEST(verification, hears_the_event_before_the_timers) {
    auto w = one_host();
    w.options.dialogue.timers.budget = 10s;
    w.at("198.18.0.1").say("RCPT", "250 ok", 10s - 4ms);
    EXPECT_EQ(w.run("joe@example.org").result->kind, verdict_kind::pass);
    auto later = one_host();
    later.options.dialogue.timers.budget = 10s;
    later.at("198.18.0.1").say("RCPT", "250 ok", 10s - 4ms + 1us);
    EXPECT_EQ(later.run("joe@example.org").result->why, cause::budget_exhausted);
}

// Of two timers due at once the budget's is the one reported.
TEST(verification, takes_the_budget_before_a_stage_timer) {
    auto w = one_host();
    w.at("198.18.0.1").hold("RCPT");
    w.options.dialogue.timers.rcpt = 10s - 4ms;
    w.options.dialogue.timers.budget = 10s;
    EXPECT_EQ(w.run("joe@example.org").result->why, cause::budget_exhausted);
}

// No new attempt when the budget ends with a host's refusal.
TEST(verification, begins_nothing_at_the_end_of_the_budget) {
    auto w = one_host();
    w.address("mx.example.org", {"198.18.0.1", "198.18.0.2"});
    w.options.dialogue.timers.budget = 10s;
    w.at("198.18.0.1").say("MAIL", "450 later", 10s - 3ms);
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->why, cause::budget_exhausted);
    EXPECT_EQ(c.count("connect"), 1U);
}

// CBV-TIME-002: 20 s for all lookups together.
TEST(verification, gives_one_timer_to_all_lookups) {
    auto silent = one_host();
    silent.silent("example.org", record_type::mx);
    const course mx = silent.run("joe@example.org");
    EXPECT_EQ(mx.result->kind, verdict_kind::tempfail);
    EXPECT_EQ(mx.result->why, cause::dns_failure);
    EXPECT_EQ(mx.result->at, stage::mx_lookup);
    EXPECT_EQ(mx.result->requirement, "CBV-MX-010");
    EXPECT_EQ(mx.done_at, 20s);

    auto slow = one_host();
    slow.mx("example.org", {{10, "mx.example.org"}}, 15s);
    slow.silent("mx.example.org", record_type::a);
    const course a = slow.run("joe@example.org");
    EXPECT_EQ(a.result->why, cause::dns_failure);
    EXPECT_EQ(a.result->at, stage::address_lookup);
    EXPECT_EQ(a.done_at, 20s);
}

// Dialogues do not use up the timer, lookups do; when it is used up, nothing is asked any more.
TEST(verification, stops_the_lookup_timer_during_dialogues) {
    auto w = hosts_in_a_row(3);
    w.mx("example.org",
         {{10, "mx1.example.org"}, {20, "mx2.example.org"}, {30, "mx3.example.org"}},
         5s);
    w.at("198.18.0.1").hold("RCPT");
    w.silent("mx2.example.org", record_type::a);
    w.silent("mx3.example.org", record_type::a);
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.when("query A mx2.example.org"), 125s + 4ms);
    EXPECT_EQ(c.when("query A mx3.example.org"), 125s + 4ms + 11250ms) << "a quarter is kept";
    EXPECT_EQ(c.done_at, 140s + 4ms);
    EXPECT_EQ(c.result->kind, verdict_kind::tempfail);
    EXPECT_EQ(c.result->why, cause::timeout);
    EXPECT_EQ(c.result->host, "mx1.example.org");
}

// CBV-SMX-001, CBV-INT-010: nobody answers.
TEST(verification, gives_tempfail_when_every_host_refuses_the_connection) {
    virtual_world w;
    w.mx("example.org", {{10, "mx.example.org"}});
    w.address("mx.example.org", {"198.18.0.1", "198.18.0.2"});
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::tempfail);
    EXPECT_EQ(c.result->why, cause::connection_refused);
    EXPECT_EQ(c.result->at, stage::connect);
    EXPECT_EQ(c.count("connect"), 2U);
}

TEST(verification, waits_for_a_black_hole_no_longer_than_the_connect_timer) {
    auto w = hosts_in_a_row(2);
    w.at("198.18.0.1").reachable = host::reach::black_hole;
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.result->kind, verdict_kind::pass);
    EXPECT_EQ(c.when("close 198.18.0.1"), 30s);
    EXPECT_EQ(c.when("connect 198.18.0.2"), 30s);
}

// CBV-MX-004: one set of options, a seed for each call.
TEST(verification, shares_options_but_not_the_seed) {
    const auto options =
        std::make_shared<const cbv::verification_options>(virtual_world::default_options());
    cbv::dns_answer mx;
    mx.status = cbv::dns_status::ok;
    mx.mx = {{10, "a.example"}, {10, "b.example"}};
    std::set<std::string> first;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        verification v(*cbv::parse_mailbox("joe@example.org"), options, seed, cbv::instant{});
        const auto asked = v.next_action();
        ASSERT_TRUE(asked);
        v.on_dns(std::get<cbv::act::query_dns>(*asked).id, mx, cbv::instant{});
        const auto next = v.next_action();
        ASSERT_TRUE(next);
        first.insert(std::get<cbv::act::query_dns>(*next).name);
    }
    EXPECT_EQ(first, (std::set<std::string>{"a.example", "b.example"}));
    EXPECT_THROW(verification(*cbv::parse_mailbox("joe@example.org"), nullptr, 0, cbv::instant{}),
                 std::logic_error);
}

TEST(verification, can_be_moved) {
    auto w = one_host();
    const cbv::instant now{};
    verification a(*cbv::parse_mailbox("joe@example.org"), w.options, now);
    verification b(std::move(a));
    ASSERT_TRUE(b.next_action());
    EXPECT_FALSE(b.result());
    EXPECT_FALSE(b.finished());
    EXPECT_EQ(b.deadline(), now + 20s);
}

TEST(verification, refuses_misuse) {
    auto w = one_host();
    const auto box = *cbv::parse_mailbox("joe@example.org");
    const cbv::instant now{};
    auto bad = w.options;
    bad.max_attempts = 1;
    EXPECT_THROW(verification(box, bad, now), std::logic_error);
    bad = w.options;
    bad.dialogue.helo_name = "no name";
    EXPECT_THROW(verification(box, bad, now), std::logic_error);

    verification v(*cbv::parse_mailbox("joe@[198.18.0.1]"), w.options, now);
    const auto first = v.next_action();
    ASSERT_TRUE(first);
    const auto* connect = std::get_if<cbv::act::connect>(&*first);
    ASSERT_NE(connect, nullptr);
    EXPECT_THROW(v.on_bytes(connect->id, "220 x\r\n", now), std::logic_error);
    v.on_connected(connect->id, now);
    EXPECT_THROW(v.on_connected(connect->id, now), std::logic_error);
    v.on_bytes(connect->id + 1, "220 x\r\n", now); // unknown: ignored
    EXPECT_FALSE(v.next_action());
}

TEST(verification_options, says_what_is_wrong) {
    const auto problem = [](auto change) {
        cbv::verification_options o;
        change(o);
        return o.problem().has_value();
    };
    EXPECT_FALSE(problem([](auto&) {}));
    EXPECT_TRUE(problem([](auto& o) { o.max_attempts = 1; }));
    EXPECT_TRUE(problem([](auto& o) { o.port = 0; }));
    EXPECT_TRUE(problem([](auto& o) { o.selection.ipv4 = o.selection.ipv6 = false; }));
    EXPECT_TRUE(problem([](auto& o) { o.dialogue.timers.budget = 271s; }));
}

} // namespace
