// The manager between clients and calls: what is answered without a call, who shares one, who
// waits for a place. Time in call_manager_time_test.cpp, whole courses in
// call_manager_course_test.cpp.
#include "manager_desk.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cbv::call_manager_options;
using cbv::cause;
using cbv::instant;
using cbv::ip_address;
using cbv::permission;
using cbv::verdict;
using cbv::verdict_kind;

using cbv::test::desk;
using cbv::test::make_verdict;
using cbv::test::mx1;
using cbv::test::mx2;

const verdict accepted = make_verdict(verdict_kind::pass, cause::accepted, "CBV-INT-002");
const verdict timed_out = make_verdict(verdict_kind::tempfail, cause::timeout, "CBV-TIME-004");

TEST(CallManager, ClientsWithOneKeyShareACall) { // CBV-LOAD-001
    desk d;
    const auto a = d.ask("a@d.example"), b = d.ask("a@D.EXAMPLE"), c = d.ask("A@d.example");
    ASSERT_EQ(d.started.size(), 2U);
    EXPECT_EQ(d.told(a), "-");
    d.give(d.started[0], accepted);
    EXPECT_EQ(d.told(a), "pass/accepted");
    EXPECT_EQ(d.told(b), "pass/accepted");
    EXPECT_EQ(d.told(c), "-");
    EXPECT_EQ(d.manager.calls(), 1U);
    const auto later = d.ask("a@d.example");
    EXPECT_EQ(d.told(later), "pass/accepted");
    EXPECT_TRUE(d.answers.at(later).cached);
    EXPECT_FALSE(d.answers.at(a).cached);
}

TEST(CallManager, TheCallKnowsHowLongItsClientWaits) { // CBV-TIME-003
    cbv::call_manager m{{}};
    (void)m.ask(cbv::test::box("a@d.example"), instant{10s}, {instant{4s}, {}, {}});
    EXPECT_EQ(std::get<cbv::manage::start>(*m.next_action()).client_waits_since, instant{4s});
}

TEST(CallManager, ACallNobodyAwaitsIsCancelled) { // CBV-LOAD-006
    desk d;
    const auto a = d.ask("a@d.example"), b = d.ask("a@d.example");
    d.withdraw(a);
    EXPECT_TRUE(d.cancelled.empty());
    d.withdraw(b);
    d.withdraw(b);
    ASSERT_EQ(d.cancelled, d.started);
    EXPECT_EQ(d.connect(d.started[0], 7), permission::never);
    // Who asks now must not be given the verdict of a cancelled call.
    const auto c = d.ask("a@d.example");
    ASSERT_EQ(d.started.size(), 2U);
    d.give(d.started[0], make_verdict(verdict_kind::tempfail, cause::cancelled));
    EXPECT_EQ(d.told(c), "-");
    d.give(d.started[1], accepted);
    EXPECT_EQ(d.told(c), "pass/accepted");
    EXPECT_EQ(d.told(a), "-");
    EXPECT_EQ(d.manager.calls(), 0U);
}

TEST(CallManager, AnAnswerNotYetFetchedIsWithdrawn) {
    cbv::call_manager m{{}};
    const auto a = m.ask(cbv::test::box("a@d.example"), instant{}, {});
    const auto call = std::get<cbv::manage::start>(*m.next_action()).call;
    m.on_verdict(call, accepted, instant{});
    m.withdraw(a, instant{});
    EXPECT_FALSE(m.next_action());
}

TEST(CallManager, AttemptsAtOneAddressWaitInTurn) { // CBV-LOAD-002
    desk d;
    const auto most = call_manager_options{}.attempts_per_address;
    std::vector<unsigned> calls;
    for (unsigned i = 0; i < most + 2; ++i) {
        (void)d.ask("u" + std::to_string(i) + "@d.example");
        EXPECT_EQ(d.connect(d.started.back(), 1), i < most ? permission::now : permission::later);
    }
    EXPECT_EQ(d.connect(d.started[0], 2, mx2), permission::now); // another address
    EXPECT_TRUE(d.allowed.empty());
    d.give(d.started[0], accepted); // the connection waits for QUIT still
    EXPECT_TRUE(d.allowed.empty());
    d.close(d.started[0], 1);
    EXPECT_EQ(d.allowed, (std::vector{std::pair{d.started[most], 1U}}));
    // A newcomer does not overtake.
    (void)d.ask("late@d.example");
    EXPECT_EQ(d.connect(d.started.back(), 1), permission::later);
    d.close(d.started[1], 1);
    EXPECT_EQ(d.allowed.back(), (std::pair{d.started[most + 1], 1U}));
}

TEST(CallManager, AttemptsInAllAreLimited) { // CBV-LOAD-002
    call_manager_options o;
    o.attempts_in_all = 1;
    desk d{o};
    (void)d.ask("a@d.example");
    (void)d.ask("b@e.example");
    EXPECT_EQ(d.connect(d.started[0], 1, mx1), permission::now);
    EXPECT_EQ(d.connect(d.started[1], 1, mx2), permission::later);
    d.close(d.started[0], 1);
    EXPECT_EQ(d.allowed, (std::vector{std::pair{d.started[1], 1U}}));
}

