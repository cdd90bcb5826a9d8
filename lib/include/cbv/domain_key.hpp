// The one form of a domain under which it is counted, kept and compared: U-label and A-label, upper
// and lower case, a final dot, and the spellings of an address literal make no difference
// (CBV-CACHE-009). Pure; IDNA is a function argument.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// Turns a domain with U-labels into A-labels; nothing when that is impossible (CBV-ADDR-009).
/// `idna_to_ascii` of cbv/idna.hpp is one.
using to_ascii_function = std::function<std::optional<std::string>(std::string_view)>;

/// The key of a domain or of an address literal with its brackets. Without `to_ascii`, or where it
/// fails, U-labels stay as they are but for ASCII case.
[[nodiscard]] std::string domain_key(std::string_view domain, const to_ascii_function& to_ascii);

/// Whether `domain` is in `list`, by their keys.
[[nodiscard]] bool contains_domain(const std::vector<std::string>& list,
                                   std::string_view domain,
                                   const to_ascii_function& to_ascii = {});

} // namespace cbv
