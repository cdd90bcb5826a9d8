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
constexpr std::size_t body_chunk = 65535; // MILTER_CHUNK_SIZE

/// The stages of SMFIR_SETSYMLIST by number: SMFIM_CONNECT ... SMFIM_EOH.
constexpr char macro_stages[] = {command::connect,
                                 command::helo,
                                 command::mail,
                                 command::recipient,
                                 command::data,
                                 command::end_of_body,
                                 command::end_of_headers};

/// What MTAs send at a stage where the milter does not ask for other macros.
const std::vector<std::string>& usual_macros(char stage) {
    static const std::map<char, std::vector<std::string>> table{
        {command::connect,
         {"j",
          "{daemon_name}",
          "{daemon_addr}",
          "v",
          "_",
          "{client_addr}",
          "{client_name}",
          "{client_port}",
          "{client_ptr}"}},
        {command::mail, {"i", "{mail_addr}", "{mail_host}", "{mail_mailer}"}},
        {command::recipient, {"i", "{rcpt_addr}", "{rcpt_host}", "{rcpt_mailer}"}},
        {command::data, {"i"}},
        {command::end_of_headers, {"i"}},
        {command::end_of_body, {"i"}},
    };
    static const std::vector<std::string> none;
    const auto found = table.find(stage);
    return found == table.end() ? none : found->second;
}

/// A packet's data for the time line: NULs as spaces.
std::string readable(std::string_view data) {
    std::string text{data.substr(0, 400)};
    std::replace(text.begin(), text.end(), '\0', ' ');
    while (text.ends_with(' '))
        text.pop_back();
    return text;
}

/// The value of a folded header as MTAs hand it over: its lines parted by LF alone.
std::string with_line_feeds(std::string_view value) {
    std::string text{value};
    for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at))
        text.erase(at, 1);
    return text;
}

std::string argument_data(const envelope_path& given) {
    std::string data;
    milter::put_text(data, "<" + given.path + ">");
    for (const auto& parameter : given.parameters)
        milter::put_text(data, parameter);
    return data;
}

bool is_modification(char code) {
    switch (code) {
    case answer::add_recipient:
    case answer::add_recipient_parameters:
    case answer::delete_recipient:
    case answer::replace_body:
    case answer::change_from:
    case answer::add_header:
    case answer::insert_header:
    case answer::change_header:
        return true;
    default:
        return false;
    }
}

} // namespace

milter_front::milter_front(front_session session) : mta_front(std::move(session)) {}

// --- what the client does ---

void milter_front::client_connected(duration now) {
    connect();
    await(now);
}

void milter_front::client_greets(duration now) {
    std::string data;
    milter::put_text(data, helo());
    tell({command::helo, flag::no_helo, flag::mute_helo, data, macros(command::helo)});
    run_queue(now);
}

void milter_front::client_gives_mail(duration now) {
    in_transaction_ = true;
    message_decided_ = false;
    tell({command::mail,
          flag::no_mail,
          flag::mute_mail,
          argument_data(mail()),
          macros(command::mail)});
    run_queue(now);
}

void milter_front::client_gives_recipient(duration now) {
    if (!message_decided_)
        tell({command::recipient,
              flag::no_recipient,
              flag::mute_recipient,
              argument_data(recipient()),
              macros(command::recipient)});
    run_queue(now);
}

void milter_front::client_asks_for_data(duration now) {
    if (!message_decided_ && version_ >= 4)
        tell({command::data, flag::no_data, flag::mute_data, {}, macros(command::data)});
    run_queue(now);
}

void milter_front::client_gives_message(std::string message, duration now) {
    if (!message_decided_ && state_ == state::ready)
        tell_headers_and_body(message);
    run_queue(now);
}

void milter_front::tell_headers_and_body(std::string_view message) {
    while (!message.empty() && !message.starts_with("\r\n")) { // one header, folded lines included
        std::size_t end = 0;
        do {
            end = message.find("\r\n", end) + 2;
        } while (end < message.size() && (message[end] == ' ' || message[end] == '\t'));
        const auto field = message.substr(0, end - 2);
        const auto colon = field.find(':');
        if (colon == std::string_view::npos)
            break; // the body begins without an empty line
        auto value = field.substr(colon + 1);
        if ((protocol_ & flag::leading_space) == 0 && value.starts_with(' '))
            value.remove_prefix(1);
        std::string data;
        milter::put_text(data, field.substr(0, colon));
        milter::put_text(data, with_line_feeds(value));
        tell({command::header, flag::no_headers, flag::mute_header, data, {}});
        message.remove_prefix(end);
    }
    if (message.starts_with("\r\n"))
        message.remove_prefix(2);
    tell({command::end_of_headers,
          flag::no_end_of_headers,
          flag::mute_end_of_headers,
          {},
          macros(command::end_of_headers)});
    for (; !message.empty(); message.remove_prefix(std::min(body_chunk, message.size())))
        tell({command::body,
              flag::no_body,
              flag::mute_body,
              std::string{message.substr(0, body_chunk)},
              {}});
    tell({command::end_of_body, 0, 0, {}, macros(command::end_of_body)});
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
    while (!data.empty()) { // lists of macros
        const auto stage = milter::take_u32(data);
        const auto names = milter::take_text(data);
        if (!stage || !names) {
            broken("a list of macros without its end", now);
            return;
        }
        if (*stage >= std::size(macro_stages))
            continue;
        auto& list = macro_names_[macro_stages[*stage]];
        list.clear();
        for (std::string_view rest = *names; !rest.empty();) {
            const auto length = std::min(rest.find_first_of(" ,"), rest.size());
            if (length > 0)
                list.emplace_back(rest.substr(0, length));
            rest.remove_prefix(std::min(length + 1, rest.size()));
        }
    }
    state_ = state::ready;
    const auto& client = session().client;
    std::string about;
    milter::put_text(about, "[" + client.to_string() + "]"); // its name is not known
    about += client.is_v4() ? '4' : '6';
    milter::put_u16(about, session().client_port);
    milter::put_text(about, client.to_string());
    tell({command::connect, flag::no_connect, flag::mute_connect, about, macros(command::connect)});
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
        if (!e.macros.empty())
            send(milter::encode(command::macro, e.macros));
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
    const bool with_data =
        p.code == answer::reply_code || p.code == answer::quarantine || is_modification(p.code);
    if (!with_data && !p.data.empty()) {
        broken(std::string{milter::answer_name(p.code)} + " with " + std::to_string(p.data.size()) +
                   " octets of data; expected none",
               now);
        return;
    }
    if (is_modification(p.code) && awaited_ != command::end_of_body) {
        broken(std::string{milter::answer_name(p.code)} + " before the end of the message", now);
        return;
    }
    // These end nothing: the answer is still to come.
    if (p.code == answer::progress || p.code == answer::quarantine || is_modification(p.code)) {
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

std::map<std::string, std::string> milter_front::macro_values() const {
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

/// Data of the MACRO packet before the command `stage`; empty if there is none to give.
std::string milter_front::macros(char stage) const {
    if (state_ != state::ready)
        return {};
    const auto asked = macro_names_.find(stage);
    const auto& names = asked == macro_names_.end() ? usual_macros(stage) : asked->second;
    const auto values = macro_values();
    std::string data{stage};
    for (const auto& name : names) {
        const auto value = values.find(name);
        if (value == values.end())
            continue;
        milter::put_text(data, name);
        milter::put_text(data, value->second);
    }
    return data.size() > 1 ? data : std::string{};
}

} // namespace cbv::engine
