// The judge on the client leg: every expectation holds once and fails once.
#include "engine/run.hpp"
#include "observations.hpp"

#include <gtest/gtest.h>

namespace cbv::engine {
namespace {

using namespace testing;

std::string judged(step_expectation expect, observation seen, target t = {}) {
    return words(judge(one_rcpt(std::move(expect)), t, std::move(seen)));
}

step_expectation verdict_is(std::vector<std::string> verdicts) {
    step_expectation x;
    x.verdicts = std::move(verdicts);
    return x;
}

TEST(judge_replies, reads_a_verdict_from_the_class_of_the_reply) {
    const struct {
        std::vector<std::string> verdicts;
        int code;
        std::string words;
    } rows[] = {
        {{"pass"}, 250, ""},
        {{"pass"}, 550, "!good-path-refused"},
        {{"pass"}, 451, "!good-path-deferred"},
        {{"fail"}, 550, ""},
        {{"fail"}, 250, "!bad-path-accepted"},
        {{"fail"}, 450, "!bad-path-deferred"},
        {{"tempfail"}, 451, ""},
        {{"tempfail"}, 550, "!permanent-on-temporary"},
        {{"tempfail"}, 250, "!accepted-on-temporary"},
        {{"unverifiable"}, 250, ""},
        {{"unverifiable"}, 550, "!permanent-on-policy"},
        {{"unverifiable"}, 451, "deferred-on-policy"},
        {{"none"}, 250, ""},
        {{"none"}, 451, "!call-not-due"},
        {{"none"}, 550, "!call-not-due"},
        {{"pass", "tempfail"}, 250, ""},
        {{"pass", "tempfail"}, 451, "good-path-deferred"},
        {{"pass", "tempfail"}, 550, "!good-path-refused"},
        {{"fail", "none"}, 250, "bad-path-accepted"},
        {{"pass"}, 354, "!wrong-reply"},
    };
    for (const auto& row : rows)
        EXPECT_EQ(judged(verdict_is(row.verdicts), answered(row.code)), row.words)
            << row.verdicts.front() << " and " << row.code;
}

TEST(judge_replies, a_declared_definite_refusal_counts_as_fail_with_a_note) {
    target t;
    t.definite = "^450 4\\.1\\.[07]";
    EXPECT_EQ(judged(verdict_is({"fail"}), answered(450, "4.1.7 undeliverable"), t),
              "wrong-code-for-fail");
    EXPECT_EQ(judged(verdict_is({"fail"}), answered(450, "4.4.1 later"), t), "!bad-path-deferred");
    EXPECT_EQ(judged(verdict_is({"tempfail"}), answered(450, "4.1.7 undeliverable"), t),
              "!permanent-on-temporary");
}

TEST(judge_replies, a_refusal_at_mail_tells_more_than_the_503_after_it) {
    auto seen = answered(503);
    seen.replies[1].code = 451;
    EXPECT_EQ(judged(verdict_is({"tempfail"}), seen), "");
    seen.replies[1].code = 550;
    EXPECT_EQ(judged(verdict_is({"tempfail"}), seen), "!permanent-on-temporary");
}

TEST(judge_replies, compares_codes_with_patterns_best_first) {
    step_expectation x;
    x.replies = {"550", "55z"};
    EXPECT_EQ(judged(x, answered(550)), "");
    EXPECT_EQ(judged(x, answered(553)), "not-preferred");
    EXPECT_EQ(judged(x, answered(450)), "!wrong-reply");
    x.replies = {"not-5yz"};
    EXPECT_EQ(judged(x, answered(450)), "");
    EXPECT_EQ(judged(x, answered(550)), "!wrong-reply");
}

TEST(judge_replies, compares_enhanced_codes_only_where_they_are_advertised) {
    step_expectation x;
    x.enhanced = {"5.1.0", "5.1.z"};
    auto seen = answered(550, "5.7.1 no");
    EXPECT_EQ(judged(x, seen), "");
    seen.enhanced_codes = true;
    EXPECT_EQ(judged(x, seen), "!wrong-enhanced-code");
    seen.replies[2].text = "5.1.7 no\n5.1.7 really";
    EXPECT_EQ(judged(x, seen), "not-preferred");
    seen.replies[2].text = "5.1.0 no";
    EXPECT_EQ(judged(x, seen), "");
    seen.replies[2].text = "no code";
    EXPECT_EQ(judged(x, seen), "!wrong-enhanced-code");
}

TEST(judge_replies, finds_the_regular_expression_in_the_text) {
    step_expectation x;
    x.text = "return path";
    EXPECT_EQ(judged(x, answered(550, "5.1.0 the return path")), "");
    EXPECT_EQ(judged(x, answered(550, "no")), "!wrong-reply-text");
    x.text = "^[ -~\n]*$";
    x.finding = "unclean-reply";
    EXPECT_EQ(judged(x, answered(550, "a\x1b[31m")), "!unclean-reply");
}

TEST(judge_replies, bounds_of_time_have_slack_and_are_timing_findings) {
    target t;
    t.slack = ms(500);
    step_expectation x;
    x.min = ms(2000);
    x.max = ms(3000);
    EXPECT_EQ(judged(x, answered(250, "", ms(1600)), t), "");
    EXPECT_EQ(judged(x, answered(250, "", ms(1400)), t), "!answered-early");
    EXPECT_EQ(judged(x, answered(250, "", ms(3400)), t), "");
    const auto late = judge(one_rcpt(x), t, answered(250, "", ms(3600)));
    EXPECT_EQ(words(late), "!answered-late");
    EXPECT_TRUE(late.findings.front().timing);
    x.finding = "waited-for-quit";
    EXPECT_EQ(judged(x, answered(250, "", ms(9000)), t), "!waited-for-quit");
}

TEST(judge_replies, the_time_of_mail_counts_at_the_first_recipient) {
    step_expectation x;
    x.min = ms(2000);
    x.max = ms(3000);
    auto seen = answered(250, "", ms(100));
    auto& mail = seen.replies[1];
    mail.replied_at = mail.sent_at + ms(2400);
    EXPECT_EQ(judged(x, seen), "");
    mail.replied_at = mail.sent_at + ms(9000);
    EXPECT_EQ(judged(x, seen), "!answered-late");
    auto c = one_rcpt({});
    c.clients[0].steps.push_back(c.clients[0].steps[2]);
    c.clients[0].steps.back().expect.max = ms(3000);
    auto second = seen.replies[2];
    second.step = c.clients[0].steps.size() - 1;
    seen.replies.push_back(second);
    EXPECT_EQ(words(judge(c, {}, seen)), "");
}

TEST(judge_replies, an_explicit_word_replaces_the_derived_one) {
    auto x = verdict_is({"pass"});
    x.finding = "reply-misread";
    EXPECT_EQ(judged(x, answered(550)), "!reply-misread");
    x.max = ms(10); // the word now names the time; the verdict keeps its own
    EXPECT_EQ(judged(x, answered(550)), "!good-path-refused");
}

TEST(judge_replies, a_missing_reply_is_a_finding_once) {
    auto c = one_rcpt(verdict_is({"pass"}));
    c.clients[0].steps[3].expect.replies = {"221"};
    observation seen;
    seen.replies = {reply_at(0, 250), reply_at(1, 250), reply_at(2, 0)};
    const auto r = judge(c, {}, seen);
    EXPECT_EQ(words(r), "!no-reply");
    EXPECT_EQ(r.result, status::fail);
}

TEST(judge_replies, a_called_host_may_close_after_421) {
    auto c = one_rcpt({});
    c.clients[0].steps[2].expect.replies = {"550", "421"};
    c.clients[0].steps[3].expect.replies = {"221"};
    observation seen;
    seen.replies = {reply_at(0, 250), reply_at(1, 250), reply_at(2, 421)};
    EXPECT_EQ(words(judge(c, {}, seen)), "not-preferred !no-reply");
    c.needs.insert("called-host");
    EXPECT_EQ(words(judge(c, {}, seen)), "not-preferred");
}

TEST(judge_replies, a_session_closed_after_a_refusal_is_named_so) {
    auto c = one_rcpt(verdict_is({"fail"}));
    c.clients[0].steps[3].expect.replies = {"221"};
    observation seen;
    seen.replies = {reply_at(0, 250), reply_at(1, 250), reply_at(2, 550)};
    EXPECT_EQ(words(judge(c, {}, seen)), "!no-reply"); // it may just hang
    seen.timeline.push_back(
        {ms(1), fakemx::leg::client, "client", 1, fakemx::event_kind::peer_closed, {}});
    EXPECT_EQ(words(judge(c, {}, seen)), "!session-closed");
    seen.trouble = "the target closed the connection";
    EXPECT_EQ(judge(c, {}, seen).result, status::fail);
    c.clients[0].steps[2].expect.verdicts = {"pass"};
    seen.replies[2].code = 250;
    EXPECT_EQ(words(judge(c, {}, seen)), "!no-reply");
}

TEST(judge_replies, trouble_is_an_error_unless_an_owed_reply_is_missing) {
    observation nothing;
    nothing.trouble = "no connection to the target: refused";
    const auto c = one_rcpt(verdict_is({"pass"}));
    const auto r = judge(c, {}, nothing);
    EXPECT_EQ(r.result, status::error);
    EXPECT_EQ(r.reason, nothing.trouble);
    EXPECT_EQ(words(r), "");
    auto broken_off = answered(0);
    broken_off.trouble = "the runner ended";
    EXPECT_EQ(judge(c, {}, broken_off).result, status::fail);
    auto whole = answered(250);
    whole.trouble = "the runner ended";
    EXPECT_EQ(judge(c, {}, whole).result, status::error);
}

TEST(judge_replies, takes_the_verdict_a_command_states) {
    const auto c = one_rcpt(verdict_is({"fail", "tempfail"}));
    observation seen;
    seen.stated_verdict = "fail";
    EXPECT_EQ(words(judge(c, {}, seen)), "");
    seen.stated_verdict = "tempfail";
    EXPECT_EQ(words(judge(c, {}, seen)), "bad-path-deferred");
    seen.stated_verdict = "pass";
    EXPECT_EQ(words(judge(c, {}, seen)), "!bad-path-accepted");
    seen.stated_verdict = "maybe";
    EXPECT_EQ(judge(c, {}, seen).result, status::error);
    seen.stated_verdict = "none";
    EXPECT_EQ(words(judge(one_rcpt(verdict_is({"pass"})), {}, seen)), "!wrong-verdict");
}

TEST(judge_replies, status_follows_the_worst_finding) {
    EXPECT_EQ(judge(one_rcpt(verdict_is({"pass"})), {}, answered(250)).result, status::pass);
    EXPECT_EQ(judge(one_rcpt(verdict_is({"unverifiable"})), {}, answered(451)).result,
              status::note);
    EXPECT_EQ(judge(one_rcpt(verdict_is({"pass"})), {}, answered(451)).result, status::fail);
}

TEST(judge_replies, capabilities_decide_whether_a_case_can_run) {
    auto c = one_rcpt();
    c.needs = {"session"};
    target t;
    EXPECT_FALSE(missing_capability(c, t).has_value());
    t.kind = target_kind::command;
    EXPECT_EQ(missing_capability(c, t), "session");
    for (const auto kind : {target_kind::policy, target_kind::milter}) {
        t.kind = kind;
        c.needs = {"session"};
        EXPECT_EQ(missing_capability(c, t), "session");
        c.needs = {"transactions"};
        EXPECT_FALSE(missing_capability(c, t).has_value());
    }
    for (const auto kind : {target_kind::library, target_kind::smtp}) {
        t.kind = kind;
        EXPECT_FALSE(missing_capability(c, t).has_value());
    }
    t.kind = target_kind::command;
    EXPECT_EQ(missing_capability(c, t), "transactions");
    t.capabilities = {"session"};
    EXPECT_FALSE(missing_capability(c, t).has_value());
    c.needs = {"ipv6"};
    EXPECT_EQ(missing_capability(c, t), "ipv6");
    t.capabilities = {"ipv6"};
    EXPECT_FALSE(missing_capability(c, t).has_value());
}

TEST(judge_replies, judges_each_client_by_its_own_replies) {
    step_expectation wanted;
    wanted.verdicts = {"pass"};
    auto c = one_rcpt(wanted);
    c.clients.push_back(c.clients.front());
    c.clients[1].id = "second";
    auto seen = answered(250);
    auto other = answered(550).replies;
    for (auto& r : other)
        r.client = 1;
    seen.replies.insert(seen.replies.begin(), other.begin(), other.end());
    const auto r = judge(c, {}, std::move(seen));
    EXPECT_EQ(words(r), "!good-path-refused");
    EXPECT_NE(r.findings.front().expected.find("step 3 of second"), std::string::npos)
        << r.findings.front().expected;
}

} // namespace
} // namespace cbv::engine
