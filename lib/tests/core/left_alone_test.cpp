// Hosts that refused the verifier are left alone: whom a manager lets be called after which
// refusals (CBV-LOAD-007 to CBV-LOAD-010), and what a verification makes of a host it may not call.
#include "../../src/core/domain_refusals.hpp"
#include "cbv/verification.hpp"
#include "manager_desk.hpp"

namespace {

using namespace std::chrono_literals;
using cbv::attempt;
using cbv::call_manager_options;
using cbv::cause;
using cbv::domain_refusals;
using cbv::permission;
using cbv::stage;
using cbv::verdict;
using cbv::verdict_kind;
using cbv::test::desk;
using cbv::test::make_verdict;
using cbv::test::mx1;
using cbv::test::mx2;

call_manager_options without_hold_off() {
    call_manager_options o;
    o.cache.unverifiable_hold_off = {};
    return o;
}

attempt one(const cbv::ip_address& at, stage where, verdict_kind kind, cause why) {
    attempt a;
    a.address = at;
    a.last_stage = where;
    a.kind = kind;
    a.why = why;
    return a;
}

verdict refused_at(stage where, const cbv::ip_address& at = mx1) {
    auto v = make_verdict(verdict_kind::unverifiable, cause::prober_refused);
    v.attempts = {one(at, where, v.kind, v.why)};
    return v;
}

verdict passed_at(const cbv::ip_address& at) {
    auto v = make_verdict(verdict_kind::pass, cause::accepted);
    v.attempts = {one(at, stage::rcpt, v.kind, v.why)};
    return v;
}

/// A call for the path ends so.
void end(desk& d, const std::string& path, const verdict& v) {
    const auto before = d.started.size();
    (void)d.ask(path);
    ASSERT_EQ(d.started.size(), before + 1);
    d.give(d.started.back(), v);
}

permission may_call(desk& d, const std::string& path, const cbv::ip_address& to = mx1) {
    (void)d.ask(path);
    const auto said = d.connect(d.started.back(), 1, to);
    d.close(d.started.back(), 1); // its place is not what is asked for here
    return said;
}

TEST(LeftAlone, AHostThatRefusedTheSessionOrMail) { // CBV-LOAD-007
    for (const auto where : {stage::greeting, stage::ehlo, stage::helo, stage::mail}) {
        const auto o = without_hold_off();
        desk d{o};
        end(d, "a@d.example", refused_at(where));
        d.now += o.refusal_pause - 1us;
        EXPECT_EQ(may_call(d, "b@other.example"), permission::skip);
        EXPECT_EQ(d.connect(d.started.back(), 2, mx2), permission::now);
        EXPECT_TRUE(d.cancelled.empty()) << "the call goes on (CBV-LOAD-008)";
        d.now += 1us;
        EXPECT_EQ(may_call(d, "c@d.example"), permission::now);
    }
}

TEST(LeftAlone, AlsoWhereAnotherHostGaveTheVerdict) { // CBV-LOAD-007
    desk d{without_hold_off()};
    auto v = passed_at(mx2);
    v.attempts.insert(v.attempts.begin(), refused_at(stage::greeting).attempts.front());
    end(d, "a@d.example", v);
    EXPECT_EQ(may_call(d, "b@d.example"), permission::skip);
}

TEST(LeftAlone, NobodyAfterOtherTroubles) {
    desk d{without_hold_off()};
    auto v = make_verdict(verdict_kind::unverifiable, cause::command_refused, "CBV-INT-009");
    v.attempts = {one(mx1, stage::mail, v.kind, v.why)};
    end(d, "a@d.example", v);
    EXPECT_EQ(may_call(d, "b@d.example"), permission::now);
}

TEST(LeftAlone, ADomainAtAnAddressAfterThreeRefusalsAtRcpt) { // CBV-LOAD-009, CBV-LOAD-010
    const auto o = without_hold_off();
    desk d{o};
    end(d, "a@d.example", refused_at(stage::rcpt));
    end(d, "b@d.example", refused_at(stage::rcpt));
    EXPECT_EQ(may_call(d, "c@D.example"), permission::now);
    d.give(d.started.back(), refused_at(stage::rcpt));
    EXPECT_EQ(may_call(d, "d@d.example"), permission::skip);
    EXPECT_EQ(d.connect(d.started.back(), 2, mx2), permission::now) << "not at another address";
    EXPECT_EQ(may_call(d, "a@other.example"), permission::now) << "not another domain";
    d.now += o.refusal_pause;
    EXPECT_EQ(may_call(d, "e@d.example"), permission::now);
}

TEST(LeftAlone, ADomainNotAfterAnAcceptanceBetween) { // CBV-LOAD-009
    desk d{without_hold_off()};
    end(d, "a@d.example", refused_at(stage::rcpt));
    end(d, "b@d.example", refused_at(stage::rcpt));
    end(d, "c@d.example", passed_at(mx1));
    end(d, "e@d.example", refused_at(stage::rcpt));
    end(d, "f@d.example", refused_at(stage::rcpt));
    EXPECT_EQ(may_call(d, "g@d.example"), permission::now);
}

TEST(LeftAlone, ADomainNotAfterRefusalsFarApart) { // CBV-LOAD-009
    desk d{without_hold_off()};
    end(d, "a@d.example", refused_at(stage::rcpt));
    d.now += 30min;
    end(d, "b@d.example", refused_at(stage::rcpt));
    d.now += 30min;
    end(d, "c@d.example", refused_at(stage::rcpt)); // the first is an hour ago
    EXPECT_EQ(may_call(d, "d@d.example"), permission::now);
}

TEST(LeftAlone, NobodyWhereItIsOff) {
    auto o = without_hold_off();
    o.refusals_per_domain = 0;
    desk d{o};
    for (const auto* path : {"a@d.example", "b@d.example", "c@d.example", "d@d.example"})
        end(d, path, refused_at(stage::rcpt));
    EXPECT_EQ(may_call(d, "e@d.example"), permission::now);
}

TEST(LeftAlone, PairsAreBounded) {
    domain_refusals known{3, 1h, 1h, 10};
    for (unsigned i = 0; i < 100; ++i)
        known.note("d" + std::to_string(i), mx1, cbv::instant{1s});
    EXPECT_EQ(known.size(), 10U);
}

/// A call about two hosts, of preference 10 and 20, at the point where the first is to be opened.
struct two_hosts {
    two_hosts() {
        while (auto next = call.next_action()) {
            if (const auto* q = std::get_if<cbv::act::query_dns>(&*next)) {
                cbv::dns_answer answer;
                answer.status = cbv::dns_status::ok;
                if (q->type == cbv::record_type::mx)
                    answer.mx = {{10, "mx1.d.example"}, {20, "mx2.d.example"}};
                if (q->type == cbv::record_type::a)
                    answer.addresses = {*cbv::ip_address::parse(
                        q->name == "mx1.d.example" ? "8.8.8.8" : "8.8.4.4")};
                call.on_dns(q->id, answer, now);
            } else if (const auto* c = std::get_if<cbv::act::connect>(&*next)) {
                to.push_back(c->address.to_string());
                if (left_alone(to.back()))
                    call.on_left_alone(c->id, now);
                else
                    call.on_refused(c->id, now);
            }
        }
    }
    static bool left_alone(const std::string& address) { return address == "8.8.8.8"; }

