// Drives a c-ares channel from Boost.Asio. c-ares owns its sockets: they are lent to Asio for
// waiting and given back with release(), never closed here.
#include "cbv/resolver.hpp"

#include "answer.hpp"

#include <ares.h>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <arpa/nameser.h>
#include <stdexcept>
#include <sys/time.h>
#include <unordered_map>

namespace cbv {

namespace asio = boost::asio;
using boost::system::error_code;

namespace {

/// c-ares wants its library initialised once a process.
void initialise_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    if (status != ARES_SUCCESS)
        throw std::runtime_error(std::string("c-ares: ") + ares_strerror(status));
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

    /// A pending query. It outlives the resolver if c-ares calls back while it is destroyed.
    struct pending {
        std::weak_ptr<impl> owner;
        record_type type;
        handler on_answer;
    };

    impl(asio::any_io_executor e, const resolver_options& options) : executor(e), timer(e) {
        initialise_library();
        ares_options settings{};
        settings.flags = ARES_FLAG_NOSEARCH | ARES_FLAG_NOALIASES | ARES_FLAG_EDNS;
        settings.timeout = static_cast<int>(
            std::chrono::duration_cast<std::chrono::milliseconds>(options.timeout).count());
        settings.tries = options.tries;
        settings.ednspsz = 1232; // DNS flag day 2020
        settings.sock_state_cb = &impl::on_socket_state;
        settings.sock_state_cb_data = this;
        const int mask = ARES_OPT_FLAGS | ARES_OPT_TIMEOUTMS | ARES_OPT_TRIES | ARES_OPT_EDNSPSZ |
                         ARES_OPT_SOCK_STATE_CB;
        check(ares_init_options(&channel, &settings, mask), "cannot start the DNS client");
        if (!options.servers.empty()) {
            std::string list;
            for (const auto& server : options.servers)
                list += (list.empty() ? "" : ",") + server;
            const int status = ares_set_servers_ports_csv(channel, list.c_str());
            if (status != ARES_SUCCESS) {
                ares_destroy(channel);
                check(status, "DNS server \"" + list + "\": expected ADDRESS or ADDRESS:PORT");
            }
        }
    }

    static void check(int status, const std::string& what) {
        if (status != ARES_SUCCESS)
            throw std::runtime_error(what + ": " + ares_strerror(status));
    }

    void shut_down() {
        stopped = true;
        timer.cancel();
        ares_destroy(channel); // calls back every pending query; they find no owner
        channel = nullptr;
        for (auto& [fd, socket] : sockets) {
            socket->gone = true;
            socket->descriptor.release();
        }
        sockets.clear();
    }

    static void on_socket_state(void* data, ares_socket_t fd, int readable, int writable) {
        static_cast<impl*>(data)->watch(fd, readable != 0, writable != 0);
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
        if (!owner || owner->stopped)
            return;
        const auto size = message == nullptr ? 0U : static_cast<unsigned>(std::max(length, 0));
        auto answer = dns::make_answer(query->type, status, {message, size});
        // Posted: c-ares may call back from within ares_query().
        asio::post(
            owner->executor,
            [call = std::move(query->on_answer), found = std::move(answer), owner]() mutable {
                if (!owner->stopped)
                    call(std::move(found));
            });
    }

    asio::any_io_executor executor;
    asio::steady_timer timer;
    ares_channel channel = nullptr;
    std::unordered_map<ares_socket_t, socket_ptr> sockets;
    bool stopped = false;
};

resolver::resolver(asio::any_io_executor executor, const resolver_options& options)
    : impl_(std::make_shared<impl>(std::move(executor), options)) {}

resolver::~resolver() {
    impl_->shut_down();
}

void resolver::query(const std::string& name, record_type type, handler on_answer) {
    int wire_type = ns_t_mx;
    switch (type) {
    case record_type::mx:
        break;
    case record_type::a:
        wire_type = ns_t_a;
        break;
    case record_type::aaaa:
        wire_type = ns_t_aaaa;
        break;
    }
    auto* query = new impl::pending{impl_, type, std::move(on_answer)}; // owned by on_finished
    ares_query(impl_->channel, name.c_str(), ns_c_in, wire_type, &impl::on_finished, query);
    impl_->arm_timer();
}

} // namespace cbv
