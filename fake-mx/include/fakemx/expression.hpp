// Times as cases write them: "2s", "rcpt-timeout * 1.5", "(mail-timeout + 1s) * 2". It knows the
// names it is given and no others, and it reads no XML.
#pragma once

#include "cbv/time.hpp"

#include <cstddef>
#include <functional>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cbv::fakemx {

/// The times an expression may name, e.g. "rcpt-timeout".
using values = std::map<std::string, duration, std::less<>>;

/// An expression that cannot be evaluated.
class expression_error : public std::runtime_error {
public:
    /// `position` counts the expression's characters from 1; `expectation` says what was expected.
    expression_error(std::size_t position, const std::string& expectation);
    /// The character at fault, from 1; one past the end when something is missing.
    [[nodiscard]] std::size_t position() const noexcept { return position_; }

private:
    std::size_t position_;
};

/// Evaluates sums, differences, products and quotients of times (number with `us`, `ms`, `s`, `m`
/// or `h`; a name of `names`) and plain numbers, with parentheses. The result is a time from 0 to
/// 7 days, rounded to a microsecond. A binary minus after a name needs a space before it, since
/// names contain hyphens. Throws expression_error.
[[nodiscard]] duration evaluate(std::string_view expression, const values& names);

} // namespace cbv::fakemx
