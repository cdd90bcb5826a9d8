// Tests of cbv/dialogue.hpp that need no whole script: when it speaks, its timers, what it keeps of
// replies, misuse, options. Whole dialogues: dialogue_scripts_test.cpp.
#include "dialogue_beginnings.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::dialogue;
using cbv::instant;
using cbv::stage;
using cbv::verdict_kind;
using namespace cbv::test;

// CBV-DLG-001
TEST(dialogue, says_nothing_before_the_complete_greeting) {
    const script s("greeting");
    player p(s);
    p.talk().on_connected(p.now());
    p.talk().on_bytes("220-mx.example.org\r\n220-still", p.now());
    EXPECT_EQ(p.talk().pending(), dialogue::action::none);
    p.talk().on_bytes(" going\r\n220 ready\r", p.now());
    EXPECT_EQ(p.talk().pending(), dialogue::action::none);
    p.talk().on_bytes("\n", p.now());
    EXPECT_EQ(p.talk().take_output(), "EHLO verifier.example.net\r\n");
}

// Replies in hand before their command left answer nothing: what follows may not decide.
TEST(dialogue, takes_replies_ahead_of_a_command_for_a_protocol_error) {
    const script s = at_rcpt("desync");
    for (std::size_t i = 0; i < s.steps().size(); ++i) {
        if (s.steps()[i].what != script::kind::receive)
            continue;
        SCOPED_TRACE(i);
        player p(s);
        p.play(i);
        p.talk().on_bytes(s.steps()[i].octets + "250 ok\r\n550 no\r\n", p.now());
        ASSERT_TRUE(p.talk().outcome());
        EXPECT_EQ(p.talk().outcome()->kind, verdict_kind::tempfail);
        EXPECT_EQ(p.talk().outcome()->why, cause::protocol_error);
        EXPECT_EQ(p.talk().pending(), dialogue::action::close);

        player q(s); // the same when the driver has not fetched the command
        q.play(i + 1);
        q.talk().on_bytes("2", q.now());
        ASSERT_TRUE(q.talk().outcome());
        EXPECT_EQ(q.talk().outcome()->why, cause::protocol_error);
    }
}

// CBV-TRC-007
TEST(dialogue, knows_how_long_each_stage_took) {
    const auto t0 = instant{};
    cbv::dialogue_options options;
    options.helo_name = "verifier.example.net";
    dialogue d({"a", "d.example", false}, options, t0);
    d.on_connected(t0 + 10ms);
    EXPECT_EQ(d.stages(t0 + 15ms),
              (std::vector<cbv::stage_time>{{stage::connect, 10ms}, {stage::greeting, 5ms}}));
    d.on_bytes("220 ready\r\n", t0 + 30ms);
    (void)d.take_output();
    d.on_bytes("250 ok\r\n", t0 + 60ms);
    (void)d.take_output();
    d.on_bytes("250 ok\r\n", t0 + 100ms);
    (void)d.take_output();
    d.on_bytes("550 no\r\n", t0 + 150ms);
    ASSERT_TRUE(d.outcome());
    const std::vector<cbv::stage_time> all{{stage::connect, 10ms},
                                           {stage::greeting, 20ms},
                                           {stage::ehlo, 30ms},
                                           {stage::mail, 40ms},
                                           {stage::rcpt, 50ms}};
    EXPECT_EQ(d.stages(t0 + 150ms), all); // QUIT has begun, and is no part of it
}

// CBV-TIME-001, CBV-TIME-004: one timer each, from the moment the stage begins.
TEST(dialogue, gives_every_stage_its_own_timer) {
    script s = helloed("timers");
    s.noop("cbv").expect_send("NOOP cbv").receive("250 ok");
    s.expect_send("MAIL FROM:<>").receive("250 ok");
    s.expect_send("RCPT TO:<joe@example.org>").receive("250 ok").expect_send("QUIT");
    const cbv::timeouts& t = s.options().timers;
    const std::vector<std::pair<std::size_t, cbv::duration>> after{{0, t.connect},
                                                                   {1, t.greeting},
                                                                   {2, t.ehlo},
                                                                   {4, t.ehlo},
                                                                   {6, t.mail},
                                                                   {8, t.rcpt},
                                                                   {10, t.quit}};
    for (const auto& [count, limit] : after) {
        SCOPED_TRACE(count);
        player p(s);
        p.play(count);
        EXPECT_EQ(p.talk().deadline(), p.now() + limit);
        p.talk().on_time(p.now() + limit - 1us); // early calls do no harm
        EXPECT_EQ(p.talk().deadline(), p.now() + limit);
        p.talk().on_time(p.now() + limit);
        if (p.talk().pending() == dialogue::action::send) // QUIT had not been fetched
            static_cast<void>(p.talk().take_output());
        EXPECT_EQ(p.talk().pending(), dialogue::action::close);
        EXPECT_FALSE(p.talk().deadline());
        ASSERT_TRUE(p.talk().outcome());
        EXPECT_EQ(p.talk().outcome()->why, count == 10 ? cause::accepted : cause::timeout);
    }
}

