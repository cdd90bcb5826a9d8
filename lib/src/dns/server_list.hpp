// Texts such as "192.0.2.53:5353" as c-ares' list of servers. Private to the resolver; c-ares' own
// reader takes what it understands of a bad text and says nothing.
#pragma once

#include <ares.h>

#include <span>
#include <string>
#include <vector>

namespace cbv::dns {

class server_list {
public:
    /// Each text is "address", "address:port" or "[v6]:port"; anything else throws
    /// std::invalid_argument with the text and what was expected.
    explicit server_list(std::span<const std::string> texts);
    server_list(const server_list&) = delete; // the nodes point to each other
    server_list& operator=(const server_list&) = delete;

    [[nodiscard]] bool empty() const noexcept { return nodes_.empty(); }
    /// For ares_set_servers_ports(), which copies; the list is not to be empty.
    [[nodiscard]] ares_addr_port_node* head() const noexcept { return &nodes_.front(); }

private:
    mutable std::vector<ares_addr_port_node> nodes_; // c-ares' parameter lacks its const
};

} // namespace cbv::dns
