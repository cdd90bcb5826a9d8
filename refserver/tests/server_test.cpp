// Sessions over loopback with a verifier made of functions: replies, limits, lost clients,
// stopping, and messages that are acknowledged only when stored.
#include "refserver/maildir.hpp"
#include "refserver/message.hpp"
#include "running_server.hpp"
#include "scratch.hpp"
#include "system_call.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <csignal>
#include <string>
#include <sys/wait.h>
#include <unistd.h>

namespace {

using namespace std::chrono_literals;
using namespace cbv::refserver;
using cbv::cause;
using cbv::verdict_kind;
using test::client;
using test::eventually;
using test::loopback_config;
using test::open;
using test::running_server;

TEST(Server, VerifiesAndStores) {
    const test::scratch dir;
    maildir spool(dir.path, "mx.local.example");
    running_server s(loopback_config(), [&](const cbv::received_message& m) {
        spool.deliver(stored_text(m, "mx.local.example", {}));
    });
    client c(s.port);
    open(c);
    EXPECT_EQ(c.command("MAIL FROM:<bad@d.example>"), 250);
    EXPECT_EQ(c.command("RCPT TO:<u@local.example>"), 550);
    EXPECT_EQ(c.last.enhanced()->to_string(), "5.1.0");
    EXPECT_EQ(c.command("RSET"), 250);
    EXPECT_EQ(c.command("MAIL FROM:<good@d.example>"), 250);
    EXPECT_EQ(c.command("RCPT TO:<u@local.example>"), 250);
    EXPECT_EQ(c.command("DATA"), 354);
    EXPECT_EQ(c.command("Subject: x\r\n\r\nbody\r\n."), 250);
    const auto stored = test::files_in(dir.path / "new");
    ASSERT_EQ(stored.size(), 1U);
    EXPECT_TRUE(stored[0].starts_with("Return-Path: <good@d.example>\n"));
    EXPECT_NE(stored[0].find("Received: from c.example ([127.0.0.1])"), std::string::npos);
    EXPECT_EQ(c.command("QUIT"), 221);
    EXPECT_TRUE(c.at_end());
    c.close();
    s.stop();
    ASSERT_EQ(s.records.size(), 2U);
    EXPECT_EQ(s.records[0].reverse_path, "bad@d.example");
    EXPECT_EQ(s.records[0].answer->code, 550);
}

TEST(Server, PipelinedRepliesArriveBeforeTheVerdict) { // CBV-TIME-009
    running_server s;
    client c(s.port);
    open(c);
    c.send("MAIL FROM:<wait@d.example>\r\nRCPT TO:<u@local.example>\r\nDATA\r\n");
    EXPECT_EQ(c.reply_code(), 250); // before release()
    EXPECT_TRUE(eventually(s, [&] { return !s.waiting.empty(); }));
    s.release(verdict_kind::tempfail, cause::timeout);
    EXPECT_EQ(c.reply_code(), 451);
    EXPECT_EQ(c.reply_code(), 503);
    EXPECT_EQ(c.command("NOOP"), 250); // CBV-RPLY-006
}

TEST(Server, StorageTroubleIs451) {
    running_server s(loopback_config(), [](const cbv::received_message&) {
        throw std::system_error(ENOSPC, std::generic_category());
    });
    client c(s.port);
    open(c);
    for (int i = 0; i < 2; ++i) { // and the session goes on
        EXPECT_EQ(c.command("MAIL FROM:<>"), 250);
        EXPECT_EQ(c.command("RCPT TO:<u@local.example>"), 250);
        EXPECT_EQ(c.command("DATA"), 354);
        EXPECT_EQ(c.command("x\r\n."), 451);
    }
}

TEST(Server, LostClientCancelsItsVerification) { // CBV-LOAD-006
    running_server s;
    for (const bool reset : {false, true}) {
        const int before = s.cancelled;
        client c(s.port);
        open(c);
        c.send("MAIL FROM:<wait@d.example>\r\nRCPT TO:<u@local.example>\r\n");
        ASSERT_EQ(c.reply_code(), 250);
        ASSERT_TRUE(eventually(s, [&] { return !s.waiting.empty(); }));
        if (reset)
            c.reset();
        else
            c.close();
        EXPECT_TRUE(eventually(s, [&] { return s.cancelled == before + 1; }));
        EXPECT_TRUE(eventually(s, [&] { return s.smtp->sessions() == 0; }));
        s.release(); // a late verdict does no harm
    }
}

TEST(Server, TooManySessionsGet421) {
    auto settings = loopback_config();
    settings.max_sessions = 1;
    running_server s(std::move(settings));
    client first(s.port);
    open(first);
    client second(s.port);
    EXPECT_EQ(second.reply_code(), 421);
    EXPECT_TRUE(second.at_end());
    EXPECT_EQ(first.command("QUIT"), 221);
    first.close();
    EXPECT_TRUE(eventually(s, [&] { return s.smtp->sessions() == 0; }));
    client third(s.port);
    open(third);
}

TEST(Server, IdleClientIsClosed) {
    auto settings = loopback_config();
    settings.receiver.idle_timeout = 200ms;
    running_server s(std::move(settings));
    client c(s.port);
    const auto begin = std::chrono::steady_clock::now();
    open(c);
    EXPECT_EQ(c.reply_code(), 421);
    EXPECT_TRUE(c.at_end());
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 200ms);
}

