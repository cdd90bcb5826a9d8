// Tests of fakemx/demo/demo.hpp and its sessions: dialogues in virtual time, by the responder that
// plays them on sockets as well.
#include "fakemx/demo/demo.hpp"
#include "responder_session.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using namespace cbv::fakemx::demo;
using cbv::fakemx::test::responder_session;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

struct heard : observer {
    void
    on_fault(const std::string&, at where, const std::string& whose, const fault& what) override {
        faults.push_back(what.words + " at " + std::string{stage_text(where)} + " of " + whose);
    }
    void on_message(const message_summary& m) override { messages.push_back(m); }
    void on_hint(const std::string&, const std::string& text) override { hints.push_back(text); }

    std::vector<std::string> faults;
    std::vector<std::string> hints;
    std::vector<message_summary> messages;
};

/// A demo, and the main host or that of a site.
struct stage {
    explicit stage(const std::string& labels = {}, const std::string& always = {})
        : played({"demo.test", {*cbv::ip_address::parse("127.0.0.1")}, true},
                 always.empty() ? site{} : read_site(always),
                 address_allocator{},
                 ears) {
        w = played.main();
        if (!labels.empty())
            w = played.more(labels + ".demo.test").value();
        host_ = std::make_unique<smtp_host>(w.hosts.front());
        host_->author = [this](const host& h, const std::string& peer) {
            return played.author(h, peer);
        };
    }
    responder_session connect(const std::string& peer = "192.0.2.1 port 1000") {
        return responder_session{*host_, peer};
    }

    heard ears;
    demo::demo played;
    world w;
    std::unique_ptr<smtp_host> host_;
};

const std::string greeting = "220 mx.demo.test ESMTP fake-mx\r\n";
const std::string sender_ok = "250 2.1.0 Sender OK\r\n";
const std::string rcpt_ok = "250 2.1.5 Recipient OK\r\n";

/// The reply to RCPT in a session of its own.
std::string ask(stage& s, const std::string& recipient, const std::string& sender = "") {
    auto session = s.connect();
    session.send("MAIL FROM:<" + sender + ">\r\n");
    (void)session.said();
    return session.send("RCPT TO:<" + recipient + ">\r\n").said();
}

TEST(demo_session, ordinary_names_are_accepted_and_others_are_not) {
    stage s;
    EXPECT_EQ(ask(s, "user@demo.test"), rcpt_ok);
    EXPECT_EQ(ask(s, "Postmaster"), rcpt_ok);
    EXPECT_EQ(ask(s, "jane.doe@example.org"), rcpt_ok);
    EXPECT_EQ(ask(s, "jane.doe@catch-all.demo.test"), rcpt_ok);
    EXPECT_THAT(ask(s, "jane.doe@demo.test"), StartsWith("550 5.1.1 No such user. Accepted: good"));
    EXPECT_TRUE(s.ears.hints.empty());
    EXPECT_EQ(ask(s, "slwo-5s@demo.test"),
              "550 5.1.1 slwo-5s is no word; near: slow (fake-mx --demo --list)\r\n");
    EXPECT_EQ(ask(s, "slwo-5s@example.org"), rcpt_ok);
    EXPECT_THAT(s.ears.hints, ElementsAre("accepted: slwo-5s is no word; near: slow"));
}

TEST(demo_session, words_hold_in_every_domain) {
    stage s;
    EXPECT_THAT(ask(s, "full@demo.test"), StartsWith("452 4.2.2 "));
    EXPECT_THAT(ask(s, "full@example.org"), StartsWith("452 4.2.2 "));
    EXPECT_THAT(ask(s, "\"full\"@[192.0.2.1]"), StartsWith("452 4.2.2 "));
    EXPECT_THAT(s.ears.faults,
                ElementsAre("full at RCPT of full@demo.test",
                            "full at RCPT of full@example.org",
                            "full at RCPT of \"full\"@[192.0.2.1]"));
}

