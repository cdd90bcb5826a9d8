// The loop of one connection (session.hpp): events in, actions out. Completions are never delivered
// from within an action, so the machine is not entered twice.
#include "session.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <exception>
#include <utility>

namespace cbv::refserver {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

session::session(tcp::socket socket, ip_address client, std::shared_ptr<hub> h)
    : hub_(std::move(h)), socket_(std::move(socket)), timer_(hub_->context),
      machine_(hub_->settings.receiver, client, steady_now()) {}

void session::start() {
    run();
}

void session::shutdown() {
    machine_.shutdown(steady_now());
    run();
}

void session::abort() {
    if (std::exchange(dropped_, true))
        return;
    if (auto cancel = std::exchange(cancel_, nullptr))
        cancel();
    error_code ignored; // nothing can be done about a failing close
    socket_.close(ignored);
    timer_.cancel();
    const auto self = shared_from_this();
    hub_->sessions.erase(self);
    if (hub_->sessions.empty() && hub_->on_empty)
        std::exchange(hub_->on_empty, nullptr)();
}

void session::run() {
    const auto self = shared_from_this(); // the last action may drop the hub's reference
    while (auto next = machine_.next_action())
        std::visit([this](auto& a) { perform(a); }, *next);
    for (const decision_record& r : machine_.take_records())
        if (hub_->use.trace)
            hub_->use.trace(r);
    if (dropped_)
        return;
    write();
    read();
    arm_timer();
}

void session::perform(receive::send& a) {
    unsent_ += a.octets;
}

void session::perform(receive::verify& a) {
    verify_request request{std::move(a.box), steady_now() - a.facts.client_waits_since, {}};
    request.client = a.facts.client;
    request.spf = a.facts.spf;
    cancel_ = hub_->use.verify(std::move(request), [weak = weak_from_this()](verdict v) {
        const auto self = weak.lock();
        if (!self || self->dropped_)
            return;
        self->cancel_ = nullptr;
        self->machine_.on_verdict(std::move(v), steady_now());
        self->run();
    });
}

void session::perform(receive::cancel_verify&) {
    if (auto cancel = std::exchange(cancel_, nullptr))
        cancel();
}

void session::perform(receive::store& a) {
    // The guard keeps run() going; the session travels back with the result, so that no thread of
    // the pool ever destroys it.
    auto work = asio::make_work_guard(hub_->context);
    asio::post(hub_->storage,
               [self = shared_from_this(),
                work = std::move(work),
                message = std::move(a.message)]() mutable {
                   std::string trouble;
                   try {
                       self->hub_->use.store(message);
                   } catch (const std::exception& e) {
                       trouble = e.what();
                       if (trouble.empty())
                           trouble = "unknown error";
                   }
                   auto executor = work.get_executor();
                   asio::post(executor, [self = std::move(self), trouble, work = std::move(work)] {
                       if (!trouble.empty())
                           self->hub_->log("a message could not be stored: " + trouble);
                       if (self->dropped_)
                           return;
                       self->machine_.on_stored(trouble.empty(), steady_now());
                       self->run();
                   });
               });
}

void session::perform(receive::close&) {
    force_at_ = steady_now() + close_limit;
    if (gone_)
        abort();
}

void session::read() {
    const bool wanted = force_at_ || (machine_.wants_bytes() && unsent_.size() < max_unsent);
    if (dropped_ || reading_ || gone_ || !wanted)
        return;
    reading_ = true;
    socket_.async_read_some(asio::buffer(input_),
                            [self = shared_from_this()](error_code error, std::size_t size) {
                                self->reading_ = false;
                                if (self->dropped_)
                                    return;
                                if (error)
                                    return self->client_is_gone();
                                // After `close` the machine ignores it: read to the client's end,
                                // lest a reset destroys the last reply on its way.
                                self->machine_.on_bytes({self->input_.data(), size}, steady_now());
                                self->run();
                            });
}

void session::write() {
    if (dropped_ || writing_)
        return;
    if (unsent_.empty()) {
        if (force_at_)
            half_close();
        return;
    }
    writing_ = true;
    in_flight_.swap(unsent_);
    asio::async_write(socket_,
                      asio::buffer(in_flight_),
                      [self = shared_from_this()](error_code error, std::size_t) {
                          self->writing_ = false;
                          self->in_flight_.clear();
                          if (self->dropped_)
                              return;
                          if (error)
                              return self->client_is_gone();
                          self->run();
                      });
}

void session::client_is_gone() {
    gone_ = true;
    if (force_at_)
        return abort();
    machine_.on_eof(steady_now());
    run();
}

void session::half_close() {
    error_code ignored; // a lost connection shows at the read
    socket_.shutdown(tcp::socket::shutdown_send, ignored);
}

void session::arm_timer() {
    if (!timer_.arm(force_at_ ? force_at_ : machine_.deadline()))
        return;
    timer_.wait([self = shared_from_this()] {
        if (self->dropped_)
            return;
        const instant now = steady_now();
        if (self->force_at_ && now >= *self->force_at_)
            return self->abort();
        self->machine_.on_time(now);
        self->run();
    });
}

} // namespace cbv::refserver
