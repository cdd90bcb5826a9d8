// The client's state machine without a socket: groups, DATA, deferred verdicts, ends of all kinds.
#include "client_session.hpp"
#include "observations.hpp"

#include <gtest/gtest.h>

namespace cbv::engine {
namespace {

using namespace testing;

step make(step_kind kind, std::string line, unsigned group = 0) {
    step s;
    s.kind = kind;
    s.line = std::move(line);
    s.group = group;
    return s;
}

/// A session that stands after the greeting and EHLO, steps from 1 on.
struct fixture {
    explicit fixture(std::vector<step> steps, target declared = {}) : t(std::move(declared)) {
        c.clients.resize(1);
        c.clients[0].steps = std::move(steps);
        c.clients[0].steps.insert(c.clients[0].steps.begin(), make(step_kind::ehlo, "EHLO c"));
        session = std::make_unique<client_session>(c, 0, t, seen);
        session->on_connected(ms(0));
        say("220 hello\r\n");
        EXPECT_EQ(session->take_output(), "EHLO c\r\n");
        say("250-t\r\n250 ENHANCEDSTATUSCODES\r\n");
    }
    void say(std::string_view text, duration now = ms(0)) { session->on_bytes(text, now); }
    std::string hears() { return session->take_output(); }
    const step_reply& reply_to(std::size_t step) { return seen.replies.at(step); }

