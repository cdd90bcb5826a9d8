// Binding sockets to addresses that may be local by AnyIP routes only, with errors that name the
// address. Private to fakemx_io.
#pragma once

#include "cbv/ip_address.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstdint>

namespace cbv::fakemx {

[[nodiscard]] boost::asio::ip::address to_asio(const ip_address& address);

/// Opens, binds and listens. Throws std::runtime_error "198.18.0.1 port 25: address in use".
void listen_on(boost::asio::ip::tcp::acceptor& acceptor,
               const ip_address& address,
               std::uint16_t port,
               int backlog);

/// Opens and binds; throws likewise.
void bind_to(boost::asio::ip::udp::socket& socket, const ip_address& address, std::uint16_t port);

/// Closes with RST instead of FIN (SO_LINGER of zero seconds).
void reset_and_close(boost::asio::ip::tcp::socket& socket) noexcept;

} // namespace cbv::fakemx
