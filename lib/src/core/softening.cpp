// Enhanced codes that soften (cbv/softening.hpp). The reader is tolerant on purpose: whoever writes
// his code carelessly has still said that he did not mean the mailbox. enhanced_code::parse is the
// strict one.
#include "cbv/softening.hpp"

#include "ascii.hpp"
#include "take.hpp"

#include <algorithm>
#include <optional>
#include <string_view>

namespace cbv {
namespace {

constexpr std::string_view blanks = " \t\r";

void skip(std::string_view& text, std::string_view octets) {
    text.remove_prefix(std::min(text.find_first_not_of(octets), text.size()));
}

// A code at the front, taken from `text`. What follows may be anything that does not go on with a
// number or a word: an address such as 5.7.1.12 is no code.
std::optional<enhanced_code> take_code(std::string_view& text) {
    auto rest = text;
    const auto klass = take_number(rest);
    if (!klass || (*klass != 2 && *klass != 4 && *klass != 5) || !take(rest, '.'))
        return std::nullopt;
    const auto subject = take_number(rest);
    if (!subject || !take(rest, '.'))
        return std::nullopt;
    const auto detail = take_number(rest);
    if (!detail)
        return std::nullopt;
    if (!rest.empty() && (ascii::is_let_dig(rest[0]) ||
                          (rest[0] == '.' && rest.size() > 1 && ascii::is_let_dig(rest[1]))))
        return std::nullopt;
    text = rest;
    return enhanced_code{*klass, *subject, *detail};
}

// "5.7.1", " #5.7.1", "550 5.7.1", "550-5.7.1" ...
std::optional<enhanced_code> leading_code(std::string_view line, int basic) {
    skip(line, " \t\r:#");
    auto rest = line;
    while (take_number(rest) == static_cast<std::uint16_t>(basic) && !rest.starts_with('.')) {
        skip(rest, " \t\r:#-");
        line = rest;
    }
    return take_code(line);
}

// "... (#5.7.1)"
std::optional<enhanced_code> trailing_code(std::string_view line) {
    const auto last = line.find_last_not_of(blanks);
    line = line.substr(0, last == line.npos ? 0 : last + 1);
    const auto open = line.rfind("(#");
    if (open == line.npos)
        return std::nullopt;
    line.remove_prefix(open + 2);
    const auto code = take_code(line);
    return code && line == ")" ? code : std::nullopt;
}

softening by_subject(stage at, const enhanced_code& c) noexcept {
    const auto detail_in = [&c](std::uint16_t first, std::uint16_t last) {
        return c.detail >= first && c.detail <= last;
    };
    switch (c.subject) {
    case 0:
    case 3:
    case 5:
        return c.detail == 0 ? softening::none : softening::policy;
    case 1:
        return detail_in(0, 4) || c.detail == 6 || c.detail == 10 ? softening::none
                                                                  : softening::policy;
    case 2:
        if (c.detail == 2)
            return softening::storage;
        if (c.detail == 1 || at == stage::mail)
            return softening::temporary;
        return c.detail == 0 ? softening::none : softening::policy;
    case 4:
        if (c.detail == 1)
            return softening::none;
        return detail_in(2, 7) ? softening::temporary : softening::policy;
    default:
        return softening::policy;
    }
}

} // namespace

softening softens(stage at, const enhanced_code& code) noexcept {
    const auto found = by_subject(at, code);
    switch (code.klass) {
    case 5:
        return found;
    case 4:
        return std::max(found, softening::temporary);
    default:
        return softening::policy;
    }
}

softening softens(stage at, const reply& r) {
    auto softest = softening::none;
    if (r.klass() != 5)
        return softest;
    for (const auto& line : r.lines)
        for (const auto& code : {leading_code(line, r.code), trailing_code(line)})
            if (code)
                softest = std::max(softest, softens(at, *code));
    return softest;
}

} // namespace cbv
