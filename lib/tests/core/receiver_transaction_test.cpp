// Transactions of a session: MAIL parameters and paths, the checks before a call, the one decision,
// its replies. DATA and what is stored: receiver_data_test.cpp.
#include "receiver_session.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::verdict_kind;
using cbv::test::codes_in;
using cbv::test::server_options;
using cbv::test::session;

constexpr const char* rcpt_u1 = "RCPT TO:<u1@local.example>";

struct exchange {
    std::string line;
    const char* reply;
};

TEST(ReceiverMail, ParametersAndPaths) {
    auto options = server_options();
    options.max_message_size = 1000;
    const std::string utf8 = "\xC3\xA4";
    const exchange exchanges[] = {
        {"<a@d.example> SIZE=1000", "250 2.1.0 "},
        {"<a@d.example> SIZE=1001", "552 5.3.4 "},
        {"<a@d.example> SIZE=99999999999999999999", "552 5.3.4 "},
        {"<a@d.example> SIZE=", "501 5.5.4 "},
        {"<a@d.example> SIZE=x", "501 5.5.4 "},
        {"<a@d.example> SIZE", "501 5.5.4 "},
        {"<a@d.example> SIZE=1 SIZE=1", "501 5.5.4 "},
        {"<a@d.example> body=8bitmime", "250 2.1.0 "},
        {"<a@d.example> BODY=7BIT", "250 2.1.0 "},
        {"<a@d.example> BODY=BINARYMIME", "501 5.5.4 "},
        {"<a@d.example> BODY", "501 5.5.4 "},
        {"<a@d.example> SMTPUTF8", "250 2.1.0 "},
        {"<a@d.example> SMTPUTF8=1", "501 5.5.4 "},
        {"<a@d.example> AUTH=<>", "555 5.5.4 "}, // AUTH is not offered
        {"<a@d.example> RET=HDRS", "555 5.5.4 "},
        {"<a@d.example> X=1=2", "501 5.5.4 "},
        {"<" + utf8 + "@d.example>", "550 5.6.7 "},
        {"<a@" + utf8 + ".example>", "550 5.6.7 "},
        {"<" + utf8 + "@d.example> SMTPUTF8", "250 2.1.0 "},
        {"<\xFF@d.example> SMTPUTF8", "501 5.1.7 "},
        {"<a@@b>", "501 5.1.7 "}, // CBV-ELIG-009
        {"a@d.example", "501 5.1.7 "},
        {"<\"a\rb\"@d.example>", "501 5.1.7 "}, // CBV-ADDR-005
        {std::string("<\"a\0b\"@d.example>", 18), "501 5.1.7 "},
        {"<" + std::string(65, 'x') + "@d.example>", "250 2.1.0 "}, // CBV-ADDR-006
        {"<a@" + std::string(64, 'd') + ".example>", "501 5.1.7 "},
        {"<a@d_1.example>", "250 2.1.0 "}, // CBV-ADDR-011
        {"<" + std::string(64, 'x') + "@d.example>", "250 2.1.0 "},
        {"<>", "250 2.1.0 "},
        {"<@r.example:a@d.example>", "250 2.1.0 "}, // CBV-ADDR-003
        {" <a@d.example>", "250 2.1.0 "},
        {"<postmaster>", "501 5.1.7 "},
    };
    for (const exchange& e : exchanges) {
        session s(options);
        s.line("EHLO c.example");
        const std::string reply = s.line("MAIL FROM:" + e.line);
        EXPECT_TRUE(reply.starts_with(e.reply)) << e.line << ": " << reply;
        if (reply[0] != '2') {
            EXPECT_EQ(codes_in(s.line(rcpt_u1)), "503 ") << e.line;
        }
        EXPECT_TRUE(s.verified.empty() || reply[0] == '2');
    }
}

TEST(ReceiverMail, AuthParameterWhenOffered) {
    auto options = server_options();
    options.authenticate = [](std::string_view, std::string_view) { return false; };
    session s(options);
    s.line("EHLO c");
    EXPECT_EQ(codes_in(s.line("MAIL FROM:<a@d.example> AUTH=<>")), "250 ");
}

TEST(ReceiverMail, NoParametersAfterHelo) {
    const auto options = server_options();
    session s(options);
    s.line("HELO c");
    EXPECT_EQ(codes_in(s.line("MAIL FROM:<a@d.example> SIZE=1")), "555 ");
    EXPECT_EQ(codes_in(s.line("MAIL FROM:<a@d.example>")), "250 ");
}

TEST(ReceiverMail, OneAtATime) {
    const auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\n");
    EXPECT_EQ(codes_in(s.line("MAIL FROM:<b@d.example>")), "503 ");
    s.line("EHLO again"); // as RSET
    EXPECT_EQ(codes_in(s.line("MAIL FROM:<b@d.example>")), "250 ");
}

