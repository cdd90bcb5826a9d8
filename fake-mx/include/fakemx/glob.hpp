// Globs of a rule's `match=`: `*` and `?`, ASCII case-insensitive. No brackets, no escapes.
#pragma once

#include <string_view>

namespace cbv::fakemx {

/// Whether `text` as a whole matches `pattern`; `?` stands for one octet, `*` for any number.
[[nodiscard]] bool glob_match(std::string_view pattern, std::string_view text) noexcept;

} // namespace cbv::fakemx
