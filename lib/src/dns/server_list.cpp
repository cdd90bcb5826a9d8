// Reads the addresses of DNS servers (server_list.hpp).
#include "server_list.hpp"

#include "cbv/ip_address.hpp"
#include "cbv/text.hpp"

#include <charconv>
#include <cstdint>
#include <optional>
#include <stdexcept>
#include <string_view>

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

std::string server_list(std::span<const std::string> texts) {
    std::string list;
    for (const auto& text : texts) {
        const auto server = parse_endpoint(text);
        if (!server)
            throw std::invalid_argument("DNS server \"" + escape(text) +
                                        "\": expected ADDRESS, ADDRESS:PORT or [ADDRESS]:PORT");
        const auto address = server->address.to_string();
        list += list.empty() ? "" : ",";
        list += server->address.is_v6() ? '[' + address + ']' : address;
        list += ':' + std::to_string(server->port);
    }
    return list;
}

} // namespace cbv::dns
