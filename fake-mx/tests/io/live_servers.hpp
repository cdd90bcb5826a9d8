// Servers on loopback with a thread of their own, and blocking clients, for tests. Clients give up
// after some seconds, so nothing hangs.
#pragma once

#include "fakemx/servers.hpp"
#include "system_call.hpp"

#include <boost/asio/buffer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/write.hpp>

#include <chrono>
#include <future>
#include <memory>
#include <mutex>
#include <poll.h>
#include <string>
#include <thread>
#include <utility>
#include <vector>

namespace cbv::fakemx::test {

namespace asio = boost::asio;

/// Waits until something can be read; false when nothing came in time. (Asio's blocking calls
/// ignore SO_RCVTIMEO.)
inline bool readable(int descriptor,
                     std::chrono::milliseconds patience = std::chrono::seconds{20}) {
    pollfd p{descriptor, POLLIN, 0};
    return resumed([&] { return ::poll(&p, 1, static_cast<int>(patience.count())); }) == 1;
}

/// A blocking connection.
class live_client {
public:
    live_client(const std::string& address, std::uint16_t port) : socket_(io_) {
        socket_.connect({asio::ip::make_address(address), port});
    }

    void send(const std::string& octets) { asio::write(socket_, asio::buffer(octets)); }
    /// Octets up to and with `end`, or what came before an error.
    std::string read_to(const std::string& end) {
        while (pending_.find(end) == std::string::npos) {
            read_some();
            if (error)
                return std::exchange(pending_, {});
        }
        const auto size = pending_.find(end) + end.size();
        auto text = pending_.substr(0, size);
        pending_.erase(0, size);
        return text;
    }
    /// Reads exactly `n` octets.
    std::string read(std::size_t n) {
        while (pending_.size() < n && !error)
            read_some();
        auto text = pending_.substr(0, n);
        pending_.erase(0, n);
        return text;
    }
    void close() { socket_.close(); }

    boost::system::error_code error;

private:
    void read_some() {
        if (!readable(socket_.native_handle())) {
            error = asio::error::timed_out;
            return;
        }
        char buffer[4096];
        const auto n = socket_.read_some(asio::buffer(buffer), error);
        pending_.append(buffer, n);
    }

    asio::io_context io_;
    asio::ip::tcp::socket socket_;
    std::string pending_;
};

/// One datagram there and back; what came, or "(nothing)".
inline std::string ask(std::uint16_t port,
                       const std::string& octets,
                       std::chrono::milliseconds patience = std::chrono::seconds{20}) {
    asio::io_context io;
    asio::ip::udp::socket s{io, asio::ip::udp::v4()};
    s.connect({asio::ip::make_address("127.0.0.1"), port});
    s.send(asio::buffer(octets));
    if (!readable(s.native_handle(), patience))
        return "(nothing)";
    char buffer[2000];
    boost::system::error_code e;
    const auto n = s.receive(asio::buffer(buffer), 0, e);
    return e ? "(nothing)" : std::string{buffer, n};
}

/// Worlds served on ports the kernel chooses.
class live_servers {
public:
    explicit live_servers(const std::vector<world>& worlds, server_settings s = {}) {
        s.dns_address = "127.0.0.1";
        s.dns_port = 0;
        s.mx_port = 0;
        s.epoch = steady_now();
        s.static_addresses = {{"target.test", "127.0.0.1"}};
        servers_ = std::make_unique<servers>(io_, s, [this](const std::string& id, event e) {
            const std::lock_guard lock{mutex_};
            events_.emplace_back(id, std::move(e));
        });
        for (const auto& w : worlds)
            servers_->add(w);
        servers_->open();
        thread_ = std::thread{[this] { io_.run(); }};
    }
    ~live_servers() { stop(); }

    live_client connect(const std::string& address) {
        return {address, servers_->mx_port(*ip_address::parse(address))};
    }
    [[nodiscard]] std::uint16_t mx_port(const std::string& address) const {
        return servers_->mx_port(*ip_address::parse(address));
    }
    [[nodiscard]] std::uint16_t dns_port() const { return servers_->dns_port(); }

    /// Calls `what` in the servers' thread and waits for it.
    template <class F>
    auto in_thread(F what) {
        std::packaged_task<decltype(what())()> task{std::move(what)};
        auto done = task.get_future();
        asio::post(io_, [&task] { task(); });
        return done.get();
    }
    /// Waits until no connection is open; whether that came about.
    bool becomes_idle() {
        for (int i = 0; i < 2000; ++i) {
            if (in_thread([this] { return servers_->connections(); }) == 0)
                return true;
            std::this_thread::sleep_for(std::chrono::milliseconds{5});
        }
        return false;
    }
    std::size_t connections() {
        return in_thread([this] { return servers_->connections(); });
    }
    /// Ends the thread and the servers.
    void stop() {
        if (!thread_.joinable())
            return;
        asio::post(io_, [this] {
            servers_->stop();
            io_.stop();
        });
        thread_.join();
    }
    /// "case1 mx1#1 received NOOP", one a line.
    [[nodiscard]] std::vector<std::string> events() const {
        const std::lock_guard lock{mutex_};
        std::vector<std::string> out;
        for (const auto& [id, e] : events_) {
            auto text = id + " " + e.party +
                        (e.connection > 0 ? "#" + std::to_string(e.connection) : "") + " " +
                        std::string{to_string(e.kind)};
            out.push_back(e.text.empty() ? text : text + " " + e.text);
        }
        return out;
    }
    [[nodiscard]] std::vector<event> raw_events() const {
        const std::lock_guard lock{mutex_};
        std::vector<event> out;
        for (const auto& e : events_)
            out.push_back(e.second);
        return out;
    }

private:
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_{io_.get_executor()};
    std::unique_ptr<servers> servers_;
    mutable std::mutex mutex_;
    std::vector<std::pair<std::string, event>> events_;
    std::thread thread_;
};

} // namespace cbv::fakemx::test