TEST(CallManager, WhoNeverGetsATurnIsToldOfTheLimit) { // CBV-LOAD-003
    for (const auto over : {verdict_kind::tempfail, verdict_kind::none}) {
        call_manager_options o;
        o.attempts_per_address = 1;
        o.over_limit = over;
        desk d{o};
        (void)d.ask("a@d.example");
        const auto b = d.ask("b@d.example"), c = d.ask("c@d.example");
        (void)d.connect(d.started[0], 1);
        EXPECT_EQ(d.connect(d.started[1], 1), permission::later);
        EXPECT_EQ(d.connect(d.started[2], 1), permission::later);
        d.close(d.started[1], 1); // its connect timer expired
        d.give(d.started[1], timed_out);
        EXPECT_EQ(d.told(b), std::string{to_string(over)} + "/limit");
        EXPECT_EQ(d.answers.at(b).requirement, "CBV-LOAD-002");
        d.close(d.started[2], 1);
        d.give(d.started[2], accepted); // by another host
        EXPECT_EQ(d.told(c), "pass/accepted");
        EXPECT_TRUE(d.allowed.empty());
    }
}

TEST(CallManager, CallsForADomainAreLimitedInRate) { // CBV-LOAD-003
    call_manager_options o;
    o.calls_per_domain = 3;
    desk d{o};
    const auto ask_many = [&](int from, int count) {
        std::vector<std::string> words;
        for (int i = from; i < from + count; ++i) {
            const auto client = d.ask("u" + std::to_string(i) + "@d.example");
            if (d.told(client) == "-")
                d.give(d.started.back(), accepted);
            words.push_back(d.told(client));
        }
        return words;
    };
    EXPECT_EQ(ask_many(0, 4),
              (std::vector<std::string>{
                  "pass/accepted", "pass/accepted", "pass/accepted", "none/limit"}));
    EXPECT_EQ(ask_many(0, 1), std::vector<std::string>{"pass/accepted"}) << "from the cache";
    const auto other = d.ask("a@e.example");
    EXPECT_EQ(d.told(other), "-");
    d.now += o.rate_window - 1us;
    EXPECT_EQ(ask_many(10, 1), std::vector<std::string>{"none/limit"});
    d.now += 1us;
    EXPECT_EQ(ask_many(11, 1), std::vector<std::string>{"pass/accepted"});
}

TEST(CallManager, CallsInAllAreLimited) {
    call_manager_options o;
    o.calls_in_all = 1;
    o.over_limit = verdict_kind::none;
    desk d{o};
    (void)d.ask("a@d.example");
    EXPECT_EQ(d.told(d.ask("b@e.example")), "none/limit");
    EXPECT_EQ(d.told(d.ask("a@d.example")), "-") << "shares the call";
}

TEST(CallManager, AnObjectingDomainIsNotCalled) { // CBV-LOAD-005
    call_manager_options o;
    o.uncalled_domains = {"Objects.example", "dotted.example."};
    desk d{o};
    const auto a = d.ask("a@objects.EXAMPLE");
    EXPECT_EQ(d.told(a), "none/exempt");
    EXPECT_EQ(d.answers.at(a).requirement, "CBV-LOAD-005");
    EXPECT_EQ(d.told(d.ask("a@dotted.example")), "none/exempt");
    EXPECT_TRUE(d.started.empty());
    EXPECT_EQ(d.told(d.ask("a@d.example")), "-");
    EXPECT_EQ(d.told(d.ask("a@sub.objects.example")), "-") << "a domain, not its subdomains";
}

TEST(CallManager, AnObjectingAddressIsNotCalled) { // CBV-LOAD-005
    call_manager_options o;
    o.uncalled_addresses = {*cbv::ip_prefix::parse("198.18.0.1/32")};
    desk d{o};
    const auto a = d.ask("a@d.example");
    EXPECT_EQ(d.connect(d.started[0], 1, mx1), permission::never);
    EXPECT_EQ(d.cancelled, d.started);
    EXPECT_EQ(d.connect(d.started[0], 2, mx2), permission::never);
    EXPECT_EQ(d.cancelled.size(), 1U) << "cancelled once";
    auto broken_off = make_verdict(verdict_kind::tempfail, cause::cancelled);
    broken_off.mx_count = 3;
    d.give(d.started[0], broken_off);
    EXPECT_EQ(d.told(a), "none/exempt");
    EXPECT_EQ(d.answers.at(a).requirement, "CBV-LOAD-005");
    EXPECT_EQ(d.answers.at(a).mx_count, 3U);
    (void)d.ask("b@d.example");
    EXPECT_EQ(d.connect(d.started[1], 1, mx2), permission::now);
}

