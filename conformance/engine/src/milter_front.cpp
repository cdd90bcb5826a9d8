// The milter's session; see the header. What an answer means follows Postfix's milter8.c and
// Sendmail's milter.c, which agree in all that is done here.
#include "milter_front.hpp"

#include "cbv/text.hpp"

#include <algorithm>

namespace cbv::engine {

namespace command = milter::command;
namespace answer = milter::answer;
namespace flag = milter::flag;

namespace {

constexpr const char* rejected = "550 5.7.1 Command rejected";
constexpr const char* try_again = "451 4.7.1 Service unavailable - try again later";
constexpr const char* closing = "421 4.7.0 Server closing connection";
constexpr const char* bad_reply = "451 4.3.5 Server configuration problem - try again later";

/// A packet's data for the time line: NULs as spaces.
std::string readable(std::string_view data) {
    std::string text{data.substr(0, 400)};
    std::replace(text.begin(), text.end(), '\0', ' ');
    while (text.ends_with(' '))
        text.pop_back();
    return text;
}

} // namespace

milter_front::milter_front(front_session session) : mta_front(std::move(session)) {}

// --- what the client does ---

void milter_front::client_connected(duration now) {
    connect();
    await(now);
}

void milter_front::client_greets(duration now) {
    queue_.push_back(milter::tell_helo(helo()));
    run_queue(now);
}

void milter_front::client_gives_mail(duration now) {
    in_transaction_ = true;
    message_decided_ = false;
    queue_.push_back(milter::tell_mail(mail().path, mail().parameters));
    run_queue(now);
}

void milter_front::client_gives_recipient(duration now) {
    if (!message_decided_)
        queue_.push_back(milter::tell_recipient(recipient().path, recipient().parameters));
    run_queue(now);
}

void milter_front::client_asks_for_data(duration now) {
    if (!message_decided_ && version_ >= 4)
        queue_.push_back(milter::tell_data());
    run_queue(now);
}

void milter_front::client_gives_message(std::string message, duration now) {
    if (!message_decided_)
        queue_ = milter::tell_message(message, protocol_);
    run_queue(now);
}

void milter_front::client_resets(duration) {
    message_decided_ = false;
    if (std::exchange(in_transaction_, false) && state_ == state::ready)
        say(command::abort, {});
}

void milter_front::client_leaves(duration) {
    if (state_ == state::over)
        return;
    if (state_ == state::ready && awaited_ == '\0')
        say(command::quit, {});
    close();
    state_ = state::over;
}

// A text ends at its NUL, so there can be none in it; as Postfix answers an address it cannot read.
std::optional<std::string> milter_front::unspeakable(const envelope_path& path,
                                                     bool recipient) const {
    const auto has_nul = [](const std::string& s) { return s.find('\0') != std::string::npos; };
    if (has_nul(path.path) || std::any_of(path.parameters.begin(), path.parameters.end(), has_nul))
        return recipient ? "501 5.1.3 Bad recipient address syntax"
                         : "501 5.1.7 Bad sender address syntax";
    return std::nullopt;
}

// --- what the milter does ---

void milter_front::target_connected(duration now) {
    std::string offer;
    for (const auto number : {milter::version, milter::all_actions, flag::all})
        milter::put_u32(offer, number);
    state_ = state::negotiating;
    note("to the milter: OPTNEG version 6, all actions, all of the protocol");
    send(milter::encode(command::negotiate, offer));
    await(now);
}

void milter_front::target_refused(const std::string& why, duration) {
    state_ = state::over;
    add_trouble("no connection to the milter: " + why);
    hang_up();
}

void milter_front::target_says(std::string_view bytes, duration now) {
    while (!bytes.empty() && state_ != state::over) {
        switch (reader_.feed(bytes)) {
        case milter::packet_reader::status::need_more:
            return;
        case milter::packet_reader::status::malformed:
            broken("a packet of " + std::to_string(reader_.length()) + " octets; expected 1 to " +
                       std::to_string(milter::max_packet),
                   now);
            return;
        case milter::packet_reader::status::complete:
            break;
        }
        const auto p = reader_.take();
        if (state_ == state::negotiating) {
            if (p.code == command::negotiate)
                negotiated(p.data, now);
            else
                broken("\"" + escape({&p.code, 1}) + "\" in answer to OPTNEG; expected OPTNEG",
                       now);
        } else {
            answered(p, now);
        }
    }
}

void milter_front::negotiated(std::string_view data, duration now) {
    const auto version = milter::take_u32(data);
    const auto actions = milter::take_u32(data);
    const auto protocol = milter::take_u32(data);
    if (!version || !actions || !protocol) {
        broken("an OPTNEG of less than 12 octets", now);
        return;
    }
    note("the milter answers: OPTNEG version " + std::to_string(*version) + ", actions " +
         std::to_string(*actions) + ", protocol " + std::to_string(*protocol));
    if (*version < milter::oldest_version || *version > milter::version) {
        broken("version " + std::to_string(*version) + "; expected 2 to 6", now);
        return;
    }
    if ((*actions & ~milter::all_actions) != 0) {
        broken("actions that were not offered", now);
        return;
    }
    version_ = *version;
    protocol_ = *protocol;
    if (!macro_lists_.read(data)) {
        broken("a list of macros without its end", now);
        return;
    }
    state_ = state::ready;
    queue_.push_back(milter::tell_connect(session().client, session().client_port));
    run_queue(now);
}

void milter_front::run_queue(duration now) {
    while (state_ == state::ready && !queue_.empty()) {
        const auto e = std::move(queue_.front());
        queue_.pop_front();
        if (skipped_ == e.code)
            continue;
        skipped_ = '\0';
        // As Postfix and Sendmail do: macros come even where the event is not wanted.
        if (const auto given = macro_lists_.packet(e.code, macros()); !given.empty())
            send(milter::encode(command::macro, given));
        if ((protocol_ & e.unwanted) != 0)
            continue;
        say(e.code, e.data);
        if ((protocol_ & e.unanswered) != 0)
            continue;
        awaited_ = e.code;
        await(now);
        return;
    }
    queue_.clear();
    go_on(always_, now);
}

void milter_front::answered(const milter::packet& p, duration now) {
    auto text = "the milter answers: " + std::string{milter::answer_name(p.code)};
    if (!p.data.empty())
        text += " " + readable(p.data);
    note(std::move(text));
    if (milter::answer_name(p.code) == "?") {
        broken("the answer \"" + escape({&p.code, 1}) + "\"; expected one of the protocol", now);
        return;
    }
    if (awaited_ == '\0') {
        broken(std::string{milter::answer_name(p.code)} + ", which nobody waits for", now);
        return;
    }
    const bool with_data = p.code == answer::reply_code || p.code == answer::quarantine ||
                           milter::is_modification(p.code);
    if (!with_data && !p.data.empty()) {
        broken(std::string{milter::answer_name(p.code)} + " with " + std::to_string(p.data.size()) +
                   " octets of data; expected none",
               now);
        return;
    }
    if (milter::is_modification(p.code) && awaited_ != command::end_of_body) {
        broken(std::string{milter::answer_name(p.code)} + " before the end of the message", now);
        return;
    }
    // These end nothing: the answer is still to come.
    if (p.code == answer::progress || p.code == answer::quarantine ||
        milter::is_modification(p.code)) {
        await(now);
        return;
    }
    decide(p, now);
}

bool milter_front::connection_stage() const noexcept {
    return awaited_ == command::connect || awaited_ == command::helo;
}

void milter_front::decide(const milter::packet& p, duration now) {
    switch (p.code) {
    case answer::skip:
        skipped_ = awaited_;
        break;
    case answer::accept:
        if (connection_stage())
            finish_session(std::nullopt);
        else
            message_decided_ = true;
        queue_.clear();
        break;
    case answer::discard:
        if (!connection_stage()) { // there it means nothing
            message_decided_ = true;
            queue_.clear();
        }
        break;
    case answer::reject:
        refuse(rejected, now);
        return;
    case answer::temporary_failure:
        refuse(try_again, now);
        return;
    case answer::reply_code:
        if (const auto reply = milter::read_reply(p.data)) {
            refuse(*reply, now);
        } else {
            add_trouble("the milter's REPLYCODE is no SMTP reply: " + escape(p.data, 200));
            refuse(bad_reply, now);
        }
        return;
    case answer::shutdown:
    case answer::connection_failure:
        finish_session(closing);
        refuse(closing, now);
        return;
    default: // CONTINUE
        break;
    }
    if (std::exchange(awaited_, '\0') == command::end_of_body)
        in_transaction_ = false;
    run_queue(now);
}

void milter_front::refuse(std::string reply, duration now) {
    if (connection_stage())
        finish_session(reply);
    if (std::exchange(awaited_, '\0') == command::end_of_body)
        in_transaction_ = false;
    queue_.clear();
    go_on(std::move(reply), now);
}

// The milter has said all about this session. libmilter closes too when it is told to quit.
void milter_front::finish_session(std::optional<std::string> refusal) {
    always_ = std::move(refusal);
    if (state_ == state::ready) {
        say(command::quit, {});
        close();
    }
    state_ = state::over;
}

void milter_front::broken(const std::string& what, duration now) {
    add_trouble("the milter's answer is not of the protocol: " + what);
    lost(now);
}

void milter_front::target_left(duration now) {
    if (state_ == state::over)
        return;
    note(reader_.in_progress() ? "the milter closed the connection within a packet"
                               : "the milter closed the connection");
    lost(now);
}

// The connection is of no use any more: as milter_default_action = tempfail says.
void milter_front::lost(duration now) {
    const bool waiting = awaited_ != '\0' || state_ == state::negotiating;
    awaited_ = '\0';
    queue_.clear();
    always_ = try_again;
    state_ = state::over;
    close();
    if (waiting)
        go_on(always_, now);
}

// --- what is sent ---

void milter_front::say(char code, std::string_view data) {
    auto text = "to the milter: " + std::string{milter::command_name(code)};
    if (!data.empty())
        text += " " + (code == command::connect ? session().client.to_string() + " port " +
                                                      std::to_string(session().client_port)
                                                : readable(data));
    note(std::move(text));
    send(milter::encode(code, data));
}

std::map<std::string, std::string> milter_front::macros() const {
    const auto& s = session();
    const auto client = s.client.to_string();
    std::map<std::string, std::string> values{
        {"j", s.host_name},
        {"v", "cbv"},
        {"_", "unknown [" + client + "]"},
        {"{daemon_name}", s.host_name},
        {"{daemon_addr}", s.server.to_string()},
        {"{daemon_port}", std::to_string(s.server_port)},
        {"{client_addr}", client},
        {"{client_name}", "unknown"},
        {"{client_ptr}", "unknown"},
        {"{client_resolve}", "FAIL"},
        {"{client_connections}", "1"},
        {"{client_port}", std::to_string(s.client_port)},
        {"{if_addr}", s.server.to_string()}, // Sendmail's, as r, s and f
        {"r", esmtp() ? "ESMTP" : "SMTP"},
    };
    if (!helo().empty())
        values["s"] = helo();
    if (in_transaction_) {
        values["i"] = s.id + std::to_string(transactions());
        values["f"] = mail().path;
        values["{mail_addr}"] = mail().path;
        values["{mail_host}"] = mail().path.empty() ? s.host_name : mail().domain();
        values["{mail_mailer}"] = "smtp";
        values["{rcpt_addr}"] = recipient().path;
        values["{rcpt_host}"] = recipient().domain();
        values["{rcpt_mailer}"] = "local";
    }
    return values;
}

} // namespace cbv::engine
