// Domains with U-labels as A-labels (IDNA2008 by libidn2; CBV-ADDR-009). Apart from the core
// because it links a library; it converts nothing but domains.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cbv {

/// `domain` (UTF-8) with every U-label as an A-label, in lower case. ASCII domains come back as
/// they are. Nothing when a label is not valid under IDNA2008 or the result is too long. Usable as
/// verification_options::to_ascii.
[[nodiscard]] std::optional<std::string> idna_to_ascii(std::string_view domain);

} // namespace cbv
