// Exact decimal arithmetic in microseconds; no floating point, no locale.
#include "cbv/duration_text.hpp"

#include <cstdint>

namespace cbv {
namespace {

constexpr std::int64_t second = 1'000'000;

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

std::optional<std::int64_t> unit_of(std::string_view text) {
    if (text.empty() || text == "s")
        return second;
    if (text == "us")
        return 1;
    if (text == "ms")
        return 1'000;
    if (text == "m")
        return 60 * second;
    if (text == "h")
        return 3600 * second;
    return std::nullopt;
}

/// `value` (below one unit's multiple of `unit`) with the decimals that are not zero.
std::string decimal(std::int64_t value, std::int64_t unit) {
    std::string text = std::to_string(value / unit);
    std::int64_t rest = value % unit;
    if (rest != 0) {
        text += '.';
        while (rest != 0) {
            rest *= 10;
            text += static_cast<char>('0' + rest / unit);
            rest %= unit;
        }
    }
    return text;
}

} // namespace

std::optional<duration> parse_duration(std::string_view text, duration most) {
    const std::int64_t longest = most.count();
    std::size_t at = 0;
    std::int64_t whole = 0;
    while (at < text.size() && is_digit(text[at]) && whole <= longest)
        whole = whole * 10 + (text[at++] - '0');
    if (at == 0 || whole > longest)
        return std::nullopt;
    std::string_view fraction;
    if (at < text.size() && text[at] == '.') {
        const auto begin = ++at;
        while (at < text.size() && is_digit(text[at]))
            ++at;
        fraction = text.substr(begin, at - begin);
        if (fraction.empty())
            return std::nullopt;
    }
    const auto unit = unit_of(text.substr(at));
    if (!unit || whole > longest / *unit)
        return std::nullopt;
    std::int64_t total = whole * *unit;
    std::int64_t weight = *unit;
    for (const char digit : fraction) {
        if (weight % 10 != 0 && weight < 10)
            break; // below a microsecond
        weight /= 10;
        total += weight * (digit - '0');
    }
    if (total > longest)
        return std::nullopt;
    return duration(total);
}

std::string format_duration(duration d) {
    const std::int64_t value = d.count();
    if (value < 0)
        return "-" + format_duration(-d);
    if (value != 0 && value < 1'000)
        return std::to_string(value) + "us";
    if (value != 0 && value < second)
        return decimal(value, 1'000) + "ms";
    return decimal(value, second) + "s";
}

} // namespace cbv
