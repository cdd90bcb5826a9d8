// Tests of the Asio verifier where hosts, network or DNS misbehave: every fault is a doubt, within
// the bounds of the timer it is about.
#include "lab_world.hpp"

#include <sys/resource.h>

namespace {

using namespace cbv;
using namespace cbv::test;
using namespace std::chrono_literals;

/// The stages of a dialogue, as the fake hosts and as the library call them.
struct place {
    at where;
    stage found;
};
constexpr place places[] = {
    {at::connect, stage::greeting},
    {at::banner, stage::greeting},
    {at::ehlo, stage::ehlo},
    {at::mail, stage::mail},
    {at::rcpt, stage::rcpt},
};

class faults : public lab_test {
protected:
    /// Every place has a domain and a host of its own, so that all run at once.
    void add_domain(const std::string& name, const std::string& address, fakemx::rule r) {
        fakemx::host h;
        h.id = name;
        h.name = name + ".w.test";
        h.addresses = {ip_address::parse(address).value()};
        h.rules = {std::move(r)};
        world_.hosts.push_back(h);
        add_address(h.name, address);
    }
    void add_places(then what) {
        int n = 0;
        for (const auto& p : places) {
            ++n;
            add_domain(
                "d" + std::to_string(n), "198.18.1." + std::to_string(n), do_only(p.where, what));
        }
    }
    std::vector<verdict> verify_places() {
        std::vector<std::optional<outcome>> found(std::size(places));
        for (std::size_t i = 0; i < found.size(); ++i)
            verifier_->async_verify(box("joe@d" + std::to_string(i + 1) + ".w.test"),
                                    store(found[i]));
        EXPECT_TRUE(run_until([&] {
            return std::all_of(
                found.begin(), found.end(), [](const auto& f) { return f.has_value(); });
        }));
        std::vector<verdict> all;
        for (const auto& f : found)
            all.push_back(f ? f->result : verdict{});
        return all;
    }
};

TEST_F(faults, a_reset_at_every_stage) {
    add_places(then::reset);
    open(options());
    const auto all = verify_places();
    for (std::size_t i = 0; i < all.size(); ++i) {
        SCOPED_TRACE(to_string(places[i].found));
        EXPECT_EQ(all[i].kind, verdict_kind::tempfail);
        EXPECT_EQ(all[i].why, cause::connection_lost);
        // A reset may come before we know that the connection was up.
        EXPECT_TRUE(all[i].at == places[i].found ||
                    (places[i].where == at::connect && all[i].at == stage::connect));
    }
    expect_all_closed();
}

TEST_F(faults, a_close_at_every_stage) {
    add_places(then::close);
    open(options());
    const auto all = verify_places();
    for (std::size_t i = 0; i < all.size(); ++i)
        expect_verdict(all[i], verdict_kind::tempfail, cause::connection_lost, places[i].found);
    expect_all_closed();
}

TEST_F(faults, silence_at_every_stage) {
    add_places(then::silent);
    auto o = options();
    auto& t = o.verification.dialogue.timers;
    t.greeting = t.ehlo = t.mail = t.rcpt = 200ms;
    open(o);
    const auto all = verify_places();
    for (std::size_t i = 0; i < all.size(); ++i) {
        expect_verdict(all[i], verdict_kind::tempfail, cause::timeout, places[i].found);
        EXPECT_GE(all[i].elapsed, 200ms);
        EXPECT_LT(all[i].elapsed, 200ms + slack);
    }
    expect_all_closed();
}

TEST_F(faults, a_reset_or_close_after_the_verdict_changes_nothing) {
    add_domain("reset", "198.18.1.1", do_only(at::quit, then::reset));
    add_domain("close", "198.18.1.2", do_only(at::quit, then::close));
    add_domain("early", "198.18.1.3", say(at::rcpt, "250 ok", then::close));
    add_domain("gone", "198.18.1.4", say(at::rcpt, "550 no", then::reset));
    open(options());
    for (const char* name : {"reset", "close", "early"})
        EXPECT_EQ(verify_one("joe@" + std::string(name) + ".w.test").kind, verdict_kind::pass)
            << name;
    // The reset may overtake the reply; it is a fail or a doubt, nothing else.
    const auto gone = verify_one("joe@gone.w.test");
    EXPECT_TRUE(gone.why == cause::mailbox_refused || gone.why == cause::connection_lost)
        << to_string(gone.why);
    expect_all_closed();
}

TEST_F(faults, a_black_hole) {
    add_address("w.test", "203.0.113.9");
    auto o = options();
    o.verification.dialogue.timers.connect = 200ms;
    open(o);
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::tempfail, cause::timeout, stage::connect);
    EXPECT_GE(v.elapsed, 200ms);
    EXPECT_LT(v.elapsed, 200ms + slack);
    EXPECT_TRUE(run_until([&] { return verifier_->active() == 0; }));
}

