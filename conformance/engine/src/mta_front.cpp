// The SMTP side of the fronts; see the header. Replies are worded as Postfix words them.
#include "mta_front.hpp"

#include "cbv/mailbox.hpp"
#include "cbv/text.hpp"

#include <algorithm>

namespace cbv::engine {
namespace {

constexpr std::string_view end_of_message = "\r\n.\r\n";
constexpr std::size_t max_message = 1U << 20U; // what is more is dropped

/// `<path>` and what follows it, after FROM: or TO:; nothing if there is no path.
std::optional<envelope_path> split_argument(std::string_view argument, std::string_view keyword) {
    if (!iequals(argument.substr(0, keyword.size()), keyword))
        return std::nullopt;
    argument.remove_prefix(keyword.size());
    argument.remove_prefix(std::min(argument.find_first_not_of(' '), argument.size()));
    if (!argument.starts_with('<'))
        return std::nullopt;
    bool quoted = false;
    std::size_t end = 0; // of the path: a > outside quotes before a space or the end
    for (std::size_t i = 1; i < argument.size() && end == 0; ++i) {
        if (quoted && argument[i] == '\\')
            ++i;
        else if (argument[i] == '"')
            quoted = !quoted;
        else if (argument[i] == '>' && !quoted &&
                 (i + 1 == argument.size() || argument[i + 1] == ' '))
            end = i;
    }
    if (end == 0)
        end = argument.rfind('>');
    if (end == std::string_view::npos)
        return std::nullopt;
    envelope_path out{std::string{argument.substr(1, end - 1)}, {}};
    for (auto rest = argument.substr(end + 1); !rest.empty();) {
        rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
        const auto length = std::min(rest.find(' '), rest.size());
        if (length > 0)
            out.parameters.emplace_back(rest.substr(0, length));
        rest.remove_prefix(length);
    }
    return out;
}

bool is_known_parameter(std::string_view parameter, bool recipient) {
    const auto word = to_upper(parameter.substr(0, parameter.find('=')));
    if (recipient)
        return word == "NOTIFY" || word == "ORCPT";
    return word == "SIZE" || word == "BODY" || word == "SMTPUTF8" || word == "RET" ||
           word == "ENVID";
}

} // namespace

std::string envelope_path::plain() const {
    const auto parsed = parse_reverse_path("<" + path + ">");
    if (!parsed || !parsed.value().box)
        return path;
    const auto& box = *parsed.value().box;
    return box.unquoted_local_part() + "@" + box.domain;
}

std::string envelope_path::domain() const {
    const auto text = plain();
    const auto at = text.rfind('@');
    return at == std::string::npos ? std::string{} : text.substr(at + 1);
}

std::optional<mta_front::action> mta_front::next_action() {
    if (actions_.empty())
        return std::nullopt;
    auto next = std::move(actions_.front());
    actions_.pop_front();
    return next;
}

void mta_front::on_client_connected(duration now) {
    pending_ = question::connect;
    client_connected(now);
    process(now);
}

void mta_front::on_client_bytes(std::string_view bytes, duration now) {
    input_ += bytes;
    process(now);
}

void mta_front::on_client_eof(duration now) {
    if (std::exchange(client_gone_, true))
        return;
    deadline_.reset();
    client_leaves(now);
    hung_up_ = true;
}

void mta_front::on_target_connected(duration now) {
    if (client_gone_)
        return;
    target_connected(now);
    process(now);
}

void mta_front::on_target_refused(const std::string& why, duration now) {
    if (client_gone_)
        return;
    target_refused(why, now);
    process(now);
}

void mta_front::on_target_bytes(std::string_view bytes, duration now) {
    if (client_gone_)
        return;
    target_says(bytes, now);
    process(now);
}

void mta_front::on_target_eof(duration now) {
    if (client_gone_)
        return;
    target_left(now);
    process(now);
}

void mta_front::on_time(duration now) {
    if (client_gone_ || !deadline_ || now < *deadline_)
        return;
    deadline_.reset();
    time_is_up(now);
    process(now);
}

// An MTA would answer 451 now. That would make a target that hangs look like one that defers.
void mta_front::time_is_up(duration) {
    note("the target did not answer within the client's patience");
    close();
    hang_up();
}

void mta_front::hang_up() {
    hung_up_ = true;
    deadline_.reset();
}

void mta_front::add_trouble(const std::string& what) {
    note(what);
    if (trouble_.empty())
        trouble_ = what;
}

void mta_front::say(std::string_view reply) {
    output_ += reply;
    output_ += "\r\n";
    // A server that says 421 or 521 goes (RFC 5321 section 4.2.1, RFC 7504).
    if (reply.starts_with("421") || reply.starts_with("521"))
        hang_up();
}

void mta_front::process(duration now) {
    while (pending_ == question::none && !hung_up_ && !client_gone_) {
        if (in_message_) {
            if (input_.find(end_of_message) == std::string::npos)
                return;
            take_message(now);
            continue;
        }
        std::string_view rest = input_;
        const auto line = lines_.feed(rest);
        input_.erase(0, input_.size() - rest.size());
        if (!line)
            return;
        if (line->too_long)
            say("500 5.5.2 Error: line too long");
        else
            take_line(line->text, now);
    }
}

void mta_front::take_line(std::string_view line, duration now) {
    const auto c = parse_command(line);
    switch (c.v) {
    case verb::ehlo:
    case verb::helo:
        take_greeting(c, now);
        break;
    case verb::mail:
        take_mail(c, now);
        break;
    case verb::rcpt:
        take_rcpt(c, now);
        break;
    case verb::data:
        take_data(now);
        break;
    case verb::rset:
        end_transaction(now);
        say("250 2.0.0 Ok");
        break;
    case verb::noop:
        say("250 2.0.0 Ok");
        break;
    case verb::vrfy:
        say("252 2.0.0 " + std::string{escape(c.argument, 200)});
        break;
    case verb::quit:
        say("221 2.0.0 Bye");
        hang_up();
        break;
    case verb::unknown:
        say("500 5.5.2 Error: command not recognized");
        break;
    default:
        say("502 5.5.1 Error: command not implemented");
    }
}

void mta_front::take_greeting(const cbv::command& c, duration now) {
    if (c.argument.empty()) {
        say("501 Syntax: " + to_upper(c.name) + " hostname");
        return;
    }
    end_transaction(now);
    helo_ = c.argument;
    esmtp_ = c.v == verb::ehlo;
    pending_ = question::greet;
    client_greets(now);
}

void mta_front::take_mail(const cbv::command& c, duration now) {
    if (mail_) {
        say("503 5.5.1 Error: nested MAIL command");
        return;
    }
    auto argument = split_argument(c.argument, "FROM:");
    if (!argument) {
        say("501 5.5.4 Syntax: MAIL FROM:<address>");
        return;
    }
    for (const auto& parameter : argument->parameters) {
        if (!is_known_parameter(parameter, false)) {
            say("555 5.5.4 Unsupported option: " + escape(parameter, 200));
            return;
        }
    }
    if (const auto refusal = unspeakable(*argument, false)) {
        say(*refusal);
        return;
    }
    mail_ = std::move(argument);
    recipients_ = 0;
    ++transactions_;
    pending_ = question::mail;
    client_gives_mail(now);
}

void mta_front::take_rcpt(const cbv::command& c, duration now) {
    if (!mail_) {
        say("503 5.5.1 Error: need MAIL command");
        return;
    }
    auto argument = split_argument(c.argument, "TO:");
    if (!argument || argument->path.empty()) {
        say("501 5.5.4 Syntax: RCPT TO:<address>");
        return;
    }
    for (const auto& parameter : argument->parameters) {
        if (!is_known_parameter(parameter, true)) {
            say("555 5.5.4 Unsupported option: " + escape(parameter, 200));
            return;
        }
    }
    if (const auto refusal = unspeakable(*argument, true)) {
        say(*refusal);
        return;
    }
    recipient_ = *std::move(argument);
    pending_ = question::rcpt;
    client_gives_recipient(now);
}

void mta_front::take_data(duration now) {
    if (recipients_ == 0) {
        say(mail_ ? "554 5.5.1 Error: no valid recipients" : "503 5.5.1 Error: need RCPT command");
        return;
    }
    pending_ = question::data;
    client_asks_for_data(now);
}

void mta_front::take_message(duration now) {
    const auto end = input_.find(end_of_message);
    // The CR LF before the dot is the message's.
    std::string content;
    for (std::size_t at = 2;
         at < end + 2;) { // behind the CR LF that input_ was given to begin with
        const auto next = input_.find("\r\n", at) + 2;
        const bool stuffed = input_[at] == '.';
        if (content.size() < max_message)
            content.append(input_, at + (stuffed ? 1 : 0), next - at - (stuffed ? 1 : 0));
        at = next;
    }
    input_.erase(0, end + end_of_message.size());
    in_message_ = false;
    pending_ = question::message;
    client_gives_message(std::move(content), now);
}

void mta_front::go_on(std::optional<std::string> refusal, duration now) {
    const auto done = std::exchange(pending_, question::none);
    deadline_.reset();
    if (hung_up_ || client_gone_)
        return;
    if (!refusal) {
        accept(done, now);
        return;
    }
    if (done == question::connect && !refusal->starts_with('5') && !refusal->starts_with("421")) {
        accept(done, now); // Postfix greets, and answers so what follows
        return;
    }
    if (done == question::connect) {
        say(refusal->starts_with('5')
                ? "554 " + session_.host_name + " ESMTP not accepting connections"
                : "421 " + session_.host_name + " Service unavailable - try again later");
        hang_up();
        return;
    }
    say(*refusal);
    if (done == question::mail || done == question::message)
        end_transaction(now);
}

void mta_front::accept(question done, duration now) {
    switch (done) {
    case question::none:
        break;
    case question::connect:
        say("220 " + session_.host_name + " ESMTP");
        break;
    case question::greet:
        if (esmtp_)
            say("250-" + session_.host_name +
                "\r\n250-PIPELINING\r\n250-SIZE 10240000\r\n250-ENHANCEDSTATUSCODES\r\n"
                "250-8BITMIME\r\n250 SMTPUTF8");
        else
            say("250 " + session_.host_name);
        break;
    case question::mail:
        say("250 2.1.0 Ok");
        break;
    case question::rcpt:
        ++recipients_;
        say("250 2.1.5 Ok");
        break;
    case question::data:
        say("354 End data with <CR><LF>.<CR><LF>");
        in_message_ = true;
        input_.insert(0, "\r\n"); // so that a message of one dot has its end
        break;
    case question::message:
        say("250 2.0.0 Ok: queued as " + session_.id + std::to_string(transactions_));
        end_transaction(now);
        break;
    }
}

void mta_front::end_transaction(duration now) {
    if (!mail_)
        return;
    mail_.reset();
    recipients_ = 0;
    client_resets(now);
}

} // namespace cbv::engine
