// From a c-ares status and the raw answer to a dns_answer. Private to the resolver; it asks
// nothing.
#pragma once

#include "cbv/dns.hpp"

#include <cstdint>
#include <span>

namespace cbv::dns {

/// The number of the type in a query (RFC 1035 section 3.2.2).
[[nodiscard]] std::uint16_t wire_type(record_type type) noexcept;

/// `status` is an ARES_* code of a finished query for `type`; `message` the answer's octets.
[[nodiscard]] dns_answer
make_answer(record_type type, int status, std::span<const unsigned char> message);

} // namespace cbv::dns
