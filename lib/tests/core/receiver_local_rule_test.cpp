// Clients refused by a local rule: before any call, at RCPT, and never for the postmaster.
#include "receiver_session.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using cbv::cause;
using cbv::verdict_kind;
using cbv::test::codes_in;
using cbv::test::server_options;
using cbv::test::session;

constexpr const char* rcpt_u1 = "RCPT TO:<u1@local.example>";

cbv::receiver_options refusing() {
    auto o = server_options();
    o.refused_clients = {*cbv::ip_prefix::parse("198.51.100.0/25"),
                         *cbv::ip_prefix::parse("2001:db8:bad::/48")};
    return o;
}

TEST(ReceiverLocalRule, RefusesWithoutACall) { // CBV-ELIG-008
    const auto options = refusing();
    for (const char* client : {"198.51.100.0", "198.51.100.127", "2001:db8:bad::1"}) {
        session s(options, client);
        s.line("EHLO c");
        EXPECT_EQ(codes_in(s.line("MAIL FROM:<a@d.example>")), "250 ") << client;
        EXPECT_EQ(s.line(rcpt_u1), "550 5.7.1 Refused by a local rule\r\n") << client;
        EXPECT_EQ(s.line("RCPT TO:<u2@local.example>"), "550 5.7.1 Refused by a local rule\r\n");
        EXPECT_EQ(codes_in(s.line("DATA")), "503 ");
        EXPECT_TRUE(s.verified.empty());
        EXPECT_TRUE(s.machine.take_records().empty()) << "no verification, no record of one";
        EXPECT_FALSE(s.closed);
    }
}

TEST(ReceiverLocalRule, OthersAreVerified) {
    const auto options = refusing();
    for (const char* client : {"198.51.99.255", "198.51.100.128", "2001:db8:bad1::1"}) {
        session s(options, client);
        s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\n");
        EXPECT_EQ(s.line(rcpt_u1), "");
        EXPECT_EQ(s.verified.size(), 1U) << client;
        EXPECT_EQ(codes_in(s.give(verdict_kind::pass, cause::accepted)), "250 ");
    }
}

TEST(ReceiverLocalRule, ThePostmasterIsReached) { // CBV-ELIG-010
    const auto options = refusing();
    session s(options, "198.51.100.7");
    s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\n");
    EXPECT_EQ(codes_in(s.line("RCPT TO:<PostMaster>")), "250 ");
    EXPECT_EQ(codes_in(s.line(rcpt_u1)), "550 ");
    EXPECT_EQ(codes_in(s.line("DATA")), "354 ");
    EXPECT_EQ(codes_in(s.say("hello\r\n.\r\n")), "250 ");
    ASSERT_EQ(s.messages.size(), 1U);
    EXPECT_EQ(s.messages[0].recipients.size(), 1U);
    EXPECT_TRUE(s.verified.empty());
}

TEST(ReceiverLocalRule, OtherRefusalsKeepTheirReasons) {
    const auto options = refusing();
    session s(options, "198.51.100.7");
    s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\n");
    EXPECT_TRUE(s.line("RCPT TO:<nobody@local.example>").starts_with("550 5.1.1 "));
    EXPECT_TRUE(s.line("RCPT TO:<u1@elsewhere.example>").starts_with("550 5.7.1 Relaying"));
}

TEST(ReceiverLocalRule, HoldsForBouncesAndWithoutVerification) { // no call was due anyway
    auto options = refusing();
    options.verify = false;
    session s(options, "198.51.100.7");
    s.say("EHLO c\r\nMAIL FROM:<>\r\n");
    EXPECT_EQ(codes_in(s.line(rcpt_u1)), "550 ");
}

} // namespace
