// Tests of the verifier's end with calls under way: nothing hangs, nothing leaks, every handler is
// called or dropped with its context. Meant to be run with the address sanitizer too.
#include "lab_world.hpp"

#include <memory>

namespace {

using namespace cbv;
using namespace cbv::test;
using namespace std::chrono_literals;

class lifetime : public lab_test {
protected:
    /// Calls in every state: looking up, connecting, in a dialogue, waiting for 221.
    void open_all_states() {
        add_host("mx1", "198.18.0.1", {do_only(at::rcpt, then::silent)});
        add_host("mx2", "198.18.0.2", {do_only(at::quit, then::silent)});
        answer_never("silent.w.test");
        open();
    }
    void start_all_states(verifier& v) {
        for (const char* text :
             {"joe@silent.w.test", "joe@[203.0.113.9]", "joe@w.test", "joe@[198.18.0.2]"})
            v.async_verify(box(text), [this, keep = held_](error_code e, const verdict& found) {
                ++called_;
                aborted_ += e == asio::error::operation_aborted ? 1 : 0;
                cancelled_ += found.why == cause::cancelled ? 1 : 0;
            });
    }
    /// The hosts have heard RCPT and QUIT, and one verdict is there.
    bool all_under_way() {
        const auto lines = received();
        return std::count(lines.begin(), lines.end(), "QUIT") == 1 &&
               std::count(lines.begin(), lines.end(), "RCPT TO:<joe@w.test>") == 1 && called_ == 1;
    }
    std::shared_ptr<int> held_ = std::make_shared<int>(0);
    int called_ = 0;
    int aborted_ = 0;
    int cancelled_ = 0;
};

TEST_F(lifetime, destroying_the_verifier_cancels_what_is_under_way) {
    open_all_states();
    verifier_.emplace(io_.get_executor(), options());
    start_all_states(*verifier_);
    ASSERT_TRUE(run_until([&] { return all_under_way(); }));
    EXPECT_EQ(verifier_->active(), 4U);
    verifier_.reset();
    EXPECT_EQ(called_, 1) << "no handler is called from within the destructor";
    EXPECT_TRUE(run_until([&] { return called_ == 4; }));
    EXPECT_EQ(aborted_, 3);
    EXPECT_EQ(cancelled_, 3);
    EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
    EXPECT_EQ(held_.use_count(), 1);
}

TEST_F(lifetime, destroying_the_verifier_from_a_handler) {
    open_all_states();
    verifier_.emplace(io_.get_executor(), options());
    start_all_states(*verifier_);
    ASSERT_TRUE(run_until([&] { return all_under_way(); }));
    bool done = false;
    verifier_->async_verify(box("joe@[198.18.0.2]"), [&](error_code, const verdict&) {
        verifier_.reset();
        done = true;
    });
    ASSERT_TRUE(run_until([&] { return done; }));
    EXPECT_TRUE(run_until([&] { return called_ == 4; }));
    EXPECT_EQ(held_.use_count(), 1);
}

TEST_F(lifetime, destroying_the_verifier_from_an_observer) {
    open_all_states();
    verifier_.emplace(io_.get_executor(), options());
    start_all_states(*verifier_);
    ASSERT_TRUE(run_until([&] { return all_under_way(); }));
    std::optional<outcome> found;
    verifier_->async_verify(verify_request{box("joe@[198.18.0.2]"),
                                           {},
                                           [&](const trace_event& e) {
                                               if (e.kind == trace_kind::sent)
                                                   verifier_.reset();
                                           }},
                            store(found));
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    EXPECT_EQ(found->error, asio::error::operation_aborted);
    EXPECT_TRUE(run_until([&] { return called_ == 4; }));
}

TEST_F(lifetime, starting_the_next_from_a_handler) {
    add_host("mx1", "198.18.0.1");
    open(options());
    int left = 5;
    std::function<void(error_code, const verdict&)> next = [&](error_code, const verdict& v) {
        EXPECT_EQ(v.kind, verdict_kind::pass);
        if (--left > 0)
            verifier_->async_verify(box(), next);
    };
    verifier_->async_verify(box(), next);
    EXPECT_TRUE(run_until([&] { return left == 0; }));
    expect_all_closed();
}

TEST_F(lifetime, destroying_verifier_and_context_drops_the_handlers) {
    open_all_states();
    {
        asio::io_context other(1);
        verifier v(other.get_executor(), options());
        start_all_states(v);
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!all_under_way() && std::chrono::steady_clock::now() < end) {
            other.poll();
            other.restart();
            io_.run_for(1ms);
        }
        EXPECT_TRUE(all_under_way());
    } // the context never runs again
    EXPECT_EQ(called_, 1);
    EXPECT_EQ(held_.use_count(), 1);
    EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
}

TEST_F(lifetime, a_context_runs_out_of_work_with_the_last_connection) {
    open_all_states();
    asio::io_context other(1);
    auto o = options();
    auto& t = o.verification.dialogue.timers;
    t.dns = t.connect = t.rcpt = t.quit = 100ms;
    verifier v(other.get_executor(), o);
    start_all_states(v);
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!other.stopped() && std::chrono::steady_clock::now() < end) {
        other.poll();
        io_.run_for(1ms);
    }
    EXPECT_TRUE(other.stopped()) << "neither a query nor a timer is left";
    EXPECT_EQ(called_, 4);
    EXPECT_EQ(v.active(), 0U);
    EXPECT_EQ(held_.use_count(), 1);
}

} // namespace