    cbv::instant now{1000s};
    std::vector<std::string> to;
    cbv::verification call{*cbv::parse_mailbox("a@d.example"), cbv::verification_options{}, now};
};

TEST(LeftAlone, AHostContributesUnverifiableAndTheCallGoesOn) { // CBV-LOAD-008
    two_hosts w;
    EXPECT_EQ(w.to, (std::vector<std::string>{"8.8.8.8", "8.8.4.4"}));
    const auto v = w.call.result();
    ASSERT_TRUE(v);
    EXPECT_EQ(v->kind, verdict_kind::tempfail) << "the second is down";
    ASSERT_EQ(v->attempts.size(), 2U);
    EXPECT_EQ(v->attempts[0].kind, verdict_kind::unverifiable);
    EXPECT_EQ(v->attempts[0].why, cause::hold_off);
    EXPECT_TRUE(w.call.finished());
}

TEST(LeftAlone, AHostIsNoAttempt) { // CBV-LOAD-008, CBV-HOST-008
    cbv::verification call{
        *cbv::parse_mailbox("a@d.example"), cbv::verification_options{}, cbv::instant{}};
    unsigned opened = 0, skipped = 0;
    while (auto next = call.next_action()) {
        if (const auto* q = std::get_if<cbv::act::query_dns>(&*next)) {
            cbv::dns_answer answer;
            answer.status = cbv::dns_status::ok;
            if (q->type == cbv::record_type::a)
                for (std::uint8_t i = 1; i <= 8; ++i)
                    answer.addresses.push_back(cbv::ip_address::v4({8, 8, 8, i}));
            call.on_dns(q->id, answer, {});
        } else if (const auto* c = std::get_if<cbv::act::connect>(&*next)) {
            if (skipped < 3) {
                ++skipped;
                call.on_left_alone(c->id, {});
            } else {
                ++opened;
                call.on_refused(c->id, {});
            }
        }
    }
    EXPECT_EQ(opened, cbv::verification_options{}.max_attempts);
}

TEST(LeftAlone, AllHostsGiveUnverifiable) { // CBV-LOAD-008
    cbv::verification call{
        *cbv::parse_mailbox("a@[8.8.8.8]"), cbv::verification_options{}, cbv::instant{}};
    while (auto next = call.next_action())
        if (const auto* c = std::get_if<cbv::act::connect>(&*next))
            call.on_left_alone(c->id, {});
    ASSERT_TRUE(call.result());
    EXPECT_EQ(call.result()->kind, verdict_kind::unverifiable);
    EXPECT_EQ(call.result()->why, cause::hold_off);
    EXPECT_EQ(call.result()->requirement, "CBV-LOAD-008");
    call.on_left_alone(99, {}); // never ours
    EXPECT_TRUE(call.finished());
}

} // namespace
