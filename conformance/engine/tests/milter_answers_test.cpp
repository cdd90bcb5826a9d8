// What a milter's answers make of the session, and what is no answer: the front of a milter against
// scripted ones.
#include "milter_rig.hpp"

namespace cbv::engine {
namespace {

using testing::ms;
using testing::negotiation;
using rig = testing::milter_rig;
using namespace std::string_literals;
namespace answer = milter::answer;
namespace flag = milter::flag;

TEST(milter_answers, turns_answers_into_replies) {
    const struct {
        char code;
        std::string data, reply;
        bool ended;
    } rows[] = {
        {answer::go_on, "", "250 2.1.5 Ok\r\n", false},
        {answer::accept, "", "250 2.1.5 Ok\r\n", false},
        {answer::discard, "", "250 2.1.5 Ok\r\n", false},
        {answer::skip, "", "250 2.1.5 Ok\r\n", false},
        {answer::reject, "", "550 5.7.1 Command rejected\r\n", false},
        {answer::temporary_failure,
         "",
         "451 4.7.1 Service unavailable - try again later\r\n",
         false},
        {answer::reply_code, "550 5.1.8 nobody\0"s, "550 5.1.8 nobody\r\n", false},
        {answer::reply_code, "421 4.7.0 away\0"s, "421 4.7.0 away\r\n", true},
        {answer::shutdown, "", "421 4.7.0 Server closing connection\r\n", true},
        {answer::connection_failure, "", "421 4.7.0 Server closing connection\r\n", true},
    };
    for (const auto& row : rows) {
        rig r;
        r.ask();
        r.say(row.code, row.data);
        EXPECT_EQ(r.hears(), row.reply) << row.code;
        EXPECT_EQ(r.front.hung_up(), row.ended) << row.code;
        EXPECT_EQ(r.front.trouble(), "") << row.code;
    }
}

TEST(milter_answers, asks_no_more_about_a_message_that_is_decided) {
    for (const char code : {answer::accept, answer::discard}) {
        rig r;
        r.ask();
        r.say(code);
        r.hears();
        EXPECT_EQ(r.client("RCPT TO:<two@t.test>\r\nDATA\r\nx\r\n.\r\n").substr(0, 12),
                  "250 2.1.5 Ok");
        EXPECT_EQ(r.packets(), "A;");
        r.client("MAIL FROM:<>\r\n"); // but about the next
        EXPECT_EQ(r.packets(), "M<>|;");
    }
}

TEST(milter_answers, aborts_what_has_no_end) {
    rig r;
    r.ask();
    r.say(answer::go_on);
    r.client("RSET\r\n");
    EXPECT_EQ(r.packets(), "A;");
    r.client("RSET\r\n");
    EXPECT_EQ(r.packets(), "");
    r.client("MAIL FROM:<>\r\n");
    r.packets();
    r.say(answer::reject);
    EXPECT_EQ(r.packets(), "A;");
}

TEST(milter_answers, an_answer_at_connect_or_helo_is_for_the_session) {
    rig accepted;
    accepted.begin(negotiation(0));
    accepted.packets();
    accepted.say(answer::accept);
    EXPECT_EQ(accepted.packets(), "Q;(close)");
    EXPECT_EQ(accepted.client("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<u@t.test>\r\n").substr(0, 3),
              "220");
    EXPECT_EQ(accepted.packets(), "");
    rig refused;
    refused.begin(negotiation(0));
    refused.say(answer::go_on);
    refused.client("EHLO c\r\n");
    refused.say(answer::reject);
    EXPECT_EQ(refused.hears(), "550 5.7.1 Command rejected\r\n");
    EXPECT_EQ(refused.client("MAIL FROM:<>\r\n"), "550 5.7.1 Command rejected\r\n");
    rig denied;
    denied.begin(negotiation(0));
    denied.say(answer::reject);
    EXPECT_TRUE(denied.hears().starts_with("554 "));
    rig later;
    later.begin(negotiation(0));
    later.say(answer::temporary_failure);
    EXPECT_EQ(later.hears(), "220 verifier.target.test ESMTP\r\n");
    EXPECT_EQ(later.client("EHLO c\r\nMAIL FROM:<>\r\n"),
              "451 4.7.1 Service unavailable - try again later\r\n"
              "451 4.7.1 Service unavailable - try again later\r\n");
}

TEST(milter_answers, progress_prolongs_the_wait) {
    rig r;
    r.ask();
    EXPECT_EQ(r.front.deadline(), ms(10000));
    r.say(answer::progress, {}, ms(9000));
    EXPECT_EQ(r.front.deadline(), ms(19000));
    r.front.on_time(ms(18999));
    r.say(answer::go_on, {}, ms(18999));
    EXPECT_EQ(r.hears(), "250 2.1.5 Ok\r\n");
}

TEST(milter_answers, notes_modifications_at_the_end_only) {
    rig r;
    r.ask(flag::no_data | flag::no_headers | flag::no_end_of_headers | flag::no_body);
    r.say(answer::go_on);
    r.client("DATA\r\nx\r\n.\r\n");
    r.say(answer::add_header, "X-A\0b\0"s);
    r.say(answer::quarantine, "why\0"s);
    r.say(answer::go_on);
    EXPECT_TRUE(r.hears().starts_with("250 2.0.0 Ok"));
    EXPECT_NE(r.notes().find("the milter answers: ADDHEADER X-A b\n"), std::string::npos);
    rig early;
    early.ask();
    early.say(answer::add_header, "X-A\0b\0"s);
    EXPECT_NE(early.front.trouble().find("ADDHEADER before the end of the message"),
              std::string::npos);
}

TEST(milter_answers, what_is_not_of_the_protocol_is_trouble) {
    const std::pair<std::string, std::string> rows[] = {
        {"\0\0\0\0"s, "a packet of 0 octets; expected 1 to 131072"},
        {"\x7F\0\0\0"s, "a packet of 2130706432 octets; expected 1 to 131072"},
        {milter::encode('!'), "the answer \"!\"; expected one of the protocol"},
        {milter::encode(answer::go_on, "x"), "CONTINUE with 1 octets of data; expected none"},
        {milter::encode(answer::go_on) + milter::encode(answer::go_on),
         "CONTINUE, which nobody waits for"},
        {milter::encode(answer::delete_recipient, "x\0"s), "DELRCPT before the end"},
    };
    for (const auto& [octets, what] : rows) {
        rig r;
        r.ask();
        r.target(octets);
        EXPECT_TRUE(
            r.front.trouble().starts_with("the milter's answer is not of the protocol: " + what))
            << r.front.trouble();
        EXPECT_EQ(r.packets(), "(close)");
        r.hears();
        EXPECT_EQ(r.client("RCPT TO:<two@t.test>\r\n"),
                  "451 4.7.1 Service unavailable - try again later\r\n");
    }
    rig reply;
    reply.ask();
    reply.say(answer::reply_code, "250 fine\0"s);
    EXPECT_EQ(reply.front.trouble(), "the milter's REPLYCODE is no SMTP reply: 250 fine\\x00");
    EXPECT_TRUE(reply.hears().starts_with("451 4.3.5 "));
}

TEST(milter_answers, a_negotiation_that_fails_is_trouble) {
    const std::pair<std::string, std::string> rows[] = {
        {milter::encode('O', "\0\0\0\6"s), "an OPTNEG of less than 12 octets"},
        {negotiation(0, {}, 7), "version 7; expected 2 to 6"},
        {negotiation(0, {}, 1), "version 1; expected 2 to 6"},
        {negotiation(0, {}, 6, 1U << 9U), "actions that were not offered"},
        {negotiation(0, "\0\0\0\1x"s), "a list of macros without its end"},
        {milter::encode(answer::go_on), "\"c\" in answer to OPTNEG; expected OPTNEG"},
    };
    for (const auto& [octets, what] : rows) {
        rig r;
        r.begin(octets);
        EXPECT_EQ(r.front.trouble(), "the milter's answer is not of the protocol: " + what);
        EXPECT_EQ(r.client("EHLO c\r\n"),
                  "220 verifier.target.test ESMTP\r\n"
                  "451 4.7.1 Service unavailable - try again later\r\n");
    }
}

TEST(milter_answers, a_lost_milter_defers_everything) {
    rig r;
    r.ask();
    r.target("\0\0"s);
    r.front.on_target_eof(ms(5));
    EXPECT_EQ(r.hears(), "451 4.7.1 Service unavailable - try again later\r\n");
    EXPECT_EQ(r.client("RSET\r\nMAIL FROM:<>\r\n"),
              "250 2.0.0 Ok\r\n451 4.7.1 Service unavailable - try again later\r\n");
    EXPECT_EQ(r.front.trouble(), "");
    EXPECT_NE(r.notes().find("the milter closed the connection within a packet"),
              std::string::npos);
    rig idle;
    idle.begin(negotiation(0));
    idle.greet();
    idle.front.on_target_eof(ms(5));
    EXPECT_EQ(idle.client("MAIL FROM:<>\r\n"),
              "451 4.7.1 Service unavailable - try again later\r\n");
}

TEST(milter_answers, a_milter_that_is_not_there_is_trouble) {
    rig r;
    r.front.on_client_connected(ms(0));
    r.front.on_target_refused("Connection refused", ms(0));
    EXPECT_EQ(r.front.trouble(), "no connection to the milter: Connection refused");
    EXPECT_TRUE(r.front.hung_up());
    EXPECT_EQ(r.hears(), "");
}

TEST(milter_answers, a_silent_milter_leaves_the_client_without_a_reply) {
    rig r;
    r.ask();
    r.front.on_time(ms(10000));
    EXPECT_EQ(r.hears(), "");
    EXPECT_TRUE(r.front.hung_up());
    EXPECT_EQ(r.packets(), "(close)");
}

TEST(milter_answers, refuses_what_cannot_be_told) {
    rig r;
    r.begin(negotiation(0));
    r.greet();
    EXPECT_EQ(r.client("MAIL FROM:<a\0b@a.test>\r\n"s), "501 5.1.7 Bad sender address syntax\r\n");
    EXPECT_EQ(r.packets(), "");
}

} // namespace
} // namespace cbv::engine
