// The session around the transactions: greeting, extensions, commands in any order and
// segmentation, AUTH, bounds, idle timer, shutdown. Transactions: receiver_transaction_test.cpp.
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

TEST(Receiver, GreetsAndListsItsExtensions) {
    auto options = server_options();
    options.max_message_size = 1000;
    session s(options);
    EXPECT_EQ(s.output, "220 mx.local.example ESMTP cbv\r\n");
    EXPECT_EQ(s.line("EHLO client.example"),
              "250-mx.local.example\r\n250-PIPELINING\r\n250-SIZE 1000\r\n250-8BITMIME\r\n"
              "250-SMTPUTF8\r\n250-ENHANCEDSTATUSCODES\r\n250 HELP\r\n");
    EXPECT_EQ(s.line("HELO client.example"), "250 mx.local.example\r\n");
}

TEST(Receiver, OffersOnlyWhatItHas) {
    auto options = server_options();
    options.replies.enhanced_codes = false;
    options.authenticate = [](std::string_view, std::string_view) { return true; };
    session s(options);
    const std::string extensions = s.line("EHLO c.example");
    EXPECT_EQ(extensions.find("ENHANCED"), extensions.npos);
    EXPECT_NE(extensions.find("250-AUTH PLAIN\r\n"), extensions.npos);
    EXPECT_EQ(s.line("NOOP"), "250 Ok\r\n"); // no enhanced code without the extension
}

struct exchange {
    const char* line;
    const char* reply;
};

TEST(Receiver, AnswersEachCommand) {
    const auto options = server_options();
    session s(options);
    const exchange exchanges[] = {
        {"MAIL FROM:<a@d.example>", "503 5.5.1 "},
        {"RCPT TO:<u1@local.example>", "503 5.5.1 "},
        {"DATA", "503 5.5.1 "},
        {"EHLO", "501 5.5.4 "},
        {"EHLO a b", "501 5.5.4 "},
        {"ehlo [198.51.100.7]", "250-"},
        {"NOOP whatever", "250 2.0.0 "},
        {"RSET", "250 2.0.0 "},
        {"RSET now", "501 5.5.4 "},
        {"VRFY u1", "252 2.0.0 "},
        {"VRFY", "501 5.5.4 "},
        {"EXPN list", "502 5.5.1 "},
        {"ETRN x", "502 5.5.1 "},
        {"BDAT 3 LAST", "502 5.5.1 "},
        {"STARTTLS", "502 5.5.1 "},
        {"AUTH PLAIN AAAA", "502 5.5.1 "},
        {"HELP", "214 2.0.0 "},
        {"WIZARD", "500 5.5.2 "},
        {"", "500 5.5.2 "},
        {"QUIT", "221 2.0.0 "},
    };
    for (const exchange& e : exchanges)
        EXPECT_TRUE(s.line(e.line).starts_with(e.reply)) << e.line << ": " << s.output;
    EXPECT_TRUE(s.closed);
    EXPECT_TRUE(s.machine.finished());
    EXPECT_EQ(s.line("NOOP"), ""); // nothing is read after QUIT
}

TEST(Receiver, LinesOutsideTheGrammarGetAnErrorAndNoMore) {
    const auto options = server_options();
    session s(options);
    EXPECT_TRUE(s.say("NOOP\n").starts_with("500 5.5.2 ")); // a bare LF
    EXPECT_TRUE(s.line("NOOP " + std::string(5000, 'x')).starts_with("500 5.5.2 "));
    EXPECT_TRUE(s.line("EHLO a\rb").starts_with("501 "));
    EXPECT_TRUE(s.line("NOOP").starts_with("250 "));
}

TEST(Receiver, TooManyBadCommandsEndTheSession) {
    const auto options = server_options();
    session s(options);
    for (unsigned i = 0; i < cbv::receiver::max_bad_commands; ++i)
        EXPECT_TRUE(s.line("WIZARD").starts_with("500 ")) << i;
    EXPECT_TRUE(s.line("NOOP").starts_with("250 "));
    EXPECT_TRUE(s.line("WIZARD").starts_with("421 4.7.0 "));
    EXPECT_TRUE(s.closed);
}

// --- AUTH ---------------------------------------------------------------------------------------

cbv::receiver_options with_auth() {
    auto options = server_options();
    options.authenticate = [](std::string_view user, std::string_view password) {
        return user == "joe" && password == "secret";
    };
    return options;
}

constexpr const char* good_credentials = "AGpvZQBzZWNyZXQ="; // NUL joe NUL secret

TEST(Receiver, AuthPlainWithInitialResponse) {
    const auto options = with_auth();
    session s(options);
    EXPECT_TRUE(s.line("AUTH PLAIN AAAA").starts_with("503 ")); // before EHLO
    s.line("EHLO c.example");
    EXPECT_TRUE(s.line(std::string("auth plain ") + good_credentials).starts_with("235 2.7.0 "));
    EXPECT_TRUE(s.line("AUTH PLAIN AAAA").starts_with("503 ")); // once
}

