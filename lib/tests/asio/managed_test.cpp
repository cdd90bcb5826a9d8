// Tests of the verifier with a call manager: what is asked of the hosts, and who hears of it. The
// manager's own rules have tests of their own, on virtual time.
#include "fakemx/dns_message.hpp"
#include "lab_world.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <array>
#include <stdexcept>

namespace {

using namespace cbv;
using namespace cbv::test;
using namespace std::chrono_literals;
using asio::cancellation_type;

class managed : public lab_test {
protected:
    static verifier_options managed_options() {
        auto o = options();
        o.management.emplace();
        return o;
    }
    static call_manager_options& of(verifier_options& o) { return *o.management; }

    /// Starts a request that `signals[i]` cancels.
    void start(std::size_t i, const std::string& text = "joe@w.test", trace_observer seen = {}) {
        verifier_->async_verify(
            verify_request{box(text), {}, std::move(seen)},
            asio::bind_cancellation_slot(signals_.at(i).slot(), store(found_.at(i))));
    }
    bool all_found(std::size_t count) {
        return run_until([&] {
            return std::all_of(found_.begin(),
                               found_.begin() + static_cast<std::ptrdiff_t>(count),
                               [](const auto& f) { return f.has_value(); });
        });
    }
    void cancel(std::size_t i) {
        signals_.at(i).emit(cancellation_type::total);
        EXPECT_FALSE(found_.at(i)) << "the handler is not called from within emit()";
        ASSERT_TRUE(run_until([&] { return found_.at(i).has_value(); }));
        EXPECT_EQ(found_.at(i)->error, asio::error::operation_aborted);
        EXPECT_EQ(found_.at(i)->result.why, cause::cancelled);
    }
    bool heard_rcpt() {
        const auto lines = received();
        return std::find(lines.begin(), lines.end(), "RCPT TO:<joe@w.test>") != lines.end();
    }

