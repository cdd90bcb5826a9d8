// Tests of cbv/dialogue.hpp: what is said and in which order, and, for every script of the table,
// the same in every segmentation and with a fault in place of every step. What replies mean is
// tested with the decision table.
#include "cbv/dialogue.hpp"
#include "script.hpp"

#include <gtest/gtest.h>

#include <algorithm>
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
using cbv::test::player;
using cbv::test::script;
using cbv::test::upset;

/// Up to and including EHLO and its reply.
script greeted(const std::string& name) {
    script s(name);
    s.connect().receive("220 mx.example.org ESMTP").expect_send("EHLO verifier.example.net");
    return s;
}

/// Up to the point where MAIL is due.
script helloed(const std::string& name) {
    script s = greeted(name);
    s.receive("250-mx.example.org", "250-SIZE 1000", "250-8BITMIME", "250 DSN");
    return s;
}

/// Up to the point where RCPT has been sent.
script at_rcpt(const std::string& name) {
    script s = helloed(name);
    s.expect_send("MAIL FROM:<>").receive("250 ok").expect_send("RCPT TO:<joe@example.org>");
    return s;
}

script with_target(script s, cbv::probe_target t) {
    s.target(std::move(t));
    return s;
}

std::vector<script> positive_scripts() {
    std::vector<script> all;
    // CBV-DLG-004, -006, -007: bare MAIL although SIZE, 8BITMIME and DSN were offered; one RCPT.
    all.push_back(at_rcpt("pass"));
    all.back().receive("250 ok").expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt);
    all.back().quit();

    all.push_back(at_rcpt("252 passes"));
    all.back().receive("252 cannot verify");
    all.back().expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt).quit();

    // CBV-DLG-002
    all.push_back(greeted("HELO after 502"));
    all.back().receive("502 what").expect_send("HELO verifier.example.net").receive("250 hello");
    all.back().expect_send("MAIL FROM:<>").receive("250 ok");
    all.back().expect_send("RCPT TO:<joe@example.org>").receive("250 ok");
    all.back().expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt).quit();

    // CBV-DLG-010: NOOP refused changes nothing.
    all.push_back(helloed("NOOP"));
    all.back().noop("\"cbv, see https://example.net\"");
    all.back().expect_send("NOOP \"cbv, see https://example.net\"").receive("500 what");
    all.back().expect_send("MAIL FROM:<>").receive("250 ok");
    all.back().expect_send("RCPT TO:<joe@example.org>").receive("250 ok");
    all.back().expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt).quit();

    // CBV-DLG-011: lines, bare codes, EHLO lines nobody can parse.
    all.push_back(script("many lines"));
    all.back().connect().receive("220-a", "220-b", "220 c");
    all.back().expect_send("EHLO verifier.example.net");
    all.back().receive("250-x", "250-=?!", "250-", "250- SMTPUTF8", "250");
    all.back().expect_send("MAIL FROM:<>").receive("250-1", "250-2", "250 3");
    all.back().expect_send("RCPT TO:<joe@example.org>").receive("250");
    all.back().expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt).quit();

    // CBV-DLG-014
    all.push_back(greeted("pipelining"));
    all.back().pipelining().receive("250-x", "250 pipelining");
    all.back().expect_send("MAIL FROM:<>", "RCPT TO:<joe@example.org>");
    all.back().receive("250 ok", "250 ok");
    all.back().expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt).quit();
    all.push_back(helloed("pipelining wanted but not offered"));
    all.back().pipelining().expect_send("MAIL FROM:<>").receive("250 ok");
    all.back().expect_send("RCPT TO:<joe@example.org>").receive("250 ok");
    all.back().expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt).quit();

    // CBV-ADDR-007
    all.push_back(with_target(greeted("SMTPUTF8"), {"j\xC3\xB6", "xn--bcher-kva.example", true}));
    all.back().receive("250-x", "250 smtputf8");
    all.back().expect_send("MAIL FROM:<> SMTPUTF8").receive("250 ok");
    all.back().expect_send("RCPT TO:<j\xC3\xB6@xn--bcher-kva.example>").receive("250 ok");
    all.back().expect_outcome(verdict_kind::pass, cause::accepted, stage::rcpt).quit();
    return all;
}

