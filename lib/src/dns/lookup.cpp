// Drives a c-ares channel (lookup.hpp). c-ares owns its sockets: they are lent to Asio for waiting
// and given back with release(), never closed here.
#include "lookup.hpp"

#include "answer.hpp"
#include "cares_query.hpp"
#include "message.hpp"
#include "server_list.hpp"

#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/system_error.hpp>

#include <chrono>
#include <stdexcept>
#include <sys/time.h>
#include <utility>

namespace cbv::dns {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

int timeout_of(const resolver_options& options) {
    using std::chrono::milliseconds;
    const auto timeout = std::chrono::duration_cast<milliseconds>(options.timeout);
    if (timeout < milliseconds{1} || timeout > std::chrono::hours{1})
        throw std::invalid_argument("the timeout of a DNS query must be between 1 ms and 1 h");
    return static_cast<int>(timeout.count());
}

int tries_of(const resolver_options& options) {
    if (options.tries < 1)
        throw std::invalid_argument("the number of tries of a DNS query must be at least 1, not " +
                                    std::to_string(options.tries));
    return options.tries;
}

} // namespace

channel_settings::channel_settings(const resolver_options& options)
    : timeout_(timeout_of(options)), tries_(tries_of(options)),
      servers_(server_list(options.servers)) {}

int channel_settings::open(ares_channel* channel,
                           ares_sock_state_cb on_socket_state,
                           void* data) const {
    ares_options settings{};
    settings.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
    settings.timeout = timeout_;
    settings.tries = tries_;
    settings.ednspsz = 1232; // DNS flag day 2020
    settings.sock_state_cb = on_socket_state;
    settings.sock_state_cb_data = data;
    const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                     ARES_OPT_SOCK_STATE_CB;
    int status = ares_init_options(channel, &settings, mask);
    if (status != ARES_SUCCESS || servers_.empty())
        return status;
    status = ares_set_servers_ports_csv(*channel, servers_.c_str());
    if (status != ARES_SUCCESS)
        ares_destroy(*channel);
    return status;
}

/// One of c-ares' sockets and what we wait for on it.
struct lookup::lent_socket {
    explicit lent_socket(const asio::any_io_executor& e, ares_socket_t fd) : descriptor(e, fd) {}
    asio::posix::stream_descriptor descriptor;
    bool want_read = false, want_write = false;
    bool reading = false, writing = false;
    bool gone = false;
};

lookup::lookup(asio::any_io_executor executor)
    : executor_(std::move(executor)), timer_(executor_) {}

lookup::~lookup() {
    cancel();
}

void lookup::start(const channel_settings& settings,
                   const std::string& name,
                   record_type type,
                   handler on_answer) {
    on_answer_ = std::move(on_answer);
    ares_channel channel = nullptr;
    if (const int status = settings.open(&channel, &lookup::on_socket_state, this);
        status != ARES_SUCCESS)
        return answer(make_answer(name, type, status, {}));
    channel_ = channel;
    // Weak: the channel belongs to what it would keep.
    send_query(
        channel_,
        name,
        wire_type(type),
        [weak = weak_from_this(), name, type](int status, std::span<const unsigned char> message) {
            if (const auto self = weak.lock(); self && self->on_answer_)
                self->answer(make_answer(name, type, status, message));
        });
    arm_timer();
}

/// Posted: c-ares may call back from within send_query(), and does not bear calls from here.
void lookup::answer(dns_answer found) {
    asio::post(executor_, [self = shared_from_this(), found = std::move(found)]() mutable {
        const auto told = std::exchange(self->on_answer_, {});
        self->cancel();
        if (told)
            told(std::move(found));
    });
}

void lookup::cancel() {
    on_answer_ = {};
    timer_.cancel();
    if (auto* const channel = std::exchange(channel_, nullptr))
        ares_destroy(channel); // tells of its sockets and of the query, which nobody waits for
    for (auto& [fd, socket] : sockets_) {
        socket->gone = true;
        socket->descriptor.release();
    }
    sockets_.clear();
}

void lookup::on_socket_state(void* data, ares_socket_t fd, int readable, int writable) {
    try {
        static_cast<lookup*>(data)->watch(fd, readable != 0, writable != 0);
    } catch (const boost::system::system_error&) {
        // No exception may pass through c-ares. A socket that cannot be watched (no memory for
        // another one in the kernel) never answers, and its query ends by its timeout.
    }
}

void lookup::watch(ares_socket_t fd, bool readable, bool writable) {
    auto found = sockets_.find(fd);
    if (!readable && !writable) { // c-ares is about to close it
        if (found != sockets_.end()) {
            found->second->gone = true;
            found->second->descriptor.release();
            sockets_.erase(found);
        }
        return;
    }
    if (found == sockets_.end())
        found = sockets_.emplace(fd, std::make_shared<lent_socket>(executor_, fd)).first;
    found->second->want_read = readable;
    found->second->want_write = writable;
    wait(found->second);
}

void lookup::wait(const socket_ptr& s) {
    const auto fd = s->descriptor.native_handle();
    auto arm = [&](asio::posix::stream_descriptor::wait_type what, bool& busy, bool read) {
        busy = true;
        s->descriptor.async_wait(what, [self = shared_from_this(), s, fd, read](error_code error) {
            (read ? s->reading : s->writing) = false;
            if (error || s->gone)
                return;
            self->process(read ? fd : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : fd);
            if (!s->gone)
                self->wait(s);
        });
    };
    if (s->want_read && !s->reading)
        arm(asio::posix::stream_descriptor::wait_read, s->reading, true);
    if (s->want_write && !s->writing)
        arm(asio::posix::stream_descriptor::wait_write, s->writing, false);
}

void lookup::process(ares_socket_t readable, ares_socket_t writable) {
    ares_process_fd(channel_, readable, writable);
    arm_timer();
}

/// c-ares retries and gives up in ares_process_fd(); this calls it when its next timeout is due.
void lookup::arm_timer() {
    timeval due{};
    if (ares_timeout(channel_, nullptr, &due) == nullptr) {
        timer_.cancel();
        return;
    }
    const auto after = std::chrono::seconds(due.tv_sec) + std::chrono::microseconds(due.tv_usec);
    timer_.expires_after(after + std::chrono::milliseconds(1));
    timer_.async_wait([self = shared_from_this()](error_code error) {
        if (!error && self->channel_ != nullptr)
            self->process(ARES_SOCKET_BAD, ARES_SOCKET_BAD);
    });
}

} // namespace cbv::dns
