// The parts of the benchmark: one responder, two clients that hold the same dialogue with it. No
// statistics here; main.cpp pairs the runs.
#pragma once

#include "cbv/ip_address.hpp"

#include <cstddef>
#include <cstdint>
#include <string>
#include <sys/types.h>

namespace cbv::bench {

/// A responder in a child process of its own: a bare epoll SMTP server that accepts everything, and
/// on a second port one that accepts connections and says nothing.
class responder {
public:
    explicit responder(const ip_address& address);
    ~responder();
    responder(const responder&) = delete;
    responder& operator=(const responder&) = delete;
    [[nodiscard]] std::uint16_t talking_port() const noexcept { return talking_; }
    [[nodiscard]] std::uint16_t silent_port() const noexcept { return silent_; }

private:
    pid_t child_ = -1;
    std::uint16_t talking_ = 0;
    std::uint16_t silent_ = 0;
};

/// What one run did.
struct figures {
    double seconds = 0;
    std::size_t dialogues = 0;
    [[nodiscard]] double per_second() const { return static_cast<double>(dialogues) / seconds; }
};

/// Greeting, EHLO, MAIL, RCPT, QUIT, 221 with raw sockets and one epoll set.
figures run_epoll_client(const ip_address& to,
                         std::uint16_t port,
                         std::size_t dialogues,
                         std::size_t in_flight);

/// The same by cbv::verifier, until every connection is closed.
figures run_verifier_client(const ip_address& to,
                            std::uint16_t port,
                            std::size_t dialogues,
                            std::size_t in_flight);

/// Starts `count` verifications that hang on a silent host and returns the bytes of user space
/// memory (malloc) each holds.
double memory_of_hanging(const ip_address& to, std::uint16_t port, std::size_t count);

/// Throws std::system_error for the current errno.
[[noreturn]] void fail(const std::string& what);

} // namespace cbv::bench
