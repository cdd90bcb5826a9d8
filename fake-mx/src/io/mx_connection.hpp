// One accepted SMTP connection: moves octets between a socket and an smtp_responder, with one
// timer. What is said is the responder's business. Private to fakemx_io.
#pragma once

#include "fakemx/smtp_responder.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/steady_timer.hpp>

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <string>

namespace cbv::fakemx {

class mx_connection : public std::enable_shared_from_this<mx_connection> {
public:
    /// `on_end` is called once, when the socket is closed by other means than stop().
    mx_connection(boost::asio::ip::tcp::socket socket,
                  smtp_host& host,
                  smtp_responder::sink to_timeline,
                  const std::string& peer,
                  std::function<void(const std::shared_ptr<mx_connection>&)> on_end);

    void start();
    /// Resets the connection at once; nothing is logged.
    void stop();

private:
    void read();
    void on_read(const boost::system::error_code& e, std::size_t n);
    void pump();
    void write(std::string octets);
    void set_timer();
    void end();

    boost::asio::ip::tcp::socket socket_;
    boost::asio::steady_timer timer_;
    smtp_responder responder_;
    std::function<void(const std::shared_ptr<mx_connection>&)> on_end_;
    std::array<char, 2048> buffer_{};
    std::string writing_;             // empty: no write under way
    std::optional<instant> timer_at_; // when the timer is set to
    bool shut_ = false;               // FIN sent
    bool peer_shut_ = false;
    bool ended_ = false;
};

} // namespace cbv::fakemx
