// The front of a milter against scripted ones: flags, macros, answers, and what is none of them.
// The whole dialogue is compared with what an unmodified Postfix sent
// (data/postfix-3.7.11/milter-packets.txt).
#include "cbv/text.hpp"
#include "front_rig.hpp"
#include "milter_front.hpp"

#include <fstream>
#include <vector>

namespace cbv::engine {
namespace {

using testing::ms;
using namespace std::string_literals;
namespace answer = milter::answer;
namespace flag = milter::flag;

std::string negotiation(std::uint32_t protocol,
                        const std::string& lists = {},
                        std::uint32_t version = 6,
                        std::uint32_t actions = milter::all_actions) {
    std::string data;
    for (const auto number : {version, actions, protocol})
        milter::put_u32(data, number);
    return milter::encode(milter::command::negotiate, data + lists);
}

struct rig : testing::front_rig<milter_front> {
    /// Packets since the last call: "M<a>;" with NULs as "|"; "(connect)" and "(close)" as they
    /// are.
    std::string packets(bool macros = false) {
        std::string text;
        auto all = moves();
        for (std::string_view rest = all; !rest.empty();) {
            if (rest.starts_with('(')) {
                const auto end = rest.find(')') + 1;
                text += rest.substr(0, end);
                rest.remove_prefix(end);
                continue;
            }
            milter::packet_reader reader;
            if (reader.feed(rest) != milter::packet_reader::status::complete)
                return text + "?";
            auto p = reader.take();
            if (p.code == milter::command::macro && !macros)
                continue;
            for (auto& c : p.data)
                c = c == '\0' ? '|' : c;
            text += p.code + p.data + ";";
        }
        return text;
    }
    void say(char code, const std::string& data = {}, duration now = ms(0)) {
        target(milter::encode(code, data), now);
    }
    void begin(const std::string& answer_to_offer) {
        front.on_client_connected(ms(0));
        EXPECT_EQ(packets(), "(connect)");
        front.on_target_connected(ms(0));
        EXPECT_EQ(moves(), "\0\0\0\x0DO\0\0\0\6\0\0\1\xFF\0\x1F\xFF\xFF"s);
        target(answer_to_offer);
    }
    /// Up to the reply to EHLO.
    void greet() {
        say(answer::go_on);
        EXPECT_EQ(hears(), "220 verifier.target.test ESMTP\r\n");
        client("EHLO client.test\r\n");
        say(answer::go_on);
        EXPECT_TRUE(hears().starts_with("250-verifier.target.test\r\n"));
        packets();
    }
    void mail() {
        client("MAIL FROM:<good@a.test>\r\n");
        say(answer::go_on);
        EXPECT_EQ(hears(), "250 2.1.0 Ok\r\n");
        packets();
    }
    /// A session in which a recipient is being asked about.
    void ask(std::uint32_t protocol = 0) {
        begin(negotiation(protocol));
        greet();
        mail();
        EXPECT_EQ(client("RCPT TO:<user@target.test> NOTIFY=NEVER\r\n"), "");
        EXPECT_EQ(packets(), "R<user@target.test>|NOTIFY=NEVER|;");
    }
};

TEST(milter_front, tells_every_stage_and_waits_for_its_answer) {
    rig r;
    r.begin(negotiation(0));
    EXPECT_EQ(r.hears(), "");
    EXPECT_EQ(r.packets(),
              "C[198.51.100.7]|4\xA1\xAF"
              "198.51.100.7|;");
    r.greet();
    EXPECT_EQ(r.client("MAIL FROM:<\"a b\"@a.test> SIZE=9 BODY=8BITMIME\r\n"), "");
    EXPECT_EQ(r.packets(), "M<\"a b\"@a.test>|SIZE=9|BODY=8BITMIME|;");
    r.target_drips(milter::encode(answer::go_on));
    EXPECT_EQ(r.hears(), "250 2.1.0 Ok\r\n");
    r.client("RCPT TO:<user@target.test>\r\n");
    r.say(answer::go_on);
    EXPECT_EQ(r.client("DATA\r\n"), "250 2.1.5 Ok\r\n");
    EXPECT_EQ(r.packets(), "R<user@target.test>|;T;");
    r.say(answer::go_on);
    r.client("Subject: x\r\nA:b\r\n folded\r\n\r\nbody\r\n..dot\r\n.\r\n");
    std::string told;
    for (auto packet = r.packets(); !packet.empty(); packet = r.packets()) {
        told += packet;
        r.say(answer::go_on);
    }
    EXPECT_EQ(told, "LSubject|x|;LA|b\n folded|;N;Bbody\r\n.dot\r\n;E;");
    EXPECT_NE(r.hears().find("250 2.0.0 Ok: queued as 0123ABC1\r\n"), std::string::npos);
    r.client("QUIT\r\n");
    r.front.on_client_eof(ms(1));
    EXPECT_EQ(r.packets(), "Q;(close)");
    EXPECT_EQ(r.front.trouble(), "");
    EXPECT_NE(
        r.notes().find("to the milter: MAIL <\"a b\"@a.test> SIZE=9 BODY=8BITMIME\nthe milter "
                       "answers: CONTINUE\n"),
        std::string::npos);
}

TEST(milter_front, says_what_postfix_says) {
    std::vector<std::string> wanted;
    std::ifstream file{CBV_ENGINE_TEST_DATA "/postfix-3.7.11/milter-packets.txt"};
    for (std::string line; std::getline(file, line);)
        // Of macros Postfix gives fewer; an ABORT after an end or a QUIT has no meaning.
        if (!line.starts_with('#') && !line.starts_with('D') && line != "A")
            wanted.push_back(line);
    ASSERT_EQ(wanted.size(), 18U);

    std::vector<std::string> seen;
    rig r;
    const auto play = [&] { // the milter of the capture
        for (auto out = r.moves(); !out.empty(); out = r.moves()) {
            std::string_view rest = out;
            if (rest.starts_with("(connect)")) {
                rest.remove_prefix(9);
                r.front.on_target_connected(ms(0));
            }
            milter::packet_reader reader;
            while (!rest.empty() && !rest.starts_with("(close)") &&
                   reader.feed(rest) == milter::packet_reader::status::complete) {
                const auto p = reader.take();
                if (p.code == 'D' || p.code == 'A')
                    continue;
                seen.push_back(escape(p.code + p.data, 2000));
                const auto about = [&](const char* text) {
                    return p.data.find(text) != std::string::npos;
                };
                if (p.code == 'O')
                    r.target(negotiation(0));
                else if (p.code == 'Q')
                    continue;
                else if ((p.code == 'R' && about("<bad")) || about("badsender"))
                    r.say(answer::reject);
                else if (p.code == 'R' && about("<tmp"))
                    r.say(answer::temporary_failure);
                else if (p.code == 'R' && about("<code"))
                    r.say(answer::reply_code, "550-5.1.1 100%% no\r\n550 5.1.1 second\0"s);
                else if (p.code == 'R' && about("<disc"))
                    r.say(answer::discard);
                else
                    r.say(answer::go_on);
            }
        }
    };
    r.front.on_client_connected(ms(0));
    play();
    std::string replies;
    for (const auto* line : {"EHLO client.test",
                             "MAIL FROM:<good@a.test> SIZE=123 BODY=8BITMIME",
                             "RCPT TO:<user@target.test>",
                             "RCPT TO:<bad@target.test>",
                             "RCPT TO:<tmp@target.test>",
                             "RCPT TO:<code@target.test>",
                             "DATA",
                             "Subject: x\r\nA:b\r\n folded\r\n\r\nbody\r\n..dot\r\n.",
                             "MAIL FROM:<badsender@a.test>",
                             "RCPT TO:<user@target.test>",
                             "MAIL FROM:<>",
                             "RCPT TO:<disc@target.test>",
                             "RCPT TO:<bad@target.test>",
                             "RSET",
                             "QUIT"}) {
        replies += r.client(std::string{line} + "\r\n");
        play();
        replies += r.hears();
    }
    r.front.on_client_eof(ms(0));
    play();
    ASSERT_EQ(seen.size(), wanted.size());
    for (std::size_t i = 0; i < seen.size(); ++i) {
        if (!seen[i].starts_with('C')) { // the port
            EXPECT_EQ(seen[i], wanted[i]);
        }
    }
    for (const auto* reply : {"550 5.7.1 Command rejected\r\n",
                              "451 4.7.1 Service unavailable - try again later\r\n",
                              "550-5.1.1 100% no\r\n550 5.1.1 second\r\n",
                              "503 5.5.1 Error: need MAIL command\r\n"})
        EXPECT_NE(replies.find(reply), std::string::npos) << reply;
}

TEST(milter_front, gives_the_macros_of_each_stage) {
    rig r;
    r.begin(negotiation(0));
    const auto connect = r.packets(true);
    for (const auto* macro : {"DCj|verifier.target.test|",
                              "{daemon_name}|verifier.target.test|",
                              "v|",
                              "_|unknown [198.51.100.7]|",
                              "{client_addr}|198.51.100.7|",
                              "{client_name}|unknown|",
                              "{client_port}|41391|",
                              "{client_ptr}|unknown|"})
        EXPECT_NE(connect.find(macro), std::string::npos) << macro;
    r.greet();
    r.client("MAIL FROM:<good@a.test>\r\n");
    EXPECT_EQ(r.packets(true),
              "DMi|0123ABC1|{mail_addr}|good@a.test|{mail_host}|a.test|{mail_mailer}|smtp|;"
              "M<good@a.test>|;");
    r.say(answer::go_on);
    r.client("RCPT TO:<user@target.test>\r\n");
    EXPECT_EQ(
        r.packets(true),
        "DRi|0123ABC1|{rcpt_addr}|user@target.test|{rcpt_host}|target.test|{rcpt_mailer}|local|;"
        "R<user@target.test>|;");
}

TEST(milter_front, gives_the_macros_the_milter_asks_for) {
    std::string lists;
    milter::put_u32(lists, 0); // CONNECT
    milter::put_text(lists, "j, {nonsense}");
    milter::put_u32(lists, 3); // RCPT
    milter::put_text(lists, "{mail_addr} i r s f");
    milter::put_u32(lists, 77); // of a later protocol
    milter::put_text(lists, "x");
    rig r;
    r.begin(negotiation(0, lists));
    EXPECT_TRUE(r.packets(true).starts_with("DCj|verifier.target.test|;C"));
    r.greet();
    r.mail();
    r.client("RCPT TO:<user@target.test>\r\n");
    EXPECT_EQ(r.packets(true),
              "DR{mail_addr}|good@a.test|i|0123ABC1|r|ESMTP|s|client.test|f|good@a.test|;R<user@"
              "target.test>|;");
}

TEST(milter_front, does_not_tell_what_is_not_wanted) {
    rig r;
    r.begin(negotiation(flag::no_connect | flag::no_helo | flag::no_mail | flag::no_data |
                        flag::no_headers | flag::no_end_of_headers | flag::no_body));
    EXPECT_EQ(r.packets(true).substr(0, 2), "DC"); // macros nevertheless, as Postfix
    EXPECT_EQ(r.hears(), "220 verifier.target.test ESMTP\r\n");
    r.client("EHLO c\r\n");
    EXPECT_EQ(r.client("MAIL FROM:<good@a.test>\r\nRCPT TO:<u@t.test>\r\n").substr(0, 3), "250");
    EXPECT_EQ(r.packets(), "R<u@t.test>|;");
    r.say(answer::go_on);
    EXPECT_EQ(r.client("DATA\r\nA: b\r\n\r\nx\r\n.\r\n"),
              "250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n");
    EXPECT_EQ(r.packets(), "E;");
    rig none;
    none.begin(negotiation(flag::no_recipient));
    none.greet();
    none.mail();
    EXPECT_EQ(none.client("RCPT TO:<u@t.test>\r\n"), "250 2.1.5 Ok\r\n");
    EXPECT_EQ(none.packets(), "");
}

TEST(milter_front, does_not_wait_for_answers_that_do_not_come) {
    rig r;
    r.begin(negotiation(flag::mute_connect | flag::mute_helo | flag::mute_mail |
                        flag::mute_recipient | flag::mute_data | flag::mute_header |
                        flag::mute_end_of_headers | flag::mute_body));
    EXPECT_EQ(r.hears(), "220 verifier.target.test ESMTP\r\n");
    r.packets();
    r.client("EHLO c\r\nMAIL FROM:<good@a.test>\r\nRCPT TO:<u@t.test>\r\nDATA\r\n");
    EXPECT_EQ(r.packets(), "Hc|;M<good@a.test>|;R<u@t.test>|;T;");
    r.client("A: b\r\n\r\nx\r\n.\r\n");
    EXPECT_EQ(r.packets(), "LA|b|;N;Bx\r\n;E;");
    r.say(answer::go_on);
    EXPECT_TRUE(r.hears().starts_with("250 2.0.0 Ok"));
    EXPECT_EQ(r.front.trouble(), "");
}

TEST(milter_front, keeps_the_space_of_a_header_where_asked) {
    rig r;
    r.begin(negotiation(flag::leading_space | flag::mute_header | flag::no_connect | flag::no_helo |
                        flag::no_mail | flag::no_recipient | flag::no_data));
    r.client("EHLO c\r\nMAIL FROM:<>\r\nRCPT TO:<u@t.test>\r\nDATA\r\nA:  b\r\n\r\n.\r\n");
    EXPECT_EQ(r.packets(), "LA|  b|;N;");
}

TEST(milter_front, an_older_milter_is_told_what_it_knows) {
    rig r;
    r.begin(negotiation(0, {}, 2));
    r.greet();
    r.mail();
    r.client("RCPT TO:<u@t.test>\r\n");
    r.say(answer::go_on);
    EXPECT_EQ(r.client("DATA\r\n"), "250 2.1.5 Ok\r\n354 End data with <CR><LF>.<CR><LF>\r\n");
    EXPECT_EQ(r.packets(), "R<u@t.test>|;");
}

TEST(milter_front, turns_answers_into_replies) {
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

TEST(milter_front, asks_no_more_about_a_message_that_is_decided) {
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

TEST(milter_front, aborts_what_has_no_end) {
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

TEST(milter_front, an_answer_at_connect_or_helo_is_for_the_session) {
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

TEST(milter_front, progress_prolongs_the_wait) {
    rig r;
    r.ask();
    EXPECT_EQ(r.front.deadline(), ms(10000));
    r.say(answer::progress, {}, ms(9000));
    EXPECT_EQ(r.front.deadline(), ms(19000));
    r.front.on_time(ms(18999));
    r.say(answer::go_on, {}, ms(18999));
    EXPECT_EQ(r.hears(), "250 2.1.5 Ok\r\n");
}

TEST(milter_front, notes_modifications_at_the_end_only) {
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

TEST(milter_front, what_is_not_of_the_protocol_is_trouble) {
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

TEST(milter_front, a_negotiation_that_fails_is_trouble) {
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

TEST(milter_front, a_lost_milter_defers_everything) {
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

TEST(milter_front, a_milter_that_is_not_there_is_trouble) {
    rig r;
    r.front.on_client_connected(ms(0));
    r.front.on_target_refused("Connection refused", ms(0));
    EXPECT_EQ(r.front.trouble(), "no connection to the milter: Connection refused");
    EXPECT_TRUE(r.front.hung_up());
    EXPECT_EQ(r.hears(), "");
}

TEST(milter_front, a_silent_milter_leaves_the_client_without_a_reply) {
    rig r;
    r.ask();
    r.front.on_time(ms(10000));
    EXPECT_EQ(r.hears(), "");
    EXPECT_TRUE(r.front.hung_up());
    EXPECT_EQ(r.packets(), "(close)");
}

TEST(milter_front, refuses_what_cannot_be_told) {
    rig r;
    r.begin(negotiation(0));
    r.greet();
    EXPECT_EQ(r.client("MAIL FROM:<a\0b@a.test>\r\n"s), "501 5.1.7 Bad sender address syntax\r\n");
    EXPECT_EQ(r.packets(), "");
}

} // namespace
} // namespace cbv::engine
