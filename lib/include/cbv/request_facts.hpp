// What is known of a request beside the path: how long its client has waited, where it is, and what
// SPF said. Values only; who finds them out is the server's matter.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"

#include <cstdint>
#include <optional>
#include <string_view>

namespace cbv {

/// The result of SPF for the reverse-path's domain and the client (RFC 7208 section 2.6).
enum class spf_result : std::uint8_t { none, neutral, pass, fail, softfail, temperror, permerror };

/// The word of RFC 7208, and its inverse; nothing for another word.
[[nodiscard]] std::string_view to_string(spf_result r) noexcept;
[[nodiscard]] std::optional<spf_result> spf_result_from(std::string_view word) noexcept;

/// Of one request.
struct request_facts {
    instant client_waits_since{};     ///< at most the time of the request (CBV-TIME-003)
    std::optional<ip_address> client; ///< nothing: not known, and no limit by client holds
    std::optional<spf_result> spf;    ///< nothing: not evaluated
};

} // namespace cbv
