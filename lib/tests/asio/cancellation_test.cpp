// Tests of cancellation through the completion token's slot: the connection is closed at once, the
// error is operation_aborted and the verdict `cancelled` (CBV-LOAD-006).
#include "lab_world.hpp"

#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/experimental/awaitable_operators.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace {

using namespace cbv;
using namespace cbv::test;
using namespace std::chrono_literals;
using asio::cancellation_type;

class cancellation : public lab_test {
protected:
    /// Starts a verification and cancels it when `ready`; the outcome.
    template <class Ready>
    outcome cancel_when(const std::string& text,
                        Ready ready,
                        cancellation_type type = cancellation_type::total) {
        asio::cancellation_signal signal;
        std::optional<outcome> found;
        verifier_->async_verify(box(text),
                                asio::bind_cancellation_slot(signal.slot(), store(found)));
        EXPECT_TRUE(run_until(ready));
        EXPECT_FALSE(found);
        const auto begin = std::chrono::steady_clock::now();
        signal.emit(type);
        EXPECT_FALSE(found) << "the handler is not called from within emit()";
        EXPECT_TRUE(run_until([&] { return found.has_value(); }));
        EXPECT_LT(std::chrono::steady_clock::now() - begin, slack);
        EXPECT_EQ(verifier_->active(), 0U) << "closed at once";
        return found.value_or(outcome{});
    }
    static void expect_cancelled(const outcome& o, stage where) {
        EXPECT_EQ(o.error, asio::error::operation_aborted);
        expect_verdict(o.result, verdict_kind::tempfail, cause::cancelled, where);
    }
};

TEST_F(cancellation, in_a_dialogue) {
    add_host("mx1", "198.18.0.1", {do_only(at::rcpt, then::silent)});
    open(options());
    for (const auto type :
         {cancellation_type::terminal, cancellation_type::partial, cancellation_type::total}) {
        events_.clear();
        const auto o = cancel_when(
            "joe@w.test", [&] { return count(event_kind::received) == 3; }, type);
        expect_cancelled(o, stage::rcpt);
        EXPECT_EQ(o.result.host, "mx1.w.test");
        ASSERT_EQ(o.result.attempts.size(), 1U);
        EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
        EXPECT_EQ(count(event_kind::received), 3U) << "not even QUIT";
    }
}

TEST_F(cancellation, while_connecting) {
    add_address("w.test", "203.0.113.9");
    open(options());
    bool connecting = false;
    asio::cancellation_signal signal;
    std::optional<outcome> found;
    verifier_->async_verify(verify_request{box(),
                                           {},
                                           [&](const trace_event& e) {
                                               connecting =
                                                   connecting || e.kind == trace_kind::connecting;
                                           }},
                            asio::bind_cancellation_slot(signal.slot(), store(found)));
    ASSERT_TRUE(run_until([&] { return connecting; }));
    signal.emit(cancellation_type::total);
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    expect_cancelled(*found, stage::connect);
    EXPECT_EQ(verifier_->active(), 0U);
}

TEST_F(cancellation, while_looking_up) {
    answer_never("w.test");
    open(options());
    const auto o = cancel_when("joe@w.test", [&] { return !events_.empty(); });
    expect_cancelled(o, stage::mx_lookup);
    EXPECT_TRUE(o.result.attempts.empty());
}

TEST_F(cancellation, at_once) {
    add_host("mx1", "198.18.0.1");
    open(options());
    expect_cancelled(cancel_when("joe@w.test", [] { return true; }), stage::mx_lookup);
    run_for(20ms);
    EXPECT_EQ(count(event_kind::connected), 0U);
}

TEST_F(cancellation, of_type_none_is_none) {
    add_host("mx1", "198.18.0.1");
    open(options());
    asio::cancellation_signal signal;
    std::optional<outcome> found;
    verifier_->async_verify(box(), asio::bind_cancellation_slot(signal.slot(), store(found)));
    signal.emit(cancellation_type::none);
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    EXPECT_FALSE(found->error);
    EXPECT_EQ(found->result.kind, verdict_kind::pass);
}

TEST_F(cancellation, twice_is_once) {
    add_host("mx1", "198.18.0.1", {do_only(at::banner, then::silent)});
    open(options());
    asio::cancellation_signal signal;
    int called = 0;
    verifier_->async_verify(
        box(),
        asio::bind_cancellation_slot(signal.slot(), [&](error_code, const verdict&) { ++called; }));
    ASSERT_TRUE(run_until([&] { return count(event_kind::connected) == 1; }));
    signal.emit(cancellation_type::total);
    signal.emit(cancellation_type::terminal);
    run_for(20ms);
    EXPECT_EQ(called, 1);
}

// The operation is over then, and QUIT goes on.
TEST_F(cancellation, after_the_verdict_changes_nothing) {
    add_host("mx1", "198.18.0.1", {do_only(at::quit, then::silent)});
    open(options());
    asio::cancellation_signal signal;
    std::optional<outcome> found;
    verifier_->async_verify(
        box(), asio::bind_cancellation_slot(signal.slot(), [&](error_code e, verdict v) {
            found = outcome{e, std::move(v)};
            signal.emit(cancellation_type::total);
        }));
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    EXPECT_FALSE(found->error);
    run_for(20ms);
    EXPECT_EQ(verifier_->active(), 1U) << "still waiting for the reply to QUIT";
}

TEST_F(cancellation, by_a_timeout_in_a_coroutine) {
    using namespace asio::experimental::awaitable_operators;
    add_host("mx1", "198.18.0.1", {do_only(at::ehlo, then::silent)});
    open(options());
    bool timer_won = false;
    bool ended = false;
    asio::co_spawn(
        io_,
        [&]() -> asio::awaitable<void> {
            asio::steady_timer timer(io_, 100ms);
            const auto winner = co_await (verifier_->async_verify(box(), asio::use_awaitable) ||
                                          timer.async_wait(asio::use_awaitable));
            timer_won = winner.index() == 1;
            ended = true;
        },
        asio::detached);
    ASSERT_TRUE(run_until([&] { return ended; }));
    EXPECT_TRUE(timer_won);
    EXPECT_EQ(verifier_->active(), 0U);
    EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
}

} // namespace