TEST(CallManager, OtherDoubtLeavesNoHostAlone) {
    call_manager_options o;
    o.cache.unverifiable_hold_off = {};
    desk d{o};
    (void)d.ask("a@d.example");
    auto v = make_verdict(verdict_kind::unverifiable, cause::command_refused, "CBV-INT-009");
    v.attempts.resize(1);
    v.attempts[0].address = mx1;
    v.attempts[0].why = cause::command_refused;
    d.give(d.started[0], v);
    (void)d.ask("b@d.example");
    EXPECT_EQ(d.connect(d.started[1], 1, mx1), permission::now);
}

TEST(CallManager, AVerdictForAnUnknownCallIsIgnored) {
    desk d;
    d.give(99, accepted);
    d.close(99, 1);
    d.withdraw(99);
    EXPECT_EQ(d.connect(99, 1), permission::never);
    EXPECT_TRUE(d.answers.empty());
    const auto a = d.ask("a@d.example");
    d.give(d.started[0], accepted);
    d.give(d.started[0], timed_out); // it has ended: not heard again
    EXPECT_EQ(d.told(a), "pass/accepted");
    EXPECT_EQ(d.connect(d.started[0], 1), permission::never);
    EXPECT_EQ(d.told(d.ask("a@d.example")), "pass/accepted");
}

TEST(CallManager, AnAttemptAskedForTwiceHasOnePlace) {
    call_manager_options o;
    o.attempts_per_address = 1;
    desk d{o};
    (void)d.ask("a@d.example");
    (void)d.ask("b@d.example");
    EXPECT_EQ(d.connect(d.started[0], 1), permission::now);
    EXPECT_EQ(d.connect(d.started[0], 1), permission::now);
    EXPECT_EQ(d.connect(d.started[1], 1), permission::later);
    EXPECT_EQ(d.connect(d.started[1], 1), permission::later);
    d.close(d.started[0], 1);
    EXPECT_EQ(d.allowed, (std::vector{std::pair{d.started[1], 1U}}));
}

TEST(CallManager, ACallNobodyAwaitsAnyMoreNeverStarts) { // CBV-LOAD-006
    cbv::call_manager m{{}};
    const auto a = m.ask(cbv::test::box("a@d.example"), instant{}, {});
    m.withdraw(a, instant{});
    EXPECT_FALSE(m.next_action());
    EXPECT_EQ(m.calls(), 0U);
}

TEST(CallManager, APlaceForACallNobodyAwaitsOpensNothing) { // CBV-LOAD-006
    call_manager_options o;
    o.attempts_per_address = 1;
    desk d{o};
    (void)d.ask("a@d.example");
    const auto b = d.ask("b@d.example");
    (void)d.ask("c@d.example");
    (void)d.connect(d.started[0], 1);
    (void)d.connect(d.started[1], 1);
    (void)d.connect(d.started[2], 1);
    d.manager.on_close(d.started[0], 1, d.now); // b's turn, but not fetched yet
    d.withdraw(b);
    EXPECT_TRUE(d.allowed.empty());
    EXPECT_EQ(d.cancelled, std::vector{d.started[1]});
    d.close(d.started[1], 1);
    EXPECT_EQ(d.allowed, (std::vector{std::pair{d.started[2], 1U}}));
}

TEST(CallManager, RefusesUnusableOptions) {
    const auto text = [](auto change) {
        call_manager_options o;
        change(o);
        const auto problem = o.problem();
        if (problem) {
            EXPECT_THROW(cbv::call_manager{o}, std::invalid_argument);
        }
        return problem.value_or("");
    };
    using o = call_manager_options;
    EXPECT_EQ(text([](o&) {}), "");
    EXPECT_EQ(text([](o& x) { x.refusal_pause = {}; }), "");
    EXPECT_NE(text([](o& x) { x.cache.max_entries = 0; }), "");
    EXPECT_NE(text([](o& x) { x.attempts_per_address = 0; }).find("CBV-LOAD-002"),
              std::string::npos);
    EXPECT_NE(text([](o& x) { x.attempts_in_all = 0; }), "");
    EXPECT_NE(text([](o& x) { x.calls_in_all = 0; }), "");
    EXPECT_NE(text([](o& x) { x.rate_window = {}; }), "");
    EXPECT_NE(text([](o& x) { x.over_limit = verdict_kind::fail; }), "");
    EXPECT_NE(text([](o& x) { x.refusal_pause = 59min; }).find("CBV-LOAD-007"), std::string::npos);
    EXPECT_NE(text([](o& x) { x.answer_early_after = -1s; }), "");
    EXPECT_EQ(text([](o& x) { x.client_budget = cbv::timeouts::max_budget; }), "");
    EXPECT_NE(text([](o& x) { x.client_budget = cbv::timeouts::max_budget + 1us; }), "");
    EXPECT_NE(text([](o& x) { x.client_budget = {}; }).find("CBV-TIME-003"), std::string::npos);
}

} // namespace
