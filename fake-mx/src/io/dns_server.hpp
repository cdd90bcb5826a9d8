// A dns_responder on one UDP and one TCP socket of the same address and port. Private to fakemx_io.
#pragma once

#include "cbv/ip_address.hpp"
#include "fakemx/dns_responder.hpp"
#include "fakemx/timeline.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <functional>
#include <memory>
#include <set>
#include <string>
#include <string_view>

namespace cbv::fakemx {

class dns_server : public std::enable_shared_from_this<dns_server> {
public:
    using sink = std::function<void(const std::string& world_id, event_kind kind, std::string)>;

    dns_server(boost::asio::io_context& io, dns_responder& responder, sink to_timeline);

    /// Binds both sockets; port 0 lets the kernel choose one. Throws std::runtime_error.
    void open(const ip_address& address, std::uint16_t port, int backlog);
    void stop();
    [[nodiscard]] std::uint16_t port() const;

private:
    struct stream; // one TCP connection

    void receive();
    void accept();
    void handle(std::string_view message,
                bool tcp,
                const std::function<void(const std::string& octets)>& send);
    void after(duration delay, std::function<void()> what);

    boost::asio::io_context& io_;
    dns_responder& responder_;
    sink sink_;
    boost::asio::ip::udp::socket udp_;
    boost::asio::ip::tcp::acceptor tcp_;
    boost::asio::steady_timer pause_; // before accepting again when descriptors ran out
    boost::asio::ip::udp::endpoint peer_;
    std::array<char, 4096> datagram_{};
    std::set<std::shared_ptr<boost::asio::steady_timer>> waiting_;
    std::set<std::shared_ptr<stream>> streams_;
    bool stopped_ = false;
};

} // namespace cbv::fakemx
