// default_reply.hpp: the table of default replies (RFC 5321 section 4.3.2). Enhanced codes are
// there when the host offers them (RFC 2034 section 4).
#include "default_reply.hpp"

#include "cbv/text.hpp"

#include <algorithm>

namespace cbv::fakemx {
namespace {

std::string
reply(const host& h, std::string_view code, std::string_view enhanced, std::string_view text) {
    const bool offered =
        std::any_of(h.keywords.begin(), h.keywords.end(), [](const std::string& keyword) {
            return iequals(keyword, "ENHANCEDSTATUSCODES");
        });
    std::string out{code};
    out += ' ';
    if (offered && !enhanced.empty())
        out.append(enhanced) += ' ';
    return out.append(text) + "\r\n";
}

std::string ehlo_reply(const host& h) {
    std::string out;
    const std::string first = h.name + " greets you";
    for (std::size_t i = 0; i <= h.keywords.size(); ++i)
        out += (i == h.keywords.size() ? "250 " : "250-") + (i == 0 ? first : h.keywords[i - 1]) +
               "\r\n";
    return out;
}

} // namespace

at stage_of(verb v) noexcept {
    switch (v) {
    case verb::ehlo:
        return at::ehlo;
    case verb::helo:
        return at::helo;
    case verb::mail:
        return at::mail;
    case verb::rcpt:
        return at::rcpt;
    case verb::data:
        return at::data;
    case verb::rset:
        return at::rset;
    case verb::noop:
        return at::noop;
    case verb::vrfy:
        return at::vrfy;
    case verb::quit:
        return at::quit;
    case verb::starttls:
        return at::starttls;
    default:
        return at::unknown;
    }
}

std::string path_of(const command& c) {
    if (c.v != verb::mail && c.v != verb::rcpt)
        return c.argument;
    const auto parsed =
        c.v == verb::mail ? parse_mail_argument(c.argument) : parse_rcpt_argument(c.argument);
    std::string path;
    if (parsed.has_value()) {
        path = parsed->path_text;
    } else { // not in the grammar: what lies between the brackets, or all after the colon
        const auto colon = c.argument.find(':');
        path = colon == std::string::npos ? c.argument : c.argument.substr(colon + 1);
        path.erase(0, path.find_first_not_of(' '));
        if (const auto end = path.rfind('>'); path.starts_with('<') && end != std::string::npos)
            path.erase(end + 1);
    }
    if (path.size() >= 2 && path.front() == '<' && path.back() == '>')
        path = path.substr(1, path.size() - 2);
    return path;
}

std::string default_greeting(const host& h) {
    return "220 " + h.name + " ESMTP fake-mx\r\n";
}

std::string default_message_reply(const host& h) {
    return reply(h, "250", "2.6.0", "Message taken and forgotten");
}

std::string default_reply(const host& h, verb v) {
    switch (v) {
    case verb::ehlo:
        return ehlo_reply(h);
    case verb::helo:
        return "250 " + h.name + "\r\n";
    case verb::mail:
        return reply(h, "250", "2.1.0", "Sender OK");
    case verb::rcpt:
        return reply(h, "250", "2.1.5", "Recipient OK");
    case verb::data:
        return "354 Go ahead\r\n";
    case verb::rset:
    case verb::noop:
        return reply(h, "250", "2.0.0", "OK");
    case verb::quit:
        return reply(h, "221", "2.0.0", "Bye");
    case verb::vrfy:
        return reply(h, "252", "2.5.0", "Cannot verify, will try");
    case verb::help:
        return reply(h, "214", "2.0.0", "This is a fake MX");
    case verb::unknown:
        return reply(h, "500", "5.5.2", "Command unknown");
    default:
        return reply(h, "502", "5.5.1", "Command not implemented");
    }
}

} // namespace cbv::fakemx
