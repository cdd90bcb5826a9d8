// Tests of fakemx/smtp_responder.hpp: the plain server, and every segmentation of what a client
// says. What rules change is in smtp_rules_test.cpp.
#include "fakemx/smtp_responder.hpp"
#include "load_text.hpp"
#include "responder_session.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using cbv::fakemx::test::load;
using cbv::fakemx::test::responder_session;
using lines = std::vector<std::string>;

const std::string dialogue = "EHLO me\r\nMAIL FROM:<> SIZE=1\r\nRCPT TO:<a@b.test>\r\nDATA\r\n"
                             "Subject: x\r\n\r\nQUIT\r\n..\r\n.\r\nRSET\r\nnoop x\r\nVRFY a\r\n"
                             "HELP\r\nSTARTTLS\r\nGET / HTTP/1.1\r\n\r\nQUIT\r\n";
const std::string replies = "220 mx1.case1.test ESMTP fake-mx\r\n"
                            "250-mx1.case1.test greets you\r\n250-PIPELINING\r\n250 SIZE 9\r\n"
                            "250 Sender OK\r\n250 Recipient OK\r\n354 Go ahead\r\n"
                            "250 Message taken and forgotten\r\n250 OK\r\n250 OK\r\n"
                            "252 Cannot verify, will try\r\n214 This is a fake MX\r\n"
                            "502 Command not implemented\r\n500 Command unknown\r\n"
                            "500 Command unknown\r\n221 Bye\r\n";

TEST(smtp_responder, is_a_plain_server_in_every_segmentation) {
    const auto w = load(R"(<world><host id="mx1" keywords="PIPELINING;SIZE 9"/></world>)");
    const auto check = [&](const std::vector<std::string>& pieces) {
        smtp_host h{w.hosts[0]};
        responder_session s{h};
        for (const auto& piece : pieces)
            s.send(piece);
        EXPECT_EQ(s.said(), replies);
        EXPECT_TRUE(s.closes());
        EXPECT_FALSE(s.resets());
        EXPECT_EQ(s.logged(event_kind::received),
                  (lines{"EHLO me",
                         "MAIL FROM:<> SIZE=1",
                         "RCPT TO:<a@b.test>",
                         "DATA",
                         "RSET",
                         "noop x",
                         "VRFY a",
                         "HELP",
                         "STARTTLS",
                         "GET / HTTP/1.1",
                         "",
                         "QUIT"}));
        lines notes;
        for (const auto& note : s.logged(event_kind::note))
            if (note != pipelined_note)
                notes.push_back(note);
        EXPECT_EQ(notes, lines{"a message of 24 octets"});
        EXPECT_TRUE(s.logged(event_kind::early_octets).empty());
        EXPECT_EQ(s.log().back().first, event_kind::closed);
    };
    check({dialogue});
    std::vector<std::string> single;
    for (const char c : dialogue)
        single.emplace_back(1, c);
    check(single);
    for (std::size_t cut = 1; cut < dialogue.size(); ++cut)
        check({dialogue.substr(0, cut), dialogue.substr(cut)});
}

TEST(smtp_responder, logs_in_the_order_of_things) {
    const auto w = load(R"(<world><host id="mx1"/></world>)");
    smtp_host h{w.hosts[0]};
    responder_session s{h};
    s.send("HELO x\r\n");
    EXPECT_EQ(s.connection(), 1U);
    s.eof();
    EXPECT_TRUE(s.closes());
    using enum event_kind;
    EXPECT_EQ(s.log(),
              (std::vector<std::pair<event_kind, std::string>>{
                  {connected, ""},
                  {sent, "220 mx1.case1.test ESMTP fake-mx"},
                  {greeting_done, ""},
                  {received, "HELO x"},
                  {sent, "250 mx1.case1.test"},
                  {peer_closed, ""},
                  {closed, ""},
              }));
}

