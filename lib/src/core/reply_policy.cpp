// From a verdict to the reply at RCPT (cbv/reply_policy.hpp): the draft's reply table, once, and
// the words for people. It never looks at the called host's code again: the verdict has decided.
#include "cbv/reply_policy.hpp"

#include "ascii.hpp"
#include "cbv/text.hpp"

#include <algorithm>

namespace cbv {
namespace {

// Basic codes (CBV-RPLY-001, CBV-RPLY-002).
constexpr int refused = 550;
constexpr int deferred = 451;

/// Octets of a text that comes from elsewhere, after escaping; with the words around it a line
/// stays well below max_reply_line.
constexpr std::size_t max_quoted = 350;

/// The draft's reply table, row by row (a test compares them).
struct row {
    cause why;
    int code;
    std::uint16_t subject;
    std::uint16_t detail;
};

constexpr row table[] = {
    {cause::null_mx, refused, 7, 27}, // RFC 7505 section 4.1
    {cause::domain_not_found, refused, 1, 8},
    {cause::no_address, refused, 1, 8},
    {cause::hosts_prohibited, refused, 1, 8},
    {cause::null_sender_refused, refused, 1, 8},
    {cause::mailbox_refused, refused, 1, 0},
    {cause::smtputf8_missing, refused, 6, 7}, // RFC 6531 section 3.5
    {cause::dns_failure, deferred, 4, 3},
    {cause::timeout, deferred, 4, 1},
    {cause::connection_refused, deferred, 4, 1},
    {cause::budget_exhausted, deferred, 4, 1},
    {cause::connection_lost, deferred, 4, 2},
    {cause::protocol_error, deferred, 4, 2},
    {cause::tls_failure, deferred, 4, 2},
    {cause::temporary_reply, deferred, 1, 0},
    {cause::storage_reply, deferred, 1, 0},
    {cause::in_progress, deferred, 1, 0},
    {cause::hold_off, deferred, 1, 0},
    {cause::cancelled, deferred, 3, 2},
    {cause::limit, deferred, 3, 2},
};

/// The codes of `why` when the basic code is `code`. A cause whose row has the other class was
/// softened (CBV-MX-009, CBV-SMX-002, CBV-CACHE-004) and, as one without a row, gets X.1.0.
reply_codes look_up(int code, cause why) {
    const auto klass = static_cast<std::uint16_t>(code / 100);
    for (const row& entry : table)
        if (entry.why == why && entry.code == code)
            return {code, {klass, entry.subject, entry.detail}};
    return {code, {klass, 1, 0}};
}

/// What the called host said, for the operator who chose to disclose it.
std::string quote(const verdict& v) {
    std::string text = v.host.empty() ? std::string("its mail system") : v.host;
    if (v.address)
        text += " [" + v.address->to_string() + "]";
    text += " said: " + std::to_string(v.reply->code);
    for (const std::string& line : v.reply->lines)
        text += ' ' + line;
    return escape(text, max_quoted);
}

} // namespace

reply_codes codes_for(verdict_kind kind, cause why, const reply_options& options) {
    if (options.observe) // CBV-RPLY-010
        return {};
    switch (kind) {
    case verdict_kind::fail:
        return look_up(refused, why);
    case verdict_kind::tempfail:
        return options.accept_tempfail ? reply_codes{} : look_up(deferred, why);
    case verdict_kind::unverifiable: // CBV-RPLY-003
        return options.defer_unverifiable ? look_up(deferred, why) : reply_codes{};
    case verdict_kind::pass:
    case verdict_kind::none:
        break;
    }
    return {};
}

std::string_view explain(cause why) noexcept {
    switch (why) {
    case cause::accepted:
        return "its mail system accepts it";
    case cause::mailbox_refused:
        return "its mail system refuses this mailbox";
    case cause::null_sender_refused:
        return "its mail system refuses the null sender, so no bounce can reach it";
    case cause::null_mx:
        return "its domain accepts no mail (null MX)";
    case cause::domain_not_found:
        return "its domain does not exist in the DNS";
    case cause::no_address:
        return "its domain has no usable mail host in the DNS";
    case cause::hosts_prohibited:
        return "its mail hosts have only addresses that must not be called";
    case cause::smtputf8_missing:
        return "its mail system does not support SMTPUTF8";
    case cause::dns_failure:
        return "the DNS did not answer for its domain";
    case cause::timeout:
        return "its mail system did not answer in time";
    case cause::connection_refused:
        return "its mail system cannot be reached";
    case cause::connection_lost:
        return "its mail system closed the connection";
    case cause::protocol_error:
        return "its mail system did not answer in SMTP";
    case cause::temporary_reply:
        return "its mail system answered with a temporary failure";
    case cause::storage_reply:
        return "its mail system reports a lack of storage";
    case cause::budget_exhausted:
        return "the check took too long";
    case cause::cancelled:
        return "the check was broken off";
    case cause::prober_refused:
        return "its mail system refuses to talk to us";
    case cause::no_standing:
        return "its mail system refuses whatever it is asked";
    case cause::command_refused:
        return "its mail system does not take our command";
    case cause::tls_failure:
        return "no encrypted connection to its mail system could be made";
    case cause::own_host:
        return "its best mail host is this one, which does not know the domain";
    case cause::limit:
        return "too many checks are running here";
    case cause::hold_off:
        return "an earlier check had no result yet";
    case cause::in_progress:
        return "the check is still running";
    case cause::invalid_address:
        return "it is malformed";
    case cause::null_reverse_path:
        return "it is null";
    case cause::exempt:
        return "no check was due";
    }
    return "";
}

std::string_view explain(verdict_kind kind, cause why) noexcept {
    if (kind == verdict_kind::unverifiable && why == cause::limit)
        return "not all of its mail hosts can be asked from here";
    return explain(why);
}

std::optional<reply>
reply_for(const verdict& v, const std::string& reverse_path, const reply_options& options) {
    const reply_codes codes = codes_for(v.kind, v.why, options);
    if (codes.code == 0)
        return std::nullopt;
    // RFC 2034 section 4: the enhanced code stands on every line.
    const std::string prefix =
        options.enhanced_codes ? codes.enhanced.to_string() + ' ' : std::string();
    reply out;
    out.code = codes.code;
    out.lines.push_back(prefix + "The return path <" + escape(reverse_path, max_quoted) +
                        "> was checked by call-back verification");
    out.lines.push_back(prefix + std::string(to_string(v.why)) + ": " +
                        std::string(explain(v.kind, v.why)));
    if (options.quote_called_host && v.reply)
        out.lines.push_back(prefix + quote(v));
    return out;
}

std::string serialize(const reply& r) {
    constexpr std::size_t room = max_reply_line - 4 - 2; // code, separator, CR LF
    const std::string code = std::to_string(r.code);
    if (r.lines.empty())
        return code + "\r\n";
    std::string out;
    for (std::size_t i = 0; i < r.lines.size(); ++i) {
        const std::string& line = r.lines[i];
        // A backslash is printable, and escape() would double it each time: text that is clean
        // stays.
        const bool clean = std::none_of(line.begin(), line.end(), [](char c) {
            return ascii::is_control(c) || ascii::is_high(c);
        });
        out += code;
        out += i + 1 < r.lines.size() ? '-' : ' ';
        out += clean ? line.substr(0, room) : escape(line, room);
        out += "\r\n";
    }
    return out;
}

} // namespace cbv
