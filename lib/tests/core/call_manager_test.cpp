// The manager between clients and calls: what is answered without a call, who shares one, who
// waits. Verifications are played by the tests.
#include "cbv/call_manager.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cbv::call_manager;
using cbv::call_manager_options;
using cbv::cause;
using cbv::instant;
using cbv::ip_address;
using cbv::permission;
using cbv::verdict;
using cbv::verdict_kind;

const ip_address mx1 = *ip_address::parse("198.18.0.1");
const ip_address mx2 = *ip_address::parse("198.18.0.2");

cbv::mailbox box(const std::string& text) {
    return *cbv::parse_mailbox(text);
}

verdict made(verdict_kind kind, cause why, cbv::requirement_id requirement = {}) {
    verdict v;
    v.kind = kind;
    v.why = why;
    v.requirement = requirement;
    return v;
}

const verdict accepted = made(verdict_kind::pass, cause::accepted, "CBV-INT-002");
const verdict timed_out = made(verdict_kind::tempfail, cause::timeout, "CBV-TIME-004");

/// A manager with its driver's notes.
struct desk {
    explicit desk(call_manager_options o = {}) : manager(std::move(o)) {}

    unsigned ask(const std::string& path) {
        const unsigned client = manager.ask(box(path), now, now);
        drain();
        return client;
    }
    permission connect(unsigned call, unsigned attempt, const ip_address& to = mx1) {
        const auto p = manager.on_connect(call, attempt, to, now);
        drain();
        return p;
    }
    void close(unsigned call, unsigned attempt) {
        manager.on_close(call, attempt, now);
        drain();
    }
    void give(unsigned call, const verdict& v) {
        manager.on_verdict(call, v, now);
        drain();
    }
    void withdraw(unsigned client) {
        manager.withdraw(client, now);
        drain();
    }
    void drain() {
        while (auto a = manager.next_action()) {
            if (auto* s = std::get_if<cbv::manage::start>(&*a))
                started.push_back(s->call);
            else if (auto* c = std::get_if<cbv::manage::cancel>(&*a))
                cancelled.push_back(c->call);
            else if (auto* w = std::get_if<cbv::manage::allow>(&*a))
                allowed.emplace_back(w->call, w->attempt);
            else if (auto* r = std::get_if<cbv::manage::answer>(&*a)) {
                EXPECT_TRUE(answers.emplace(r->client, r->result).second) << "answered twice";
            }
        }
    }
    /// "KIND/cause" told to a client, "-" if nothing yet.
    std::string told(unsigned client) const {
        const auto at = answers.find(client);
        if (at == answers.end())
            return "-";
        return std::string{to_string(at->second.kind)} + "/" +
               std::string{to_string(at->second.why)};
    }

    call_manager manager;
    instant now{1000s};
    std::vector<unsigned> started, cancelled;
    std::vector<std::pair<unsigned, unsigned>> allowed;
    std::map<unsigned, verdict> answers;
};

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
    call_manager m{{}};
    (void)m.ask(box("a@d.example"), instant{10s}, instant{4s});
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
    d.give(d.started[0], made(verdict_kind::tempfail, cause::cancelled));
    EXPECT_EQ(d.told(c), "-");
    d.give(d.started[1], accepted);
    EXPECT_EQ(d.told(c), "pass/accepted");
    EXPECT_EQ(d.told(a), "-");
    EXPECT_EQ(d.manager.calls(), 0U);
}

TEST(CallManager, AnAnswerNotYetFetchedIsWithdrawn) {
    call_manager m{{}};
    const auto a = m.ask(box("a@d.example"), instant{}, instant{});
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
                  "pass/accepted", "pass/accepted", "pass/accepted", "tempfail/limit"}));
    EXPECT_EQ(ask_many(0, 1), std::vector<std::string>{"pass/accepted"}) << "from the cache";
    const auto other = d.ask("a@e.example");
    EXPECT_EQ(d.told(other), "-");
    d.now += o.rate_window - 1us;
    EXPECT_EQ(ask_many(10, 1), std::vector<std::string>{"tempfail/limit"});
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
    o.uncalled_domains = {"Objects.example"};
    desk d{o};
    const auto a = d.ask("a@objects.EXAMPLE");
    EXPECT_EQ(d.told(a), "none/exempt");
    EXPECT_EQ(d.answers.at(a).requirement, "CBV-LOAD-005");
    EXPECT_TRUE(d.started.empty());
    EXPECT_EQ(d.told(d.ask("a@d.example")), "-");
}

TEST(CallManager, AnObjectingAddressIsNotCalled) { // CBV-LOAD-005
    call_manager_options o;
    o.uncalled_addresses = {*cbv::ip_prefix::parse("198.18.0.1/32")};
    desk d{o};
    const auto a = d.ask("a@d.example");
    EXPECT_EQ(d.connect(d.started[0], 1, mx1), permission::never);
    EXPECT_EQ(d.cancelled, d.started);
    auto broken_off = made(verdict_kind::tempfail, cause::cancelled);
    broken_off.mx_count = 3;
    d.give(d.started[0], broken_off);
    EXPECT_EQ(d.told(a), "none/exempt");
    EXPECT_EQ(d.answers.at(a).requirement, "CBV-LOAD-005");
    EXPECT_EQ(d.answers.at(a).mx_count, 3U);
    (void)d.ask("b@d.example");
    EXPECT_EQ(d.connect(d.started[1], 1, mx2), permission::now);
}

