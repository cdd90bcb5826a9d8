// Escaping and ASCII comparison (cbv/text.hpp). Nothing here interprets what it escapes.
#include "cbv/text.hpp"

#include "ascii.hpp"

#include <algorithm>

namespace cbv {
namespace {

void append_escaped(std::string& out, char c) {
    constexpr char hex[] = "0123456789abcdef";
    switch (c) {
    case '\\':
        out += "\\\\";
        return;
    case '\r':
        out += "\\r";
        return;
    case '\n':
        out += "\\n";
        return;
    case '\t':
        out += "\\t";
        return;
    default:
        break;
    }
    if (!ascii::is_control(c) && !ascii::is_high(c)) {
        out += c;
        return;
    }
    const auto octet = static_cast<unsigned char>(c);
    out += "\\x";
    out += hex[octet >> 4];
    out += hex[octet & 0x0F];
}

/// The lead octets of UTF-8 that take the same continuations (RFC 3629 section 4). The range of the
/// second octet is what shuts out overlong forms, surrogates and code points past U+10FFFF.
struct utf8_form {
    unsigned char lead_from, lead_to;
    unsigned char second_from, second_to;
    std::size_t length;
};

constexpr utf8_form utf8_forms[] = {
    {0x00, 0x7F, 0x00, 0x00, 1},
    {0xC2, 0xDF, 0x80, 0xBF, 2},
    {0xE0, 0xE0, 0xA0, 0xBF, 3},
    {0xE1, 0xEC, 0x80, 0xBF, 3},
    {0xED, 0xED, 0x80, 0x9F, 3},
    {0xEE, 0xEF, 0x80, 0xBF, 3},
    {0xF0, 0xF0, 0x90, 0xBF, 4},
    {0xF1, 0xF3, 0x80, 0xBF, 4},
    {0xF4, 0xF4, 0x80, 0x8F, 4},
};

constexpr bool within(char c, unsigned char from, unsigned char to) noexcept {
    const auto octet = static_cast<unsigned char>(c);
    return octet >= from && octet <= to;
}

/// The octets of the character at the front of `text`, or 0 if it is not well formed.
std::size_t utf8_length(std::string_view text) noexcept {
    for (const utf8_form& form : utf8_forms) {
        if (!within(text[0], form.lead_from, form.lead_to))
            continue;
        if (text.size() < form.length)
            return 0;
        if (form.length > 1 && !within(text[1], form.second_from, form.second_to))
            return 0;
        for (std::size_t i = 2; i < form.length; ++i)
            if (!within(text[i], 0x80, 0xBF))
                return 0;
        return form.length;
    }
    return 0;
}

} // namespace

std::string escape(std::string_view text, std::size_t limit) {
    constexpr std::string_view ellipsis = "...";
    std::string out;
    out.reserve(std::min(text.size(), limit));
    std::size_t cut = 0; // the last place between two characters that leaves room for the ellipsis
    for (const char c : text) {
        if (out.size() + ellipsis.size() <= limit)
            cut = out.size();
        append_escaped(out, c);
        if (out.size() > limit) {
            out.resize(cut);
            out += ellipsis.substr(0, limit);
            break;
        }
    }
    return out;
}

std::string to_lower(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii::to_lower);
    return out;
}

std::string to_upper(std::string_view text) {
    std::string out(text);
    std::transform(out.begin(), out.end(), out.begin(), ascii::to_upper);
    return out;
}

bool iequals(std::string_view a, std::string_view b) noexcept {
    return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](char x, char y) {
        return ascii::to_lower(x) == ascii::to_lower(y);
    });
}

bool is_ascii(std::string_view text) noexcept {
    return std::none_of(text.begin(), text.end(), ascii::is_high);
}

bool is_utf8(std::string_view text) noexcept {
    while (!text.empty()) {
        const std::size_t length = utf8_length(text);
        if (length == 0)
            return false;
        text.remove_prefix(length);
    }
    return true;
}

std::string_view without_final_dot(std::string_view name) noexcept {
    if (name.ends_with('.'))
        name.remove_suffix(1);
    return name;
}

} // namespace cbv
