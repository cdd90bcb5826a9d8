// One client session over TCP: moves octets and time between a socket and client_session. What is
// said and what it means is not its business.
#pragma once

#include "case_client.hpp"
#include "client_session.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cbv::engine {

class smtp_client : public case_client, public std::enable_shared_from_this<smtp_client> {
public:
    /// Client number `client` of the case. `source`: the address to call from, if it is of the
    /// target's family. Times count from `origin`. `done` is called once, from the io_context,
    /// unless stop() came first. The references must outlive the client.
    smtp_client(boost::asio::io_context& io,
                const conformance_case& c,
                unsigned client,
                const target& t,
                observation& seen,
                std::optional<ip_address> source,
                clock::time_point origin,
                std::function<void()> done);

    void start() override;
    void stop() override;

private:
    [[nodiscard]] duration now() const;
    void connect();
    void read();
    void pump();
    void write();
    void arm_timer();
    void end();

    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer timer_;
    const target& target_;
    client_session session_;
    std::optional<ip_address> source_;
    clock::time_point origin_;
    std::function<void()> done_;
    std::array<char, 4096> buffer_{};
    std::string outgoing_;
    std::string in_flight_;
    bool connected_ = false;
    bool ended_ = false;
};

/// `a` as Asio's type.
[[nodiscard]] boost::asio::ip::address to_asio(const ip_address& a);

} // namespace cbv::engine
