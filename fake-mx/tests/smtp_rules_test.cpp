// Tests of what rules make a host do: each attribute of `<rule>` (conformance/FORMAT.md), in
// virtual time.
#include "load_text.hpp"
#include "responder_session.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using cbv::duration;
using cbv::fakemx::test::load;
using cbv::fakemx::test::responder_session;
using lines = std::vector<std::string>;
using timed = std::vector<std::pair<duration, std::string>>;

const std::string greeting = "220 mx1.case1.test ESMTP fake-mx\r\n";

struct scene {
    explicit scene(const std::string& rules)
        : w(load("<world><host id=\"mx1\">" + rules + "</host></world>")), host(w.hosts[0]) {}
    world w;
    smtp_host host;
};

TEST(smtp_rules, the_first_match_wins) {
    scene sc{R"(<rule at="rcpt" match="bad@*" reply="550 5.1.1 No {path}"/>
                <rule at="rcpt" match="*@B.test" reply="450 {line}"/>
                <rule at="any" reply="251 {name}{{"/>)"};
    responder_session s{sc.host};
    EXPECT_EQ(s.said(), greeting); // `any` is any command, no connection
    s.send("RCPT TO:<bad@b.test>\r\nRCPT TO:<x@b.TEST> X=1\r\nRCPT TO:<x@c.test>\r\n");
    EXPECT_EQ(s.said(),
              "550 5.1.1 No bad@b.test\r\n450 RCPT TO:<x@b.TEST> X=1\r\n251 mx1.case1.test{\r\n");
    s.send("RCPT TO: <bad@b..test>\r\nRCPT TO:bad@x\r\n");
    EXPECT_EQ(s.said(), "550 5.1.1 No bad@b..test\r\n550 5.1.1 No bad@x\r\n");
}

TEST(smtp_rules, octets_of_the_client_make_no_lines) {
    scene sc{R"(<rule at="unknown" reply="500 {line}"/>)"};
    responder_session s{sc.host};
    (void)s.said();
    s.send("X\r250 forged\x01\r\n");
    EXPECT_EQ(s.said(), "500 X?250 forged?\r\n");
}

TEST(smtp_rules, times_and_connection_count_over_the_host) {
    scene sc{R"(<rule at="rcpt" times="2" reply="450 wait"/>
                <rule at="rcpt" connection="2" reply="550 second"/>)"};
    responder_session one{sc.host};
    responder_session two{sc.host};
    (void)one.said();
    (void)two.said();
    EXPECT_EQ(one.send("RCPT TO:<a>\r\n").said(), "450 wait\r\n");
    EXPECT_EQ(two.send("RCPT TO:<a>\r\n").said(), "450 wait\r\n");
    EXPECT_EQ(one.send("RCPT TO:<a>\r\n").said(), "250 Recipient OK\r\n");
    EXPECT_EQ(two.send("RCPT TO:<a>\r\n").said(), "550 second\r\n");
    EXPECT_EQ(sc.host.matches, (std::vector<unsigned>{2, 1}));
}

TEST(smtp_rules, a_delay_holds_back_the_later_replies) {
    scene sc{R"(<rule at="mail" delay="2s"/><rule at="rcpt" delay="1s" reply="550 x"/>)"};
    responder_session s{sc.host};
    (void)s.said();
    s.send("MAIL FROM:<>\r\nRCPT TO:<a>\r\nQUIT\r\n").wait(10s);
    EXPECT_EQ(s.outputs(),
              (timed{{0s, greeting}, {2s, "250 Sender OK\r\n"}, {3s, "550 x\r\n221 Bye\r\n"}}));
    // All were logged when they came, before the first reply.
    std::string order;
    for (const auto& [kind, line] : s.log())
        order += kind == event_kind::received ? 'r' : kind == event_kind::sent ? 's' : ' ';
    EXPECT_NE(order.find("r r rsss"), std::string::npos) << order;
    EXPECT_TRUE(s.closes());
}