    std::array<asio::cancellation_signal, 3> signals_;
    std::array<std::optional<outcome>, 3> found_;
};

TEST_F(managed, options_that_cannot_be_used_are_refused) {
    auto o = managed_options();
    of(o).attempts_per_address = 0;
    EXPECT_THROW(verifier(io_.get_executor(), o), std::invalid_argument);
}

// CBV-LOAD-001
TEST_F(managed, requests_for_one_path_share_a_call) {
    add_host("mx1", "198.18.0.1");
    open(managed_options());
    for (std::size_t i = 0; i < 3; ++i)
        start(i);
    ASSERT_TRUE(all_found(3));
    for (const auto& f : found_) {
        EXPECT_FALSE(f->error);
        EXPECT_EQ(f->result.kind, verdict_kind::pass);
    }
    EXPECT_EQ(count(event_kind::connected), 1U);
    expect_all_closed();
}

// CBV-CACHE-001, CBV-CACHE-006
TEST_F(managed, a_known_verdict_needs_no_connection) {
    add_host("mx1", "198.18.0.1");
    open(managed_options());
    EXPECT_FALSE(verify_one().cached);
    const auto again = verify_one("joe@W.TEST");
    EXPECT_EQ(again.kind, verdict_kind::pass);
    EXPECT_EQ(again.why, cause::accepted);
    EXPECT_TRUE(again.cached);
    EXPECT_EQ(count(event_kind::connected), 1U);
    EXPECT_FALSE(verify_one("Joe@w.test").cached) << "another path";
    EXPECT_EQ(count(event_kind::connected), 2U);
    expect_all_closed();
}

// CBV-LOAD-002
TEST_F(managed, attempts_over_the_cap_wait_for_their_turn) {
    add_host("mx1", "198.18.0.1");
    auto o = managed_options();
    of(o).attempts_per_address = 1;
    open(o);
    int now_open = 0;
    int most = 0;
    const auto watch = [&](const trace_event& e) {
        now_open += e.kind == trace_kind::connecting ? 1 : e.kind == trace_kind::closed ? -1 : 0;
        most = std::max(most, now_open);
    };
    start(0, "a@w.test", watch);
    start(1, "b@w.test", watch);
    start(2, "c@w.test", watch);
    ASSERT_TRUE(all_found(3));
    for (const auto& f : found_)
        EXPECT_EQ(f->result.kind, verdict_kind::pass);
    EXPECT_EQ(most, 1);
    EXPECT_EQ(count(event_kind::connected), 3U);
    expect_all_closed();
}

TEST_F(managed, a_turn_that_does_not_come_is_a_limit) {
    add_host("mx1", "198.18.0.1", {do_only(at::rcpt, then::silent)});
    auto o = managed_options();
    of(o).attempts_in_all = 1;
    o.verification.dialogue.timers.connect = 100ms;
    open(o);
    start(0);
    ASSERT_TRUE(run_until([&] { return heard_rcpt(); }));
    const auto v = verify_one("ann@w.test");
    EXPECT_EQ(v.kind, verdict_kind::tempfail);
    EXPECT_EQ(v.why, cause::limit);
    EXPECT_EQ(v.requirement, "CBV-LOAD-002");
    EXPECT_EQ(count(event_kind::connected), 1U);
    cancel(0);
    expect_all_closed();
}

// CBV-LOAD-006
TEST_F(managed, cancelling_one_of_two_leaves_the_call_to_the_other) {
    for (const std::size_t gone : {0U, 1U}) {
        SCOPED_TRACE(gone);
        if (!servers_) {
            auto slow = say(at::rcpt, "250 ok");
            slow.delay = 200ms;
            add_host("mx1", "198.18.0.1", {slow});
        }
        auto o = managed_options();
        of(o).cache.enabled = false;
        if (servers_)
            verifier_.emplace(io_.get_executor(), o);
        else
            open(o);
        events_.clear();
        found_ = {};
        bool over = false;
        int heard_after = 0;
        start(0, "joe@w.test", [&](const trace_event&) { heard_after += over ? 1 : 0; });
        start(1);
        ASSERT_TRUE(run_until([&] { return heard_rcpt(); }));
        over = gone == 0;
        cancel(gone);
        EXPECT_EQ(verifier_->active(), 1U);
        ASSERT_TRUE(run_until([&] { return found_[1 - gone].has_value(); }));
        EXPECT_EQ(found_[1 - gone]->result.kind, verdict_kind::pass);
        EXPECT_EQ(heard_after, 0) << "a request that is over observes nothing";
        expect_all_closed();
        EXPECT_EQ(count(event_kind::connected), 1U);
    }
}

TEST_F(managed, cancelling_both_closes_the_connection_at_once) {
    add_host("mx1", "198.18.0.1", {do_only(at::rcpt, then::silent)});
    open(managed_options());
    start(0);
    start(1);
    ASSERT_TRUE(run_until([&] { return heard_rcpt(); }));
    cancel(0);
    cancel(1);
    EXPECT_EQ(verifier_->active(), 0U);
    EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
    EXPECT_EQ(count(event_kind::received), 3U) << "not even QUIT";
}

TEST_F(managed, cancelling_one_that_waits_for_its_turn) {
    add_host("mx1", "198.18.0.1", {do_only(at::rcpt, then::silent)});
    auto o = managed_options();
    of(o).attempts_per_address = 1;
    open(o);
    start(0);
    ASSERT_TRUE(run_until([&] { return heard_rcpt(); }));
    start(1, "ann@[198.18.0.1]"); // a literal: it is at its connect at once
    cancel(1);
    EXPECT_EQ(verifier_->active(), 1U);
    cancel(0);
    expect_all_closed();
    EXPECT_EQ(count(event_kind::connected), 1U);
}

TEST_F(managed, destroying_the_verifier_cancels_every_request) {
    add_host("mx1", "198.18.0.1", {do_only(at::rcpt, then::silent)});
    auto o = managed_options();
    of(o).attempts_per_address = 1;
    open(o);
    start(0);
    start(1);
    ASSERT_TRUE(run_until([&] { return heard_rcpt(); }));
    start(2, "ann@[198.18.0.1]");
    verifier_.reset();
    for (const auto& f : found_)
        EXPECT_FALSE(f) << "no handler is called from within the destructor";
    ASSERT_TRUE(all_found(3));
    for (const auto& f : found_) {
        EXPECT_EQ(f->error, asio::error::operation_aborted);
        EXPECT_EQ(f->result.why, cause::cancelled);
    }
    EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
    signals_[0].emit(cancellation_type::total); // too late for anything
    run_for(10ms);
}

TEST_F(managed, destroying_the_verifier_from_an_observer_or_a_handler) {
    add_host("mx1", "198.18.0.1");
    open(managed_options());
    start(0, "joe@w.test", [&](const trace_event& e) {
        if (e.kind == trace_kind::query)
            verifier_.reset();
    });
    ASSERT_TRUE(all_found(1));
    EXPECT_EQ(found_[0]->error, asio::error::operation_aborted);

    verifier_.emplace(io_.get_executor(), managed_options());
    start(1);
    bool done = false;
    verifier_->async_verify(box(), [&](error_code, const verdict&) {
        verifier_.reset();
        done = true;
    });
    ASSERT_TRUE(run_until([&] { return done && found_[1]; }));
    EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
}

// CBV-LOAD-005
TEST_F(managed, who_objects_is_not_called) {
    add_host("mx1", "198.18.0.1");
    auto o = managed_options();
    of(o).uncalled_domains = {"Objects.Test"};
    of(o).uncalled_addresses = {ip_prefix::parse("198.18.0.1").value()};
    open(o);
    for (const char* text : {"joe@objects.test", "joe@w.test", "joe@[198.18.0.1]"}) {
        const auto v = verify_one(text);
        EXPECT_EQ(v.kind, verdict_kind::none) << text;
        EXPECT_EQ(v.why, cause::exempt) << text;
        EXPECT_EQ(v.requirement, "CBV-LOAD-005") << text;
    }
    EXPECT_EQ(count(event_kind::connected), 0U);
    expect_all_closed();
}

// CBV-LOAD-007
TEST_F(managed, a_host_that_refused_us_is_left_alone) {
    add_host("mx1", "198.18.0.1", {say(at::banner, "554 5.7.1 go away", then::close)});
    open(managed_options());
    expect_verdict(
        verify_one(), verdict_kind::unverifiable, cause::prober_refused, stage::greeting);
    const auto v = verify_one("ann@w.test");
    EXPECT_EQ(v.kind, verdict_kind::unverifiable);
    EXPECT_EQ(v.why, cause::hold_off);
    EXPECT_EQ(v.requirement, "CBV-LOAD-008");
    EXPECT_EQ(count(event_kind::connected), 1U);
    expect_all_closed();
}

// CBV-TIME-008
TEST_F(managed, a_client_is_answered_early_and_the_call_goes_on) {
    auto slow = say(at::rcpt, "250 ok");
    slow.delay = 300ms;
    add_host("mx1", "198.18.0.1", {slow});
    auto o = managed_options();
    of(o).answer_early_after = 100ms;
    o.management->cache.tempfail_hold_off = 0s;
    open(o);
    const auto first = verify_one();
    EXPECT_EQ(first.kind, verdict_kind::tempfail);
    EXPECT_EQ(first.why, cause::in_progress);
    EXPECT_EQ(verifier_->active(), 1U);
    expect_all_closed();
    const auto later = verify_one();
    EXPECT_EQ(later.kind, verdict_kind::pass);
    EXPECT_TRUE(later.cached);
    EXPECT_EQ(count(event_kind::connected), 1U);
}

// RFC 2308: what the SOA says is kept, and what nobody may keep is asked again.
TEST_F(managed, a_domain_that_does_not_exist_is_known_for_a_while) {
    fakemx::answer_rule never_kept;
    never_kept.name = "brief.w.test";
    never_kept.rcode = fakemx::rcode::name_error;
    never_kept.ttl = 0;
    world_.answers.push_back(never_kept);
    open(managed_options());
    expect_verdict(verify_one("joe@gone.w.test"),
                   verdict_kind::fail,
                   cause::domain_not_found,
                   stage::mx_lookup);
    EXPECT_TRUE(verify_one("ann@gone.w.test").cached) << "it holds for the domain";
    EXPECT_FALSE(verify_one("joe@brief.w.test").cached);
    EXPECT_FALSE(verify_one("joe@brief.w.test").cached);
}

TEST_F(managed, a_context_runs_out_of_work) {
    add_host("mx1", "198.18.0.1");
    open();
    asio::io_context other(1);
    auto o = managed_options();
    of(o).answer_early_after = 1h;
    verifier v(other.get_executor(), o);
    std::optional<outcome> found;
    v.async_verify(box(), store(found));
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!other.stopped() && std::chrono::steady_clock::now() < end) {
        other.poll();
        io_.run_for(1ms);
    }
    EXPECT_TRUE(other.stopped()) << "no timer is left";
    EXPECT_TRUE(found);
}

} // namespace
