// Binding sockets to addresses that may be local by AnyIP routes only, with errors that name the
// address. Private to fakemx_io.
#pragma once

#include "cbv/ip_address.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>

#include <cstdint>
#include <vector>

namespace cbv::fakemx {

[[nodiscard]] boost::asio::ip::address to_asio(const ip_address& address);

/// Opens, binds and listens. Throws std::runtime_error "198.18.0.1 port 25: address in use".
void listen_on(boost::asio::ip::tcp::acceptor& acceptor,
               const ip_address& address,
               std::uint16_t port,
               int backlog);

/// A black hole on loopback: a socket whose queue of connections is full and stays full, so that
/// the kernel drops every SYN. (An address nobody listens on refuses at once.)
class dead_end {
public:
    explicit dead_end(boost::asio::io_context& io) : acceptor_(io) {}
    /// Throws as listen_on().
    void open(const ip_address& address, std::uint16_t port);

private:
    boost::asio::ip::tcp::acceptor acceptor_;
    std::vector<boost::asio::ip::tcp::socket> queued_;
};

/// Opens and binds; throws likewise.
void bind_to(boost::asio::ip::udp::socket& socket, const ip_address& address, std::uint16_t port);

/// Closes with RST instead of FIN (SO_LINGER of zero seconds).
void reset_and_close(boost::asio::ip::tcp::socket& socket) noexcept;

} // namespace cbv::fakemx
