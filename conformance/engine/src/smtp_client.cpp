// Asio callbacks around client_session; see the header. Callbacks rather than coroutines: the shape
// is one read loop, one write at a time and one timer.
#include "smtp_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <netinet/in.h>
#include <sys/socket.h>
#include <utility>

namespace cbv::engine {

namespace asio = boost::asio;
using boost::system::error_code;

asio::ip::address to_asio(const ip_address& a) {
    if (a.is_v4()) {
        asio::ip::address_v4::bytes_type octets{};
        std::copy_n(a.octets().begin(), octets.size(), octets.begin());
        return asio::ip::address_v4{octets};
    }
    asio::ip::address_v6::bytes_type octets{};
    std::copy_n(a.octets().begin(), octets.size(), octets.begin());
    return asio::ip::address_v6{octets};
}

smtp_client::smtp_client(asio::io_context& io,
                         const conformance_case& c,
                         unsigned client,
                         const target& t,
                         observation& seen,
                         std::optional<ip_address> source,
                         clock::time_point origin,
                         std::function<void()> done)
    : socket_(io), timer_(io), target_(t), session_(c, client, t, seen), source_(std::move(source)),
      origin_(origin), done_(std::move(done)) {}

duration smtp_client::now() const {
    return std::chrono::duration_cast<duration>(clock::now() - origin_);
}

void smtp_client::start() {
    arm_timer();
    connect();
}

void smtp_client::connect() {
    const asio::ip::tcp::endpoint to{to_asio(target_.address), target_.port};
    error_code fault;
    socket_.open(to.protocol(), fault);
    if (!fault && source_ && source_->is_v4() == target_.address.is_v4()) {
        // The clients' range is local only by a route, so the address need not exist on a device.
        const int on = 1;
        if (source_->is_v4())
            ::setsockopt(socket_.native_handle(), IPPROTO_IP, IP_FREEBIND, &on, sizeof on);
        else
            ::setsockopt(socket_.native_handle(), IPPROTO_IPV6, IPV6_FREEBIND, &on, sizeof on);
        socket_.bind({to_asio(*source_), 0}, fault);
        if (fault) {
            session_.on_refused("cannot call from " + source_->to_string() + ": " + fault.message(),
                                now());
            end();
            return;
        }
    }
    if (fault) {
        session_.on_refused(fault.message(), now());
        end();
        return;
    }
    socket_.async_connect(to, [self = shared_from_this()](error_code e) {
        if (self->ended_)
            return;
        if (e) {
            self->session_.on_refused(e.message(), self->now());
            self->end();
            return;
        }
        self->connected_ = true;
        error_code ignored;
        self->socket_.set_option(asio::ip::tcp::no_delay{true}, ignored);
        self->session_.on_connected(self->now());
        self->read();
        self->pump();
    });
}

void smtp_client::read() {
    socket_.async_read_some(asio::buffer(buffer_),
                            [self = shared_from_this()](error_code e, std::size_t n) {
                                if (self->ended_)
                                    return;
                                if (e)
                                    self->session_.on_eof(self->now());
                                else
                                    self->session_.on_bytes({self->buffer_.data(), n}, self->now());
                                self->pump();
                                if (!e && !self->ended_)
                                    self->read();
                            });
}

void smtp_client::pump() {
    if (ended_)
        return;
    outgoing_ += session_.take_output();
    write();
    if (!session_.finished())
        arm_timer();
    else if (!connected_ || in_flight_.empty()) // else when it is written
        end();
}

void smtp_client::write() {
    if (!connected_ || !in_flight_.empty() || outgoing_.empty())
        return;
    in_flight_ = std::exchange(outgoing_, {});
    asio::async_write(
        socket_, asio::buffer(in_flight_), [self = shared_from_this()](error_code e, std::size_t) {
            if (self->ended_)
                return;
            self->in_flight_.clear();
            if (!e) // a failed write shows as end of file on the reading side
                self->write();
            if (self->session_.finished() && self->in_flight_.empty())
                self->end();
        });
}

void smtp_client::arm_timer() {
    const auto due = session_.deadline();
    if (!due)
        return;
    timer_.expires_at(origin_ + *due);
    timer_.async_wait([self = shared_from_this()](error_code e) {
        if (e || self->ended_)
            return;
        self->session_.on_time(self->now());
        self->pump();
    });
}

void smtp_client::end() {
    if (ended_)
        return;
    stop();
    if (auto done = std::exchange(done_, nullptr))
        done();
}

void smtp_client::stop() {
    ended_ = true;
    error_code ignored;
    socket_.close(ignored);
    timer_.cancel();
}

} // namespace cbv::engine