TEST(Server, HugePipelineNeitherHangsNorLosesReplies) {
    running_server s;
    client c(s.port);
    open(c);
    constexpr int count = 20000; // replies far beyond what is kept unsent
    std::thread sender([&] {
        for (int i = 0; i < count; ++i)
            c.send("NOOP\r\n");
    });
    for (int i = 0; i < count; ++i)
        ASSERT_EQ(c.reply_code(), 250);
    sender.join();
    EXPECT_EQ(c.command("QUIT"), 221);
}

TEST(Server, LastReplySurvivesJunkBehindQuit) {
    running_server s;
    client c(s.port);
    open(c);
    c.send("QUIT\r\n" + std::string(100000, 'x'));
    EXPECT_EQ(c.reply_code(), 221);
}

// --- Stopping
// -------------------------------------------------------------------------------------

TEST(ServerStop, TellsEveryClient) {
    running_server s;
    client idle(s.port);
    open(idle);
    client waits(s.port);
    open(waits);
    waits.send("MAIL FROM:<wait@d.example>\r\nRCPT TO:<u@local.example>\r\n");
    ASSERT_EQ(waits.reply_code(), 250);
    ASSERT_TRUE(eventually(s, [&] { return !s.waiting.empty(); }));
    s.begin_stop();
    EXPECT_EQ(idle.reply_code(), 421);
    EXPECT_EQ(waits.reply_code(), 421);
    EXPECT_TRUE(idle.at_end());
    EXPECT_TRUE(waits.at_end());
    EXPECT_THROW(client(s.port), std::runtime_error); // no new ones
    idle.close();
    waits.close();
    s.finish();
    EXPECT_TRUE(s.stopped);
    EXPECT_EQ(s.cancelled, 1);
}

TEST(ServerStop, WaitsForAMessageBeingStored) {
    std::promise<void> storing;
    std::promise<void> go;
    running_server s(loopback_config(), [&](const cbv::received_message&) {
        storing.set_value();
        go.get_future().wait();
    });
    client c(s.port);
    open(c);
    c.send("MAIL FROM:<>\r\nRCPT TO:<u@local.example>\r\n");
    ASSERT_EQ(c.reply_code(), 250);
    ASSERT_EQ(c.reply_code(), 250);
    ASSERT_EQ(c.command("DATA"), 354);
    c.send("x\r\n.\r\n");
    storing.get_future().wait();
    s.begin_stop();
    go.set_value();
    EXPECT_EQ(c.reply_code(), 250);
    EXPECT_EQ(c.reply_code(), 421);
    c.close();
    s.finish();
    EXPECT_TRUE(s.stopped);
}

TEST(ServerStop, ForcesAClientThatStays) {
    auto settings = loopback_config();
    settings.shutdown_grace = 100ms;
    running_server s(std::move(settings));
    client c(s.port); // never closes
    open(c);
    const auto begin = std::chrono::steady_clock::now();
    s.stop();
    EXPECT_GE(std::chrono::steady_clock::now() - begin, 100ms);
    EXPECT_LT(std::chrono::steady_clock::now() - begin, 4s); // not session::close_limit
    EXPECT_TRUE(s.stopped);
}