// CBV-TIME-006
TEST(dialogue, does_not_let_lines_restart_the_timer) {
    const script s = at_rcpt("trickle");
    player p(s);
    p.play_all();
    const auto due = p.talk().deadline();
    ASSERT_TRUE(due);
    for (instant now = p.now(); now < *due; now += 2s) {
        p.talk().on_bytes("250-wait\r\n", now);
        ASSERT_EQ(p.talk().deadline(), due);
    }
    p.talk().on_time(*due);
    ASSERT_TRUE(p.talk().outcome());
    EXPECT_EQ(p.talk().outcome()->why, cause::timeout);
    EXPECT_FALSE(p.talk().deciding_reply());
}

// Nobody is left to hear it.
TEST(dialogue, withdraws_quit_when_the_connection_is_lost) {
    script s = at_rcpt("lost");
    s.receive("250 ok");
    player p(s);
    p.play_all();
    EXPECT_EQ(p.talk().pending(), dialogue::action::send);
    p.talk().on_eof(p.now());
    EXPECT_EQ(p.talk().pending(), dialogue::action::close);
    EXPECT_EQ(p.talk().outcome()->kind, verdict_kind::pass);
}

// CBV-DLG-013
TEST(dialogue, ends_on_an_endless_reply) {
    const script s = at_rcpt("endless");
    player p(s);
    p.play_all();
    for (int i = 0; i < 200 && p.talk().pending() == dialogue::action::none; ++i)
        p.talk().on_bytes("250-more\r\n", p.now());
    ASSERT_TRUE(p.talk().outcome());
    EXPECT_EQ(p.talk().outcome()->why, cause::protocol_error);
    EXPECT_EQ(p.talk().pending(), dialogue::action::close);
}

TEST(dialogue, keeps_the_deciding_reply) {
    script s = at_rcpt("reply");
    s.receive("550-5.1.1 no", "550 5.1.1 really");
    player p(s);
    p.play_all();
    EXPECT_EQ(p.talk().deciding_reply(), (cbv::reply{550, {"5.1.1 no", "5.1.1 really"}}));
    EXPECT_EQ(p.talk().at(), stage::quit);
}

// What is said after this reply to EHLO to a host that is to be asked about a non-ASCII mailbox.
std::string after_ehlo(const std::string& reply) {
    cbv::dialogue_options options;
    options.helo_name = "v.example";
    cbv::dialogue talk({"j\xC3\xB6", "example.org", true}, options, {});
    talk.on_connected({});
    talk.on_bytes("220 mx\r\n", {});
    static_cast<void>(talk.take_output());
    talk.on_bytes(reply, {});
    return talk.take_output();
}

// CBV-INT-012: of a host whose offer is missed it would be said that it lacks SMTPUTF8.
TEST(dialogue, finds_smtputf8_however_carelessly_it_is_written) {
    for (const char* lines : {"250-x\r\n250 SMTPUTF8\r\n",
                              "250-x\r\n250-  smtputf8\r\n250 HELP\r\n",
                              "250-x\r\n250 \tSMTPUTF8\r\n",
                              "250-x\r\n250 SMTPUTF8\t\r\n",
                              "250-x\r\n250 SMTPUTF8\r\r\n",
                              "250-SMTPUTF8\r\n250 HELP\r\n",
                              "250 x SMTPUTF8\r\n"})
        EXPECT_EQ(after_ehlo(lines), "MAIL FROM:<> SMTPUTF8\r\n") << lines;
    for (const char* lines : {"250-x\r\n250 NO SMTPUTF8\r\n", "250-x\r\n250 SMTPUTF8X\r\n"})
        EXPECT_EQ(after_ehlo(lines), "QUIT\r\n") << lines;
}

// CBV-ADDR-001, CBV-ADDR-002
TEST(dialogue, sends_the_mailbox_as_it_is) {
    for (const char* local : {"Ok", "\"a b\"", "\"Joe\\,S\"", "prvs=0891a9abd5=u", "a+b"}) {
        script s = with_target(helloed("path"), {local, "Example.ORG", false});
        s.expect_send("MAIL FROM:<>").receive("250 ok");
        s.expect_send("RCPT TO:<" + std::string(local) + "@Example.ORG>");
        player p(s);
        p.play_all();
    }
}