TEST(ReceiverRcpt, RefusalsBeforeAnyCall) { // CBV-ELIG-006
    auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\n");
    const exchange exchanges[] = {
        {"<nobody@local.example>", "550 5.1.1 "},
        {"<u1@elsewhere.example>", "550 5.7.1 "},
        {"<u1%elsewhere.example@local.example>", "550 5.1.1 "},
        {"<u1@[192.0.2.25]>", "550 5.7.1 "},
        {"<>", "501 5.1.3 "},
        {"<u1>", "501 5.1.3 "},
        {"<u1@local.example> NOTIFY=NEVER", "555 5.5.4 "},
        {"<\xC3\xA4@local.example>", "553 5.6.7 "},
        {"u1@local.example", "501 5.1.3 "},
    };
    for (const exchange& e : exchanges) {
        const std::string reply = s.line("RCPT TO:" + e.line);
        EXPECT_TRUE(reply.starts_with(e.reply)) << e.line << ": " << reply;
    }
    EXPECT_EQ(codes_in(s.line("RCPT FROM:<u1@local.example>")), "501 ");
    EXPECT_TRUE(s.verified.empty());
    EXPECT_TRUE(s.machine.take_records().empty());
    EXPECT_EQ(codes_in(s.line("DATA")), "503 ");
}

TEST(ReceiverRcpt, OneCallForAllRecipients) { // CBV-ELIG-007, CBV-RPLY-007
    const auto options = server_options();
    session s(options);
    s.line("EHLO c");
    EXPECT_EQ(codes_in(s.line("MAIL FROM:<bad@d.example>")), "250 ");
    EXPECT_EQ(s.line(rcpt_u1), ""); // waits
    EXPECT_EQ(s.say("RCPT TO:<u2@local.example>\r\nRCPT TO:<nobody@local.example>\r\nDATA\r\n"),
              "");
    EXPECT_FALSE(s.machine.deadline());
    const std::string reply = s.give(verdict_kind::fail, cause::mailbox_refused);
    EXPECT_EQ(codes_in(reply), "550 550 550 503 ");
    EXPECT_TRUE(reply.starts_with("550-5.1.0 The return path <bad@d.example> was checked"));
    EXPECT_EQ(s.verified.size(), 1U);
    EXPECT_EQ(s.machine.take_records().size(), 1U);
}

