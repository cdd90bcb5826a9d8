// dns_server.hpp. A delayed response waits on a timer of its own; the sockets go on meanwhile.
#include "dns_server.hpp"

#include "sockets.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/read.hpp>
#include <boost/asio/write.hpp>

#include <deque>
#include <stdexcept>

namespace cbv::fakemx {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr int receive_buffer = 4 << 20; // hundreds of cases may ask in the same instant
constexpr int most_port_tries = 20;     // for a port that is free for UDP and TCP alike
constexpr auto accept_pause = std::chrono::milliseconds{50};

} // namespace

/// One TCP connection: messages with a length before each (RFC 1035 section 4.2.2).
struct dns_server::stream : std::enable_shared_from_this<dns_server::stream> {
    stream(asio::ip::tcp::socket s, std::shared_ptr<dns_server> o)
        : socket(std::move(s)), owner(std::move(o)) {}

    void read() {
        asio::async_read(socket,
                         asio::buffer(length),
                         [self = shared_from_this()](const error_code& e, std::size_t) {
                             if (e || self->owner->stopped_)
                                 return self->end();
                             self->message.resize(static_cast<std::size_t>(self->length[0]) << 8U |
                                                  self->length[1]);
                             asio::async_read(
                                 self->socket,
                                 asio::buffer(self->message),
                                 [self](const error_code& error, std::size_t) {
                                     if (error || self->owner->stopped_)
                                         return self->end();
                                     self->owner->handle(
                                         self->message, true, [self](const std::string& octets) {
                                             self->send(octets);
                                         });
                                     self->read();
                                 });
                         });
    }

    void send(const std::string& octets) {
        std::string framed;
        framed += static_cast<char>(octets.size() >> 8U);
        framed += static_cast<char>(octets.size() & 0xFFU);
        out.push_back(framed + octets);
        if (out.size() == 1)
            write();
    }

    void write() {
        asio::async_write(socket,
                          asio::buffer(out.front()),
                          [self = shared_from_this()](const error_code& e, std::size_t) {
                              if (e || self->owner->stopped_)
                                  return self->end();
                              self->out.pop_front();
                              if (!self->out.empty())
                                  self->write();
                          });
    }

    void end() {
        error_code ignored;
        socket.close(ignored);
        owner->streams_.erase(shared_from_this());
    }

    asio::ip::tcp::socket socket;
    std::shared_ptr<dns_server> owner;
    std::array<std::uint8_t, 2> length{};
    std::string message;
    std::deque<std::string> out;
};

dns_server::dns_server(asio::io_context& io, dns_responder& responder, sink to_timeline)
    : io_(io), responder_(responder), sink_(std::move(to_timeline)), udp_(io), tcp_(io),
      pause_(io) {}

void dns_server::open(const ip_address& address, std::uint16_t port, int backlog) {
    for (int attempt = 1;; ++attempt) {
        bind_to(udp_, address, port);
        try {
            listen_on(tcp_, address, udp_.local_endpoint().port(), backlog);
            break;
        } catch (const std::runtime_error&) {
            error_code ignored;
            udp_.close(ignored);
            if (port != 0 || attempt == most_port_tries)
                throw;
        }
    }
    error_code ignored;
    udp_.set_option(asio::socket_base::receive_buffer_size{receive_buffer}, ignored);
    udp_.set_option(asio::socket_base::send_buffer_size{receive_buffer}, ignored);
    udp_.non_blocking(true);
    receive();
    accept();
}

std::uint16_t dns_server::port() const {
    error_code e;
    const auto where = udp_.local_endpoint(e);
    return e ? std::uint16_t{0} : where.port();
}

void dns_server::stop() {
    stopped_ = true;
    error_code ignored;
    udp_.close(ignored);
    tcp_.close(ignored);
    pause_.cancel();
    for (const auto& timer : waiting_)
        timer->cancel();
    waiting_.clear();
    for (const auto& s : std::exchange(streams_, {}))
        s->socket.close(ignored);
}

void dns_server::receive() {
    udp_.async_receive_from(
        asio::buffer(datagram_),
        peer_,
        [self = shared_from_this()](const error_code& e, std::size_t n) {
            if (self->stopped_)
                return;
            if (!e)
                self->handle({self->datagram_.data(), n},
                             false,
                             [self, to = self->peer_](const std::string& octets) {
                                 // A datagram that cannot be sent is lost, as datagrams are.
                                 error_code ignored;
                                 self->udp_.send_to(asio::buffer(octets), to, 0, ignored);
                             });
            self->receive(); // an error here is an ICMP answer to something sent: it ends nothing
        });
}

void dns_server::accept() {
    tcp_.async_accept(
        [self = shared_from_this()](const error_code& e, asio::ip::tcp::socket socket) {
            if (self->stopped_)
                return;
            if (e) {
                self->pause_.expires_after(accept_pause);
                self->pause_.async_wait([self](const error_code&) {
                    if (!self->stopped_)
                        self->accept();
                });
                return;
            }
            auto s = std::make_shared<stream>(std::move(socket), self);
            self->streams_.insert(s);
            s->read();
            self->accept();
        });
}

void dns_server::handle(std::string_view message,
                        bool tcp,
                        const std::function<void(const std::string& octets)>& send) {
    for (auto& response : responder_.respond(message, tcp)) {
        if (!response.world_id.empty())
            sink_(response.world_id,
                  response.repeated ? event_kind::note : event_kind::query,
                  response.query);
        after(response.delay, [this, r = std::move(response), send] {
            if (!r.world_id.empty())
                sink_(r.world_id, r.octets ? event_kind::answer : event_kind::note, r.answer);
            if (r.octets)
                send(*r.octets);
        });
    }
}

void dns_server::after(duration delay, std::function<void()> what) {
    if (delay <= duration{})
        return what();
    auto timer = std::make_shared<asio::steady_timer>(io_, delay);
    waiting_.insert(timer);
    timer->async_wait(
        [self = shared_from_this(), timer, todo = std::move(what)](const error_code& e) {
            self->waiting_.erase(timer);
            if (!e && !self->stopped_)
                todo();
        });
}

} // namespace cbv::fakemx
