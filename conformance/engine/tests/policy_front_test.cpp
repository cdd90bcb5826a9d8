// The front of a policy server against a scripted one, and its requests against those that an
// unmodified Postfix sent (data/postfix-3.7.11/policy-requests.txt).
#include "front_rig.hpp"
#include "policy_front.hpp"

#include <fstream>
#include <map>
#include <sstream>
#include <vector>

namespace cbv::engine {
namespace {

using testing::ms;
using namespace std::string_literals;

struct rig : testing::front_rig<policy_front> {
    rig() {
        front.on_client_connected(ms(0));
        EXPECT_EQ(hears(), "220 verifier.target.test ESMTP\r\n");
        EXPECT_EQ(moves(), ""); // as Postfix: not before there is a question
        client("EHLO client.test\r\nMAIL FROM:<good@a.test> SIZE=123\r\n");
    }
    /// Asks about a recipient over a connection that is made for it.
    void ask() {
        EXPECT_EQ(client("RCPT TO:<user@target.test>\r\n"), "");
        EXPECT_EQ(moves(), "(connect)");
        front.on_target_connected(ms(0));
        EXPECT_TRUE(moves().starts_with("request=smtpd_access_policy\nprotocol_state=RCPT\n"));
    }
};

const std::string problem = "451 4.3.5 <user@target.test>: Recipient address rejected: Server "
                            "configuration problem\r\n";

/// The requests of the file, each as it went over the wire.
std::vector<std::string> captured() {
    std::ifstream file{CBV_ENGINE_TEST_DATA "/postfix-3.7.11/policy-requests.txt"};
    std::vector<std::string> requests;
    std::string one;
    for (std::string line; std::getline(file, line);) {
        if (line.starts_with('#'))
            continue;
        one += line + "\n";
        if (line.empty())
            requests.push_back(std::exchange(one, {}));
    }
    return requests;
}

/// "name=value" lines, those of which only the form is the same as Postfix's cut to the name.
std::string comparable(const std::string& request) {
    std::istringstream lines{request};
    std::string text;
    for (std::string line; std::getline(lines, line);) {
        const auto name = line.substr(0, line.find('=') + 1);
        const bool own = name == "instance=" || (name == "queue_id=" && line != name);
        text += (own ? name + "..." : line) + "\n";
    }
    return text;
}

TEST(policy_front, asks_what_postfix_asks) {
    const auto wanted = captured();
    ASSERT_EQ(wanted.size(), 5U);
    rig r;
    r.ask();
    std::vector<std::string> seen;
    const auto put = [&](const std::string& commands) {
        r.client(commands);
        seen.push_back(r.moves());
        r.target("action=DUNNO\n\n");
    };
    r.target("action=DUNNO\n\n");
    r.client("RSET\r\nMAIL FROM:<good@a.test> SIZE=123\r\n");
    put("RCPT TO:<user@target.test>\r\n");
    put("RCPT TO:<two@target.test>\r\n");
    for (const auto* path : {"\"a b\"@a.test", "@r.test:q@a.test", ""})
        put("RSET\r\nMAIL FROM:<" + std::string{path} + ">\r\nRCPT TO:<user@target.test>\r\n");
    ASSERT_EQ(seen.size(), wanted.size());
    for (std::size_t i = 0; i < seen.size(); ++i)
        EXPECT_EQ(comparable(seen[i]), comparable(wanted[i])) << i;
}

TEST(policy_front, gives_one_instance_for_a_message) {
    rig r;
    const auto instance = [&] { return r.front.request().at(14); };
    EXPECT_EQ(instance().first, "instance");
    const auto first = instance().second;
    r.ask();
    EXPECT_EQ(instance().second, first);
    r.target("action=DUNNO\n\n");
    r.client("RSET\r\nMAIL FROM:<good@a.test>\r\n");
    EXPECT_NE(instance().second, first);
}

TEST(policy_front, answers_when_the_answer_is_whole) {
    rig r;
    r.ask();
    r.target_drips("action=550 5.1.8 no\n");
    EXPECT_EQ(r.hears(), "");
    r.target("\n");
    EXPECT_EQ(r.hears(), "550 5.1.8 <user@target.test>: Recipient address rejected: no\r\n");
    r.client("RCPT TO:<two@target.test>\r\n");
    EXPECT_TRUE(r.moves().starts_with("request=")); // the same connection
    r.target("action=DUNNO\n\n");
    EXPECT_EQ(r.hears(), "250 2.1.5 Ok\r\n");
    EXPECT_EQ(r.client("DATA\r\n"), "354 End data with <CR><LF>.<CR><LF>\r\n");
    EXPECT_TRUE(r.client("x\r\n.\r\n").starts_with("250 2.0.0 Ok: queued as "));
    EXPECT_EQ(r.moves(), "");
    r.client("QUIT\r\n");
    r.front.on_client_eof(ms(1));
    EXPECT_EQ(r.moves(), "(close)");
    EXPECT_EQ(r.front.trouble(), "");
    EXPECT_NE(
        r.notes().find("to the policy server: request=smtpd_access_policy protocol_state=RCPT"),
        std::string::npos);
    EXPECT_NE(r.notes().find("the policy server answers: action=550 5.1.8 no\n"),
              std::string::npos);
}

TEST(policy_front, says_helo_and_smtp_where_the_client_did) {
    rig r;
    r.client("HELO old.test\r\nMAIL FROM:<>\r\n");
    const auto request = r.front.request();
    EXPECT_EQ(request.at(2), (std::pair{"protocol_name"s, "SMTP"s}));
    EXPECT_EQ(request.at(9), (std::pair{"helo_name"s, "old.test"s}));
    EXPECT_EQ(request.at(10), (std::pair{"sender"s, ""s}));
}

TEST(policy_front, asks_once_more_when_the_connection_is_lost) {
    rig r;
    r.ask();
    r.front.on_target_eof(ms(100));
    EXPECT_EQ(r.moves(), "");
    EXPECT_EQ(r.front.deadline(), ms(1100));
    r.front.on_time(ms(1099));
    EXPECT_EQ(r.moves(), "");
    r.front.on_time(ms(1100));
    EXPECT_EQ(r.moves(), "(connect)");
    r.front.on_target_connected(ms(1100));
    EXPECT_TRUE(r.moves().starts_with("request="));
    r.target("action=DUNNO\n\n", ms(1200));
    EXPECT_EQ(r.hears(), "250 2.1.5 Ok\r\n");
}

TEST(policy_front, gives_up_when_it_is_lost_twice) {
    rig r;
    r.ask();
    r.target("action=DUN");
    r.front.on_target_eof(ms(100));
    r.front.on_time(ms(1100));
    r.front.on_target_connected(ms(1100));
    r.front.on_target_eof(ms(1200));
    EXPECT_EQ(r.hears(), problem);
    EXPECT_EQ(r.front.trouble(), "");
    EXPECT_NE(r.notes().find("closed the connection within an answer"), std::string::npos);
    r.client("RCPT TO:<two@target.test>\r\n", ms(1300)); // the next question has its own tries
    EXPECT_TRUE(r.moves().ends_with("(connect)"));
}

TEST(policy_front, a_server_that_closes_between_questions_is_called_again) {
    rig r;
    r.ask();
    r.target("action=DUNNO\n\n");
    r.front.on_target_eof(ms(10));
    r.hears();
    r.client("RCPT TO:<two@target.test>\r\n", ms(20));
    EXPECT_EQ(r.moves(), "(connect)");
}

TEST(policy_front, a_server_that_is_not_there_is_trouble) {
    rig r;
    r.client("RCPT TO:<user@target.test>\r\n");
    r.front.on_target_refused("Connection refused", ms(0));
    EXPECT_EQ(r.front.trouble(), "");
    r.front.on_time(ms(1000));
    r.front.on_target_refused("Connection refused", ms(1000));
    EXPECT_EQ(r.front.trouble(), "no connection to the policy server: Connection refused");
    EXPECT_EQ(r.hears(), problem);
}

TEST(policy_front, what_is_no_answer_is_trouble) {
    for (const auto& octets : {"DUNNO\n\n"s, "\n"s, "action=OK\naction=OK\n\n"s}) {
        rig r;
        r.ask();
        r.target(octets);
        EXPECT_TRUE(
            r.front.trouble().starts_with("the policy server's answer is not of the protocol: "))
            << octets;
        EXPECT_EQ(r.moves(), "(close)");
        EXPECT_EQ(r.hears(), problem);
    }
    rig r;
    r.ask();
    r.target("action=DUNNO\n\naction=DUNNO\n\n");
    EXPECT_EQ(r.hears(), "250 2.1.5 Ok\r\n");
    EXPECT_NE(r.front.trouble().find("octets that nobody asked for"), std::string::npos);
}

TEST(policy_front, a_silent_server_leaves_the_client_without_a_reply) {
    rig r;
    r.ask();
    EXPECT_EQ(r.front.deadline(), ms(10000));
    r.front.on_time(ms(10000));
    EXPECT_EQ(r.hears(), "");
    EXPECT_TRUE(r.front.hung_up());
    EXPECT_EQ(r.moves(), "(close)");
}

TEST(policy_front, refuses_what_cannot_be_asked) {
    rig r;
    r.client("RSET\r\n");
    EXPECT_EQ(r.client("MAIL FROM:<a\rb@a.test>\r\n"), "501 5.1.7 Bad sender address syntax\r\n");
    EXPECT_EQ(r.client("MAIL FROM:<a\0b@a.test>\r\n"s), "501 5.1.7 Bad sender address syntax\r\n");
    r.client("MAIL FROM:<a\x01=\xFF@a.test>\r\n");
    EXPECT_EQ(r.client("RCPT TO:<u\rx@t.test>\r\n"), "501 5.1.3 Bad recipient address syntax\r\n");
    EXPECT_EQ(r.moves(), "");
    EXPECT_EQ(r.front.request().at(10).second, "a\x01=\xFF@a.test");
}

} // namespace
} // namespace cbv::engine
