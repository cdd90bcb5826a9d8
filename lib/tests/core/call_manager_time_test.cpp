// The manager and time: renewal of what is kept, hold-offs, and clients whose time is up before
// their call's.
#include "manager_desk.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::call_manager_options;
using cbv::cause;
using cbv::permission;
using cbv::verdict;
using cbv::verdict_kind;
using cbv::test::desk;
using cbv::test::make_verdict;

const verdict accepted = make_verdict(verdict_kind::pass, cause::accepted, "CBV-INT-002");
const verdict timed_out = make_verdict(verdict_kind::tempfail, cause::timeout, "CBV-TIME-004");

call_manager_options renewing() {
    call_manager_options o;
    o.cache.pass_refresh = 1h;
    return o;
}

/// A manager that has known for an hour that a@d.example is good: to be renewed.
desk with_old_pass(const call_manager_options& o = renewing()) {
    desk d{o};
    (void)d.ask("a@d.example");
    d.give(d.started[0], accepted);
    d.now += 1h;
    return d;
}

TEST(CallManagerTime, APassDueForRenewalOutlastsDoubt) { // CBV-CACHE-005, CBV-CACHE-007
    for (const auto& doubt :
         {timed_out,
          make_verdict(verdict_kind::unverifiable, cause::command_refused, "CBV-INT-009")}) {
        const auto o = renewing();
        auto d = with_old_pass(o);
        const auto b = d.ask("a@d.example");
        ASSERT_EQ(d.started.size(), 2U);
        EXPECT_EQ(d.told(b), "-");
        d.give(d.started[1], doubt);
        EXPECT_EQ(d.told(b), "pass/accepted");
        EXPECT_TRUE(d.answers.at(b).cached);
        // The doubt is held off: not every message is to call again (CBV-CACHE-003).
        EXPECT_EQ(d.told(d.ask("a@d.example")), "pass/accepted");
        EXPECT_EQ(d.started.size(), 2U);
        d.now += doubt.kind == verdict_kind::tempfail ? o.cache.tempfail_hold_off
                                                      : o.cache.unverifiable_hold_off;
        const auto c = d.ask("a@d.example");
        ASSERT_EQ(d.started.size(), 3U);
        d.give(d.started[2], make_verdict(verdict_kind::fail, cause::mailbox_refused));
        EXPECT_EQ(d.told(c), "fail/mailbox-refused");
        EXPECT_EQ(d.told(d.ask("a@d.example")), "fail/mailbox-refused");
    }
}

TEST(CallManagerTime, APassThatExpiresDuringItsRenewalIsNotUsed) { // CBV-CACHE-005
    const auto o = renewing();
    for (const bool over : {false, true}) {
        desk d{o};
        (void)d.ask("a@d.example");
        d.give(d.started[0], accepted);
        d.now += o.cache.pass_lifetime - 1us;
        const auto b = d.ask("a@d.example");
        ASSERT_EQ(d.started.size(), 2U);
        d.now += over ? 1us : 0us;
        d.give(d.started[1], timed_out);
        EXPECT_EQ(d.told(b), over ? "tempfail/timeout" : "pass/accepted");
    }
}

TEST(CallManagerTime, ARenewalThatIsNotMadeLeavesThePass) { // CBV-LOAD-003, CBV-LOAD-007
    auto o = renewing();
    o.calls_in_all = 1;
    auto full = with_old_pass(o);
    (void)full.ask("b@e.example");
    EXPECT_EQ(full.told(full.ask("a@d.example")), "pass/accepted");

    o = renewing();
    auto paused = with_old_pass(o);
    (void)paused.ask("b@e.example");
    auto refusal = make_verdict(verdict_kind::unverifiable, cause::prober_refused, "CBV-INT-006");
    refusal.attempts.resize(1);
    refusal.attempts[0].address = cbv::test::mx1;
    refusal.attempts[0].last_stage = cbv::stage::greeting;
    refusal.attempts[0].why = cause::prober_refused;
    paused.give(paused.started.back(), refusal);
    const auto a = paused.ask("a@d.example");
    EXPECT_EQ(paused.connect(paused.started.back(), 1), permission::skip);
    paused.give(paused.started.back(),
                make_verdict(verdict_kind::unverifiable, cause::hold_off, "CBV-LOAD-008"));
    EXPECT_EQ(paused.told(a), "pass/accepted");
}

TEST(CallManagerTime, AnObjectionIsHonouredDespiteAPass) { // CBV-LOAD-005
    auto o = renewing();
    o.uncalled_addresses = {*cbv::ip_prefix::parse("198.18.0.1/32")};
    auto d = with_old_pass(o);
    const auto a = d.ask("a@d.example");
    EXPECT_EQ(d.connect(d.started[1], 1), permission::never);
    d.give(d.started[1], make_verdict(verdict_kind::tempfail, cause::cancelled));
    EXPECT_EQ(d.told(a), "none/exempt");
}

