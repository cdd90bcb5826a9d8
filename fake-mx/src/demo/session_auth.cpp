// session.hpp: AUTH by PLAIN and LOGIN (RFC 4954). Every name and password is taken, unless words
// in the name say otherwise; they hold for the rest of the session.
#include "base64.hpp"
#include "cbv/text.hpp"
#include "session.hpp"

namespace cbv::fakemx::demo {

/// A reply of the exchange, unless a fault of every stage or of AUTH comes first.
const rule* session::say_login(const std::string& text) {
    if (play(at::unknown, {&login_, &greeted_, &own_}) == nullptr)
        current_ = {};
    else if (!current_.default_reply)
        return &current_;
    current_.default_reply = false; // the responder itself knows no AUTH
    current_.octets = text + "\r\n";
    return &current_;
}

const rule* session::ask_login(int step, std::string_view prompt) {
    login_step_ = step;
    current_ = {};
    current_.octets = "334 " + std::string{prompt} + "\r\n";
    return &current_;
}

const rule* session::on_auth(std::string_view argument) {
    if (logged_in_)
        return refuse("503 5.5.1 Logged in already");
    const auto space = argument.find(' ');
    const auto mechanism = argument.substr(0, space);
    const auto initial = space == argument.npos ? std::string_view{} : argument.substr(space + 1);
    if (iequals(mechanism, "PLAIN"))
        login_step_ = wants_plain;
    else if (iequals(mechanism, "LOGIN"))
        login_step_ = wants_user;
    else
        return refuse("504 5.5.4 Expected AUTH PLAIN or AUTH LOGIN");
    if (!initial.empty())
        return on_login_line(initial);
    return ask_login(login_step_, login_step_ == wants_user ? "VXNlcm5hbWU6" : "");
}

const rule* session::on_login_line(std::string_view line) {
    const int step = login_step_;
    login_step_ = no_login;
    if (line == "*")
        return refuse("501 5.7.0 Cancelled");
    const auto text = decode_base64(line == "=" ? std::string_view{} : line);
    if (!text)
        return refuse("501 5.5.2 Expected base64");
    if (step == wants_user) {
        user_name_ = *text;
        return ask_login(wants_password, "UGFzc3dvcmQ6");
    }
    if (step == wants_password)
        return on_user_name(user_name_);
    // authorization identity NUL name NUL password (RFC 4616)
    const auto first = text->find('\0');
    const auto second = first == text->npos ? first : text->find('\0', first + 1);
    if (second == text->npos)
        return refuse("501 5.5.2 Expected a name and a password");
    return on_user_name(text->substr(first + 1, second - first - 1));
}

const rule* session::on_user_name(const std::string& name) {
    auto read = read_local_part(std::string_view{name}.substr(0, name.rfind('@')), at::unknown);
    if (read.what == reading::kind::wrong)
        demo_.hears().on_hint(peer_, "accepted as user name: " + read.problem);
    for (const auto& f : read.faults)
        if (is_before(f.what.where, at::unknown))
            return refuse("535 5.7.8 " + f.words + " comes before AUTH: say it in a domain");
    login_ = {name, std::move(read.faults)};
    const auto* const r = say_login("235 2.7.0 Welcome");
    logged_in_ = r->after == then::keep && r->octets && r->octets->starts_with('2');
    if (!logged_in_)
        login_ = {};
    return r;
}

} // namespace cbv::fakemx::demo
