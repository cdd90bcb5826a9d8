// Commands as a server reads them (cbv/command.hpp; RFC 5321 section 4.1.1). The verb decides
// nothing here: whether a command is due is the session's business.
#include "cbv/command.hpp"

#include "ascii.hpp"
#include "cbv/text.hpp"

#include <algorithm>

namespace cbv {
namespace {

struct verb_name {
    verb v;
    std::string_view name;
};

constexpr verb_name verb_names[] = {
    {verb::helo, "HELO"},
    {verb::ehlo, "EHLO"},
    {verb::mail, "MAIL"},
    {verb::rcpt, "RCPT"},
    {verb::data, "DATA"},
    {verb::bdat, "BDAT"},
    {verb::rset, "RSET"},
    {verb::noop, "NOOP"},
    {verb::quit, "QUIT"},
    {verb::vrfy, "VRFY"},
    {verb::expn, "EXPN"},
    {verb::help, "HELP"},
    {verb::etrn, "ETRN"},
    {verb::auth, "AUTH"},
    {verb::starttls, "STARTTLS"},
};

/// `text` without trailing white space (RFC 5321 section 4.1.1: receivers tolerate it).
std::string_view trim_end(std::string_view text) noexcept {
    const std::size_t last = text.find_last_not_of(" \t");
    return text.substr(0, last == text.npos ? 0 : last + 1);
}

argument_error refuse(argument_error::kind what, std::size_t offset, const char* expected) {
    return {what, {path_fault::syntax, offset, expected}};
}

/// The octets from "<" to its ">" at the front of `text`; a ">" in a quoted local-part does not end
/// the path. 0 if there is none.
std::size_t path_length(std::string_view text) noexcept {
    bool quoted = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (quoted && text[i] == '\\')
            ++i;
        else if (text[i] == '"')
            quoted = !quoted;
        else if (text[i] == '>' && !quoted)
            return i + 1;
    }
    return 0;
}

// esmtp-keyword = (ALPHA / DIGIT) *(ALPHA / DIGIT / "-")
bool is_keyword(std::string_view text) noexcept {
    return !text.empty() && text[0] != '-' && std::all_of(text.begin(), text.end(), [](char c) {
        return ascii::is_let_dig(c) || c == '-';
    });
}

// esmtp-value = 1*(%d33-60 / %d62-126) =/ UTF8-non-ascii (RFC 6531 section 3.3)
bool is_value(std::string_view text) noexcept {
    return !text.empty() && is_utf8(text) && std::all_of(text.begin(), text.end(), [](char c) {
        return !ascii::is_control(c) && c != ' ' && c != '=';
    });
}

// esmtp-param = esmtp-keyword ["=" esmtp-value], each after SP; more than one space is tolerated.
std::optional<argument_error>
read_parameters(std::string_view argument, std::size_t at, std::vector<esmtp_parameter>& out) {
    constexpr auto fault = argument_error::kind::parameter;
    while (at < argument.size()) {
        if (argument[at] != ' ')
            return refuse(fault, at, "expected a space before the parameter");
        at = argument.find_first_not_of(' ', at);
        const std::size_t end = std::min(argument.find(' ', at), argument.size());
        const std::string_view text = argument.substr(at, end - at);
        const std::size_t equals = text.find('=');
        const std::string_view keyword = text.substr(0, equals);
        if (!is_keyword(keyword))
            return refuse(fault, at, "expected a keyword of letters, digits and hyphens");
        esmtp_parameter parameter{to_upper(keyword), std::nullopt};
        if (equals != text.npos) {
            const std::string_view value = text.substr(equals + 1);
            if (!is_value(value))
                return refuse(fault, at + equals + 1, "expected a value of printable octets, no =");
            parameter.value = value;
        }
        out.push_back(std::move(parameter));
        at = end;
    }
    return std::nullopt;
}

using path_parser = result<path, path_error> (*)(std::string_view);

result<path_argument, argument_error> parse_argument(std::string_view argument,
                                                     std::string_view prefix,
                                                     const char* expected,
                                                     path_parser parse) {
    argument = trim_end(argument);
    if (!iequals(argument.substr(0, prefix.size()), prefix))
        return refuse(argument_error::kind::syntax, 0, expected);
    path_argument out;
    std::size_t at = prefix.size();
    while (at < argument.size() && argument[at] == ' ')
        ++at;
    out.space_after_colon = at > prefix.size();
    const std::string_view rest = argument.substr(at);
    if (!rest.starts_with('<'))
        return refuse(argument_error::kind::path, at, "expected < at the start of the path");
    // Without an end the whole rest is judged as a path: the parser knows best what is wrong.
    const std::size_t length = path_length(rest);
    out.path_text = rest.substr(0, length == 0 ? rest.npos : length);
    auto parsed = parse(out.path_text);
    if (!parsed) {
        argument_error refused{argument_error::kind::path, parsed.error()};
        refused.detail.offset += at;
        return refused;
    }
    out.path = std::move(parsed).value();
    if (auto refused = read_parameters(argument, at + out.path_text.size(), out.parameters))
        return *std::move(refused);
    return out;
}

} // namespace

std::string_view to_string(verb v) noexcept {
    for (const verb_name& entry : verb_names)
        if (entry.v == v)
            return entry.name;
    return "?";
}

command parse_command(std::string_view line) {
    line = trim_end(line);
    const std::size_t space = line.find(' ');
    command out;
    out.name = line.substr(0, space);
    if (space != line.npos)
        out.argument = line.substr(space + 1);
    for (const verb_name& entry : verb_names)
        if (iequals(entry.name, out.name))
            out.v = entry.v;
    return out;
}

result<path_argument, argument_error> parse_mail_argument(std::string_view argument) {
    return parse_argument(argument, "FROM:", "expected FROM:", [](std::string_view text) {
        return parse_reverse_path(text, lengths::any);
    });
}

result<path_argument, argument_error> parse_rcpt_argument(std::string_view argument) {
    return parse_argument(argument, "TO:", "expected TO:", parse_forward_path);
}

std::optional<line_reader::line> line_reader::feed(std::string_view& bytes) {
    const std::size_t lf = bytes.find('\n');
    const std::string_view chunk = bytes.substr(0, lf == bytes.npos ? bytes.size() : lf + 1);
    if (chunk.empty())
        return std::nullopt;
    const std::size_t kept = std::min(chunk.size(), limit_ - buffer_.size());
    buffer_.append(chunk.substr(0, kept));
    dropped_ += chunk.size() - kept;
    const bool after_cr = chunk.size() > 1 ? chunk[chunk.size() - 2] == '\r' : last_ == '\r';
    last_ = chunk.back();
    bytes.remove_prefix(chunk.size());
    if (lf == std::string_view::npos)
        return std::nullopt;

    line out;
    out.too_long = dropped_ > 0;
    out.bare_lf = !after_cr;
    out.text = std::move(buffer_);
    if (dropped_ == 0)
        out.text.pop_back(); // the LF
    if (after_cr && dropped_ <= 1 && !out.text.empty())
        out.text.pop_back(); // the CR, unless it was itself dropped
    reset();
    return out;
}

void line_reader::reset() {
    buffer_.clear();
    dropped_ = 0;
    last_ = '\0';
}

} // namespace cbv
