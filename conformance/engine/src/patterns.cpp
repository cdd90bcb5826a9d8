// Patterns on codes and command lines; see the header. No regular expressions: the patterns are
// short enough to be compared octet by octet.
#include "patterns.hpp"

#include "cbv/text.hpp"

#include <algorithm>
#include <array>
#include <optional>

namespace cbv::engine {
namespace {

constexpr std::string_view negation = "not-";

bool strip_negation(std::string_view& pattern) {
    if (!pattern.starts_with(negation))
        return false;
    pattern.remove_prefix(negation.size());
    return true;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}
bool is_wild(char c) {
    return c == 'y' || c == 'z';
}

// "5.1.z" -> its three parts; nothing if there are not three.
std::optional<std::array<std::string_view, 3>> split_three(std::string_view text) {
    std::array<std::string_view, 3> parts;
    for (std::size_t i = 0; i < 3; ++i) {
        const auto dot = text.find('.');
        if ((dot == std::string_view::npos) != (i == 2))
            return std::nullopt;
        parts[i] = text.substr(0, dot);
        if (parts[i].empty())
            return std::nullopt;
        text.remove_prefix(i == 2 ? text.size() : dot + 1);
    }
    return parts;
}

} // namespace

bool is_reply_pattern(std::string_view pattern) {
    strip_negation(pattern);
    if (pattern.size() != 3 || pattern[0] < '2' || pattern[0] > '5')
        return false;
    const bool second_wild = is_wild(pattern[1]);
    if (second_wild && !is_wild(pattern[2]))
        return false;
    return (is_digit(pattern[1]) || second_wild) && (is_digit(pattern[2]) || is_wild(pattern[2]));
}

bool matches_reply(std::string_view pattern, int code) {
    const bool negated = strip_negation(pattern);
    const auto text = std::to_string(code);
    bool same = text.size() == pattern.size();
    for (std::size_t i = 0; same && i < text.size(); ++i)
        same = is_wild(pattern[i]) || pattern[i] == text[i];
    return same != negated;
}

bool is_enhanced_pattern(std::string_view pattern) {
    strip_negation(pattern);
    const auto parts = split_three(pattern);
    if (!parts)
        return false;
    const auto klass = (*parts)[0];
    if (klass != "2" && klass != "4" && klass != "5")
        return false;
    for (const auto part : {(*parts)[1], (*parts)[2]}) {
        if (part.size() == 1 && is_wild(part[0]))
            continue;
        if (part.size() > 3)
            return false;
        for (const char c : part)
            if (!is_digit(c))
                return false;
    }
    return true;
}

bool matches_enhanced(std::string_view pattern, std::string_view code) {
    const bool negated = strip_negation(pattern);
    const auto wanted = split_three(pattern);
    const auto seen = split_three(code);
    bool same = wanted && seen;
    for (std::size_t i = 0; same && i < 3; ++i) {
        const auto part = (*wanted)[i];
        same = (part.size() == 1 && is_wild(part[0])) || part == (*seen)[i];
    }
    return same != negated;
}

namespace {

/// The octets of the verb at the front of `line`.
std::size_t verb_size(std::string_view line) {
    const auto head = to_upper(line.substr(0, 10));
    if (head.starts_with("MAIL FROM:"))
        return 10;
    if (head.starts_with("RCPT TO:"))
        return 8;
    return std::min(line.find_first_of(" :"), line.size());
}

} // namespace

bool same_command(std::string_view line, std::string_view wanted) {
    if (line.size() != wanted.size())
        return false;
    const auto verb = verb_size(wanted);
    return iequals(line.substr(0, verb), wanted.substr(0, verb)) &&
           line.substr(verb) == wanted.substr(verb);
}

std::string with_upper_verb(std::string_view line) {
    const auto verb = verb_size(line);
    return to_upper(line.substr(0, verb)) + std::string{line.substr(verb)};
}

} // namespace cbv::engine