TEST(demo_session, a_word_too_early_for_its_command_says_so) {
    stage s;
    EXPECT_THAT(ask(s, "mail-550@demo.test"), StartsWith("550 5.1.1 mail-550 comes before RCPT"));
    EXPECT_THAT(ask(s, "banner-421@example.org"), StartsWith("550 5.1.1 banner-421 comes before"));
    EXPECT_THAT(ask(s, "user@banner-421.demo.test"),
                StartsWith("550 5.1.2 banner-421 is played be"));
    EXPECT_THAT(ask(s, "user@nxdomain.demo.test"),
                StartsWith("550 5.1.2 nxdomain is played before"));
    EXPECT_THAT(ask(s, "user@nxdomian.demo.test"), StartsWith("550 5.1.2 nxdomian is no word for"));
    EXPECT_EQ(ask(s, "user@v6only.demo.test"), rcpt_ok);
    EXPECT_THAT(ask(s, "user@552.demo.test"), StartsWith("552 "));
    EXPECT_THAT(ask(s, "full@552.demo.test"), StartsWith("452 4.2.2")); // the nearer one wins
}

TEST(demo_session, senders_play_at_mail_or_at_their_stage) {
    stage s;
    auto session = s.connect();
    EXPECT_THAT(session.send("MAIL FROM:<451@x.org>\r\n").said(), HasSubstr("\r\n451 Local error"));
    EXPECT_EQ(session.send("RCPT TO:<user@demo.test>\r\n").said(), "503 5.5.1 MAIL first\r\n");
    EXPECT_EQ(ask(s, "user@demo.test", "rcpt-550-5.1.1@x.org").substr(0, 9), "550 5.1.1");
    EXPECT_EQ(ask(s, "user@demo.test", "jane.doe@demo.test"), rcpt_ok);
    EXPECT_EQ(ask(s, "user@demo.test", "user@banner-554.demo.test"), rcpt_ok);
}

TEST(demo_session, the_name_in_ehlo_plays_from_there_on) {
    stage s;
    auto session = s.connect();
    (void)session.said();
    EXPECT_THAT(session.send("EHLO ehlo-502.demo.test\r\n").said(), StartsWith("502 "));
    EXPECT_EQ(session.send("HELO mail-451.demo.test\r\n").said(), "250 mx.demo.test\r\n");
    EXPECT_THAT(session.send("MAIL FROM:<>\r\n").said(), StartsWith("451 "));
    EXPECT_EQ(session.send("HELO www.demo.test\r\nMAIL FROM:<>\r\n").said(),
              "250 mx.demo.test\r\n" + sender_ok);
}

TEST(demo_session, a_message_is_summed_up_and_dropped) {
    stage s;
    auto session = s.connect();
    session.send(
        "MAIL FROM:<me@x.org>\r\nRCPT TO:<user@demo.test>\r\nRCPT TO:<full@demo.test>\r\n");
    (void)session.said();
    EXPECT_EQ(session.send("DATA\r\n").said(), "354 Go ahead\r\n");
    EXPECT_EQ(session
                  .send("from: A <a@b>\r\nSUBJECT:  Hello\r\n world\r\nX: y\r\n z\r\n\r\n"
                        "Subject: in the body\r\n..dot\r\n.\r\n")
                  .said(),
              "250 2.6.0 Message taken and forgotten\r\n");
    ASSERT_EQ(s.ears.messages.size(), 1U);
    const auto& m = s.ears.messages.front();
    EXPECT_EQ(m.from, "A <a@b>");
    EXPECT_EQ(m.subject, "Hello world");
    EXPECT_EQ(m.to, "");
    EXPECT_EQ(m.sender, "me@x.org");
    EXPECT_THAT(m.recipients, ElementsAre("user@demo.test"));
    EXPECT_TRUE(m.taken);
    EXPECT_EQ(m.octets, 80U);
    EXPECT_EQ(m.peer, "192.0.2.1 port 1000");
}

