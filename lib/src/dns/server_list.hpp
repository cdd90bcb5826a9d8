// Texts such as "192.0.2.53" as c-ares' list of servers. Private to the resolver; c-ares' own
// reader takes what it understands of a bad text and says nothing.
#pragma once

#include <span>
#include <string>

namespace cbv::dns {

/// For ares_set_servers_ports_csv(): "192.0.2.53:53,[2001:db8::53]:5353"; empty for no texts. Each
/// text is "address", "address:port" or "[v6]:port"; anything else throws std::invalid_argument
/// with the text and what was expected.
[[nodiscard]] std::string server_list(std::span<const std::string> texts);

} // namespace cbv::dns
