// sockets.hpp. IP_FREEBIND lets a socket bind to an address that a local route makes ours without
// any interface having it (the lab's ranges). SO_REUSEADDR only forgives TIME_WAIT here; two
// listeners on one address still clash, which is wanted.
#include "sockets.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/socket_base.hpp>

#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <sys/socket.h>

#ifndef IPV6_FREEBIND
#define IPV6_FREEBIND 78 // linux/in6.h; older C libraries do not name it
#endif

namespace cbv::fakemx {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

[[noreturn]] void fail(const ip_address& address, std::uint16_t port, const error_code& e) {
    std::string why = e.message();
    if (e == asio::error::address_in_use)
        why = "address in use";
    else if (e == asio::error::access_denied)
        why = "permission denied (ports below 1024 need privileges)";
    else if (e == asio::error::no_descriptors)
        why = "too many open files";
    throw std::runtime_error{address.to_string() + " port " + std::to_string(port) + ": " + why};
}

template <class Socket>
[[noreturn]] void
close_and_fail(Socket& socket, const ip_address& address, std::uint16_t port, const error_code& e) {
    error_code ignored;
    socket.close(ignored);
    fail(address, port, e);
}

/// Opens and binds; a listening socket forgives TIME_WAIT.
template <class Socket>
void open_and_bind(Socket& socket, const ip_address& address, std::uint16_t port, bool reuse) {
    const typename Socket::endpoint_type where{to_asio(address), port};
    error_code e;
    socket.open(where.protocol(), e);
    if (e)
        fail(address, port, e);
    const int on = 1;
    // Failure only matters if the bind below fails as well, which is reported.
    if (address.is_v4())
        (void)::setsockopt(socket.native_handle(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
    else
        (void)::setsockopt(socket.native_handle(), IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
    if (reuse)
        socket.set_option(asio::socket_base::reuse_address{true}, e);
    socket.bind(where, e);
    if (e)
        close_and_fail(socket, address, port, e);
}

} // namespace

asio::ip::address to_asio(const ip_address& address) {
    const auto& o = address.octets();
    if (address.is_v4())
        return asio::ip::address_v4{{o[0], o[1], o[2], o[3]}};
    asio::ip::address_v6::bytes_type octets{};
    for (std::size_t i = 0; i < octets.size(); ++i)
        octets[i] = o[i];
    return asio::ip::address_v6{octets};
}

void listen_on(asio::ip::tcp::acceptor& acceptor,
               const ip_address& address,
               std::uint16_t port,
               int backlog) {
    open_and_bind(acceptor, address, port, true);
    error_code e;
    acceptor.listen(backlog, e);
    if (e)
        close_and_fail(acceptor, address, port, e);
}

void dead_end::open(const ip_address& address, std::uint16_t port) {
    listen_on(acceptor_, address, port, 0);
    // A backlog of 0 takes one connection; the next ones' SYNs are dropped already.
    for (int i = 0; i < 2; ++i) {
        auto& s = queued_.emplace_back(acceptor_.get_executor());
        error_code ignored;
        s.open(acceptor_.local_endpoint().protocol(), ignored);
        s.native_non_blocking(true, ignored);
        // Not Asio's connect(), which waits for the end even of a socket that does not block.
        const auto to = acceptor_.local_endpoint();
        (void)::connect(s.native_handle(), to.data(), static_cast<socklen_t>(to.size()));
    }
}

void bind_to(asio::ip::udp::socket& socket, const ip_address& address, std::uint16_t port) {
    open_and_bind(socket, address, port, false);
}

void reset_and_close(asio::ip::tcp::socket& socket) noexcept {
    error_code ignored;
    socket.set_option(asio::socket_base::linger{true, 0}, ignored);
    socket.close(ignored);
}

} // namespace cbv::fakemx