std::vector<script> negative_scripts() {
    std::vector<script> all;
    all.push_back(at_rcpt("mailbox refused"));
    all.back().receive("550-no", "550 such user");
    all.back().expect_outcome(verdict_kind::fail, cause::mailbox_refused, stage::rcpt).quit();

    // The host closes after its refusal and says so at once.
    all.push_back(at_rcpt("221 unasked"));
    all.back().receive("550 no", "221 bye");
    all.back().expect_outcome(verdict_kind::fail, cause::mailbox_refused, stage::rcpt);
    all.back().expect_send("QUIT").expect_close();

    all.push_back(at_rcpt("greylisted"));
    all.back().receive("450 later");
    all.back().expect_outcome(verdict_kind::tempfail, cause::temporary_reply, stage::rcpt).quit();

    // CBV-INT-007: RCPT is not sent.
    all.push_back(helloed("null sender refused"));
    all.back().expect_send("MAIL FROM:<>").receive("550 no bounces");
    all.back().expect_outcome(verdict_kind::fail, cause::null_sender_refused, stage::mail).quit();

    // CBV-INT-006: the enhanced code counts because it was advertised.
    all.push_back(greeted("policy"));
    all.back().receive("250-x", "250 ENHANCEDSTATUSCODES").expect_send("MAIL FROM:<>");
    all.back().receive("550 5.7.1 not you");
    all.back().expect_outcome(verdict_kind::unverifiable, cause::prober_refused, stage::mail);
    all.back().quit();

    // CBV-DLG-014: MAIL decides, both replies are awaited.
    all.push_back(greeted("pipelined MAIL refused"));
    all.back().pipelining().receive("250-x", "250 PIPELINING");
    all.back().expect_send("MAIL FROM:<>", "RCPT TO:<joe@example.org>").receive("550 no");
    all.back().expect_outcome(verdict_kind::fail, cause::null_sender_refused, stage::mail);
    all.back().receive("503 MAIL first").quit();
    all.push_back(greeted("pipelined MAIL refused, together"));
    all.back().pipelining().receive("250-x", "250 PIPELINING");
    all.back().expect_send("MAIL FROM:<>", "RCPT TO:<joe@example.org>");
    all.back().receive("451 later", "250 ok");
    all.back().expect_outcome(verdict_kind::tempfail, cause::temporary_reply, stage::mail).quit();

    // CBV-DLG-008: QUIT after refusals at every stage.
    all.emplace_back("greeting refused");
    all.back().connect().receive("554 go away");
    all.back().expect_outcome(verdict_kind::unverifiable, cause::prober_refused, stage::greeting);
    all.back().quit();
    all.emplace_back("greeting 421");
    all.back().connect().receive("421 busy");
    all.back().expect_outcome(verdict_kind::tempfail, cause::temporary_reply, stage::greeting);
    all.back().quit();
    all.push_back(greeted("EHLO refused"));
    all.back().receive("550 no");
    all.back().expect_outcome(verdict_kind::unverifiable, cause::prober_refused, stage::ehlo);
    all.back().quit();
    all.push_back(greeted("HELO refused too"));
    all.back().receive("500 no").expect_send("HELO verifier.example.net").receive("501 no");
    all.back().expect_outcome(verdict_kind::unverifiable, cause::prober_refused, stage::helo);
    all.back().quit();
    all.push_back(helloed("NOOP 421"));
    all.back().noop("cbv").expect_send("NOOP cbv").receive("421 busy");
    all.back().expect_outcome(verdict_kind::tempfail, cause::temporary_reply, stage::noop).quit();

    // CBV-ADDR-007: neither MAIL nor RCPT.
    all.push_back(with_target(helloed("SMTPUTF8 missing"), {"j\xC3\xB6", "example.org", true}));
    all.back().expect_outcome(verdict_kind::fail, cause::smtputf8_missing, stage::ehlo).quit();
    return all;
}

// CBV-DLG-012: the connection is closed without QUIT.
std::vector<script> broken_scripts() {
    std::vector<script> all;
    const auto broken = [&all](const std::string& octets) {
        all.push_back(at_rcpt("broken " + octets));
        all.back().receive_raw(octets);
        all.back().expect_outcome(verdict_kind::tempfail, cause::protocol_error, stage::rcpt);
        all.back().expect_close();
    };
    for (const char* octets :
         {"850 x\r\n", "150 x\r\n", "354 x\r\n", "abc\r\n", "250-a\r\n550 b\r\n", "25\r\n", "\r\n"})
        broken(octets);
    return all;
}