TEST(CallManagerTime, DoubtIsRepeatedWithoutACall) { // CBV-CACHE-003
    const call_manager_options o;
    desk d{o};
    (void)d.ask("a@d.example");
    d.give(d.started[0], timed_out);
    d.now += o.cache.tempfail_hold_off - 1us;
    const auto b = d.ask("a@d.example");
    EXPECT_EQ(d.told(b), "tempfail/hold-off");
    EXPECT_EQ(d.answers.at(b).requirement, "CBV-CACHE-003");
    d.now += 1us;
    EXPECT_EQ(d.told(d.ask("a@d.example")), "-");
    EXPECT_EQ(d.started.size(), 2U);
}

TEST(CallManagerTime, ARefusalOfMailFailsItsOwnClientOnly) { // CBV-CACHE-004
    desk d;
    const auto a = d.ask("a@d.example");
    d.give(d.started[0], make_verdict(verdict_kind::fail, cause::null_sender_refused));
    EXPECT_EQ(d.told(a), "fail/null-sender-refused");
    const auto b = d.ask("a@d.example");
    EXPECT_EQ(d.told(b), "tempfail/hold-off");
    EXPECT_EQ(d.answers.at(b).requirement, "CBV-CACHE-004");
}

TEST(CallManagerTime, GoesOnInTheBackgroundWhenToldTo) { // CBV-TIME-008
    call_manager_options o;
    o.answer_early_after = 2s;
    desk d{o};
    const auto a = d.ask("a@d.example");
    EXPECT_EQ(d.manager.deadline(), d.now + 2s);
    d.pass_time(2s - 1us);
    EXPECT_EQ(d.told(a), "-");
    d.pass_time(1us);
    EXPECT_EQ(d.told(a), "tempfail/in-progress");
    EXPECT_FALSE(d.manager.deadline());
    EXPECT_TRUE(d.cancelled.empty());
    const auto b = d.ask("a@d.example");
    EXPECT_EQ(d.started.size(), 1U);
    d.withdraw(b);
    EXPECT_TRUE(d.cancelled.empty());
    d.give(d.started[0], accepted);
    EXPECT_EQ(d.told(d.ask("a@d.example")), "pass/accepted");
}

TEST(CallManagerTime, WaitingCountsFromTheClientsCommand) { // CBV-TIME-003, CBV-TIME-008
    call_manager_options o;
    o.answer_early_after = 5s;
    desk d{o};
    const auto a = d.ask("a@d.example");
    const auto b = d.ask("b@d.example", 4s); // its RCPT was queued
    EXPECT_EQ(d.manager.deadline(), d.now + 1s);
    d.pass_time(1s);
    EXPECT_EQ(d.told(b), "tempfail/in-progress");
    EXPECT_EQ(d.told(a), "-");
    EXPECT_EQ(d.manager.deadline(), d.now + 4s);
}

TEST(CallManagerTime, AnEarlyAnswerIsThePassThatIsRenewed) { // CBV-CACHE-005, CBV-TIME-008
    auto o = renewing();
    o.answer_early_after = 2s;
    auto d = with_old_pass(o);
    const auto a = d.ask("a@d.example");
    d.pass_time(2s);
    EXPECT_EQ(d.told(a), "pass/accepted");
    EXPECT_TRUE(d.cancelled.empty());
}

TEST(CallManagerTime, WhoJoinsLateIsAnsweredInItsOwnTime) { // CBV-TIME-003
    const call_manager_options o;
    desk d{o};
    const auto a = d.ask("a@d.example");
    EXPECT_FALSE(d.manager.deadline()) << "the verification's budget is enough";
    const auto b = d.ask("a@d.example", 10s);
    ASSERT_EQ(d.started.size(), 1U);
    EXPECT_EQ(d.manager.deadline(), d.now + o.client_budget - 10s);
    d.pass_time(o.client_budget - 10s - 1us);
    EXPECT_EQ(d.told(b), "-");
    d.pass_time(1us);
    EXPECT_EQ(d.told(b), "tempfail/budget-exhausted");
    EXPECT_EQ(d.answers.at(b).requirement, "CBV-TIME-003");
    EXPECT_TRUE(d.cancelled.empty());
    EXPECT_FALSE(d.manager.deadline());
    d.give(d.started[0], accepted);
    EXPECT_EQ(d.told(a), "pass/accepted");
}

TEST(CallManagerTime, ACallEndsWithTheTimeOfItsLastClient) { // CBV-LOAD-006
    const call_manager_options o;
    desk d{o};
    const auto a = d.ask("a@d.example");
    const auto b = d.ask("a@d.example", 10s);
    d.withdraw(a);
    EXPECT_TRUE(d.cancelled.empty());
    d.pass_time(o.client_budget - 10s);
    EXPECT_EQ(d.told(b), "tempfail/budget-exhausted");
    EXPECT_EQ(d.cancelled, d.started);
}

TEST(CallManagerTime, AClientThatLeavesHasNoTimer) {
    desk d;
    (void)d.ask("a@d.example");
    d.withdraw(d.ask("a@d.example", 10s));
    EXPECT_FALSE(d.manager.deadline());
    (void)d.ask("a@d.example", 10s);
    d.give(d.started[0], accepted);
    EXPECT_FALSE(d.manager.deadline());
}

} // namespace
