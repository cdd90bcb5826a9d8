// What a milter is told: stages, flags, macros. The whole dialogue is compared with what an
// unmodified Postfix sent (data/postfix-3.7.11/milter-packets.txt).
#include "cbv/text.hpp"
#include "milter_rig.hpp"

#include <fstream>
#include <vector>

namespace cbv::engine {
namespace {

using testing::ms;
using testing::negotiation;
using rig = testing::milter_rig;
using namespace std::string_literals;
namespace answer = milter::answer;
namespace flag = milter::flag;

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

TEST(milter_front, tells_of_a_client_by_ipv6) {
    const auto e = milter::tell_connect(*ip_address::parse("2001:db8::7"), 258);
    EXPECT_EQ(e.data, "[2001:db8::7]\0006\001\0022001:db8::7\0"s);
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

} // namespace
} // namespace cbv::engine
