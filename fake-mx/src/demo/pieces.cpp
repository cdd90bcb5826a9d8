// pieces.hpp: the grammar of one word, `[STAGE-]WORD[-PARAMETER]`.
#include "pieces.hpp"

#include "cbv/duration_text.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <utility>

namespace cbv::fakemx::demo {
namespace {

constexpr std::pair<std::string_view, at> stages[] = {
    {"banner", at::banner},
    {"ehlo", at::ehlo},
    {"helo", at::helo},
    {"auth", at::unknown}, // the only command without a stage of its own that is answered here
    {"mail", at::mail},
    {"rcpt", at::rcpt},
    {"data", at::data},
    {"message", at::message},
    {"rset", at::rset},
    {"noop", at::noop},
    {"vrfy", at::vrfy},
    {"quit", at::quit},
    {"starttls", at::starttls},
    {"any", at::any},
};

constexpr unsigned most_lines = 500;
constexpr unsigned most_tries = 1000;
constexpr std::string_view time_wanted = "a time up to 10m, such as 5s or 300ms";

bool is_code(std::string_view text) {
    return is_number(text, 3) && text.size() == 3 && text[0] >= '2' && text[0] <= '5';
}

/// "5.1.1" or "5-1-1", as "5.1.1".
std::optional<std::string> read_enhanced(std::string text) {
    std::replace(text.begin(), text.end(), '-', '.');
    const auto first = text.find('.');
    const auto second = first == text.npos ? text.npos : text.find('.', first + 1);
    if (second == text.npos || first != 1 || text[0] < '2' || text[0] > '5' || text[0] == '3')
        return std::nullopt;
    const std::string_view all = text;
    if (!is_number(all.substr(2, second - 2), 3) || !is_number(all.substr(second + 1), 3))
        return std::nullopt;
    return text;
}

piece_reading wrong(const std::string& piece, std::string_view expected) {
    return {std::nullopt, escape(piece, 80) + ": expected " + std::string{expected}};
}

piece_reading read_reply(const std::string& piece, std::string_view rest, at stage) {
    part p;
    p.stage = stage;
    p.word = piece;
    p.is_reply = true;
    p.code = rest.substr(0, 3);
    if (rest.size() > 3) {
        const auto enhanced =
            rest[3] == '-' ? read_enhanced(std::string{rest.substr(4)}) : std::nullopt;
        if (!enhanced)
            return wrong(piece, "an enhanced code after the reply code, as in 550-5.1.1");
        p.enhanced = *enhanced;
    }
    const bool greets = (stage == at::ehlo || stage == at::helo) && p.code == "250";
    p.text = greets ? "{name}" : reply_text(p.code);
    return {p, {}};
}

bool read_count(std::string_view text, unsigned least, unsigned most, part& p) {
    if (!is_number(text, 6))
        return false;
    const auto n = static_cast<unsigned>(std::stoul(std::string{text}));
    p.count = n;
    return n >= least && n <= most;
}

/// `N` or `N-TIME` of limit.
bool read_limit(std::string_view text, part& p) {
    const auto hyphen = text.find('-');
    if (hyphen != text.npos) {
        p.time = read_time(text.substr(hyphen + 1));
        if (!p.time)
            return false;
    }
    return read_count(text.substr(0, hyphen), 0, most_tries, p);
}

/// Reads an effect's parameter into `p`; what was expected instead, if it is none.
std::string_view read_parameter(const effect_word& e, std::string_view text, part& p) {
    switch (e.what) {
    case effect::slow:
    case effect::drip:
    case effect::split:
        p.time = read_time(text);
        return p.time ? "" : time_wanted;
    case effect::multiline:
        return read_count(text, 2, most_lines, p) ? "" : "2 to 500 lines, as in multiline-5";
    case effect::grey:
        if (text.ends_with('x'))
            return read_count(text.substr(0, text.size() - 1), 1, most_tries, p)
                       ? ""
                       : "1 to 1000 tries, as in grey-3x";
        p.time = read_time(text);
        return p.time ? "" : "tries or a time, as in grey-3x or grey-30s";
    case effect::limit:
        return read_limit(text, p) ? "" : "tries and perhaps a time, as in limit-3 or limit-3-30s";
    default:
        return "no parameter";
    }
}

} // namespace

bool is_number(std::string_view text, std::size_t most) noexcept {
    return !text.empty() && text.size() <= most &&
           std::all_of(text.begin(), text.end(), [](char c) { return c >= '0' && c <= '9'; });
}

std::optional<duration> read_time(std::string_view text) {
    return parse_duration(text, longest_time);
}

std::vector<std::string> split_words(std::string_view text) {
    std::vector<std::string> pieces;
    for (std::size_t start = 0; start <= text.size();) {
        const auto dot = std::min(text.find('.', start), text.size());
        pieces.emplace_back(text.substr(start, dot - start));
        start = dot + 1;
    }
    std::vector<std::string> joined;
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        auto piece = pieces[i];
        const auto hyphen = piece.rfind('-');
        const std::string_view all = piece;
        const auto tail = hyphen == all.npos ? "" : all.substr(hyphen + 1);
        const auto before = hyphen == all.npos ? "" : all.substr(0, hyphen);
        const bool after_code = before.size() >= 3 && is_code(before.substr(before.size() - 3));
        if (is_number(tail, 1) && after_code && i + 2 < pieces.size() &&
            is_number(pieces[i + 1], 3) && is_number(pieces[i + 2], 3)) {
            piece += "." + pieces[i + 1] + "." + pieces[i + 2];
            i += 2;
        } else if (is_number(tail, 4) && i + 1 < pieces.size() && !pieces[i + 1].empty() &&
                   read_time("0." + pieces[i + 1]) && !is_number(pieces[i + 1], 9)) {
            piece += "." + pieces[++i];
        }
        joined.push_back(piece);
    }
    return joined;
}

piece_reading read_piece(const std::string& piece, at own) {
    std::string_view rest = piece;
    at stage = own;
    bool staged = false;
    for (const auto& [name, where] : stages) {
        if (piece == name)
            return wrong(piece, std::string{name} + "-WORD, such as " + std::string{name} + "-451");
        if (rest.size() > name.size() && rest.starts_with(name) && rest[name.size()] == '-') {
            stage = where;
            staged = true;
            rest.remove_prefix(name.size() + 1);
            break;
        }
    }
    if (is_code(rest.substr(0, 3)) && (rest.size() == 3 || rest[3] == '-'))
        return read_reply(piece, rest, stage);
    part p;
    p.stage = stage;
    p.word = piece;
    for (const auto& e : effect_words()) {
        if (rest != e.name && !(rest.starts_with(e.name) && rest[e.name.size()] == '-'))
            continue;
        p.what = e.what;
        const bool bare = rest.size() == e.name.size();
        if (bare && e.what != effect::limit)
            return {p, {}};
        const auto expected = read_parameter(e, bare ? "" : rest.substr(e.name.size() + 1), p);
        return expected.empty() ? piece_reading{p, {}} : wrong(piece, expected);
    }
    for (const auto& r : named_replies())
        if (rest == r.name) {
            p.is_reply = true;
            p.stage = staged || r.stage == at::rcpt ? stage : r.stage;
            p.code = r.code;
            p.enhanced = r.enhanced;
            p.text = r.text;
            return {p, {}};
        }
    if (staged || is_number(rest.substr(0, rest.find('-')), 3))
        return wrong(piece, "a reply code from 200 to 599, or a word such as slow-5s");
    return {};
}

} // namespace cbv::fakemx::demo