TEST(demo_session, faults_of_recipients_come_at_data_and_at_the_message) {
    stage s;
    auto session = s.connect();
    session.send("MAIL FROM:<>\r\nRCPT TO:<user@demo.test>\r\nRCPT TO:<data-554@demo.test>\r\n");
    (void)session.said();
    EXPECT_THAT(session.send("DATA\r\n").said(), StartsWith("554 Transaction failed"));
    session.send("MAIL FROM:<>\r\nRCPT TO:<spam.data-slow-2s@demo.test>\r\n");
    (void)session.said();
    EXPECT_EQ(session.send("DATA\r\n").wait(1s).said(), "");
    EXPECT_EQ(session.wait(1s).said(), "354 Go ahead\r\n");
    EXPECT_THAT(session.send("x\r\n.\r\n").said(), StartsWith("554 5.7.1 This looks like spam"));
    EXPECT_FALSE(s.ears.messages.back().taken);
    session.send("MAIL FROM:<>\r\nRCPT TO:<user@demo.test>\r\n"); // all of it is over
    (void)session.said();
    EXPECT_EQ(session.send("DATA\r\n").said(), "354 Go ahead\r\n");
}

TEST(demo_session, the_order_of_commands_is_kept) {
    stage s;
    auto session = s.connect();
    (void)session.said();
    EXPECT_EQ(session.send("RCPT TO:<user@demo.test>\r\n").said(), "503 5.5.1 MAIL first\r\n");
    EXPECT_EQ(session.send("DATA\r\n").said(), "503 5.5.1 MAIL first\r\n");
    session.send("MAIL FROM:<>\r\nRCPT TO:<bad@demo.test>\r\n");
    (void)session.said();
    EXPECT_EQ(session.send("DATA\r\n").said(), "554 5.5.1 No valid recipients\r\n");
    EXPECT_EQ(session.send("RCPT TO:<user@demo.test>\r\nRSET\r\nDATA\r\n").said(),
              rcpt_ok + "250 2.0.0 OK\r\n503 5.5.1 MAIL first\r\n");
}

TEST(demo_session, greylisting_knows_client_sender_and_recipient) {
    stage s;
    EXPECT_THAT(ask(s, "grey@demo.test"), StartsWith("451 4.7.1"));
    EXPECT_EQ(ask(s, "grey@demo.test"), rcpt_ok);
    EXPECT_THAT(ask(s, "grey+2@demo.test"), StartsWith("451 4.7.1"));
    EXPECT_THAT(ask(s, "grey@demo.test", "a@b.org"), StartsWith("451 4.7.1"));
    auto other = s.connect("192.0.2.9 port 1000");
    other.send("MAIL FROM:<>\r\n");
    (void)other.said();
    EXPECT_THAT(other.send("RCPT TO:<grey@demo.test>\r\n").said(), StartsWith("451 4.7.1"));
}

TEST(demo_session, a_site_has_its_own_greeting_and_more) {
    stage s{"banner-slow-2s.mail-451"};
    auto session = s.connect();
    EXPECT_EQ(session.wait(1s).said(), "");
    EXPECT_EQ(session.wait(1s).said(),
              "220 mx.banner-slow-2s.mail-451.demo.test ESMTP fake-mx\r\n");
    EXPECT_THAT(session.send("MAIL FROM:<>\r\n").said(), StartsWith("451 "));
    EXPECT_THAT(
        s.ears.faults,
        ElementsAre(StartsWith("banner-slow-2s at the greeting of banner-slow-2s.mail-451."),
                    StartsWith("mail-451 at MAIL of")));
}

TEST(demo_session, always_is_played_by_the_main_host) {
    stage s{"", "any-slow-1s.no-size.catch-all"};
    auto session = s.connect();
    EXPECT_EQ(session.said(), "");
    EXPECT_EQ(session.wait(1s).said(), greeting);
    session.send("EHLO x\r\n").wait(1s);
    EXPECT_THAT(session.said(), ::testing::Not(HasSubstr("SIZE")));
    session.send("MAIL FROM:<>\r\n").wait(1s);
    EXPECT_EQ(session.said(), sender_ok);
    session.send("RCPT TO:<jane@demo.test>\r\n").wait(1s);
    EXPECT_EQ(session.said(), rcpt_ok);
    EXPECT_EQ(s.ears.faults.size(), 1U); // told once
    EXPECT_EQ(problem_as_always(read_site("nxdomain")),
              "words for the DNS or for connections say nothing here");
    EXPECT_NE(problem_as_always(read_site("nxdomian")), "");
    EXPECT_EQ(problem_as_always(read_site("banner-421")), "");
}

