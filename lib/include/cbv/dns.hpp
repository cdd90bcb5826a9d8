// DNS answers as the rules need them: plain values any resolver can fill in. No wire format, no
// resolver (src/dns has one).
#pragma once

#include "cbv/ip_address.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// The record types a verification asks for.
enum class record_type { mx, a, aaaa };

/// "MX", "A", "AAAA".
[[nodiscard]] std::string_view to_string(record_type type) noexcept;

/// How a lookup ended. A resolver follows CNAMEs (CBV-MX-005) and reports the end of the chain.
enum class dns_status {
    ok,        ///< NOERROR; with no record of the type this is NODATA
    nxdomain,  ///< the name does not exist
    temporary, ///< SERVFAIL, REFUSED, timeout, malformed answer, validation failure (CBV-MX-010)
};

/// One MX record. An exchange of "" or "." is the root: null MX when it stands alone (RFC 7505).
struct mx_record {
    std::uint16_t preference = 0;
    std::string exchange; ///< without final dot
    friend bool operator==(const mx_record&, const mx_record&) = default;
};

/// The answer to one query. Only the vector of the type asked for is filled.
struct dns_answer {
    dns_status status = dns_status::temporary;
    std::vector<mx_record> mx;
    std::vector<ip_address> addresses;
    /// Least TTL of the records used, seconds; of a negative answer that of its SOA, if any
    /// (RFC 2308 section 5). 0: not to be kept, or not known.
    std::uint32_t ttl = 0;
    std::string detail;    ///< "SERVFAIL", "timeout": for traces
};

} // namespace cbv
