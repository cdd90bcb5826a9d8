// Durations as people write them in options and configuration: "120", "1.5s", "300ms", "4m", "2h".
#pragma once

#include "cbv/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cbv {

/// Reads a decimal number with an optional unit `us`, `ms`, `s` (default), `m` or `h`. Nothing for
/// anything else: negative numbers, exponents, values over `longest` (at most 10 years).
[[nodiscard]] std::optional<duration> parse_duration(std::string_view text,
                                                     duration longest = std::chrono::hours{24});

/// The shortest of the forms above that is exact: "120s", "1.5s", "300ms".
[[nodiscard]] std::string format_duration(duration d);

} // namespace cbv