TEST(smtp_responder, notes_lines_that_did_not_wait_for_the_answer_before) {
    const auto w = load(R"(<world><host id="mx1"><rule at="rset" delay="1s"/></host></world>)");
    smtp_host h{w.hosts[0]};
    responder_session s{h};
    const auto count = [&] {
        const auto notes = s.logged(event_kind::note);
        return std::count(notes.begin(), notes.end(), pipelined_note);
    };
    s.send("NOOP\r\n").send("NOOP\r\n");
    EXPECT_EQ(count(), 0);
    s.send("NOOP\r\nNOOP\r\n"); // in one write: the second cannot have waited
    EXPECT_EQ(count(), 1);
    s.send("RSET\r\n").send("NOOP\r\n"); // before a delayed answer
    EXPECT_EQ(count(), 2);
    s.wait(1s).send("NOOP\r\n");
    EXPECT_EQ(count(), 2);
}

TEST(smtp_responder, uses_enhanced_codes_when_it_offers_them) {
    const auto w = load(R"(<world><host id="mx1" keywords="enhancedstatuscodes"/></world>)");
    smtp_host h{w.hosts[0]};
    responder_session s{h};
    (void)s.said();
    s.send("EHLO x\r\nMAIL FROM:<>\r\nRCPT TO:<x>\r\nQUIT\r\n");
    EXPECT_EQ(s.said(),
              "250-mx1.case1.test greets you\r\n250 enhancedstatuscodes\r\n250 2.1.0 Sender OK\r\n"
              "250 2.1.5 Recipient OK\r\n221 2.0.0 Bye\r\n");
}

TEST(smtp_responder, notes_odd_lines_and_bounds_them) {
    const auto w = load(R"(<world><host id="mx1"/></world>)");
    smtp_host h{w.hosts[0]};
    responder_session s{h};
    s.send("NOOP\n").send(std::string(100'000, 'x')).send("\r\n");
    EXPECT_EQ(s.logged(event_kind::note).size(), 2U);
    EXPECT_LT(s.logged(event_kind::received)[1].size(), 3000U);
}

TEST(smtp_responder, goes_on_logging_after_its_end) {
    const auto w = load(R"(<world><host id="mx1"><rule at="mail" then="close"/></host></world>)");
    smtp_host h{w.hosts[0]};
    responder_session s{h};
    (void)s.said();
    s.send("MAIL FROM:<>\r\nRCPT TO:<a@b>\r\n");
    EXPECT_TRUE(s.closes());
    EXPECT_EQ(s.said(), "");
    s.send("QUIT\r\n");
    s.eof();
    EXPECT_EQ(s.logged(event_kind::received), (lines{"MAIL FROM:<>", "RCPT TO:<a@b>", "QUIT"}));
    EXPECT_EQ(s.logged(event_kind::closed).size(), 1U);
    EXPECT_EQ(s.logged(event_kind::peer_closed).size(), 1U);
}

TEST(smtp_responder, gives_up_what_is_pending_when_the_peer_goes) {
    const auto w = load(R"(<world><host id="mx1"><rule at="any" delay="5s"/></host></world>)");
    smtp_host h{w.hosts[0]};
    responder_session s{h};
    (void)s.said();
    s.send("HELO x\r\nNOOP\r\n");
    EXPECT_TRUE(s.waits());
    s.eof();
    EXPECT_TRUE(s.closes());
    EXPECT_FALSE(s.waits());
    EXPECT_EQ(s.wait(60s).said(), "");

    responder_session other{h};
    other.send("HELO x\r\n");
    other.peer_resets();
    EXPECT_FALSE(other.closes());
    EXPECT_FALSE(other.waits());
    EXPECT_EQ(other.logged(event_kind::peer_reset).size(), 1U);
    EXPECT_EQ(other.connection(), 2U);
}

TEST(smtp_responder, bounds_the_lines_that_wait) {
    const auto w =
        load(R"(<world><host id="mx1"><rule at="noop" times="1" delay="5s"/></host></world>)");
    smtp_host h{w.hosts[0]};
    responder_session s{h};
    (void)s.said();
    for (int i = 0; i < 1500; ++i)
        s.send("NOOP\r\n");
    s.wait(10s);
    EXPECT_EQ(s.said().size(), 1001 * std::string{"250 OK\r\n"}.size());
    EXPECT_EQ(s.logged(event_kind::received).size(), 1500U);
}

} // namespace
