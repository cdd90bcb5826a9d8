// The driver's loop: actions out, events in. Callbacks rather than awaitable coroutines: one
// allocation a connection and no renewal of the timer per read keep it near a bare epoll client.
#include "call.hpp"

#include "cbv/text.hpp"
#include "managed.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <algorithm>

namespace cbv {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

namespace {

/// A different order for each call, reproducible from the configured seed (CBV-MX-004).
std::uint64_t next_seed(const verifier::shared& shared) {
    return shared.options.verification.selection.seed + shared.calls * 0x9E3779B97F4A7C15ULL;
}

std::string describe(const dns_answer& answer) {
    std::string text = answer.detail;
    for (const auto& mx : answer.mx)
        text +=
            " " + std::to_string(mx.preference) + " " + (mx.exchange.empty() ? "." : mx.exchange);
    for (const auto& address : answer.addresses)
        text += " " + address.to_string();
    if (answer.aliases > 0)
        text += answer.aliases == endless_chain ? " (aliases without an end)" : " (by aliases)";
    for (const auto& mx : answer.foreign_mx)
        text += " (of another name: " + mx.exchange + ")";
    return text;
}

} // namespace

/// Why connect() failed, in the draft's words. What is none of these is a way that does not exist:
/// unreachable, no route, a family we lack.
fault fault_of(const error_code& error) {
    namespace errc = boost::system::errc;
    if (error == asio::error::timed_out)
        return fault::timeout;
    if (error == asio::error::connection_reset || error == asio::error::connection_aborted ||
        error == asio::error::broken_pipe)
        return fault::lost;
    // EADDRNOTAVAIL: every port for this target is in use, or the source address is not ours.
    if (error == asio::error::no_descriptors || error == errc::too_many_files_open_in_system ||
        error == asio::error::no_buffer_space || error == asio::error::no_memory ||
        error == errc::address_not_available || error == asio::error::address_in_use ||
        error == asio::error::access_denied || error == errc::operation_not_permitted)
        return fault::local;
    return fault::refused;
}

/// One TCP connection. A reply is a few dozen octets; a longer one takes several reads.
struct call::connection {
    connection(const asio::any_io_executor& e, unsigned i) : socket(e), id(i) {}
    tcp::socket socket;
    unsigned id;
    bool writing = false;
    bool closed = false;
    std::string output; ///< being written
    std::string next;   ///< to be written after it
    std::array<char, 512> input;
};

call::call(std::shared_ptr<verifier::shared> shared,
           verify_request request,
           completion on_done,
           std::optional<unsigned> number)
    : shared_(std::move(shared)), observer_(std::move(request.observer)),
      on_done_(std::move(on_done)), number_(number), began_(steady_now()),
      machine_(std::move(request.box),
               // Shares the ownership of the verifier's options.
               std::shared_ptr<const verification_options>(shared_, &shared_->options.verification),
               next_seed(*shared_),
               began_,
               began_ - request.waited),
      timer_(shared_->executor) {
    if (!request.standing.empty())
        machine_.know_standing(std::move(request.standing));
    ++shared_->calls;
    shared_->running.insert(this);
}

call::~call() {
    shared_->running.erase(this);
}

void call::start() {
    run();
}

void call::cancel() {
    machine_.cancel(steady_now());
    run();
}

void call::run() {
    if (running_) // an action's own completion came back at once; the loop below goes on
        return;
    running_ = true;
    const auto self = shared_from_this(); // the last close may drop every other reference
    while (auto next = machine_.next_action())
        std::visit([this](auto& a) { perform(a); }, *next);
    running_ = false;
    arm_timer();
    if (machine_.finished())
        shared_->running.erase(this); // what is left are handlers that will do nothing
    if (number_)
        shared_->manager->settle();
}

void call::perform(act::query_dns& a) {
    if (observer_)
        observe(trace_kind::query, a.id, std::string(to_string(a.type)) + " " + a.name);
    // Weak, as the resolver belongs to what a call holds; the timer keeps the call meanwhile.
    queries_.push_back(
        shared_->dns.query(a.name, a.type, [weak = weak_from_this(), id = a.id](dns_answer answer) {
            const auto self = weak.lock();
            if (!self)
                return;
            if (self->observer_)
                self->observe(trace_kind::answer, id, describe(answer));
            self->machine_.on_dns(id, std::move(answer), steady_now());
            self->run();
        }));
}

void call::perform(act::connect& a) {
    const auto may =
        number_ ? shared_->manager->on_connect(*number_, a.id, a.address) : permission::now;
    switch (may) {
    case permission::now:
        return open(a);
    case permission::later:
        held_.push_back(std::move(a));
        return;
    case permission::skip:
        machine_.on_left_alone(a.id, steady_now());
        return;             // run() goes on
    case permission::never: // and the manager cancels this call
        return;
    }
}

void call::allow(unsigned attempt) {
    const auto at = std::find_if(
        held_.begin(), held_.end(), [attempt](const auto& c) { return c.id == attempt; });
    if (at == held_.end())
        return;
    const act::connect now = std::move(*at);
    held_.erase(at);
    open(now);
}

void call::open(const act::connect& a) {
    if (observer_)
        observe(trace_kind::connecting, a.id, a.host + " " + a.address.to_string());
    auto c = std::make_shared<connection>(shared_->executor, a.id);
    connections_.push_back(c);
    const tcp::endpoint to(to_asio(a.address), a.port);
    error_code error;
    c->socket.open(to.protocol(), error);
    const auto& source =
        a.address.is_v4() ? shared_->options.source_v4 : shared_->options.source_v6;
    if (!error && source)
        c->socket.bind({to_asio(*source), 0}, error);
    // No TCP_NODELAY: a command goes out when the reply to the one before it has acknowledged that,
    // so Nagle's algorithm never waits.
    if (!error)
        c->socket.non_blocking(true, error); // for write(); Asio then need not do it again
    auto connected = [self = shared_from_this(), c](error_code status) {
        if (c->closed)
            return;
        if (status) {
            const auto why = fault_of(status);
            self->observe(why == fault::refused ? trace_kind::refused : trace_kind::failed,
                          c->id,
                          status.message());
            self->machine_.on_not_connected(c->id, why, steady_now());
        } else {
            self->observe(trace_kind::connected, c->id, {});
            self->machine_.on_connected(c->id, steady_now());
            self->read(c);
        }
        self->run();
    };
    if (error)
        asio::post(shared_->executor, [connected, error]() mutable { connected(error); });
    else
        c->socket.async_connect(to, std::move(connected));
}

void call::read(const connection_ptr& c) {
    c->socket.async_read_some(asio::buffer(c->input),
                              [self = shared_from_this(), c](error_code error, std::size_t size) {
                                  if (c->closed)
                                      return;
                                  if (error == asio::error::eof) {
                                      self->observe(trace_kind::peer_closed, c->id, {});
                                      self->machine_.on_eof(c->id, steady_now());
                                  } else if (error) {
                                      self->observe(trace_kind::failed, c->id, error.message());
                                      self->machine_.on_error(c->id, steady_now());
                                  } else {
                                      const std::string_view octets(c->input.data(), size);
                                      self->observe(trace_kind::received, c->id, octets);
                                      self->machine_.on_bytes(c->id, octets, steady_now());
                                  }
                                  self->run();
                                  if (!error && !c->closed)
                                      self->read(c);
                              });
}

void call::perform(act::send& a) {
    const auto c = find(a.id);
    if (!c)
        return;
    observe(trace_kind::sent, a.id, a.octets);
    c->next += a.octets;
    if (!c->writing)
        write(c);
}

void call::write(const connection_ptr& c) {
    c->output.swap(c->next);
    c->next.clear();
    // A command nearly always fits the socket's buffer: try at once, wait only if it does not.
    error_code error;
    const std::size_t sent = c->socket.write_some(asio::buffer(c->output), error);
    if (!error && sent == c->output.size()) {
        c->output.clear();
        return;
    }
    if (error && error != asio::error::would_block && error != asio::error::try_again) {
        // The reading side reports the loss: what the host said before it may still decide.
        c->output.clear();
        return;
    }
    c->output.erase(0, sent);
    c->writing = true;
    asio::async_write(c->socket,
                      asio::buffer(c->output),
                      [self = shared_from_this(), c](error_code status, std::size_t) {
                          c->writing = false;
                          c->output.clear();
                          if (!c->closed && !status && !c->next.empty())
                              self->write(c);
                      });
}

void call::perform(act::close& a) {
    observe(trace_kind::closed, a.id, {});
    drop(a.id);
    if (number_) {
        std::erase_if(held_, [&a](const auto& c) { return c.id == a.id; });
        shared_->manager->on_close(*number_, a.id);
    }
}

void call::perform(act::done& a) {
    for (const auto id : queries_) // of those whose timer expired; no answer can matter now
        shared_->dns.cancel(id);
    queries_.clear();
    if (number_)
        shared_->manager->on_verdict(*number_, std::move(a.result));
    else
        on_done_.post(shared_->executor, std::move(a.result));
}

call::connection_ptr call::find(unsigned id) const {
    const auto at = std::find_if(
        connections_.begin(), connections_.end(), [id](const auto& c) { return c->id == id; });
    return at == connections_.end() ? nullptr : *at;
}

void call::drop(unsigned id) {
    const auto c = find(id);
    if (!c)
        return;
    c->closed = true;
    error_code ignored; // nothing can be done about a failing close
    c->socket.close(ignored);
    std::erase(connections_, c);
}

void call::arm_timer() {
    if (!timer_.arm(machine_.deadline()))
        return;
    timer_.wait([self = shared_from_this()] {
        self->machine_.on_time(steady_now());
        self->run();
    });
}

void call::observe(trace_kind kind, unsigned id, std::string_view text) const {
    if (observer_)
        observer_({steady_now() - began_, kind, id, text});
}

} // namespace cbv