std::vector<script> all_scripts() {
    std::vector<script> all = positive_scripts();
    for (script& s : negative_scripts())
        all.push_back(std::move(s));
    for (script& s : broken_scripts())
        all.push_back(std::move(s));
    return all;
}

TEST(dialogue, follows_every_script) {
    for (const script& s : all_scripts()) {
        SCOPED_TRACE(s.name());
        player p(s);
        p.play_all();
        p.expect_finished();
    }
}

// No outcome before the step that says so: nothing is decided early, nothing late (CBV-DLG-009).
TEST(dialogue, knows_the_outcome_exactly_when_the_deciding_reply_is_complete) {
    for (const script& s : all_scripts()) {
        SCOPED_TRACE(s.name());
        const auto outcome = std::find_if(s.steps().begin(), s.steps().end(), [](const auto& step) {
            return step.what == script::kind::outcome;
        });
        ASSERT_NE(outcome, s.steps().end());
        player p(s);
        p.play(static_cast<std::size_t>(outcome - s.steps().begin()) - 1);
        EXPECT_FALSE(p.talk().outcome());
    }
}

TEST(dialogue, does_the_same_in_every_segmentation) {
    for (const script& s : all_scripts()) {
        for (std::size_t i = 0; i < s.steps().size(); ++i) {
            if (s.steps()[i].what != script::kind::receive)
                continue;
            // Here the driver would fetch QUIT between the two replies; they must come together.
            if (s.name() == "221 unasked" && s.steps()[i].octets.starts_with("550"))
                continue;
            for (const auto& segments : cbv::test::segmentations(s.steps()[i].octets)) {
                player p(s);
                p.play(s.steps().size(), i, segments);
                ASSERT_TRUE(p.talk().finished()) << s.name() << ", step " << i;
            }
        }
    }
}

// CBV-INT-010, CBV-TIME-004: a fault is never `fail`, and leaves nothing behind.
TEST(dialogue, survives_a_fault_in_place_of_every_step) {
    for (const script& s : all_scripts()) {
        for (std::size_t i = 0; i < s.steps().size(); ++i) {
            for (const upset u : cbv::test::every_upset) {
                SCOPED_TRACE(s.name() + ", " + name_of(u) + " in place of step " +
                             std::to_string(i));
                player p(s);
                p.play(i);
                const auto before = p.talk().outcome();
                p.disturb(u, i);
                p.run_out();
                p.expect_finished();
                const auto& after = p.talk().outcome();
                if (before) {
                    ASSERT_TRUE(after);
                    EXPECT_EQ(after->kind, before->kind);
                    EXPECT_EQ(after->why, before->why);
                } else if (u == upset::cancel) {
                    EXPECT_FALSE(after);
                } else {
                    ASSERT_TRUE(after);
                    EXPECT_EQ(after->kind, verdict_kind::tempfail);
                }
            }
        }
    }
}

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
    EXPECT_EQ(p.talk().greeting_code(), 220);
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

TEST(dialogue, keeps_the_deciding_reply_and_the_greeting) {
    script s = at_rcpt("reply");
    s.receive("550-5.1.1 no", "550 5.1.1 really");
    player p(s);
    p.play_all();
    EXPECT_EQ(p.talk().deciding_reply(), (cbv::reply{550, {"5.1.1 no", "5.1.1 really"}}));
    EXPECT_EQ(p.talk().at(), stage::quit);

    script closed("521");
    closed.connect().receive("521 no mail here");
    player q(closed);
    q.play_all();
    EXPECT_EQ(q.talk().greeting_code(), 521);
}

// CBV-INT-001: not advertised, so the enhanced code softens nothing.
TEST(dialogue, ignores_enhanced_codes_that_were_not_advertised) {
    script s = at_rcpt("unadvertised");
    s.receive("550 5.7.1 policy");
    s.expect_outcome(verdict_kind::fail, cause::mailbox_refused, stage::rcpt).quit();
    player p(s);
    p.play_all();
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
