// How long an answer may be kept, from the DNS message itself: c-ares' parsers give no TTL of MX
// records and none of negative answers. It reads no record's content.
#pragma once

#include <cstdint>
#include <optional>
#include <span>

namespace cbv::dns {

/// The least TTL, in seconds, of the records of `type` (and of the CNAMEs to them) in the answer
/// section. When there is no record of `type`, the SOA of the authority section counts too, with
/// the lesser of its own TTL and its MINIMUM (RFC 2308 section 5); a negative answer without SOA
/// gives nothing, nor does a message that is malformed up to there.
[[nodiscard]] std::optional<std::uint32_t> ttl_of(std::span<const unsigned char> message,
                                                  std::uint16_t type);

} // namespace cbv::dns
