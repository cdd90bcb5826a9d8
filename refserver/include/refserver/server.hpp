// The SMTP server: accepts clients, runs a cbv::receiver for each, verifies by a function, stores
// by a function on a thread pool. It has no rule of its own about mail; limits and shutting down
// only.
#pragma once

#include "refserver/config.hpp"
#include "refserver/verify.hpp"

#include <boost/asio/io_context.hpp>

#include <functional>
#include <memory>
#include <stdexcept>
#include <vector>

namespace cbv::refserver {

/// What the server uses. All but `store` are called on the io_context's thread.
struct services {
    verify_function verify;
    /// Stores durably before it returns; throws when it cannot, and the client gets 451. Called on
    /// threads of the pool, several at once.
    std::function<void(const received_message&)> store;
    std::function<void(const decision_record&)> trace; ///< may be empty
    std::function<void(const std::string&)> log;       ///< troubles, for people; may be empty
};

/// An address that cannot be listened on: "cannot listen on 192.0.2.25:25: Address already in use".
struct listen_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// To be used from the thread that runs `context`, one thread only.
class server {
public:
    /// `settings` must outlive the server.
    server(boost::asio::io_context& context, const config& settings, services use);
    /// Waits for messages being stored; drops every session.
    ~server();
    server(const server&) = delete;
    server& operator=(const server&) = delete;

    /// Binds every configured address and begins to accept; returns the addresses with their real
    /// ports. Throws listen_error, and then nothing is bound.
    std::vector<endpoint> listen();

    /// Accepts no more, tells every client 421 once its message is stored, and closes by force what
    /// is left after config::shutdown_grace. `stopped` is called when the last session is gone. A
    /// second call closes by force at once.
    void stop(std::function<void()> stopped = {});

    /// Sessions now.
    [[nodiscard]] std::size_t sessions() const noexcept;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace cbv::refserver