TEST(ServerStop, SecondStopForcesAtOnce) {
    auto settings = loopback_config();
    settings.shutdown_grace = 1h;
    running_server s(std::move(settings));
    client c(s.port);
    open(c);
    s.begin_stop();
    s.begin_stop();
    s.finish();
    EXPECT_TRUE(s.stopped);
}

TEST(ServerListen, AddressInUseIsNamed) {
    running_server s;
    boost::asio::io_context context;
    auto settings = loopback_config();
    settings.listen = {endpoint::parse("127.0.0.1:0").value(),
                       endpoint::parse("127.0.0.1:" + std::to_string(s.port)).value()};
    server second(context, settings, {});
    try {
        second.listen();
        FAIL() << "two servers on one port";
    } catch (const listen_error& e) {
        EXPECT_EQ(std::string(e.what()),
                  "cannot listen on 127.0.0.1:" + std::to_string(s.port) +
                      ": Address already in use");
    }
}

// --- Crashes
// ----------------------------------------------------------------------------------------

/// Runs a server in a child that kills itself at `bad` of its third delivery; sends five messages
/// over five sessions and expects each acknowledged one in new/.
void crash_at(delivery_point bad) {
    const test::scratch dir;
    int ready[2];
    ASSERT_EQ(::pipe(ready), 0);
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::atomic<int> deliveries{0};
        maildir spool(dir.path, "mx.local.example", [&](delivery_point p) {
            if (p == delivery_point::opened)
                ++deliveries;
            if (deliveries == 3 && p == bad)
                ::kill(::getpid(), SIGKILL);
        });
        running_server s(loopback_config(), [&](const cbv::received_message& m) {
            spool.deliver(stored_text(m, "mx.local.example", {}));
        });
        if (!cbv::write_all(ready[1], {reinterpret_cast<const char*>(&s.port), sizeof s.port}))
            ::_exit(1);
        s.thread.join();
        ::_exit(2);
    }
    std::uint16_t port = 0;
    ASSERT_EQ(cbv::resumed([&] { return ::read(ready[0], &port, sizeof port); }),
              static_cast<ssize_t>(sizeof port));
    ::close(ready[0]);
    ::close(ready[1]);

    std::vector<std::string> acknowledged;
    for (int i = 0; i < 5; ++i) {
        const std::string subject = "Subject: number " + std::to_string(i);
        try {
            client c(port);
            c.send("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<u@local.example>\r\nDATA\r\n");
            for (const int expected : {220, 250, 250, 250, 354})
                if (c.reply_code() != expected)
                    throw std::runtime_error("no server");
            if (c.command(subject + "\r\n\r\nbody\r\n.") == 250)
                acknowledged.push_back(subject);
        } catch (const std::runtime_error&) {
            break; // it is dead
        }
    }
    int status = 0;
    ASSERT_EQ(cbv::resumed([&] { return ::waitpid(child, &status, 0); }), child);
    EXPECT_TRUE(WIFSIGNALED(status));
    EXPECT_EQ(acknowledged.size(), 2U);
    const auto stored = test::files_in(dir.path / "new");
    EXPECT_GE(stored.size(), acknowledged.size());
    EXPECT_LE(stored.size(), 3U);
    for (const std::string& subject : acknowledged)
        EXPECT_EQ(std::count_if(stored.begin(),
                                stored.end(),
                                [&](const std::string& text) {
                                    return text.ends_with(subject + "\n\nbody\n");
                                }),
                  1)
            << subject;
    for (const std::string& text : stored)
        EXPECT_TRUE(text.ends_with("\n\nbody\n")); // nothing half-written shows
}

TEST(ServerCrash, NoAcknowledgedMessageIsLost) {
    for (const auto p : {delivery_point::opened,
                         delivery_point::half_written,
                         delivery_point::written,
                         delivery_point::file_synced,
                         delivery_point::renamed,
                         delivery_point::directory_synced}) {
        SCOPED_TRACE(static_cast<int>(p));
        crash_at(p);
    }
}

} // namespace