TEST(Receiver, AuthPlainWithChallenge) {
    const auto options = with_auth();
    session s(options);
    s.line("EHLO c.example");
    EXPECT_EQ(s.line("AUTH PLAIN"), "334 \r\n");
    EXPECT_TRUE(s.line("*").starts_with("501 5.7.0 "));
    EXPECT_EQ(s.line("AUTH PLAIN"), "334 \r\n");
    EXPECT_TRUE(s.line(good_credentials).starts_with("235 "));
}

TEST(Receiver, AuthRefusals) {
    const auto options = with_auth();
    session s(options);
    s.line("EHLO c.example");
    const exchange exchanges[] = {
        {"AUTH", "504 5.5.4 "},
        {"AUTH LOGIN", "504 5.5.4 "},
        {"AUTH PLAIN !!!!", "501 5.5.2 "},
        {"AUTH PLAIN AGpvZQBzZWNyZXQ", "501 5.5.2 "},  // no padding
        {"AUTH PLAIN AGpvZQBzZWNyZXR=", "501 5.5.2 "}, // padding hides a bit
        {"AUTH PLAIN am9l", "501 5.5.2 "},             // joe, no NUL
        {"AUTH PLAIN =", "501 5.5.2 "},
        {"AUTH PLAIN AGpvZQBzZWNyZXRY", "535 5.7.8 "},     // secretX
        {"AUTH PLAIN YW5uAGpvZQBzZWNyZXQ=", "535 5.7.8 "}, // as ann, by joe
        {"AUTH PLAIN am9lAGpvZQBzZWNyZXQ=", "235 2.7.0 "}, // as joe, by joe
    };
    for (const exchange& e : exchanges)
        EXPECT_TRUE(s.line(e.line).starts_with(e.reply)) << e.line << ": " << s.output;
}

// --- Segmentation and pipelining
// ------------------------------------------------------------------

const std::string whole_session =
    "EHLO c.example\r\n"
    "MAIL FROM:<good@d.example> SIZE=10\r\nRCPT TO:<u1@local.example>\r\n"
    "RCPT TO:<nobody@local.example>\r\nDATA\r\nSubject: x\r\n\r\n..dot\r\n.\r\n"
    "MAIL FROM:<bad@d.example>\r\nRCPT TO:<u1@local.example>\r\nRCPT TO:<Postmaster>\r\n"
    "RSET\r\nWIZARD\r\nMAIL FROM:<>\r\nRCPT TO:<v@local.example>\r\nDATA\r\n.\r\nQUIT\r\n";

cbv::verdict by_name(const cbv::mailbox& box) {
    return box.local_part == "good"
               ? cbv::test::make_verdict(verdict_kind::pass, cause::accepted)
               : cbv::test::make_verdict(verdict_kind::fail, cause::mailbox_refused);
}

TEST(Receiver, PipelinedSessionGetsTheSameReplies) {
    const auto options = server_options();
    session one(options);
    one.verdict_at_once = by_name;
    one.say(whole_session);
    EXPECT_EQ(codes_in(one.output),
              "220 250 250 250 550 354 250 250 550 250 250 500 250 250 354 250 221 ");
    EXPECT_TRUE(one.closed);
    ASSERT_EQ(one.messages.size(), 2U);
    EXPECT_EQ(one.messages[0].content, "Subject: x\r\n\r\n.dot\r\n");
    EXPECT_EQ(one.messages[1].content, "");
}

TEST(Receiver, EverySplitOfTheInputGivesTheSameSession) {
    const auto options = server_options();
    session reference(options);
    reference.verdict_at_once = by_name;
    reference.say(whole_session);
    for (std::size_t cut = 0; cut <= whole_session.size(); ++cut) {
        session s(options);
        s.verdict_at_once = by_name;
        s.say(std::string_view(whole_session).substr(0, cut));
        s.say(std::string_view(whole_session).substr(cut));
        ASSERT_EQ(s.output, reference.output) << "cut at " << cut;
        ASSERT_EQ(s.messages.size(), reference.messages.size());
        for (std::size_t i = 0; i < s.messages.size(); ++i)
            ASSERT_EQ(s.messages[i].content, reference.messages[i].content);
    }
    session octets(options);
    octets.verdict_at_once = by_name;
    for (const char c : whole_session)
        octets.say({&c, 1});
    EXPECT_EQ(octets.output, reference.output);
}

TEST(Receiver, EverySplitWithLateVerdictsToo) {
    const auto options = server_options();
    session reference(options);
    reference.verdict_at_once = by_name;
    reference.say(whole_session);
    for (std::size_t cut = 0; cut <= whole_session.size(); cut += 7) {
        session s(options);
        s.say(std::string_view(whole_session).substr(0, cut));
        std::size_t given = 0;
        const auto answer_all = [&] {
            for (; given < s.verified.size(); ++given)
                s.give(by_name(s.verified[given].box));
        };
        answer_all();
        s.say(std::string_view(whole_session).substr(cut));
        answer_all();
        ASSERT_EQ(s.output, reference.output) << "cut at " << cut;
    }
}

