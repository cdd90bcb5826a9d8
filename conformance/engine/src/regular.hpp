// Regular expressions of cases and targets: ECMAScript, whole or found, in time and stack that a
// pattern and a line cannot run away with. What a match means is the judge's business.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cbv::engine {

/// Octets of a line or text that are matched; what is beyond is not looked at.
inline constexpr std::size_t most_matched = 4096;
/// Parts of a pattern, repetitions counted out: `a{20}` has 20.
inline constexpr std::size_t most_parts = 1000;
/// Lookaheads of a pattern; none inside another.
inline constexpr unsigned most_lookaheads = 4;

/// What is wrong with `pattern`, as "expected ..."; nothing if it is taken.
[[nodiscard]] std::optional<std::string> regular_fault(const std::string& pattern);

/// Whether `pattern` matches the whole of `text` (of its first octets, see most_matched). Throws
/// std::runtime_error with regular_fault()'s words for a pattern that is not taken.
[[nodiscard]] bool matches_whole(const std::string& pattern, std::string_view text);
/// Whether `pattern` matches somewhere in `text`; as matches_whole() otherwise.
[[nodiscard]] bool found_in(const std::string& pattern, std::string_view text);

} // namespace cbv::engine