TEST(demo_session, a_user_name_plays_at_auth_and_after) {
    stage s;
    auto session = s.connect();
    (void)session.said();
    EXPECT_EQ(session.send("AUTH PLAIN\r\n").said(), "334 \r\n");
    EXPECT_EQ(session.send("AHNsb3ctMXMucmNwdC00NTEAeA==\r\n").wait(500ms).said(), "");
    EXPECT_EQ(session.wait(500ms).said(), "235 2.7.0 Welcome\r\n"); // slow-1s.rcpt-451
    EXPECT_EQ(session.send("AUTH PLAIN\r\n").said(), "503 5.5.1 Logged in already\r\n");
    (void)session.send("MAIL FROM:<>\r\n").said();
    EXPECT_THAT(session.send("RCPT TO:<user@demo.test>\r\n").said(), StartsWith("451 "));
    EXPECT_THAT(ask(s, "auth-535@demo.test"),
                StartsWith("550 5.1.1 auth-535 comes before RCPT: say it in a domain or as user"));
    stage slow{"", "any-slow-1s"};
    auto other = slow.connect();
    other.wait(1s).send("AUTH LOGIN YQ==\r\n");
    other.send("YQ==\r\n").wait(1s);
    EXPECT_EQ(other.said(), greeting + "334 UGFzc3dvcmQ6\r\n235 2.7.0 Welcome\r\n");
}

TEST(demo_session, hostile_paths_are_refused_in_plain_ascii) {
    stage s;
    for (const auto& path : {std::string("a\0b@demo.test", 13),
                             std::string("a\x1b[31m@demo.test"),
                             std::string("{name}{path}{line}"),
                             std::string("\xFF\xFE@demo.test"),
                             std::string(300, 'a') + "@demo.test",
                             "user@" + std::string(300, 'a') + ".demo.test",
                             std::string("@"),
                             std::string("")}) {
        const auto reply = ask(s, path);
        EXPECT_THAT(reply, StartsWith("501 5.1.3 ")) << reply;
        EXPECT_TRUE(reply.ends_with("\r\n"));
        EXPECT_LT(reply.size(), 330U);
        for (const char c : reply.substr(0, reply.size() - 2))
            EXPECT_TRUE(c >= 0x20 && c < 0x7F) << reply;
    }
    EXPECT_EQ(ask(s, "user@demo.test", "a\x01@x"), "503 5.5.1 MAIL first\r\n");
}

TEST(demo, names_call_for_worlds) {
    stage s;
    EXPECT_EQ(s.played.more("demo.test"), std::nullopt);
    EXPECT_EQ(s.played.more("example.org"), std::nullopt);
    EXPECT_TRUE(s.played.more("mail-451.demo.test"));
    EXPECT_FALSE(s.played.more("mail-451.demo.test")); // is there already
    EXPECT_FALSE(s.played.more("mx.mail-451.demo.test"));
    EXPECT_FALSE(s.played.more("_dmarc.mail-451.demo.test"));
    EXPECT_TRUE(s.played.more("banner-slow.mail-451.demo.test"));
    EXPECT_TRUE(s.ears.hints.empty());
    EXPECT_FALSE(s.played.more("nxdomian.demo.test"));
    EXPECT_FALSE(s.played.more("nxdomian.demo.test")); // and is told once
    EXPECT_THAT(s.ears.hints,
                ElementsAre("nxdomian.demo.test does not exist: nxdomian is no word for a domain; "
                            "near: nxdomain"));
}

TEST(demo, worlds_are_bounded) {
    stage s;
    for (std::size_t i = 0; i < demo::demo::most_sites; ++i)
        ASSERT_TRUE(s.played.more("dns-slow-" + std::to_string(i) + "ms.demo.test"));
    EXPECT_THROW((void)s.played.more("mail-451.demo.test"), std::runtime_error);
}

} // namespace
