// Whole dialogues from a table of scripts: each is followed as it stands, in every segmentation,
// and with a fault in place of every step. What replies mean is tested with the decision table.
#include "dialogue_beginnings.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using cbv::cause;
using cbv::stage;
using cbv::verdict_kind;
using namespace cbv::test;

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

    // CBV-INT-007, CBV-INT-013: RCPT is not sent.
    all.push_back(helloed("null sender refused"));
    all.back().expect_send("MAIL FROM:<>").receive("550 no bounces");
    all.back()
        .expect_outcome(verdict_kind::unverifiable, cause::null_sender_refused, stage::mail)
        .quit();

    // CBV-INT-006: the enhanced code counts, though nobody advertised it.
    all.push_back(helloed("policy"));
    all.back().expect_send("MAIL FROM:<>").receive("550 5.7.1 not you");
    all.back().expect_outcome(verdict_kind::unverifiable, cause::prober_refused, stage::mail);
    all.back().quit();

    // CBV-DLG-014: MAIL decides, both replies are awaited.
    all.push_back(greeted("pipelined MAIL refused"));
    all.back().pipelining().receive("250-x", "250 PIPELINING");
    all.back().expect_send("MAIL FROM:<>", "RCPT TO:<joe@example.org>").receive("550 no");
    all.back().expect_outcome(verdict_kind::unverifiable, cause::null_sender_refused, stage::mail);
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
         {"850 x\r\n", "150 x\r\n", "354 x\r\n", "abc\r\n", "250-a\r\n550 b\r\n", "25\r\n"})
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
} // namespace
