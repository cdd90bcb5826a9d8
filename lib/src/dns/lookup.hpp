// One DNS query: a c-ares channel of its own, driven from Boost.Asio. Nothing is shared with other
// queries: c-ares drops a socket after an answer that is no DNS message and counts that as a try of
// every query on it, so that one broken domain would use up the tries of all; and it shortens the
// timeout of a slow domain by what quick ones took. Private to the resolver.
#pragma once

#include "cbv/dns.hpp"
#include "cbv/resolver.hpp"

#include <ares.h>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <string>
#include <unordered_map>

namespace cbv::dns {

/// What every channel is made with.
class channel_settings {
public:
    /// Throws std::invalid_argument when an option cannot be used.
    explicit channel_settings(const resolver_options& options);

    /// Makes a channel that reports its sockets; an ARES_* code. `*channel` is to be destroyed only
    /// after ARES_SUCCESS.
    [[nodiscard]] int
    open(ares_channel* channel, ares_sock_state_cb on_socket_state, void* data) const;

private:
    int timeout_; // milliseconds
    int tries_;
    std::string servers_; // comma separated; empty: the system's
};

/// Not thread-safe: use it from its executor.
class lookup : public std::enable_shared_from_this<lookup> {
public:
    using handler = std::function<void(dns_answer)>;

    explicit lookup(boost::asio::any_io_executor executor);
    ~lookup();
    lookup(const lookup&) = delete;
    lookup& operator=(const lookup&) = delete;

    /// To be called once. The handler is called once, through the executor, never from within this.
    void start(const channel_settings& settings,
               const std::string& name,
               record_type type,
               handler on_answer);
    /// The handler is dropped without being called; nothing is sent again and no socket stays open.
    /// Not to be called from within c-ares.
    void cancel();

private:
    struct lent_socket;
    using socket_ptr = std::shared_ptr<lent_socket>;

    static void on_socket_state(void* data, ares_socket_t fd, int readable, int writable);
    void watch(ares_socket_t fd, bool readable, bool writable);
    void wait(const socket_ptr& s);
    void process(ares_socket_t readable, ares_socket_t writable);
    void arm_timer();
    void answer(dns_answer found);

    boost::asio::any_io_executor executor_;
    boost::asio::steady_timer timer_;
    handler on_answer_;
    std::unordered_map<ares_socket_t, socket_ptr> sockets_;
    ares_channel channel_ = nullptr; // null: not yet, or no longer
};

} // namespace cbv::dns
