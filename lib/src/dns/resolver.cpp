// Drives a c-ares channel from Boost.Asio. c-ares owns its sockets: they are lent to Asio for
// waiting and given back with release(), never closed here.
#include "cbv/resolver.hpp"

#include "answer.hpp"
#include "server_list.hpp"

#include <ares.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/system/system_error.hpp>

#include <algorithm>
#include <arpa/nameser.h>
#include <memory>
#include <stdexcept>
#include <sys/time.h>
#include <unordered_map>

namespace cbv {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

void check(int status, const std::string& what) {
    if (status != ARES_SUCCESS)
        throw std::runtime_error(what + ": " + ares_strerror(status));
}

constexpr int receive_buffer = 1 << 20; // octets

/// c-ares wants its library initialised once a process.
void initialise_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    check(status, "c-ares");
}

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

struct resolver::impl : std::enable_shared_from_this<resolver::impl> {
    /// One of c-ares' sockets and what we wait for on it.
    struct lent_socket {
        explicit lent_socket(const asio::any_io_executor& e, ares_socket_t fd)
            : descriptor(e, fd) {}
        asio::posix::stream_descriptor descriptor;
        bool want_read = false, want_write = false;
        bool reading = false, writing = false;
        bool gone = false;
    };
    using socket_ptr = std::shared_ptr<lent_socket>;

    /// What c-ares holds of a query. It may outlive the resolver: c-ares calls back while it is
    /// destroyed.
    struct pending {
        std::weak_ptr<impl> owner;
        query_id id;
        record_type type;
    };

    impl(asio::any_io_executor e, const resolver_options& options) : executor(e), timer(e) {
        const dns::server_list servers(options.servers);
        initialise_library();
        ares_options settings{};
        settings.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
        settings.timeout = timeout_of(options);
        settings.tries = tries_of(options);
        settings.ednspsz = 1232; // DNS flag day 2020
        // One socket takes the answers for every call under way; the kernel cuts this to its
        // maximum.
        settings.socket_receive_buffer_size = receive_buffer;
        settings.sock_state_cb = &impl::on_socket_state;
        settings.sock_state_cb_data = this;
        const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                         ARES_OPT_SOCK_RCVBUF | ARES_OPT_SOCK_STATE_CB;
        check(ares_init_options(&channel, &settings, mask), "cannot start the DNS client");
        if (servers.empty())
            return;
        const int status = ares_set_servers_ports(channel, servers.head());
        if (status != ARES_SUCCESS)
            ares_destroy(channel);
        check(status, "cannot set the DNS servers");
    }

    void shut_down() {
        stopped = true;
        waiting.clear();
        timer.cancel();
        ares_destroy(channel); // calls back every pending query; nobody waits
        channel = nullptr;
        for (auto& [fd, socket] : sockets) {
            socket->gone = true;
            socket->descriptor.release();
        }
        sockets.clear();
    }

    static void on_socket_state(void* data, ares_socket_t fd, int readable, int writable) {
        try {
            static_cast<impl*>(data)->watch(fd, readable != 0, writable != 0);
        } catch (const boost::system::system_error&) {
            // No exception may pass through c-ares. A socket that cannot be watched (no memory for
            // another one in the kernel) never answers, and its query ends by its timeout.
        }
    }

    void watch(ares_socket_t fd, bool readable, bool writable) {
        auto found = sockets.find(fd);
        if (!readable && !writable) { // c-ares is about to close it
            if (found != sockets.end()) {
                found->second->gone = true;
                found->second->descriptor.release();
                sockets.erase(found);
            }
            return;
        }
        if (found == sockets.end())
            found = sockets.emplace(fd, std::make_shared<lent_socket>(executor, fd)).first;
        found->second->want_read = readable;
        found->second->want_write = writable;
        wait(found->second);
    }

    void wait(const socket_ptr& s) {
        const auto fd = s->descriptor.native_handle();
        auto arm = [&](asio::posix::stream_descriptor::wait_type what, bool& busy, bool read) {
            busy = true;
            s->descriptor.async_wait(
                what, [self = shared_from_this(), s, fd, read](error_code error) {
                    (read ? s->reading : s->writing) = false;
                    if (error || s->gone || self->stopped)
                        return;
                    ares_process_fd(
                        self->channel, read ? fd : ARES_SOCKET_BAD, read ? ARES_SOCKET_BAD : fd);
                    if (!s->gone)
                        self->wait(s);
                    self->arm_timer();
                });
        };
        if (s->want_read && !s->reading)
            arm(asio::posix::stream_descriptor::wait_read, s->reading, true);
        if (s->want_write && !s->writing)
            arm(asio::posix::stream_descriptor::wait_write, s->writing, false);
    }

    /// c-ares retries and gives up in ares_process_fd(); this calls it when its next timeout is
    /// due.
    void arm_timer() {
        if (stopped)
            return;
        timeval due{};
        if (ares_timeout(channel, nullptr, &due) == nullptr) {
            timer.cancel();
            return;
        }
        const auto after =
            std::chrono::seconds(due.tv_sec) + std::chrono::microseconds(due.tv_usec);
        timer.expires_after(after + std::chrono::milliseconds(1));
        timer.async_wait([self = shared_from_this()](error_code error) {
            if (error || self->stopped)
                return;
            ares_process_fd(self->channel, ARES_SOCKET_BAD, ARES_SOCKET_BAD);
            self->arm_timer();
        });
    }

    static void
    on_finished(void* data, int status, int /*timeouts*/, unsigned char* message, int length) {
        const std::unique_ptr<pending> query(static_cast<pending*>(data));
        const auto owner = query->owner.lock();
        if (!owner || !owner->waiting.contains(query->id))
            return;
        const auto size = message == nullptr ? 0U : static_cast<unsigned>(std::max(length, 0));
        auto answer = dns::make_answer(query->type, status, {message, size});
        // Posted: c-ares may call back from within ares_query(), and does not bear calls from here.
        asio::post(owner->executor, [owner, id = query->id, found = std::move(answer)]() mutable {
            auto wanted = owner->waiting.extract(id);
            if (!wanted.empty())
                wanted.mapped()(std::move(found));
        });
    }

    void cancel(query_id id) {
        // c-ares can only cancel all of them, so the last one to go does that.
        if (waiting.erase(id) == 0 || !waiting.empty())
            return;
        ares_cancel(channel);
        arm_timer();
    }

    asio::any_io_executor executor;
    asio::steady_timer timer;
    ares_channel channel = nullptr;
    std::unordered_map<ares_socket_t, socket_ptr> sockets;
    std::unordered_map<query_id, handler> waiting;
    query_id last_id = 0;
    bool stopped = false;
};

resolver::resolver(asio::any_io_executor executor, const resolver_options& options)
    : impl_(std::make_shared<impl>(std::move(executor), options)) {}

resolver::~resolver() {
    impl_->shut_down();
}

resolver::query_id resolver::query(const std::string& name, record_type type, handler on_answer) {
    const auto id = ++impl_->last_id;
    auto query = std::make_unique<impl::pending>(impl::pending{impl_, id, type});
    impl_->waiting.emplace(id, std::move(on_answer));
    // on_finished() owns it from here.
    ares_query(impl_->channel,
               name.c_str(),
               ns_c_in,
               dns::wire_type(type),
               &impl::on_finished,
               query.release());
    impl_->arm_timer();
    return id;
}

void resolver::cancel(query_id id) {
    impl_->cancel(id);
}

} // namespace cbv
