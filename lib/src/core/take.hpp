// Taking things from the front of a text, for parsers that go from left to right. It judges
// nothing: what a number means, and whether it may begin with a zero, is the caller's to say.
#pragma once

#include "ascii.hpp"

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>

namespace cbv {

/// Takes a number of one to three digits that no fourth one follows; nothing is taken else.
inline std::optional<std::uint16_t> take_number(std::string_view& text) {
    const auto end = std::find_if_not(text.begin(), text.end(), ascii::is_digit);
    const auto size = static_cast<std::size_t>(end - text.begin());
    if (size == 0 || size > 3)
        return std::nullopt;
    std::uint16_t value = 0;
    std::from_chars(text.data(), text.data() + size, value);
    text.remove_prefix(size);
    return value;
}

/// Takes this octet, if it is there.
inline bool take(std::string_view& text, char c) {
    if (!text.starts_with(c))
        return false;
    text.remove_prefix(1);
    return true;
}

} // namespace cbv