TEST(smtp_rules, segments_and_drip) {
    scene sc{R"(<rule at="noop" times="1" reply="250 abc" segments="3" gap="1s"/>
                <rule at="noop" times="1" reply="25" drip="2s"/>
                <rule at="noop" bytes="250" segments="99"/>)"};
    responder_session s{sc.host};
    s.send("NOOP\r\n").wait(2s);
    EXPECT_EQ(s.outputs(), (timed{{0s, greeting}, {0s, "250"}, {1s, " ab"}, {2s, "c\r\n"}}));
    s.send("NOOP\r\n").wait(6s);
    const timed drips{s.outputs().begin() + 4, s.outputs().end()};
    EXPECT_EQ(drips, (timed{{2s, "2"}, {4s, "5"}, {6s, "\r"}, {8s, "\n"}}));
    (void)s.said();
    EXPECT_EQ(s.send("NOOP\r\n").wait(1s).said(), "250"); // default gap, no more pieces than octets
    EXPECT_EQ(s.logged(event_kind::sent), (lines{greeting.substr(0, 32), "250 abc", "25", "250"}));
}

TEST(smtp_rules, lines_are_logged_when_their_last_octet_goes_out) {
    scene sc{R"(<rule at="ehlo" reply="250-a\n250 b" segments="2" gap="1s"/>)"};
    responder_session s{sc.host};
    s.send("EHLO x\r\n");
    EXPECT_EQ(s.logged(event_kind::sent).back(), "250-a");
    s.wait(1s);
    EXPECT_EQ(s.logged(event_kind::sent).back(), "250 b");
}

TEST(smtp_rules, an_endless_reply_waits_for_its_writer) {
    scene sc{R"(<rule at="ehlo" reply="250-x" endless="yes" gap="10ms"/>)"};
    responder_session s{sc.host};
    (void)s.said();
    s.send("EHLO x\r\n").wait(1s);
    EXPECT_EQ(s.said().size(), 101 * std::string{"250-x\r\n"}.size());
    s.hold_writes();
    s.wait(1s);
    EXPECT_LE(s.said().size(), 7U);
    EXPECT_FALSE(s.waits());
    s.release_writes();
    EXPECT_TRUE(s.waits());
    EXPECT_EQ(s.logged(event_kind::sent), (lines{greeting.substr(0, 32), "250-x"}));
    s.eof();
    EXPECT_TRUE(s.logged(event_kind::note).back().ends_with("octets more were sent"));
}

TEST(smtp_rules, an_endless_reply_without_gap_has_one_of_a_millisecond) {
    scene sc{R"(<rule at="noop" bytes="x" endless="yes" gap="0s"/>)"};
    responder_session s{sc.host};
    (void)s.said();
    EXPECT_EQ(s.send("NOOP\r\n").wait(100ms).said().size(), 101U);
}

TEST(smtp_rules, then_ends_the_connection_after_the_octets) {
    scene sc{R"(<rule at="rcpt" reply="421 Bye" then="close"/>
                <rule at="mail" bytes="25" delay="1s" then="reset"/>
                <rule at="noop" then="silent"/>)"};
    responder_session closes{sc.host};
    (void)closes.said();
    EXPECT_EQ(closes.send("RCPT TO:<a>\r\nNOOP\r\n").said(), "421 Bye\r\n");
    EXPECT_TRUE(closes.closes());
    responder_session resets{sc.host};
    (void)resets.said();
    resets.send("MAIL FROM:<>\r\n");
    EXPECT_FALSE(resets.resets());
    EXPECT_EQ(resets.wait(1s).said(), "25");
    EXPECT_TRUE(resets.resets());
    EXPECT_FALSE(resets.closes());
    responder_session silent{sc.host};
    (void)silent.said();
    silent.send("NOOP\r\nQUIT\r\n").wait(1h);
    EXPECT_EQ(silent.said(), "");
    EXPECT_FALSE(silent.waits());
    EXPECT_EQ(silent.logged(event_kind::received), (lines{"NOOP", "QUIT"}));
}

TEST(smtp_rules, quit_ends_the_session_with_any_221) {
    scene sc{
        R"(<rule at="quit" times="1" reply="221 2.0.0 gone"/><rule at="quit" reply="500 no"/>)"};
    responder_session s{sc.host};
    EXPECT_TRUE(s.send("QUIT\r\n").closes());
    responder_session stays{sc.host};
    EXPECT_FALSE(stays.send("QUIT\r\n").closes());
}

TEST(smtp_rules, connect_comes_before_the_banner) {
    scene sc{R"(<rule at="connect" connection="1" delay="3s"/>
                <rule at="connect" connection="2" then="reset"/>
                <rule at="connect" connection="3" then="silent"/>
                <rule at="connect" connection="4" bytes="noise\r\n"/>)"};
    responder_session slow{sc.host};
    EXPECT_EQ(slow.wait(2s).said(), "");
    EXPECT_EQ(slow.wait(1s).said(), greeting);
    responder_session reset{sc.host};
    EXPECT_TRUE(reset.resets());
    responder_session silent{sc.host};
    EXPECT_EQ(silent.wait(1h).said(), "");
    EXPECT_FALSE(silent.closes());
    responder_session noise{sc.host};
    EXPECT_EQ(noise.said(), "noise\r\n" + greeting);
}

