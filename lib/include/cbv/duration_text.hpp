// Durations as people write them in options and configuration: "120", "1.5s", "300ms", "4m".
#pragma once

#include "cbv/time.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace cbv {

/// Reads a decimal number with an optional unit `us`, `ms`, `s` (default) or `m`. Nothing for
/// anything else: negative numbers, exponents, values over 24 hours.
[[nodiscard]] std::optional<duration> parse_duration(std::string_view text);

/// The shortest of the forms above that is exact: "120s", "1.5s", "300ms".
[[nodiscard]] std::string format_duration(duration d);

} // namespace cbv
