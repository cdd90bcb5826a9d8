// DATA of a session: where the content ends, dots, size, what is stored and with which envelope.
#include "receiver_session.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using cbv::cause;
using cbv::verdict_kind;
using cbv::test::codes_in;
using cbv::test::server_options;
using cbv::test::session;

const std::string open_data = "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<u1@local.example>\r\nDATA\r\n";

TEST(ReceiverData, OnlyCrLfDotCrLfEndsIt) { // RFC 5321 section 4.1.1.4
    const char* const smuggled[] = {
        "a\n.\n",
        "a\n.\r\n",
        "a\r\n.\n",
        "a\r.\r",
        "a\r\n.\r",
        "a\r\r\n.\n",
        "a\r\n.\r\r",
        "a\r\n\n.\r\n",
        ".\n.\r\n",
        "a\r\n.x\r\n",
    };
    const auto options = server_options();
    for (const char* text : smuggled) {
        session s(options);
        s.say(open_data);
        EXPECT_EQ(s.say(text), "") << testing::PrintToString(text);
        EXPECT_TRUE(s.messages.empty());
        const std::string end = s.say("\r\n.\r\nNOOP\r\n");
        EXPECT_TRUE(end.ends_with("250 2.0.0 Ok\r\n")) << testing::PrintToString(text);
        EXPECT_EQ(end.starts_with("550 5.6.0"), std::string(text) != "a\r\n.x\r\n")
            << testing::PrintToString(text);
    }
}

TEST(ReceiverData, SmuggledCommandsStayContent) {
    const auto options = server_options();
    session s(options);
    s.say(open_data);
    const std::string reply = s.say("x\n.\nMAIL FROM:<evil@d.example>\r\n.\r\n");
    EXPECT_EQ(codes_in(reply), "550 ");
    EXPECT_TRUE(s.messages.empty());
}

TEST(ReceiverData, DotStuffingIsUndoneOnce) {
    const auto options = server_options();
    session s(options);
    s.say(open_data);
    s.say("..\r\n...\r\n.a\r\nb.\r\n.\r\n");
    ASSERT_EQ(s.messages.size(), 1U);
    EXPECT_EQ(s.messages[0].content, ".\r\n..\r\na\r\nb.\r\n");
}

TEST(ReceiverData, TooBigIsReadToItsEndAndRefused) {
    auto options = server_options();
    options.max_message_size = 100;
    session s(options);
    s.say(open_data);
    EXPECT_EQ(codes_in(s.say(std::string(98, 'x') + "\r\n.\r\n")), "250 ");
    s.say("MAIL FROM:<>\r\nRCPT TO:<u1@local.example>\r\nDATA\r\n");
    EXPECT_EQ(s.say(std::string(100000, 'x')), "");
    EXPECT_TRUE(s.say("\r\n.\r\n").starts_with("552 5.3.4 "));
    EXPECT_EQ(codes_in(s.line("NOOP")), "250 ");
    EXPECT_EQ(s.messages.size(), 1U);
}

TEST(ReceiverData, AcceptedOnlyWhenStored) {
    const auto options = server_options();
    session s(options);
    s.store_at_once = false;
    s.say(open_data);
    EXPECT_EQ(s.say("x\r\n.\r\nRSET\r\n"), "");
    EXPECT_FALSE(s.machine.deadline());
    EXPECT_TRUE(s.stored(true).starts_with("250 2.0.0 Message accepted\r\n250 2.0.0 Ok\r\n"));
    s.say("MAIL FROM:<>\r\nRCPT TO:<u1@local.example>\r\nDATA\r\nx\r\n.\r\n");
    EXPECT_TRUE(s.stored(false).starts_with("451 4.3.0 "));
    EXPECT_EQ(codes_in(s.line("DATA")), "503 "); // the transaction is over either way
}

TEST(ReceiverData, MessageTellsItsEnvelope) {
    const auto options = server_options();
    session s(options);
    s.verdict_at_once = [](const cbv::mailbox&) {
        return cbv::test::make_verdict(verdict_kind::pass, cause::accepted);
    };
    s.say("HELO c.example\r\nMAIL FROM:<a@d.example>\r\nRCPT TO:<u1@local.example>\r\n"
          "RCPT TO:<Postmaster>\r\nDATA\r\nx\r\n.\r\n");
    s.say("EHLO c.example\r\nMAIL FROM:<\xC3\xA4@d.example> SMTPUTF8\r\n"
          "RCPT TO:<u2@local.example>\r\nDATA\r\nx\r\n.\r\n");
    ASSERT_EQ(s.messages.size(), 2U);
    const auto& m = s.messages[0];
    EXPECT_EQ(m.reverse_path, "a@d.example");
    ASSERT_EQ(m.recipients.size(), 2U);
    EXPECT_EQ(m.recipients[0].to_string(), "u1@local.example");
    EXPECT_EQ(m.recipients[1].to_string(), "Postmaster");
    EXPECT_EQ(m.helo, "c.example");
    EXPECT_EQ(m.client.to_string(), "198.51.100.7");
    EXPECT_EQ(m.protocol, "SMTP");
    EXPECT_EQ(s.messages[1].protocol, "UTF8SMTP");
}

TEST(ReceiverData, DataTakesNoArgument) {
    const auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<u1@local.example>\r\n");
    EXPECT_EQ(codes_in(s.line("DATA now")), "501 ");
    EXPECT_EQ(codes_in(s.line("DATA")), "354 ");
}

} // namespace