TEST_F(faults, the_budget_ends_a_dialogue) {
    add_domain("slow", "198.18.1.1", do_only(at::rcpt, then::silent));
    auto o = options();
    o.verification.dialogue.timers.budget = 300ms;
    open(o);
    const auto v = verify_one("joe@slow.w.test");
    expect_verdict(v, verdict_kind::tempfail, cause::budget_exhausted, stage::rcpt);
    EXPECT_GE(v.elapsed, 300ms);
    EXPECT_LT(v.elapsed, 300ms + slack);
    expect_all_closed();
}

TEST_F(faults, a_refused_connection) {
    add_address("w.test", "198.18.9.9");
    open(options());
    expect_verdict(verify_one(), verdict_kind::tempfail, cause::connection_refused, stage::connect);
}

TEST_F(faults, replies_in_segments) {
    auto greeting = say(at::banner, "220-mx\r\n220 ready");
    greeting.segments = 20;
    greeting.gap = 1ms;
    auto hello = say(at::ehlo, "250-mx\r\n250-SIZE\r\n250 HELP");
    hello.drip = true;
    hello.gap = 1ms;
    auto refusal = say(at::rcpt, "550-5.1.1 no\r\n550 5.1.1 such user");
    refusal.segments = 7;
    refusal.gap = 1ms;
    add_host("mx1", "198.18.0.1", {greeting, hello, refusal});
    open(options());
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::fail, cause::mailbox_refused, stage::rcpt);
    EXPECT_THAT(v.reply->lines, ::testing::ElementsAre("5.1.1 no", "5.1.1 such user"));
    expect_all_closed();
}

TEST_F(faults, an_endless_reply_of_lines) {
    auto endless = say(at::banner, "220-and so on\r\n220-and on\r\n220-and on\r\n220-and on");
    endless.endless = true;
    endless.gap = 1ms;
    add_domain("lines", "198.18.1.1", endless);
    open(options());
    const auto v = verify_one("joe@lines.w.test");
    expect_verdict(v, verdict_kind::tempfail, cause::protocol_error, stage::greeting);
    expect_all_closed();
}

TEST_F(faults, an_endless_line) {
    fakemx::rule endless;
    endless.where = at::rcpt;
    endless.octets = "250-" + std::string(8000, 'x');
    endless.endless = true;
    endless.gap = 1ms;
    add_domain("line", "198.18.1.1", endless);
    open(options());
    const auto v = verify_one("joe@line.w.test");
    expect_verdict(v, verdict_kind::tempfail, cause::protocol_error, stage::rcpt);
    expect_all_closed();
}

// One timer a stage: octets do not restart it (CBV-TIME-006).
TEST_F(faults, a_drip_that_outlasts_the_stage) {
    auto drip = say(at::rcpt, "250 " + std::string(400, 'x'));
    drip.drip = true;
    drip.gap = 20ms;
    add_domain("drip", "198.18.1.1", drip);
    auto o = options();
    o.verification.dialogue.timers.rcpt = 300ms;
    open(o);
    const auto v = verify_one("joe@drip.w.test");
    expect_verdict(v, verdict_kind::tempfail, cause::timeout, stage::rcpt);
    EXPECT_LT(v.elapsed, 300ms + slack);
}

TEST_F(faults, no_dns_answer) {
    answer_never("silent.w.test");
    auto o = options();
    o.verification.dialogue.timers.dns = 200ms;
    open(o);
    const auto v = verify_one("joe@silent.w.test");
    expect_verdict(v, verdict_kind::tempfail, cause::dns_failure, stage::mx_lookup);
    EXPECT_GE(v.elapsed, 200ms);
    EXPECT_LT(v.elapsed, 200ms + slack);
    EXPECT_EQ(verifier_->active(), 0U) << "no call hangs on a lookup that nobody waits for";
}

TEST_F(faults, an_address_lookup_without_answer_does_not_hold_up_the_known_address) {
    add_host("mx1", "198.18.0.1");
    fakemx::answer_rule silent;
    silent.name = "mx1.w.test";
    silent.type = fakemx::rr_type::aaaa;
    silent.fault = fakemx::dns_fault::silent;
    world_.answers.push_back(silent);
    auto o = options();
    o.verification.dialogue.timers.dns = 200ms;
    open(o);
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::pass, cause::accepted, stage::rcpt);
    EXPECT_LT(v.elapsed, 200ms + slack);
    expect_all_closed();
}

TEST_F(faults, no_descriptor_left) {
    add_host("mx1", "198.18.0.1");
    open(options());
    rlimit before{};
    ASSERT_EQ(getrlimit(RLIMIT_NOFILE, &before), 0);
    rlimit none = before;
    none.rlim_cur = 0;
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &none), 0);
    const auto by_literal = verify_one("joe@[198.18.0.1]");
    const auto by_name = verify_one();
    ASSERT_EQ(setrlimit(RLIMIT_NOFILE, &before), 0);
    // A lack of ours is no fault of the host.
    expect_verdict(by_literal, verdict_kind::tempfail, cause::limit, stage::connect);
    EXPECT_EQ(by_name.kind, verdict_kind::tempfail);
    EXPECT_EQ(verify_one().kind, verdict_kind::pass) << "it goes on afterwards";
}

} // namespace
