// Requirement ids of the draft, as the library reports them in a verdict. It holds ids only; the
// sentences live in draft/ and are read from there.
#pragma once

#include <string_view>

namespace cbv {

/// An id such as "CBV-INT-003": the anchor of a requirement in the draft. Empty: none applies.
using requirement_id = std::string_view;

} // namespace cbv
