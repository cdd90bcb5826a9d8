// Reads the answer of a DNS message: its records, and how long a negative answer may be kept.
// Private to the resolver. It asks nothing, follows no alias and judges no reply code.
#pragma once

#include "cbv/dns.hpp"

#include <cstdint>
#include <optional>
#include <span>
#include <vector>

namespace cbv::dns {

/// The number of the type in a query (RFC 1035 section 3.2.2).
[[nodiscard]] std::uint16_t wire_type(record_type type) noexcept;

struct message {
    bool truncated = false;          ///< TC: the records are not the whole (RFC 1035 section 4.1.1)
    std::vector<dns_record> answers; ///< CNAME, MX, A and AAAA of class IN; others are left out
    /// Of the SOA in the authority section, the lesser of its TTL and its MINIMUM, in seconds
    /// (RFC 2308 section 5); nothing without one.
    std::optional<std::uint32_t> negative_ttl;
};

/// Nothing when the message is malformed up to the end of its authority section, or holds a record
/// whose data is none of its type.
[[nodiscard]] std::optional<message> read_message(std::span<const unsigned char> octets);

} // namespace cbv::dns
