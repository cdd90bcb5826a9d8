// Base64 (RFC 4648 section 4) as AUTH PLAIN needs it: decoding, strict, no white space.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace cbv {

/// The octets, or nothing when `text` is not canonical base64 with padding.
[[nodiscard]] std::optional<std::string> decode_base64(std::string_view text);

} // namespace cbv
