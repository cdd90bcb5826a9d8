// The judge on the world: every element of <expect> holds once and fails once, each on a time line
// made by hand.
#include "engine/run.hpp"
#include "observations.hpp"

#include <gtest/gtest.h>

namespace cbv::engine {
namespace {

using namespace testing;
using fakemx::event_kind;
using log = fakemx::timeline_log;

world_expectation expecting(world_check check, std::vector<std::string> hosts = {"mx1"}) {
    world_expectation x;
    x.check = check;
    x.hosts = std::move(hosts);
    return x;
}

case_result judged(const world_expectation& x, log events, target t = {}) {
    auto c = one_rcpt();
    c.expect = {x};
    auto seen = answered(250);
    seen.timeline = std::move(events);
    return judge(c, t, std::move(seen));
}

std::string verdict_of(const world_expectation& x, log events) {
    return words(judged(x, std::move(events)));
}

const auto connected = [](std::string host = "mx1", unsigned n = 1, duration at = ms(0)) {
    return host_event(event_kind::connected, "", std::move(host), n, at);
};
const auto line = [](std::string text, std::string host = "mx1", unsigned n = 1) {
    return host_event(event_kind::received, std::move(text), std::move(host), n);
};
const auto said = [](std::string text) { return host_event(event_kind::sent, std::move(text)); };

TEST(judge_world, counts_connections) {
    auto x = expecting(world_check::connections);
    EXPECT_EQ(verdict_of(x, {connected()}), "");
    EXPECT_EQ(verdict_of(x, {connected("mx2")}), "!missing-connection");
    x.max = 1;
    x.min = 1;
    EXPECT_EQ(verdict_of(x, {connected(), connected("mx1", 2)}), "!extra-connection");
    x.min = x.max = 0;
    EXPECT_EQ(verdict_of(x, {}), "");
    EXPECT_EQ(verdict_of(x, {connected()}), "!unexpected-connection");
    x = expecting(world_check::connections, {"*"});
    x.min = 2;
    x.max = 4;
    EXPECT_EQ(verdict_of(x, {connected(), connected("mx2")}), "");
    EXPECT_EQ(verdict_of(x, {connected()}), "!missing-connection");
}

TEST(judge_world, says_how_many_were_expected) {
    auto x = expecting(world_check::connections);
    const auto expected = [&x](log events) {
        const auto result = judged(x, std::move(events));
        return result.findings.empty() ? "" : result.findings.front().expected;
    };
    EXPECT_EQ(expected({}), "at least 1 connection to mx1");
    x.min = x.max = 1;
    EXPECT_EQ(expected({}), "exactly 1 connection to mx1");
    x.min = x.max = 0;
    EXPECT_EQ(expected({connected()}), "exactly 0 connections to mx1");
    x.max = 1;
    EXPECT_EQ(expected({connected(), connected("mx1", 2)}), "0 to 1 connections to mx1");
    x = expecting(world_check::query);
    x.types = {"A", "AAAA"};
    x.name = "mx1.test";
    EXPECT_EQ(expected({}), "at least 1 A/AAAA query for mx1.test");
}

TEST(judge_world, counts_connections_open_at_once) {
    const auto closed = [](unsigned n, duration at, std::string host = "mx1") {
        return host_event(event_kind::peer_closed, "", std::move(host), n, at);
    };
    auto x = expecting(world_check::connections, {"mx1"});
    x.at_once = 1;
    EXPECT_EQ(verdict_of(x, {}), "");
    EXPECT_EQ(verdict_of(x,
                         {connected("mx1", 1, ms(0)),
                          connected("mx2", 1, ms(1)),
                          closed(1, ms(500)),
                          connected("mx1", 2, ms(500))}),
              "");
    EXPECT_EQ(
        verdict_of(x,
                   {connected("mx1", 1, ms(0)), connected("mx1", 2, ms(499)), closed(1, ms(500))}),
        "!too-many-at-once");
    // One that nobody ends is open.
    EXPECT_EQ(verdict_of(x, {connected("mx1", 1, ms(0)), connected("mx1", 2, ms(5000))}),
              "!too-many-at-once");
    x.hosts = {"*"};
    EXPECT_EQ(verdict_of(x, {connected("mx1", 1, ms(0)), connected("mx2", 1, ms(1))}),
              "!too-many-at-once");
    x.min = 3;
    EXPECT_EQ(verdict_of(x, {connected("mx1", 1, ms(0)), connected("mx2", 1, ms(1))}),
              "!missing-connection !too-many-at-once");
}

TEST(judge_world, the_end_of_a_live_connection_may_be_seen_late) {
    target server;
    server.kind = target_kind::smtp;
    auto x = expecting(world_check::connections);
    x.at_once = 1;
    const auto two = [&](duration end_of_first) {
        return words(judged(x,
                            {connected("mx1", 1, ms(0)),
                             connected("mx1", 2, ms(400)),
                             host_event(event_kind::peer_closed, "", "mx1", 1, end_of_first)},
                            server));
    };
    EXPECT_EQ(two(ms(430)), "");
    EXPECT_EQ(two(ms(600)), "!too-many-at-once");
}

TEST(judge_world, counts_command_lines) {
    auto x = expecting(world_check::command);
    x.is = "MAIL FROM:<>";
    EXPECT_EQ(verdict_of(x, {line("mail from:<>")}), "");
    EXPECT_EQ(verdict_of(x, {line("MAIL FROM:<> SIZE=1")}), "!command-syntax");
    EXPECT_EQ(verdict_of(x, {line("MAIL FROM: <>")}), "!command-syntax");
    x.finding = "null-sender-violated";
    EXPECT_EQ(verdict_of(x, {line("MAIL FROM:<a@b>")}), "!null-sender-violated");
    x.max = 1;
    EXPECT_EQ(verdict_of(x, {line("MAIL FROM:<>"), line("MAIL FROM:<>")}), "!null-sender-violated");
    x = expecting(world_check::command, {"*"});
    x.matches = "RCPT TO:<.*>";
    EXPECT_EQ(verdict_of(x, {line("RCPT TO:<a@b>", "mx2")}), "");
    EXPECT_EQ(verdict_of(x, {line("RCPT TO:<a@b> X")}), "!command-syntax");
    x.matches = "(.*)*$x"; // backtracking would never end
    EXPECT_EQ(verdict_of(x, {line(std::string(2000, 'a'))}), "!command-syntax");
    x.is = "RCPT TO:<A@b>";
    x.matches.clear();
    EXPECT_EQ(verdict_of(x, {line("RCPT TO:<a@b>")}), "!command-syntax");
}

TEST(judge_world, never_speaks_of_verbs_lines_and_connections) {
    auto x = expecting(world_check::never, {"*"});
    x.commands = {"DATA", "BDAT"};
    EXPECT_EQ(verdict_of(x, {line("RCPT TO:<data>")}), "");
    EXPECT_EQ(verdict_of(x, {line("data")}), "!data-sent");
    x.commands.clear();
    x.matches = "MAIL .*SIZE.*";
    EXPECT_EQ(verdict_of(x, {line("MAIL FROM:<>")}), "");
    EXPECT_EQ(verdict_of(x, {line("MAIL FROM:<> SIZE=1")}), "!command-syntax");
    x = expecting(world_check::never, {"mx2"});
    EXPECT_EQ(verdict_of(x, {connected()}), "");
    EXPECT_EQ(verdict_of(x, {connected("mx2")}), "!unexpected-connection");
    x.finding = "called-loopback";
    x.requirement = "CBV-HOST-001";
    const auto r = judged(x, {connected("mx2")});
    EXPECT_EQ(words(r), "!called-loopback");
    EXPECT_EQ(r.findings.front().requirement, "CBV-HOST-001");
    EXPECT_FALSE(r.findings.front().timing);
}

TEST(judge_world, a_call_after_the_last_client_is_a_matter_of_time) {
    auto c = one_rcpt();
    c.expect = {expecting(world_check::never, {"mx2"})};
    c.watch = ms(100);
    auto seen = answered(250);
    seen.timeline = {connected("mx2")};
    const auto r = judge(c, {}, std::move(seen));
    EXPECT_EQ(words(r), "!unexpected-connection");
    EXPECT_TRUE(r.findings.front().timing);
}

TEST(judge_world, counts_queries) {
    auto x = expecting(world_check::query, {});
    x.types = {"A"};
    x.name = "x.test";
    EXPECT_EQ(verdict_of(x, {dns_event("A X.test")}), "");
    EXPECT_EQ(verdict_of(x, {dns_event("AAAA x.test"), dns_event("A y.test")}), "!missing-query");
    x.max = 1;
    EXPECT_EQ(verdict_of(x, {dns_event("A x.test"), dns_event("A x.test")}), "!extra-query");
    x = expecting(world_check::never_query, {});
    x.types = {"A", "AAAA"};
    x.finding = "fallback-despite-mx";
    EXPECT_EQ(verdict_of(x, {dns_event("MX x.test")}), "");
    EXPECT_EQ(verdict_of(x, {dns_event("AAAA x.test")}), "!fallback-despite-mx");
    x.finding.clear();
    EXPECT_EQ(verdict_of(x, {dns_event("A x.test")}), "!extra-query");
}

TEST(judge_world, order_is_that_of_the_first_connections) {
    const auto x = expecting(world_check::order, {"mx1", "mx2"});
    EXPECT_EQ(verdict_of(x, {connected("mx1"), connected("mx2"), connected("mx1", 2)}), "");
    EXPECT_EQ(verdict_of(x, {connected("mx2"), connected("mx1")}), "!wrong-order");
    EXPECT_EQ(verdict_of(x, {connected("mx1")}), "!missing-connection");
}

TEST(judge_world, quiet_before_greeting) {
    const auto x = expecting(world_check::quiet_before_greeting);
    EXPECT_EQ(verdict_of(x, {connected(), host_event(event_kind::greeting_done), line("EHLO a")}),
              "");
    EXPECT_EQ(verdict_of(x, {connected(), host_event(event_kind::early_octets, "EHLO")}),
              "!spoke-before-greeting");
}

TEST(judge_world, one_at_a_time_waits_for_the_last_line_of_a_reply) {
    const auto x = expecting(world_check::one_at_a_time);
    EXPECT_EQ(verdict_of(x, {line("EHLO a"), said("250-a"), said("250 b"), line("MAIL FROM:<>")}),
              "");
    EXPECT_EQ(verdict_of(x, {line("EHLO a"), said("250-a"), line("MAIL FROM:<>")}),
              "!pipelined-without-offer");
    EXPECT_EQ(verdict_of(x, {line("EHLO a", "mx1", 1), line("EHLO a", "mx1", 2)}), "");
    EXPECT_EQ(verdict_of(x, {line("RCPT TO:<a>"), line("QUIT")}), "");
    const auto note = host_event(event_kind::note, std::string{fakemx::pipelined_note});
    EXPECT_EQ(verdict_of(x, {line("MAIL FROM:<>"), said("250 a"), note, line("RCPT TO:<a>")}),
              "!pipelined-without-offer");
}

TEST(judge_world, one_at_a_time_of_a_verb_lets_the_others_go_together) {
    auto x = expecting(world_check::one_at_a_time);
    x.commands = {"QUIT"};
    const auto note = host_event(event_kind::note, std::string{fakemx::pipelined_note});
    EXPECT_EQ(verdict_of(x,
                         {line("MAIL FROM:<>"),
                          note,
                          line("RCPT TO:<a>"),
                          said("250 a"),
                          said("250 b"),
                          line("QUIT")}),
              "");
    EXPECT_EQ(
        verdict_of(x, {line("MAIL FROM:<>"), line("RCPT TO:<a>"), said("250 a"), line("QUIT")}),
        "!pipelined-without-offer");
    EXPECT_EQ(verdict_of(x, {line("RCPT TO:<a>"), said("250 a"), note, line("quit")}),
              "!pipelined-without-offer");
}

TEST(judge_world, last_command_is_asked_of_connections_the_host_did_not_end) {
    auto x = expecting(world_check::last_command);
    x.is = "QUIT";
    const auto peer = host_event(event_kind::peer_closed);
    const auto ours = host_event(event_kind::closed);
    EXPECT_EQ(verdict_of(x, {connected(), line("EHLO a"), line("QUIT"), ours, peer}), "");
    EXPECT_EQ(verdict_of(x, {connected(), line("EHLO a"), peer, ours}), "!no-quit");
    EXPECT_EQ(verdict_of(x, {connected(), line("EHLO a"), ours}), "");
    EXPECT_EQ(verdict_of(x, {connected(), peer}), "!no-quit");
    EXPECT_EQ(verdict_of(x, {}), "");
}

// After 221 the host is the first to close, yet it was the client who ended the session.
TEST(judge_world, a_client_that_said_quit_has_ended_the_session) {
    auto x = expecting(world_check::last_command);
    x.is = "NOOP";
    const auto ours = host_event(event_kind::closed);
    EXPECT_EQ(verdict_of(x, {connected(), line("NOOP"), line("quit"), ours}), "!no-quit");
    EXPECT_EQ(verdict_of(x, {connected(), line("QUIT"), line("NOOP"), ours}), "");
    EXPECT_EQ(verdict_of(x, {connected(), line("EHLO a"), ours}), "");
}

TEST(judge_world, hang_up_is_counted_from_each_connection) {
    auto x = expecting(world_check::hang_up);
    x.within = ms(1000);
    target t;
    t.slack = ms(100);
    const auto closed_at = [](long long at) {
        return host_event(event_kind::peer_closed, "", "mx1", 1, ms(at));
    };
    EXPECT_EQ(words(judged(x, {connected("mx1", 1, ms(500)), closed_at(1590)}, t)), "");
    const auto late = judged(x, {connected("mx1", 1, ms(500)), closed_at(1700)}, t);
    EXPECT_EQ(words(late), "!timer-missing");
    EXPECT_TRUE(late.findings.front().timing);
    EXPECT_EQ(words(judged(x, {connected()}, t)), "!timer-missing");
}

TEST(judge_world, one_word_is_reported_once) {
    auto c = one_rcpt();
    auto x = expecting(world_check::never, {"*"});
    x.commands = {"DATA"};
    c.expect = {x, x};
    auto seen = answered(250);
    seen.timeline = {line("DATA")};
    EXPECT_EQ(words(judge(c, {}, seen)), "!data-sent");
}

} // namespace
} // namespace cbv::engine