TEST(smtp_rules, octets_before_the_greeting_is_complete_are_early) {
    scene sc{R"(<rule at="banner" connection="1" delay="1s"/>
                <rule at="banner" connection="2" reply="220-a\n220 b" segments="2" gap="1s"/>
                <rule at="banner" connection="3" bytes="220-never ending\r\n" then="silent"/>
                <rule at="banner" connection="4" bytes="no reply at all\r\n"/>)"};
    responder_session s{sc.host};
    s.send("EHLO early\r\n");
    EXPECT_EQ(s.logged(event_kind::early_octets), lines{"EHLO early\r\n"});
    EXPECT_EQ(s.wait(1s).said(), greeting + "250 mx1.case1.test greets you\r\n");
    responder_session half{sc.host};
    half.wait(500ms).send("E");
    half.wait(1s).send("HLO\r\n");
    EXPECT_EQ(half.logged(event_kind::early_octets), lines{"E"});
    responder_session never{sc.host};
    never.send("QUIT\r\n");
    EXPECT_EQ(never.logged(event_kind::early_octets).size(), 1U);
    EXPECT_TRUE(never.logged(event_kind::greeting_done).empty());
    responder_session odd{sc.host};
    odd.send("QUIT\r\n");
    EXPECT_TRUE(odd.logged(event_kind::early_octets).empty());
}

TEST(smtp_rules, a_message_is_answered_after_its_dot) {
    scene sc{R"(<rule at="any" times="2" reply="354 any"/>
                <rule at="message" times="1" delay="1s" reply="554 5.6.0 no"/>)"};
    responder_session s{sc.host};
    (void)s.said();
    EXPECT_EQ(s.send("DATA\r\nline\r\n.\r\n").said(), "354 any\r\n"); // `any` is no message
    EXPECT_EQ(s.wait(1s).said(), "554 5.6.0 no\r\n");
    EXPECT_EQ(s.send("DATA\r\n.\r\n").said(), "354 any\r\n250 Message taken and forgotten\r\n");
}

/// Answers every command after MAIL with what it heard; leaves the rest to the script.
struct echoing_author : rule_author {
    const rule* next(at where, std::string_view argument, std::string_view line, cbv::instant) override {
        heard += std::to_string(static_cast<int>(where)) + "," + std::string{argument} + "," +
                 std::string{line} + ";";
        if (where != at::rcpt)
            return nullptr;
        written.octets = "550 " + std::string{argument} + "\r\n";
        return &written;
    }
    void on_message_line(std::string_view line) override { message += std::string{line} + "|"; }

    rule written;
    static inline std::string heard;
    static inline std::string message;
};

TEST(smtp_rules, an_author_is_asked_before_the_script) {
    scene sc{R"(<rule at="rcpt" reply="250 script"/><rule at="mail" reply="450 script"/>)"};
    std::string named;
    sc.host.author = [&](const host& h, const std::string& peer) {
        named += h.id + peer;
        return std::make_unique<echoing_author>();
    };
    responder_session s{sc.host, "192.0.2.1 port 7"};
    EXPECT_EQ(named, "mx1192.0.2.1 port 7");
    EXPECT_EQ(s.logged(event_kind::connected), lines{"192.0.2.1 port 7"});
    (void)s.said();
    EXPECT_EQ(s.send("MAIL FROM:<>\r\nRCPT TO:<a@b> X=1\r\n").said(), "450 script\r\n550 a@b\r\n");
    s.send("DATA\r\nSubject: x\r\n\r\n..y\r\n.\r\n");
    EXPECT_EQ(echoing_author::message, "Subject: x||..y|");
    EXPECT_NE(echoing_author::heard.find(",a@b,RCPT TO:<a@b> X=1;"), std::string::npos);
    EXPECT_TRUE(echoing_author::heard.ends_with(",,;")) << echoing_author::heard; // the message
}

TEST(smtp_rules, data_refused_is_no_message) {
    scene sc{R"(<rule at="data" reply="554 no"/>)"};
    responder_session s{sc.host};
    (void)s.said();
    EXPECT_EQ(s.send("DATA\r\nNOOP\r\n").said(), "554 no\r\n250 OK\r\n");
}

} // namespace