TEST(CallManager, AHostThatRefusedUsIsLeftAlone) { // CBV-LOAD-007
    call_manager_options o;
    o.cache.unverifiable_hold_off = {};
    for (const auto requirement : {"CBV-INT-006", "CBV-INT-008"}) {
        desk d{o};
        (void)d.ask("a@d.example");
        auto v = made(verdict_kind::unverifiable, cause::prober_refused, requirement);
        cbv::attempt dead, refusing;
        dead.address = mx2;
        dead.why = cause::timeout;
        refusing.address = mx1;
        refusing.why = cause::prober_refused;
        v.attempts = {dead, refusing};
        d.give(d.started[0], v);
        d.now += o.refusal_pause - 1us;
        const auto b = d.ask("b@other.example");
        EXPECT_EQ(d.connect(d.started[1], 1, mx2), permission::now);
        EXPECT_EQ(d.connect(d.started[1], 2, mx1), permission::never);
        EXPECT_EQ(d.cancelled, std::vector{d.started[1]});
        d.give(d.started[1], made(verdict_kind::tempfail, cause::cancelled));
        EXPECT_EQ(d.told(b), "unverifiable/hold-off");
        EXPECT_EQ(d.answers.at(b).requirement, "CBV-LOAD-007");
        d.now += 1us;
        (void)d.ask("c@d.example");
        EXPECT_EQ(d.connect(d.started[2], 1, mx1), permission::now);
    }
}

TEST(CallManager, OtherDoubtLeavesNoHostAlone) {
    call_manager_options o;
    o.cache.unverifiable_hold_off = {};
    desk d{o};
    (void)d.ask("a@d.example");
    auto v = made(verdict_kind::unverifiable, cause::command_refused, "CBV-INT-009");
    v.attempts.resize(1);
    v.attempts[0].address = mx1;
    v.attempts[0].why = cause::command_refused;
    d.give(d.started[0], v);
    (void)d.ask("b@d.example");
    EXPECT_EQ(d.connect(d.started[1], 1, mx1), permission::now);
}

TEST(CallManager, APassDueForRenewalOutlastsDoubt) { // CBV-CACHE-007
    call_manager_options o;
    o.cache.pass_refresh = 1h;
    desk d{o};
    (void)d.ask("a@d.example");
    d.give(d.started[0], accepted);
    d.now += 1h;
    const auto b = d.ask("a@d.example");
    ASSERT_EQ(d.started.size(), 2U);
    d.give(d.started[1], timed_out);
    EXPECT_EQ(d.told(b), "pass/accepted");
    EXPECT_TRUE(d.answers.at(b).cached);
    const auto c = d.ask("a@d.example");
    d.give(d.started[2], made(verdict_kind::fail, cause::mailbox_refused));
    EXPECT_EQ(d.told(c), "fail/mailbox-refused");
}

TEST(CallManager, GoesOnInTheBackgroundWhenToldTo) { // CBV-TIME-008
    call_manager_options o;
    o.answer_early_after = 2s;
    desk d{o};
    const auto a = d.ask("a@d.example");
    EXPECT_EQ(d.manager.deadline(), d.now + 2s);
    d.manager.on_time(d.now + 2s - 1us);
    d.drain();
    EXPECT_EQ(d.told(a), "-");
    d.now += 2s;
    d.manager.on_time(d.now);
    d.drain();
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

TEST(CallManager, AVerdictForAnUnknownCallIsIgnored) {
    desk d;
    d.give(99, accepted);
    d.close(99, 1);
    d.withdraw(99);
    EXPECT_TRUE(d.answers.empty());
}

TEST(CallManager, NothingIsLeftWhenAllHasEnded) {
    // Clients come, calls connect twice, some clients go: every order that a small counter gives.
    call_manager_options o;
    o.cache.enabled = false;
    o.attempts_in_all = 3;
    o.calls_per_domain = 0;
    for (unsigned variant = 0; variant < 64; ++variant) {
        desk d{o};
        std::vector<unsigned> clients;
        for (unsigned i = 0; i < 6; ++i) {
            clients.push_back(d.ask("u" + std::to_string(i) + "@d.example"));
            (void)d.connect(d.started.back(), 1, i % 2 ? mx1 : mx2);
        }
        for (unsigned i = 0; i < 6; ++i) {
            if (variant & 1U << i)
                d.withdraw(clients[i]);
            d.close(d.started[i], 1);
            (void)d.connect(d.started[i], 2, mx1);
        }
        for (unsigned i = 6; i-- > 0;) {
            d.give(d.started[i], timed_out);
            d.close(d.started[i], 2);
        }
        EXPECT_EQ(d.manager.calls(), 0U);
        // Every place is free again.
        for (unsigned i = 0; i < 2; ++i) {
            (void)d.ask("v" + std::to_string(i) + "@d.example");
            EXPECT_EQ(d.connect(d.started.back(), 1, mx1), permission::now) << variant;
        }
        (void)d.ask("w@d.example");
        EXPECT_EQ(d.connect(d.started.back(), 1, mx2), permission::now) << variant;
        for (unsigned i = 0; i < 6; ++i)
            EXPECT_EQ(d.told(clients[i]) == "-", (variant & 1U << i) != 0);
    }
}

TEST(CallManager, RefusesUnusableOptions) {
    const auto text = [](auto change) {
        call_manager_options o;
        change(o);
        const auto problem = o.problem();
        if (problem) {
            EXPECT_THROW(call_manager{o}, std::invalid_argument);
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
}

} // namespace
