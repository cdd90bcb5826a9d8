// DNS answers as the rules need them: plain values any resolver can fill in. No wire format, no
// resolver (src/dns has one).
#pragma once

#include "cbv/ip_address.hpp"

#include <cstdint>
#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cbv {

/// The record types a verification asks for.
enum class record_type { mx, a, aaaa };

/// "MX", "A", "AAAA".
[[nodiscard]] std::string_view to_string(record_type type) noexcept;

/// How a lookup ended. A resolver follows CNAMEs (CBV-MX-005), as
/// read_answer() does, and reports the end of the chain.
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
    std::string detail; ///< "SERVFAIL", "timeout": for traces
    /// Aliases followed from the name asked for to the records (CBV-MX-014); endless_chain when
    /// they come back to a name they had before.
    unsigned aliases = 0;
    /// MX records of a name that the aliases do not lead to: not used (CBV-MX-015), for traces.
    std::vector<mx_record> foreign_mx;
};

/// dns_answer::aliases of a chain without an end, or of one above most_aliases.
inline constexpr unsigned endless_chain = std::numeric_limits<unsigned>::max();

/// An alias, or any other record whose content does not matter (it has no target).
struct dns_alias {
    std::string target; ///< without final dot
};

/// No chain is followed beyond this, whatever the settings.
inline constexpr unsigned most_aliases = 255;

/// One record of a message's answer section.
struct dns_record {
    std::string owner; ///< without final dot, any case
    std::uint32_t ttl = 0;
    std::variant<dns_alias, mx_record, ip_address> data;
};

/// What the records of an answer without error say of `name`: those of the type that the name has,
/// or the name at the end of its chain of aliases; the least TTL of what was used (0 when nothing
/// was). Records of other names are left out.
[[nodiscard]] dns_answer
read_answer(std::string_view name, record_type type, std::span<const dns_record> records);

} // namespace cbv
