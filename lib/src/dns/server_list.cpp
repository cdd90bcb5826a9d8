// Reads the addresses of DNS servers (server_list.hpp).
#include "server_list.hpp"

#include "cbv/ip_address.hpp"
#include "cbv/text.hpp"

#include <charconv>
#include <cstdint>
#include <cstring>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <sys/socket.h>

namespace cbv::dns {
namespace {

constexpr int default_port = 53;

std::optional<int> parse_port(std::string_view text) {
    std::uint16_t port = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, error] = std::from_chars(text.data(), end, port);
    if (error != std::errc{} || stop != end || port == 0)
        return std::nullopt;
    return port;
}

struct endpoint {
    ip_address address;
    int port;
};

std::optional<endpoint> parse_endpoint(std::string_view text) {
    if (const auto bare = ip_address::parse(text))
        return endpoint{*bare, default_port};
    const auto colon = text.rfind(':');
    if (colon == std::string_view::npos)
        return std::nullopt;
    std::string_view host = text.substr(0, colon);
    const bool bracketed = host.starts_with('[') && host.ends_with(']');
    if (bracketed)
        host = host.substr(1, host.size() - 2);
    const auto address = ip_address::parse(host);
    const auto port = parse_port(text.substr(colon + 1));
    if (!address || !port || address->is_v6() != bracketed)
        return std::nullopt;
    return endpoint{*address, *port};
}

} // namespace

server_list::server_list(std::span<const std::string> texts) {
    for (const auto& text : texts) {
        const auto server = parse_endpoint(text);
        if (!server)
            throw std::invalid_argument("DNS server \"" + escape(text) +
                                        "\": expected ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT");
        ares_addr_port_node node{};
        node.family = server->address.is_v4() ? AF_INET : AF_INET6;
        node.udp_port = server->port;
        node.tcp_port = server->port;
        const auto& octets = server->address.octets();
        if (server->address.is_v4())
            std::memcpy(&node.addr.addr4, octets.data(), sizeof node.addr.addr4);
        else
            std::memcpy(&node.addr.addr6, octets.data(), sizeof node.addr.addr6);
        nodes_.push_back(node);
    }
    for (std::size_t i = 1; i < nodes_.size(); ++i)
        nodes_[i - 1].next = &nodes_[i];
}

} // namespace cbv::dns
