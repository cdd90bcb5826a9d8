// From a c-ares status and the raw answer to a dns_answer. Private to the resolver; it asks
// nothing.
#pragma once

#include "cbv/dns.hpp"

#include <span>
#include <string_view>

namespace cbv::dns {

/// `status` is an ARES_* code of a finished query for `name` and `type`; `octets` the message that
/// came.
[[nodiscard]] dns_answer make_answer(std::string_view name,
                                     record_type type,
                                     int status,
                                     std::span<const unsigned char> octets);

} // namespace cbv::dns