    conformance_case c;
    target t;
    observation seen;
    std::unique_ptr<client_session> session;
};

TEST(client_session, waits_for_each_reply) {
    fixture f{{make(step_kind::mail, "MAIL FROM:<>"), make(step_kind::quit, "QUIT")}};
    EXPECT_TRUE(f.seen.enhanced_codes);
    EXPECT_EQ(f.hears(), "MAIL FROM:<>\r\n");
    f.say("250-2.1.0 a\r\n250 2.1.0 b", ms(5));
    EXPECT_EQ(f.hears(), "");
    f.say("\r\n", ms(9));
    EXPECT_EQ(f.hears(), "QUIT\r\n");
    EXPECT_EQ(f.reply_to(1).text, "2.1.0 a\n2.1.0 b");
    EXPECT_EQ(f.reply_to(1).replied_at, ms(9));
    f.say("221 bye\r\n");
    EXPECT_TRUE(f.session->finished());
    EXPECT_EQ(f.seen.trouble, "");
}

TEST(client_session, sends_a_group_in_one_write) {
    fixture f{{make(step_kind::mail, "MAIL FROM:<>", 1),
               make(step_kind::rcpt, "RCPT TO:<a>", 1),
               make(step_kind::noop, "NOOP")}};
    EXPECT_EQ(f.hears(), "MAIL FROM:<>\r\nRCPT TO:<a>\r\n");
    f.say("250 a\r\n", ms(1));
    EXPECT_EQ(f.hears(), "");
    f.say("550 b\r\n", ms(2));
    EXPECT_EQ(f.hears(), "NOOP\r\n");
    EXPECT_EQ(f.reply_to(1).replied_at, ms(1));
    EXPECT_EQ(f.reply_to(2).code, 550);
}

TEST(client_session, sends_a_message_after_354_only) {
    fixture f{{make(step_kind::data, "DATA"), make(step_kind::data, "DATA")}};
    EXPECT_EQ(f.hears(), "DATA\r\n");
    f.say("354 go\r\n");
    EXPECT_TRUE(f.hears().ends_with("\r\n.\r\n"));
    f.say("250 queued\r\n");
    EXPECT_EQ(f.reply_to(1).code, 250);
    EXPECT_EQ(f.hears(), "DATA\r\n");
    f.say("503 no\r\n");
    EXPECT_EQ(f.reply_to(2).code, 503);
    EXPECT_TRUE(f.session->finished());
}

TEST(client_session, pauses) {
    auto pause = make(step_kind::pause, "");
    pause.pause = ms(500);
    fixture f{{pause, make(step_kind::noop, "NOOP")}};
    EXPECT_EQ(f.hears(), "");
    EXPECT_EQ(f.session->deadline(), ms(500));
    f.session->on_time(ms(499));
    EXPECT_EQ(f.hears(), "");
    f.session->on_time(ms(500));
    EXPECT_EQ(f.hears(), "NOOP\r\n");
}

TEST(client_session, asks_again_while_the_verdict_is_pending) {
    target t;
    t.pending = "in progress";
    t.poll_interval = ms(100);
    t.poll_limit = ms(250);
    fixture f{{make(step_kind::mail, "MAIL FROM:<a>"),
               make(step_kind::rcpt, "RCPT TO:<b>"),
               make(step_kind::quit, "QUIT")},
              t};
    f.hears();
    f.say("250 ok\r\n");
    f.hears();
    f.say("450 verification in progress\r\n", ms(10));
    EXPECT_EQ(f.hears(), "");
    f.session->on_time(ms(110));
    EXPECT_EQ(f.hears(), "RSET\r\n");
    f.say("250 ok\r\n", ms(110));
    EXPECT_EQ(f.hears(), "MAIL FROM:<a>\r\n");
    f.say("250 ok\r\n", ms(110));
    EXPECT_EQ(f.hears(), "RCPT TO:<b>\r\n");
    f.say("550 no such user\r\n", ms(120));
    EXPECT_EQ(f.hears(), "QUIT\r\n");
    EXPECT_EQ(f.reply_to(2).code, 550);
    EXPECT_EQ(f.reply_to(2).asked, 2U);
    EXPECT_EQ(f.reply_to(2).replied_at, ms(120));
}

TEST(client_session, stops_asking_at_the_limit) {
    target t;
    t.pending = "^450";
    t.poll_interval = ms(100);
    t.poll_limit = ms(150);
    fixture f{{make(step_kind::mail, "MAIL FROM:<a>"), make(step_kind::rcpt, "RCPT TO:<b>")}, t};
    f.hears();
    f.say("250 ok\r\n");
    f.say("450 later\r\n", ms(0));
    for (const auto now : {ms(100), ms(200)}) {
        f.session->on_time(now);
        f.say("250 a\r\n", now);
        f.say("250 a\r\n", now);
        f.say("450 later\r\n", now);
    }
    EXPECT_TRUE(f.session->finished());
    EXPECT_EQ(f.reply_to(2).asked, 3U);
    EXPECT_EQ(f.reply_to(2).code, 450);
}

TEST(client_session, a_close_leaves_the_replies_missing) {
    fixture f{{make(step_kind::mail, "MAIL FROM:<a>"), make(step_kind::rcpt, "RCPT TO:<b>")}};
    f.session->on_eof(ms(7));
    EXPECT_TRUE(f.session->finished());
    EXPECT_EQ(f.reply_to(1).code, 0);
    EXPECT_EQ(f.seen.trouble, "");
}

TEST(client_session, patience_ends) {
    target t;
    t.client_timeout = ms(1000);
    fixture f{{make(step_kind::mail, "MAIL FROM:<a>")}, t};
    f.session->on_time(ms(1000));
    EXPECT_TRUE(f.session->finished());
    EXPECT_EQ(f.reply_to(1).code, 0);
}

TEST(client_session, what_is_no_reply_ends_it) {
    fixture f{{make(step_kind::mail, "MAIL FROM:<a>")}};
    f.say("hello\r\n");
    EXPECT_TRUE(f.session->finished());
    EXPECT_EQ(f.reply_to(1).code, 0);
}

TEST(client_session, no_connection_and_no_greeting_are_trouble) {
    conformance_case c;
    c.clients.resize(1);
    c.clients[0].steps = {make(step_kind::ehlo, "EHLO c")};
    observation seen;
    const target t;
    client_session refused{c, 0, t, seen};
    refused.on_refused("connection refused", ms(0));
    EXPECT_TRUE(refused.finished());
    EXPECT_NE(seen.trouble.find("connection refused"), std::string::npos);
    observation greeted;
    client_session busy{c, 0, t, greeted};
    busy.on_connected(ms(0));
    busy.on_bytes("421 too many\r\n", ms(0));
    EXPECT_TRUE(busy.finished());
    EXPECT_NE(greeted.trouble.find("421"), std::string::npos);
}

} // namespace
} // namespace cbv::engine