// --- Time, shutdown, end of file
// --------------------------------------------------------------------

TEST(Receiver, IdleClientGets421) {
    const auto options = server_options();
    session s(options);
    ASSERT_EQ(s.machine.deadline(), s.now + 300s);
    s.advance(200s);
    s.line("NOOP");
    EXPECT_EQ(s.machine.deadline(), s.now + 300s);
    s.advance(299s);
    s.say("NO"); // an unfinished line is no progress
    EXPECT_EQ(s.machine.deadline(), s.now + 1s);
    s.machine.on_time(s.now);
    s.drain();
    EXPECT_FALSE(s.closed);
    s.advance(1s);
    s.machine.on_time(s.now);
    s.drain();
    EXPECT_TRUE(
        s.output.ends_with("421 4.4.2 mx.local.example Timeout, closing the connection\r\n"));
    EXPECT_TRUE(s.closed);
    EXPECT_FALSE(s.machine.deadline());
}

TEST(Receiver, ShutdownTellsAnIdleClient) {
    const auto options = server_options();
    session s(options);
    s.machine.shutdown(s.now);
    s.drain();
    EXPECT_TRUE(s.output.ends_with("421 4.3.2 mx.local.example Server is shutting down\r\n"));
    EXPECT_TRUE(s.machine.finished());
    s.machine.shutdown(s.now); // again: nothing
    s.machine.on_eof(s.now);
    s.drain();
    EXPECT_TRUE(s.log.ends_with("send send close ")) << s.log;
}

TEST(Receiver, ShutdownWhileVerifyingAnswersTheRcpt) {
    const auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\nRCPT TO:<u1@local.example>\r\nQUIT\r\n");
    EXPECT_TRUE(s.log.ends_with("verify "));
    s.machine.shutdown(s.now);
    s.drain();
    EXPECT_EQ(codes_in(s.output), "220 250 250 421 ");
    EXPECT_TRUE(s.log.ends_with("cancel send close ")) << s.log;
}

TEST(Receiver, ShutdownWaitsForAMessageBeingStored) {
    const auto options = server_options();
    session s(options);
    s.store_at_once = false;
    s.say("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<u1@local.example>\r\nDATA\r\n.\r\nNOOP\r\n");
    s.machine.shutdown(s.now);
    s.drain();
    EXPECT_FALSE(s.closed);
    EXPECT_EQ(codes_in(s.stored(true)), "250 421 ");
    EXPECT_TRUE(s.closed);
}

TEST(Receiver, EndOfFileEndsEverything) {
    const auto options = server_options();
    for (const char* said : {"",
                             "EHLO c\r\nMA",
                             "EHLO c\r\nMAIL FROM:<>\r\n",
                             "EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<u1@local.example>\r\nDATA\r\nx"}) {
        session s(options);
        s.say(said);
        s.machine.on_eof(s.now);
        s.drain();
        EXPECT_TRUE(s.closed) << said;
        EXPECT_TRUE(s.machine.finished());
        EXPECT_FALSE(s.machine.deadline());
        EXPECT_TRUE(s.messages.empty());
        EXPECT_EQ(s.line("NOOP"), "");
    }
}

TEST(Receiver, QueueBehindAVerdictIsBounded) {
    const auto options = server_options();
    session s(options);
    s.say("EHLO c\r\nMAIL FROM:<a@d.example>\r\nRCPT TO:<u1@local.example>\r\n");
    EXPECT_TRUE(s.machine.wants_bytes());
    s.say(std::string(cbv::receiver::max_queued - 1, 'x'));
    EXPECT_TRUE(s.machine.wants_bytes());
    s.say("x");
    EXPECT_FALSE(s.machine.wants_bytes());
    s.say("\r\nNOOP\r\n"); // nothing is dropped all the same
    EXPECT_EQ(codes_in(s.give(verdict_kind::pass, cause::accepted)), "250 500 250 ");
    EXPECT_TRUE(s.machine.wants_bytes());
}

TEST(Receiver, LateEventsAreIgnored) {
    const auto options = server_options();
    session s(options);
    EXPECT_EQ(s.give(verdict_kind::fail, cause::mailbox_refused), "");
    EXPECT_EQ(s.stored(true), "");
    s.line("QUIT");
    EXPECT_EQ(s.give(verdict_kind::fail, cause::mailbox_refused), "");
    EXPECT_EQ(s.stored(false), "");
    s.machine.on_time(s.now + 1h);
    s.drain();
    EXPECT_TRUE(s.output.ends_with("221 2.0.0 mx.local.example closing the connection\r\n"));
}

} // namespace
