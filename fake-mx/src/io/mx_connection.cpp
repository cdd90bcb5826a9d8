// mx_connection.hpp. After our FIN the socket is read on until the peer's, so that what a peer
// still says is logged and the kernel does not answer it with a reset.
#include "mx_connection.hpp"

#include "fakemx/servers.hpp"
#include "sockets.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <chrono>

namespace cbv::fakemx {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr duration most_linger = std::chrono::seconds{60}; // for the peer's FIN after ours

std::chrono::steady_clock::time_point to_steady(instant t) {
    return std::chrono::steady_clock::time_point{t.time_since_epoch()};
}

} // namespace

mx_connection::mx_connection(asio::ip::tcp::socket socket,
                             smtp_host& host,
                             smtp_responder::sink to_timeline,
                             const std::string& peer,
                             std::function<void(const std::shared_ptr<mx_connection>&)> on_end)
    : socket_(std::move(socket)), timer_(socket_.get_executor()),
      responder_(host, std::move(to_timeline), peer), on_end_(std::move(on_end)) {}

void mx_connection::start() {
    error_code ignored;
    socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
    responder_.on_connected(steady_now());
    pump();
    read();
}

void mx_connection::stop() {
    ended_ = true;
    timer_.cancel();
    reset_and_close(socket_);
}

void mx_connection::read() {
    if (ended_)
        return;
    socket_.async_read_some(
        asio::buffer(buffer_),
        [self = shared_from_this()](const error_code& e, std::size_t n) { self->on_read(e, n); });
}

void mx_connection::on_read(const error_code& e, std::size_t n) {
    if (ended_)
        return;
    const auto now = steady_now();
    if (e == asio::error::eof) {
        peer_shut_ = true;
        responder_.on_eof(now);
        pump();
        return;
    }
    if (e) {
        responder_.on_reset(now);
        end();
        return;
    }
    responder_.on_bytes({buffer_.data(), n}, now);
    pump();
    read();
}

/// Carries out what the responder wants by now.
void mx_connection::pump() {
    if (ended_)
        return;
    if (writing_.empty())
        if (auto octets = responder_.take_output(); !octets.empty())
            write(std::move(octets));
    if (writing_.empty() && responder_.wants_reset()) {
        reset_and_close(socket_);
        end();
        return;
    }
    if (writing_.empty() && responder_.wants_close() && !shut_) {
        shut_ = true;
        error_code ignored;
        socket_.shutdown(asio::ip::tcp::socket::shutdown_send, ignored);
        timer_at_.reset();
    }
    if (shut_ && peer_shut_) {
        end();
        return;
    }
    set_timer();
}

void mx_connection::write(std::string octets) {
    writing_ = std::move(octets);
    asio::async_write(socket_,
                      asio::buffer(writing_),
                      [self = shared_from_this()](const error_code& e, std::size_t) {
                          self->writing_.clear();
                          if (self->ended_)
                              return;
                          if (e) {
                              self->responder_.on_reset(steady_now());
                              self->end();
                              return;
                          }
                          self->responder_.on_written(steady_now());
                          self->pump();
                      });
}

void mx_connection::set_timer() {
    auto due = responder_.deadline();
    if (shut_)
        due = timer_at_ ? *timer_at_ : steady_now() + most_linger;
    if (due == timer_at_)
        return;
    timer_at_ = due;
    if (!due) {
        timer_.cancel();
        return;
    }
    timer_.expires_at(to_steady(*due));
    timer_.async_wait([self = shared_from_this(), at = *due](const error_code& e) {
        if (e || self->ended_ || self->timer_at_ != at)
            return;
        self->timer_at_.reset();
        if (self->shut_) {
            self->end();
            return;
        }
        self->responder_.on_time(steady_now());
        self->pump();
    });
}

void mx_connection::end() {
    if (ended_)
        return;
    ended_ = true;
    timer_.cancel();
    error_code ignored;
    socket_.close(ignored);
    on_end_(shared_from_this());
}

} // namespace cbv::fakemx
