// A server on loopback in a thread of its own, with a verifier made of functions.
#pragma once

#include "client.hpp"
#include "refserver/server.hpp"

#include <boost/asio/post.hpp>
#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace cbv::refserver::test {

inline config loopback_config() {
    config c;
    c.listen = {endpoint::parse("127.0.0.1:0").value()};
    c.receiver.host_name = "mx.local.example";
    c.receiver.eligibility.local_domains = {"local.example"};
    return c;
}

inline verdict make_verdict(verdict_kind kind, cause why) {
    verdict v;
    v.kind = kind;
    v.why = why;
    return v;
}

class running_server {
public:
    /// `store` may be empty: every message is stored at once. Verdicts: local-part "bad" fails,
    /// "wait" waits for release(), others pass.
    explicit running_server(config c = loopback_config(),
                            std::function<void(const received_message&)> store = {})
        : running_server(std::move(c), std::move(store), [this](auto&) { return fake(); }) {}
    /// With a verifier of one's own, made for the server's context.
    running_server(config c,
                   std::function<void(const received_message&)> store,
                   const std::function<verify_function(boost::asio::io_context&)>& make_verify)
        : settings(std::move(c)) {
        services use;
        use.verify = make_verify(context);
        use.store = store ? std::move(store) : [](const received_message&) {};
        use.trace = [this](const decision_record& r) { records.push_back(r); };
        smtp = std::make_unique<server>(context, settings, std::move(use));
        port = smtp->listen().at(0).port;
        thread = std::thread([this] { context.run(); });
    }
    ~running_server() { stop(); }
    running_server(const running_server&) = delete;
    running_server& operator=(const running_server&) = delete;

    /// Runs on the server's thread and waits.
    template <class F>
    auto inside(F f) {
        std::packaged_task<decltype(f())()> task(std::move(f));
        auto result = task.get_future();
        boost::asio::post(context, [&] { task(); });
        return result.get();
    }
    /// Gives `wait` its verdict.
    void release(verdict_kind kind = verdict_kind::pass, cause why = cause::accepted) {
        inside([&] {
            for (auto& done : std::exchange(waiting, {}))
                done(make_verdict(kind, why));
        });
    }
    /// Graceful; returns when the context has ended.
    void stop() {
        if (!thread.joinable())
            return;
        begin_stop();
        finish();
    }
    void begin_stop() {
        inside([&] {
            smtp->stop([this] {
                stopped = true;
                if (on_stopped)
                    on_stopped();
            });
        });
    }
    void finish() {
        thread.join();
        smtp.reset();
    }

    config settings;
    boost::asio::io_context context{1};
    std::unique_ptr<server> smtp;
    std::uint16_t port = 0;
    std::thread thread;
    std::vector<decision_record> records; // read it by inside(), or after stop()
    std::vector<std::function<void(verdict)>> waiting;
    std::function<void()> on_stopped; ///< ends what else runs on the context
    std::atomic<int> calls{0};
    std::atomic<int> cancelled{0};
    std::atomic<bool> stopped{false};

private:
    verify_function fake() {
        return [this](verify_request request, std::function<void(verdict)> done) {
            const mailbox& box = request.box;
            ++calls;
            if (box.local_part == "wait") {
                waiting.push_back(std::move(done));
                return cancel_function([this] { ++cancelled; });
            }
            const auto v = box.local_part == "bad"
                               ? make_verdict(verdict_kind::fail, cause::mailbox_refused)
                               : make_verdict(verdict_kind::pass, cause::accepted);
            boost::asio::post(context, [done = std::move(done), v] { done(v); });
            return cancel_function([] {});
        };
    }
};

inline void open(client& c) {
    ASSERT_EQ(c.reply_code(), 220);
    ASSERT_EQ(c.command("EHLO c.example"), 250);
}

/// Whether `condition`, asked on the server's thread, comes true within 20 s. It polls by posting,
/// and each round waits for the server.
template <class Condition>
bool eventually(running_server& s, Condition condition) {
    const auto limit = std::chrono::steady_clock::now() + std::chrono::seconds{20};
    while (std::chrono::steady_clock::now() < limit) {
        if (s.inside(condition))
            return true;
        std::this_thread::yield();
    }
    return false;
}

} // namespace cbv::refserver::test
