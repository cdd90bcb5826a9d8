// The SMTP side that both fronts share: a plain ESMTP server without opinions. The target here
// answers at once, with what the test says.
#include "front_rig.hpp"

namespace cbv::engine {
namespace {

using testing::ms;

/// Answers every question with `refusal`, or later where `late`.
class ready_front : public mta_front {
public:
    explicit ready_front(front_session s) : mta_front(std::move(s)) {}

    std::optional<std::string> refusal;
    bool late = false;
    std::string told; ///< the questions put, in order
    void say_it(duration now) { go_on(refusal, now); }

protected:
    void ask(const std::string& what, duration now) {
        told += what + ";";
        if (!late)
            go_on(refusal, now);
    }
    void client_connected(duration now) override { ask("connect", now); }
    void client_greets(duration now) override { ask(helo() + (esmtp() ? "+" : ""), now); }
    void client_gives_mail(duration now) override { ask("mail " + mail().path, now); }
    void client_gives_recipient(duration now) override { ask("rcpt " + recipient().path, now); }
    void client_asks_for_data(duration now) override { ask("data", now); }
    void client_gives_message(std::string text, duration now) override { ask(text, now); }
    void client_resets(duration) override { told += "reset;"; }
    void client_leaves(duration) override { told += "leave;"; }
    void target_connected(duration) override {}
    void target_refused(const std::string&, duration) override {}
    void target_says(std::string_view, duration now) override { say_it(now); }
    void target_left(duration) override {}
    std::optional<std::string> unspeakable(const envelope_path&, bool) const override {
        return std::nullopt;
    }
};

struct rig : testing::front_rig<ready_front> {
    rig() {
        front.on_client_connected(ms(0));
        EXPECT_EQ(hears(), "220 verifier.target.test ESMTP\r\n");
        front.told.clear();
    }
};

TEST(mta_front, is_a_plain_esmtp_server) {
    rig r;
    const auto hello = r.client("EHLO c.test\r\n");
    for (const auto* word :
         {"PIPELINING", "ENHANCEDSTATUSCODES", "SMTPUTF8", "8BITMIME", "SIZE 10240000"})
        EXPECT_NE(hello.find(word), std::string::npos) << word;
    EXPECT_EQ(r.client("MAIL FROM:<a@b.test> SIZE=9 BODY=8BITMIME SMTPUTF8\r\n"),
              "250 2.1.0 Ok\r\n");
    EXPECT_EQ(r.client("rcpt to: <u@t.test>\r\n"), "250 2.1.5 Ok\r\n");
    EXPECT_EQ(r.client("DATA\r\n"), "354 End data with <CR><LF>.<CR><LF>\r\n");
    EXPECT_EQ(r.client("Subject: x\r\n\r\n..dot\r\n.\r"), "");
    EXPECT_EQ(r.client("\nNOOP\r\n"), "250 2.0.0 Ok: queued as 0123ABC1\r\n250 2.0.0 Ok\r\n");
    EXPECT_EQ(r.client("QUIT\r\n"), "221 2.0.0 Bye\r\n");
    EXPECT_TRUE(r.front.hung_up());
    r.front.on_client_eof(ms(1));
    EXPECT_EQ(r.front.told,
              "c.test+;mail a@b.test;rcpt u@t.test;data;Subject: x\r\n\r\n.dot\r\n;reset;leave;");
}

TEST(mta_front, takes_paths_as_they_are) {
    const std::pair<std::string, std::string> paths[] = {
        {"<>", ""},
        {"<a@@b>", "a@@b"},
        {"<\"a> \\\" b\"@c.test>", "\"a> \\\" b\"@c.test"},
        {"<@r.test:a@b.test> SIZE=1", "@r.test:a@b.test"},
        {"<a>b@c.test>", "a>b@c.test"},
        {"<\"open@c.test>", "\"open@c.test"},
    };
    for (const auto& [given, path] : paths) {
        rig r;
        EXPECT_EQ(r.client("HELO c\r\nMAIL FROM:" + given + "\r\n"),
                  "250 verifier.target.test\r\n250 2.1.0 Ok\r\n");
        EXPECT_EQ(r.front.told, "c;mail " + path + ";") << given;
    }
}

TEST(mta_front, unquotes_for_those_who_want_it) {
    EXPECT_EQ((envelope_path{"\"a b\"@c.test", {}}.plain()), "a b@c.test");
    EXPECT_EQ((envelope_path{"@r.test:q@a.test", {}}.plain()), "q@a.test");
    EXPECT_EQ((envelope_path{"a@@b", {}}.plain()), "a@@b");
    EXPECT_EQ((envelope_path{"\"a@b\"@c.test", {}}.domain()), "c.test");
    EXPECT_EQ((envelope_path{"", {}}.domain()), "");
}

TEST(mta_front, answers_faults_of_the_dialogue_itself) {
    const std::pair<std::string, std::string> rows[] = {
        {"RCPT TO:<u@t.test>", "503 5.5.1 Error: need MAIL command"},
        {"DATA", "503 5.5.1 Error: need RCPT command"},
        {"EHLO", "501 Syntax: EHLO hostname"},
        {"MAIL a@b.test", "501 5.5.4 Syntax: MAIL FROM:<address>"},
        {"MAIL FROM:<a@b.test", "501 5.5.4 Syntax: MAIL FROM:<address>"},
        {"MAIL FROM:<a@b.test> X=1", "555 5.5.4 Unsupported option: X=1"},
        {"FOO", "500 5.5.2 Error: command not recognized"},
        {"STARTTLS", "502 5.5.1 Error: command not implemented"},
        {std::string(20000, 'x'), "500 5.5.2 Error: line too long"},
    };
    rig r;
    for (const auto& [line, reply] : rows)
        EXPECT_EQ(r.client(line + "\r\n"), reply + "\r\n");
    EXPECT_EQ(r.front.told, "");
    r.client("MAIL FROM:<>\r\n");
    EXPECT_EQ(r.client("MAIL FROM:<>\r\n"), "503 5.5.1 Error: nested MAIL command\r\n");
    EXPECT_EQ(r.client("DATA\r\n"), "554 5.5.1 Error: no valid recipients\r\n");
    EXPECT_EQ(r.client("RCPT TO:<>\r\n"), "501 5.5.4 Syntax: RCPT TO:<address>\r\n");
}

TEST(mta_front, hands_on_what_the_target_says) {
    rig r;
    r.client("EHLO c\r\n");
    r.front.refusal = "550-5.1.1 a\r\n550 5.1.1 b";
    EXPECT_EQ(r.client("MAIL FROM:<a@b.test>\r\n"), "550-5.1.1 a\r\n550 5.1.1 b\r\n");
    EXPECT_EQ(r.client("RCPT TO:<u@t.test>\r\n"), "503 5.5.1 Error: need MAIL command\r\n");
    r.front.refusal.reset();
    r.client("MAIL FROM:<a@b.test>\r\n");
    r.front.refusal = "450 4.7.1 x";
    EXPECT_EQ(r.client("RCPT TO:<u@t.test>\r\n"), "450 4.7.1 x\r\n");
    r.front.refusal = "421 4.7.0 x";
    EXPECT_EQ(r.client("RCPT TO:<u@t.test>\r\nNOOP\r\n"), "421 4.7.0 x\r\n");
    EXPECT_TRUE(r.front.hung_up());
}

TEST(mta_front, waits_with_what_is_pipelined) {
    rig r;
    r.client("EHLO c\r\n");
    r.front.late = true;
    EXPECT_EQ(r.client("MAIL FROM:<a@b.test>\r\nRCPT TO:<u@t.test>\r\nNOOP\r\n"), "");
    r.target("x");
    EXPECT_EQ(r.hears(), "250 2.1.0 Ok\r\n");
    r.target("x");
    EXPECT_EQ(r.hears(), "250 2.1.5 Ok\r\n250 2.0.0 Ok\r\n");
}

TEST(mta_front, greets_otherwise_only_where_the_target_refuses_the_client) {
    testing::front_rig<ready_front> r;
    r.front.refusal = "550 5.7.1 no";
    r.front.on_client_connected(ms(0));
    EXPECT_EQ(r.hears(), "554 verifier.target.test ESMTP not accepting connections\r\n");
    EXPECT_TRUE(r.front.hung_up());
    testing::front_rig<ready_front> later;
    later.front.refusal = "451 4.7.1 later";
    later.front.on_client_connected(ms(0));
    EXPECT_TRUE(later.hears().starts_with("220 "));
    testing::front_rig<ready_front> closing;
    closing.front.refusal = "421 4.7.0 away";
    closing.front.on_client_connected(ms(0));
    EXPECT_TRUE(closing.hears().starts_with("421 "));
    EXPECT_TRUE(closing.front.hung_up());
}

} // namespace
} // namespace cbv::engine
