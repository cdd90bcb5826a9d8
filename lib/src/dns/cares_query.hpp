// Asks one question by c-ares, in whichever of its interfaces the installed version wants: the only
// place where versions differ. It reads nothing of the answer.
#pragma once

#include <ares.h>

#include <cstdint>
#include <functional>
#include <span>
#include <string>

namespace cbv::dns {

/// `status` is an ARES_* code; `message` the answer's octets, empty where there is none, and only
/// good during the call.
using octets_handler = std::function<void(int status, std::span<const unsigned char> message)>;

/// Sends a query for `name` and the type of this number (RFC 1035 section 3.2.2). The handler is
/// called once, at the latest while the channel is destroyed; also from within this function.
void send_query(ares_channel channel,
                const std::string& name,
                std::uint16_t type,
                octets_handler on_octets);

} // namespace cbv::dns
