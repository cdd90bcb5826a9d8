// Tests of async_verify() with the completion tokens of Asio, and of where the handler runs.
#include "lab_world.hpp"

#include <boost/asio/as_tuple.hpp>
#include <boost/asio/awaitable.hpp>
#include <boost/asio/bind_executor.hpp>
#include <boost/asio/co_spawn.hpp>
#include <boost/asio/deferred.hpp>
#include <boost/asio/detached.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/strand.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>

#include <atomic>
#include <future>
#include <memory>
#include <thread>

namespace {

using namespace cbv;
using namespace cbv::test;
using namespace std::chrono_literals;

class tokens : public lab_test {
protected:
    void SetUp() override {
        lab_test::SetUp();
        add_host("mx1", "198.18.0.1");
        open(options());
    }
};

TEST_F(tokens, a_callback_that_cannot_be_copied) {
    verdict_kind kind{};
    bool done = false;
    auto kept = std::make_unique<int>(7);
    verifier_->async_verify(box(), [&, kept = std::move(kept)](error_code, const verdict& v) {
        kind = *kept == 7 ? v.kind : verdict_kind::none;
        done = true;
    });
    ASSERT_TRUE(run_until([&] { return done; }));
    EXPECT_EQ(kind, verdict_kind::pass);
}

TEST_F(tokens, use_future) {
    auto found = verifier_->async_verify(box(), asio::use_future);
    ASSERT_TRUE(run_until([&] { return found.wait_for(0s) == std::future_status::ready; }));
    EXPECT_EQ(found.get().kind, verdict_kind::pass);
}

TEST_F(tokens, use_awaitable) {
    std::optional<verdict> found;
    asio::co_spawn(
        io_,
        [&]() -> asio::awaitable<void> {
            found = co_await verifier_->async_verify(box(), asio::use_awaitable);
        },
        asio::detached);
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    EXPECT_EQ(found->kind, verdict_kind::pass);
}

TEST_F(tokens, as_tuple) {
    std::optional<outcome> found;
    asio::co_spawn(
        io_,
        [&]() -> asio::awaitable<void> {
            verify_request request{box(), 1s, {}}; // a temporary here is destroyed twice by GCC 12
            auto [error, v] = co_await verifier_->async_verify(std::move(request),
                                                               asio::as_tuple(asio::use_awaitable));
            found = outcome{error, std::move(v)};
        },
        asio::detached);
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    EXPECT_FALSE(found->error);
    EXPECT_EQ(found->result.kind, verdict_kind::pass);
}

TEST_F(tokens, deferred_starts_nothing_until_called) {
    auto later = verifier_->async_verify(box(), asio::deferred);
    run_for(10ms);
    EXPECT_EQ(verifier_->active(), 0U);
    std::optional<outcome> found;
    std::move(later)(store(found));
    ASSERT_TRUE(run_until([&] { return found.has_value(); }));
    EXPECT_EQ(found->result.kind, verdict_kind::pass);
}

TEST_F(tokens, detached) {
    verifier_->async_verify(box(), asio::detached);
    EXPECT_TRUE(run_until([&] { return count(event_kind::received) == 4; }));
    expect_all_closed();
}

TEST_F(tokens, the_handler_runs_on_its_own_executor) {
    asio::io_context other(1);
    std::thread::id ran_on;
    std::optional<outcome> found;
    verifier_->async_verify(box(),
                            asio::bind_executor(other.get_executor(), [&](error_code e, verdict v) {
                                ran_on = std::this_thread::get_id();
                                found = outcome{e, std::move(v)};
                            }));
    std::thread::id other_id;
    std::atomic<bool> ended = false;
    // run() returns when there is no work: the pending operation is work of this context.
    std::thread runner([&] {
        other_id = std::this_thread::get_id();
        other.run();
        ended = true;
    });
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!ended && std::chrono::steady_clock::now() < end)
        io_.run_for(1ms);
    EXPECT_TRUE(ended);
    other.stop();
    runner.join();
    ASSERT_TRUE(found);
    EXPECT_EQ(found->result.kind, verdict_kind::pass);
    EXPECT_EQ(ran_on, other_id);
}

// The fake hosts want one thread and stay on io_.
TEST_F(tokens, a_verifier_on_a_strand_of_two_threads) {
    constexpr int calls = 100;
    asio::io_context pool(2);
    auto strand = asio::make_strand(pool);
    std::optional<verifier> on_strand;
    std::atomic<int> passed = 0;
    asio::post(strand, [&] {
        on_strand.emplace(strand, options());
        for (int i = 0; i < calls; ++i)
            on_strand->async_verify(box(), [&](error_code, const verdict& v) {
                passed += v.kind == verdict_kind::pass ? 1 : 0;
                if (passed == calls)
                    asio::post(strand, [&] { on_strand.reset(); });
            });
    });
    std::thread one([&] { pool.run_for(patience); });
    std::thread two([&] { pool.run_for(patience); });
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!pool.stopped() && std::chrono::steady_clock::now() < end)
        io_.run_for(5ms);
    one.join();
    two.join();
    EXPECT_EQ(passed, calls);
    EXPECT_FALSE(on_strand);
}

} // namespace
