// A blocking SMTP client on loopback for tests. Every wait is bounded: a server that hangs fails
// the test instead of stopping it.
#pragma once

#include "cbv/reply.hpp"
#include "system_call.hpp"

#include <arpa/inet.h>
#include <cerrno>
#include <cstdint>
#include <netinet/in.h>
#include <stdexcept>
#include <string>
#include <string_view>
#include <sys/socket.h>
#include <unistd.h>
#include <utility>

namespace cbv::refserver::test {

class client {
public:
    explicit client(std::uint16_t port) : fd_(::socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
        const timeval limit{20, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_RCVTIMEO, &limit, sizeof limit);
        ::setsockopt(fd_, SOL_SOCKET, SO_SNDTIMEO, &limit, sizeof limit);
        sockaddr_in to{};
        to.sin_family = AF_INET;
        to.sin_port = htons(port);
        to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
        if (::connect(fd_, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0)
            throw std::runtime_error("cannot connect");
    }
    ~client() { close(); }
    client(const client&) = delete;
    client& operator=(const client&) = delete;

    void send(std::string_view octets) {
        while (!octets.empty()) {
            const ssize_t n =
                resumed([&] { return ::send(fd_, octets.data(), octets.size(), MSG_NOSIGNAL); });
            if (n <= 0)
                throw std::runtime_error("cannot send");
            octets.remove_prefix(static_cast<std::size_t>(n));
        }
    }
    /// The code of the next reply; 0 when the server closed.
    int reply_code() {
        reply_parser parser;
        for (;;) {
            std::string_view view = buffer_;
            const auto status = parser.feed(view);
            buffer_.erase(0, buffer_.size() - view.size());
            if (status == reply_parser::status::complete) {
                last = parser.take();
                return last.code;
            }
            if (status == reply_parser::status::malformed)
                throw std::runtime_error("not a reply");
            if (!receive())
                return 0;
        }
    }
    int command(const std::string& line) {
        send(line + "\r\n");
        return reply_code();
    }
    /// Whether the server has closed, all replies read.
    bool at_end() { return buffer_.empty() && !receive(); }
    void close() {
        if (fd_ >= 0)
            (void)close_once(std::exchange(fd_, -1));
    }
    /// RST instead of FIN.
    void reset() {
        const linger now{1, 0};
        ::setsockopt(fd_, SOL_SOCKET, SO_LINGER, &now, sizeof now);
        close();
    }

    reply last;

private:
    bool receive() {
        char octets[4096];
        const ssize_t n = resumed([&] { return ::recv(fd_, octets, sizeof octets, 0); });
        if (n < 0 && (errno == EAGAIN || errno == EWOULDBLOCK))
            throw std::runtime_error("the server said nothing for 20 s");
        if (n <= 0)
            return false;
        buffer_.append(octets, static_cast<std::size_t>(n));
        return true;
    }

    int fd_;
    std::string buffer_;
};

} // namespace cbv::refserver::test
