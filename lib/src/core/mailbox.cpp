// Mailboxes and paths (cbv/mailbox.hpp): puts the scanners of mailbox_grammar.hpp in order and
// keeps what they read exactly as it was received.
#include "cbv/mailbox.hpp"

#include "cbv/text.hpp"
#include "mailbox_grammar.hpp"

#include <utility>

namespace cbv {
namespace {

using grammar::outcome;
using grammar::violation;

path_error to_error(const violation& missed) {
    return {missed.fault, missed.offset, missed.expected};
}

outcome expect(std::string_view text, std::size_t& at, char c, const char* expected) noexcept {
    if (at >= text.size() || text[at] != c)
        return violation{path_fault::syntax, at, expected};
    ++at;
    return {};
}

// Mailbox = Local-part "@" ( Domain / address-literal )
outcome scan_mailbox(std::string_view text, std::size_t& at, lengths bound, mailbox& box) {
    const std::size_t local = at;
    if (auto missed = grammar::scan_local_part(text, at, bound))
        return missed;
    box.local_part = text.substr(local, at - local);
    if (auto missed = expect(text, at, '@', "expected @ after the local-part"))
        return missed;
    const std::size_t domain = at;
    if (at < text.size() && text[at] == '[') {
        ip_address address;
        if (auto missed = grammar::scan_literal(text, at, address))
            return missed;
        box.literal = address;
    } else if (auto missed = grammar::scan_domain(text, at)) {
        return missed;
    }
    box.domain = text.substr(domain, at - domain);
    return {};
}

// A-d-l = At-domain *( "," At-domain )      At-domain = "@" Domain
// with the ":" that joins it to the mailbox (RFC 5321 section 4.1.2 and appendix C).
outcome scan_source_route(std::string_view text, std::size_t& at) noexcept {
    for (;;) {
        if (auto missed = expect(text, at, '@', "expected @ and a domain in the source route"))
            return missed;
        if (auto missed = grammar::scan_domain(text, at))
            return missed;
        if (at >= text.size() || text[at] != ',')
            break;
        ++at;
    }
    return expect(text, at, ':', "expected , or : after a domain of the source route");
}

outcome check_path_length(std::size_t size) noexcept {
    if (size > max_path)
        return violation{path_fault::too_long, max_path, "expected at most 256 octets in the path"};
    return {};
}

enum class direction { reverse, forward };

// Reverse-path = Path / "<>"
// Forward-path = Path, or "<Postmaster>" as an argument of RCPT (section 4.1.1.3)
// Path         = "<" [ A-d-l ":" ] Mailbox ">"
outcome scan_path(std::string_view text, direction way, lengths bound, path& out) {
    if (auto missed = grammar::check_octets(text))
        return missed;
    std::size_t at = 0;
    if (auto missed = expect(text, at, '<', "expected < at the start of the path"))
        return missed;
    if (way == direction::reverse && text == "<>")
        return {};
    if (way == direction::forward && iequals(text, "<postmaster>")) {
        out.box = mailbox{std::string(text.substr(1, text.size() - 2)), {}, {}};
        return {};
    }
    if (at < text.size() && text[at] == '@') {
        if (auto missed = scan_source_route(text, at))
            return missed;
        out.had_source_route = true;
    }
    mailbox box;
    if (auto missed = scan_mailbox(text, at, bound, box))
        return missed;
    if (auto missed = expect(text, at, '>', "expected > after the mailbox"))
        return missed;
    if (at != text.size())
        return violation{path_fault::syntax, at, "expected nothing after the path"};
    out.box = std::move(box);
    return bound == lengths::any ? outcome{} : check_path_length(text.size());
}

result<path, path_error> parse_path(std::string_view text, direction way, lengths bound) {
    path out;
    if (const auto missed = scan_path(text, way, bound, out))
        return to_error(*missed);
    return out;
}

} // namespace

bool mailbox::needs_smtputf8() const noexcept {
    return !is_ascii(local_part);
}

bool mailbox::is_over_long() const noexcept {
    return local_part.size() > max_local_part || domain.size() > max_domain ||
           local_part.size() + domain.size() + 3 > max_path; // with "@", "<" and ">"
}

std::string mailbox::to_string() const {
    return domain.empty() ? local_part : local_part + '@' + domain;
}

std::string mailbox::unquoted_local_part() const {
    if (local_part.size() < 2 || local_part.front() != '"' || local_part.back() != '"')
        return local_part;
    std::string out;
    const std::string_view inner = std::string_view(local_part).substr(1, local_part.size() - 2);
    for (std::size_t i = 0; i < inner.size(); ++i) {
        if (inner[i] == '\\' && i + 1 < inner.size())
            ++i;
        out += inner[i];
    }
    return out;
}

result<mailbox, path_error> parse_mailbox(std::string_view text, lengths bound) {
    if (const auto missed = grammar::check_octets(text))
        return to_error(*missed);
    std::size_t at = 0;
    mailbox box;
    if (const auto missed = scan_mailbox(text, at, bound, box))
        return to_error(*missed);
    if (at != text.size())
        return path_error{path_fault::syntax, at, "expected nothing after the mailbox"};
    if (bound == lengths::limited &&
        text.size() + 2 > max_path) // as a path it would stand in angle brackets
        return path_error{
            path_fault::too_long, max_path - 2, "expected at most 254 octets in the mailbox"};
    return box;
}

result<path, path_error> parse_reverse_path(std::string_view text, lengths bound) {
    return parse_path(text, direction::reverse, bound);
}

result<path, path_error> parse_forward_path(std::string_view text) {
    return parse_path(text, direction::forward, lengths::limited);
}

bool is_domain(std::string_view text) noexcept {
    std::size_t at = 0;
    return is_utf8(text) && !grammar::scan_domain(text, at) && at == text.size();
}

} // namespace cbv