// CBV-DLG-016: what follows a reply, in every segmentation, and what becomes of it.
TEST(dialogue, passes_over_one_empty_line_after_a_reply) {
    const struct {
        const char* greeting; // and what follows it, before EHLO is taken
        const char* later;    // after EHLO has left
        bool good;
    } rows[] = {
        {"220 x\r\n\r\n", "250 x\r\n", true},
        {"220 x\r\n", "\r\n250 x\r\n", true},
        {"220 x\r\n\r", "\n250 x\r\n", true},
        {"220 x\n\r\n", "250 x\r\n", true},
        {"220-x\r\n220 x\r\n\r\n", "250 x\r\n\r\n", true},
        {"\r\n220 x\r\n", "250 x\r\n", false}, // no reply came before
        {"220-x\r\n\r\n220 x\r\n", "250 x\r\n", false},
        {"220 x\r\n\r\n\r\n", "250 x\r\n", false},
        {"220 x\r\n\n", "250 x\r\n", false},
        {"220 x\r\n\r\r\n", "250 x\r\n", false},
        {"220 x\r\n \r\n", "250 x\r\n", false},
        {"220 x\r\n\r250 x\r\n", "", false},
        {"220 x\r\n250 x\r\n", "", false},
    };
    for (const auto& row : rows)
        for (const bool by_octet : {false, true}) {
            const cbv::dialogue_options good;
            const instant t{};
            dialogue d({"a", "example.org", false}, good, t);
            const auto feed = [&](std::string_view text) {
                for (std::size_t step = by_octet ? 1 : text.size(); !text.empty();
                     text.remove_prefix(step))
                    d.on_bytes(text.substr(0, step), t);
            };
            d.on_connected(t);
            feed(row.greeting);
            if (d.pending() == dialogue::action::send) {
                EXPECT_EQ(d.take_output().substr(0, 4), "EHLO");
                feed(row.later);
            }
            EXPECT_EQ(!d.outcome(), row.good) << row.greeting << by_octet;
            if (row.good) {
                EXPECT_EQ(d.take_output(), "MAIL FROM:<>\r\n");
            } else {
                ASSERT_TRUE(d.outcome());
                EXPECT_EQ(d.outcome()->why, cbv::cause::protocol_error);
            }
        }
}

TEST(dialogue, refuses_misuse) {
    const cbv::dialogue_options good;
    const instant t{};
    // CBV-ADDR-005
    EXPECT_THROW(dialogue({"a\r\nRSET", "example.org", false}, good, t), std::logic_error);
    EXPECT_THROW(dialogue({"", "example.org", false}, good, t), std::logic_error);
    EXPECT_THROW(dialogue({"a", "b\x7F", false}, good, t), std::logic_error);
    cbv::dialogue_options bad;
    bad.helo_name = "a\nb";
    EXPECT_THROW(dialogue({"a", "example.org", false}, bad, t), std::logic_error);

    dialogue d({"a", "example.org", false}, good, t);
    EXPECT_THROW(d.on_bytes("220 x\r\n", t), std::logic_error);
    EXPECT_THROW(static_cast<void>(d.take_output()), std::logic_error);
    EXPECT_THROW(d.take_close(), std::logic_error);
    d.on_connected(t);
    EXPECT_THROW(d.on_connected(t), std::logic_error);
    EXPECT_THROW(d.on_refused(t), std::logic_error);
    EXPECT_THROW(d.on_not_connected(cbv::fault::local, t), std::logic_error);
}

TEST(dialogue_options, says_what_is_wrong) {
    const auto problem = [](auto change) {
        cbv::dialogue_options o;
        change(o);
        return o.problem().has_value();
    };
    EXPECT_FALSE(problem([](auto&) {}));
    EXPECT_FALSE(problem([](auto& o) { o.helo_name = "[192.0.2.1]"; }));
    EXPECT_FALSE(problem([](auto& o) { o.helo_name = "[IPv6:2001:db8::1]"; }));
    EXPECT_FALSE(problem([](auto& o) { o.noop_text = "cbv"; }));
    EXPECT_FALSE(problem([](auto& o) { o.noop_text = "\"see https://example.net/\""; }));
    EXPECT_TRUE(problem([](auto& o) { o.helo_name.clear(); }));
    EXPECT_TRUE(problem([](auto& o) { o.helo_name = "a b"; }));
    EXPECT_TRUE(problem([](auto& o) { o.helo_name = "a_b.example"; }));
    EXPECT_TRUE(problem([](auto& o) { o.helo_name = "b\xC3\xBC.example"; }));
    EXPECT_TRUE(problem([](auto& o) { o.helo_name = "[300.0.2.1]"; }));
    EXPECT_TRUE(problem([](auto& o) { o.noop_text = "two words"; }));
    EXPECT_TRUE(problem([](auto& o) { o.noop_text = "a.b"; }));
    EXPECT_TRUE(problem([](auto& o) { o.noop_text = "\"\xC3\xBC\""; }));
    EXPECT_TRUE(problem([](auto& o) { o.limits.max_lines = 0; }));
    EXPECT_TRUE(problem([](auto& o) { o.limits.max_octets = 511; }));
    EXPECT_TRUE(problem([](auto& o) { o.timers.rcpt = 0s; }));
}

} // namespace
