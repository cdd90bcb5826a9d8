// The commands of a session outside a mail transaction (RFC 5321 section 4.1.1, RFC 4954 for AUTH).
// What belongs to a transaction is in receiver_transaction.cpp.
#include "ascii.hpp"
#include "base64.hpp"
#include "cbv/text.hpp"
#include "receiver_impl.hpp"

#include <algorithm>
#include <utility>

namespace cbv {
namespace {

/// RFC 5321 section 4.1.4 forbids refusing a client for the name it gives; only what could not
/// stand in a header is refused.
bool is_greeting_name(std::string_view name) {
    return !name.empty() && name.size() <= max_domain &&
           std::none_of(
               name.begin(), name.end(), [](char c) { return ascii::is_control(c) || c == ' '; });
}

} // namespace

void receiver::impl::dispatch(const command& c, instant now) {
    switch (c.v) {
    case verb::helo:
    case verb::ehlo:
        return greet(c);
    case verb::mail:
        return mail(c);
    case verb::rcpt:
        return rcpt(c, now);
    case verb::data:
        return data(c);
    case verb::rset:
        if (!c.argument.empty())
            return complain(501, "5.5.4", "RSET takes no argument");
        current.reset();
        return say(250, "2.0.0", "Ok");
    case verb::noop:
        return say(250, "2.0.0", "Ok");
    case verb::vrfy: // RFC 5321 section 3.5.3: no users are disclosed
        if (c.argument.empty())
            return complain(501, "5.5.4", "VRFY needs an argument");
        return say(252, "2.0.0", "Cannot verify the user, but will take mail for it");
    case verb::help:
        return say(214, "2.0.0", "See RFC 5321");
    case verb::quit:
        return hang_up(221, "2.0.0", "closing the connection");
    case verb::auth:
        return authenticate(c);
    case verb::expn:
    case verb::etrn:
    case verb::bdat:
    case verb::starttls:
        return complain(502, "5.5.1", "Command not implemented");
    case verb::unknown:
        break;
    }
    complain(500, "5.5.2", "Command not recognized");
}

void receiver::impl::greet(const command& c) {
    if (!is_greeting_name(c.argument))
        return complain(501, "5.5.4", "Expected your domain or address literal");
    current.reset(); // RFC 5321 section 4.1.4: as RSET
    helo = c.argument;
    extended = c.v == verb::ehlo;
    if (!extended)
        return say(250, {}, options->host_name);
    say_extensions();
}

void receiver::impl::say_extensions() {
    reply out{250,
              {options->host_name,
               "PIPELINING",
               "SIZE " + std::to_string(options->max_message_size),
               "8BITMIME",
               "SMTPUTF8"}};
    if (options->replies.enhanced_codes)
        out.lines.emplace_back("ENHANCEDSTATUSCODES");
    if (options->authenticate)
        out.lines.emplace_back("AUTH PLAIN");
    out.lines.emplace_back("HELP");
    output += serialize(out);
}

void receiver::impl::authenticate(const command& c) {
    if (!options->authenticate)
        return complain(502, "5.5.1", "Command not implemented");
    if (!extended || authenticated || current)
        return complain(503, "5.5.1", "AUTH is not possible now");
    const std::size_t space = std::min(c.argument.find(' '), c.argument.size());
    const std::string mechanism = c.argument.substr(0, space);
    if (!iequals(mechanism, "PLAIN"))
        return complain(504, "5.5.4", "Only AUTH PLAIN is supported");
    if (space == c.argument.size()) {
        mode = reading::auth_response;
        output += "334 \r\n"; // RFC 4954 section 4: an empty challenge
        return;
    }
    check_credentials(std::string_view(c.argument).substr(space + 1));
}

// message = [authzid] NUL authcid NUL passwd (RFC 4616 section 2)
void receiver::impl::check_credentials(std::string_view base64) {
    if (base64 == "*")
        return complain(501, "5.7.0", "Authentication cancelled");
    const auto message = decode_base64(base64 == "=" ? std::string_view() : base64);
    if (!message)
        return complain(501, "5.5.2", "The response is not base64");
    const std::size_t first = message->find('\0');
    const std::size_t second = first == message->npos ? first : message->find('\0', first + 1);
    if (second == message->npos || message->find('\0', second + 1) != message->npos)
        return complain(501, "5.5.2", "Expected authzid, user and password");
    const std::string_view text(*message);
    const std::string_view acts_as = text.substr(0, first);
    const std::string_view user = text.substr(first + 1, second - first - 1);
    const bool itself = acts_as.empty() || acts_as == user;
    if (!itself || !options->authenticate(user, text.substr(second + 1))) {
        if (++bad_commands > max_bad_commands) // guessing is bounded as nonsense is
            return hang_up(421, "4.7.0", "Too many bad commands");
        return say(535, "5.7.8", "Authentication credentials invalid");
    }
    authenticated = true;
    say(235, "2.7.0", "Authentication successful");
}

} // namespace cbv
