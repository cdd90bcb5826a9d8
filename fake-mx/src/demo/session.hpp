// One SMTP session of the demo: which words have been said, and which rule they make of the next
// command. It also keeps the order of commands, as a real server does. Private to the demo.
#pragma once

#include "fakemx/demo/demo.hpp"
#include "fakemx/rule_author.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx::demo {

class session : public rule_author {
public:
    /// `own` is the site this host belongs to; all outlive the session.
    session(demo& of, const site& own, const host& h, std::string peer);

    [[nodiscard]] const rule*
    next(at where, std::string_view argument, std::string_view line, instant now) override;
    void on_message_line(std::string_view line) override;

private:
    /// Faults, and whose they are.
    struct source {
        std::string whose;
        std::vector<fault> faults;
    };

    const rule* on_greeting(at where, std::string_view name);
    const rule* on_auth(std::string_view argument);
    const rule* on_login_line(std::string_view line);
    const rule* on_user_name(const std::string& name);
    const rule* ask_login(int step, std::string_view prompt);
    const rule* say_login(const std::string& text);
    const rule* on_mail(std::string_view path);
    const rule* on_rcpt(std::string_view path);
    const rule* on_data();
    const rule* on_message();
    const rule* play(at where, const std::vector<const source*>& sources);
    const rule* play_later(at where);
    const rule* refuse(std::string reply);
    std::optional<std::string> problem_of(const site& s, std::string_view labels) const;
    void note(at where, const source& from, const fault& f);
    void forget_transaction();

    demo& demo_;
    const site& own_site_;
    std::string host_;
    std::string peer_;
    std::string client_; // the peer's address without its port
    source own_;         // the host's
    source greeted_;     // of the name in EHLO
    source login_;       // of the user name in AUTH
    bool logged_in_ = false;
    enum { no_login, wants_plain, wants_user, wants_password };
    int login_step_ = no_login;
    std::string user_name_;
    instant now_{};
    rule current_;
    std::vector<std::string> noted_;

    // of the transaction
    bool has_sender_ = false;
    std::string sender_path_;
    source sender_;
    std::vector<source> later_; // of recipients, for the commands after RCPT
    source after_message_;      // of one of them, for QUIT after the transaction
    message_summary message_;
    std::string* field_ = nullptr; // of the header, to be continued
    bool in_header_ = true;
};

} // namespace cbv::fakemx::demo
