// Asio callbacks around client_session and mta_front; see the header. A connection that the front
// has closed still writes what is left, but is not heard any more.
#include "front_client.hpp"

#include "milter_front.hpp"
#include "policy_front.hpp"
#include "smtp_client.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>
#include <array>
#include <cstdio>
#include <utility>

namespace cbv::engine {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

constexpr auto farewell_time = std::chrono::seconds{5}; // for the last octets to the target

/// FNV-1a: a number for a name, the same in every run.
std::uint64_t number_of(std::string_view name) {
    std::uint64_t hash = 14695981039346656037U;
    for (const char c : name)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

front_session describe(const conformance_case& c,
                       unsigned client,
                       const target& t,
                       const std::optional<ip_address>& source) {
    const auto number = number_of(c.id + "/" + std::to_string(client));
    std::array<char, 16> id{};
    std::snprintf(id.data(), id.size(), "%010llX", static_cast<unsigned long long>(number >> 24U));
    const auto helo = t.identities.find("helo");
    front_session s;
    s.id = id.data();
    s.host_name = helo == t.identities.end() ? "mta.test" : helo->second;
    s.client = source.value_or(t.address);
    s.client_port = static_cast<std::uint16_t>(1024 + number % 60000); // there is no real one
    s.server = t.address;
    s.patience = t.client_timeout;
    return s;
}

std::unique_ptr<mta_front> make_front(target_kind kind, front_session s) {
    if (kind == target_kind::milter)
        return std::make_unique<milter_front>(std::move(s));
    return std::make_unique<policy_front>(std::move(s));
}

} // namespace

struct front_client::link {
    explicit link(asio::io_context& io) : socket(io) {}

    asio::ip::tcp::socket socket;
    std::array<char, 4096> buffer{};
    std::string outgoing;
    std::string in_flight;
    bool connected = false;
    bool closing = false; // when all is written
};

front_client::front_client(asio::io_context& io,
                           const conformance_case& c,
                           unsigned client,
                           const target& t,
                           observation& seen,
                           std::optional<ip_address> source,
                           clock::time_point origin,
                           std::function<void()> done)
    : io_(io), timer_(io), target_(t), session_(c, client, t, seen),
      front_(make_front(t.kind, describe(c, client, t, source))), origin_(origin),
      done_(std::move(done)) {}

front_client::~front_client() = default;

duration front_client::now() const {
    return std::chrono::duration_cast<duration>(clock::now() - origin_);
}

void front_client::start() {
    session_.on_connected(now());
    front_->on_client_connected(now());
    pump();
}

// Until nobody has anything to say to another.
void front_client::pump() {
    if (ended_)
        return;
    for (bool moved = true; moved;) {
        moved = false;
        if (const auto said = session_.take_output(); !said.empty()) {
            front_->on_client_bytes(said, now());
            moved = true;
        }
        relay_notes();
        if (const auto replies = front_->take_client_output(); !replies.empty()) {
            session_.on_bytes(replies, now());
            moved = true;
        }
        if (front_->hung_up() && !session_.finished()) {
            session_.on_eof(now());
            moved = true;
        }
        if (session_.finished() && !farewell_) {
            farewell_ = now() + farewell_time;
            front_->on_client_eof(now());
            moved = true;
        }
        while (auto next = front_->next_action()) {
            carry_out(*std::move(next));
            moved = true;
        }
    }
    if (farewell_ && !link_)
        end();
    else
        arm_timer();
}

void front_client::relay_notes() {
    for (auto& text : front_->take_notes())
        session_.on_note(std::move(text), now());
    if (!front_->trouble().empty() && !std::exchange(trouble_told_, true))
        session_.on_trouble(front_->trouble());
}

void front_client::carry_out(mta_front::action a) {
    switch (a.what) {
    case mta_front::move::connect:
        connect();
        break;
    case mta_front::move::send:
        if (!link_)
            break;
        link_->outgoing += a.octets;
        write(link_);
        break;
    case mta_front::move::close:
        if (!link_)
            break;
        link_->closing = true;
        write(link_);
        break;
    }
}

void front_client::connect() {
    link_ = std::make_shared<link>(io_);
    const asio::ip::tcp::endpoint to{to_asio(target_.address), target_.port};
    link_->socket.async_connect(to, [self = shared_from_this(), l = link_](error_code e) {
        if (self->ended_ || self->link_ != l)
            return;
        if (l->closing) { // before it came to be
            self->link_.reset();
        } else if (e) {
            self->link_.reset();
            self->front_->on_target_refused(e.message(), self->now());
        } else {
            error_code ignored;
            l->socket.set_option(asio::ip::tcp::no_delay{true}, ignored);
            l->connected = true;
            self->read(l);
            self->front_->on_target_connected(self->now());
        }
        self->pump();
    });
}

void front_client::read(const std::shared_ptr<link>& l) {
    l->socket.async_read_some(
        asio::buffer(l->buffer), [self = shared_from_this(), l](error_code e, std::size_t n) {
            if (self->ended_ || self->link_ != l || l->closing)
                return;
            if (e) {
                self->link_.reset();
                self->front_->on_target_eof(self->now());
            } else {
                self->front_->on_target_bytes({l->buffer.data(), n}, self->now());
            }
            self->pump();
            if (!e && self->link_ == l && !l->closing)
                self->read(l);
        });
}

void front_client::write(const std::shared_ptr<link>& l) {
    if (!l->in_flight.empty() || (!l->connected && !l->closing))
        return;
    if (l->outgoing.empty() || !l->connected) {
        if (!l->closing)
            return;
        error_code ignored;
        l->socket.close(ignored);
        if (link_ == l)
            link_.reset();
        return;
    }
    l->in_flight = std::exchange(l->outgoing, {});
    asio::async_write(l->socket,
                      asio::buffer(l->in_flight),
                      [self = shared_from_this(), l](error_code e, std::size_t) {
                          if (self->ended_)
                              return;
                          l->in_flight.clear();
                          if (e) // shows as end of file on the reading side
                              l->outgoing.clear();
                          self->write(l);
                          self->pump();
                      });
}

void front_client::arm_timer() {
    auto due = farewell_ ? farewell_ : session_.deadline();
    if (const auto other = front_->deadline(); other && !farewell_)
        due = due ? std::min(*due, *other) : other;
    if (!due)
        return;
    timer_.expires_at(origin_ + *due);
    timer_.async_wait([self = shared_from_this()](error_code e) {
        if (e || self->ended_)
            return;
        if (self->farewell_) {
            self->end();
            return;
        }
        self->front_->on_time(self->now());
        self->session_.on_time(self->now());
        self->pump();
    });
}

void front_client::end() {
    if (ended_)
        return;
    stop();
    if (auto done = std::exchange(done_, nullptr))
        done();
}

void front_client::stop() {
    ended_ = true;
    timer_.cancel();
    if (link_) {
        error_code ignored;
        link_->socket.close(ignored);
        link_.reset();
    }
}

} // namespace cbv::engine