TEST(ReceiverRcpt, RepliesAreFlushedBeforeTheWait) { // CBV-TIME-009
    const auto options = server_options();
    session s(options);
    EXPECT_EQ(
        codes_in(s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\nRCPT TO:<u1@local.example>\r\n")),
        "250 250 ");
    EXPECT_TRUE(s.log.ends_with("send verify ")) << s.log;
}

struct outcome {
    verdict_kind kind;
    cause why;
    const char* reply;
};

TEST(ReceiverRcpt, SessionSurvivesEveryVerdict) { // CBV-RPLY-006, CBV-ELIG-011
    const outcome outcomes[] = {
        {verdict_kind::pass, cause::accepted, "250 "},
        {verdict_kind::fail, cause::mailbox_refused, "550 "},
        {verdict_kind::tempfail, cause::timeout, "451 "},
        {verdict_kind::unverifiable, cause::prober_refused, "250 "},
        {verdict_kind::none, cause::exempt, "250 "},
    };
    const auto options = server_options();
    session s(options);
    s.line("EHLO c");
    for (int round = 0; round < 30; ++round) {
        for (const outcome& o : outcomes) {
            s.line("MAIL FROM:<a@d.example>");
            EXPECT_EQ(s.line(rcpt_u1), "");
            EXPECT_EQ(codes_in(s.give(o.kind, o.why)), o.reply);
            if (o.reply[0] != '2') {
                EXPECT_EQ(codes_in(s.line("DATA")), "503 ");
            }
            EXPECT_EQ(codes_in(s.line("RSET")), "250 ");
        }
    }
    EXPECT_FALSE(s.closed);
    EXPECT_EQ(s.verified.size(), 150U);
}

TEST(ReceiverRcpt, NoCallIsDue) {
    auto options = server_options();
    options.eligibility.paths = {"news@d.example"};
    struct {
        const char* path;
        const char* reply;
        verdict_kind kind;
        cause why;
        const char* requirement;
    } const cases[] = {
        {"", "250 ", verdict_kind::none, cause::null_reverse_path, "CBV-ELIG-001"},
        {"news@d.example", "250 ", verdict_kind::none, cause::exempt, "CBV-ELIG-003"},
        {"u2@LOCAL.example", "250 ", verdict_kind::none, cause::exempt, "CBV-ELIG-004"},
        {"nobody@local.example",
         "550 ",
         verdict_kind::fail,
         cause::mailbox_refused,
         "CBV-ELIG-004"},
        {"POSTMASTER@local.example", "250 ", verdict_kind::none, cause::exempt, "CBV-ELIG-004"},
    };
    for (const auto& c : cases) {
        session s(options);
        s.line("EHLO c");
        s.line(std::string("MAIL FROM:<") + c.path + ">");
        EXPECT_EQ(codes_in(s.line(rcpt_u1)), c.reply) << c.path;
        EXPECT_EQ(codes_in(s.line("RCPT TO:<u2@local.example>")), c.reply) << c.path;
        EXPECT_TRUE(s.verified.empty());
        const auto records = s.machine.take_records();
        ASSERT_EQ(records.size(), 1U) << c.path;
        EXPECT_EQ(records[0].result.kind, c.kind);
        EXPECT_EQ(records[0].result.why, c.why);
        EXPECT_EQ(records[0].result.requirement, c.requirement);
        EXPECT_EQ(records[0].answer.has_value(), c.reply[0] != '2');
    }
}

TEST(ReceiverRcpt, AuthenticatedClientIsNotVerified) { // CBV-ELIG-002
    auto options = server_options();
    options.authenticate = [](std::string_view, std::string_view) { return true; };
    session s(options);
    s.say("EHLO c\r\nAUTH PLAIN AGEAYg==\r\nMAIL FROM:<nobody@local.example>\r\n");
    EXPECT_EQ(codes_in(s.line(rcpt_u1)), "250 ");
    s.say("DATA\r\n.\r\n");
    ASSERT_EQ(s.messages.size(), 1U);
    EXPECT_EQ(s.messages[0].protocol, "ESMTPA");
}

TEST(ReceiverRcpt, PostmasterIsNeverRefusedNorCalledFor) { // CBV-ELIG-010
    const auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<bad@d.example>\r\n");
    EXPECT_EQ(codes_in(s.line("RCPT TO:<PostMaster>")), "250 ");
    EXPECT_EQ(codes_in(s.line("RCPT TO:<\"postMASTER\"@local.example>")), "250 ");
    EXPECT_EQ(codes_in(s.line("RCPT TO:<postmaster@elsewhere.example>")), "550 ");
    EXPECT_TRUE(s.verified.empty());
    s.line(rcpt_u1);
    EXPECT_EQ(codes_in(s.give(verdict_kind::fail, cause::mailbox_refused)), "550 ");
    EXPECT_EQ(codes_in(s.line("RCPT TO:<postmaster@local.example>")), "250 ");
    EXPECT_EQ(codes_in(s.line("DATA")), "354 ");
}

TEST(ReceiverRcpt, WithoutVerificationNothingIsDecided) {
    auto options = server_options();
    options.verify = false;
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<nobody@local.example>\r\n");
    EXPECT_EQ(codes_in(s.line(rcpt_u1)), "250 ");
    EXPECT_TRUE(s.machine.take_records().empty());
}

TEST(ReceiverRcpt, TooManyRecipientsGet452) {
    auto options = server_options();
    options.max_recipients = 2;
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<>\r\n");
    EXPECT_EQ(codes_in(s.say("RCPT TO:<u1@local.example>\r\nRCPT TO:<u2@local.example>\r\n"
                             "RCPT TO:<v@local.example>\r\n")),
              "250 250 452 ");
}

TEST(ReceiverRcpt, ResetQueuedBehindTheVerdictTakesEffectAfterIt) { // CBV-ELIG-011
    const auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<bad@d.example>\r\nRCPT TO:<u1@local.example>\r\nRSET\r\n"
          "MAIL FROM:<good@d.example>\r\nRCPT TO:<u1@local.example>\r\n");
    const auto arrived = s.now;
    s.advance(40s);
    EXPECT_EQ(codes_in(s.give(verdict_kind::fail, cause::mailbox_refused)), "550 250 250 ");
    ASSERT_EQ(s.verified.size(), 2U);
    EXPECT_EQ(s.verified[1].box.local_part, "good");
    EXPECT_EQ(s.verified[1].facts.client_waits_since, arrived); // CBV-TIME-003
    EXPECT_EQ(codes_in(s.give(verdict_kind::pass, cause::accepted)), "250 ");
}

TEST(ReceiverRcpt, LossOfTheClientCancels) { // CBV-LOAD-006
    const auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\nRCPT TO:<u1@local.example>\r\nNOOP\r\n");
    s.advance(3s);
    s.machine.on_eof(s.now);
    s.drain();
    EXPECT_TRUE(s.log.ends_with("verify cancel close ")) << s.log;
    const auto records = s.machine.take_records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].result.why, cause::cancelled);
    EXPECT_FALSE(records[0].answer);
    EXPECT_EQ(records[0].total, cbv::duration(3s));
}

TEST(ReceiverRcpt, RecordTellsTheDecision) { // CBV-TRC-001
    const auto options = server_options();
    session s(options, "2001:db8::7");
    s.say("EHLO client.example\r\nMAIL FROM:<@r.example:Bad@d.example>\r\n");
    s.line(rcpt_u1);
    EXPECT_EQ(s.verified.at(0).box.to_string(), "Bad@d.example");
    s.advance(1500ms);
    s.give(verdict_kind::fail, cause::mailbox_refused);
    const auto records = s.machine.take_records();
    ASSERT_EQ(records.size(), 1U);
    EXPECT_EQ(records[0].helo, "client.example");
    EXPECT_EQ(records[0].client.to_string(), "2001:db8::7");
    EXPECT_EQ(records[0].reverse_path, "Bad@d.example");
    EXPECT_EQ(records[0].recipient, "u1@local.example");
    EXPECT_EQ(records[0].total, cbv::duration(1500ms));
    EXPECT_EQ(records[0].answer->code, 550);
    EXPECT_TRUE(s.machine.take_records().empty());
}
} // namespace
