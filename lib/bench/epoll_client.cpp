// The bare client: raw sockets, one epoll set, no timers, no rules. It is the ceiling the verifier
// is compared with.
#include "bench.hpp"
#include "system_call.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <chrono>
#include <cstring>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <unistd.h>
#include <unordered_map>

namespace cbv::bench {
namespace {

/// What is said after each reply.
const std::array<std::string, 4> commands = {
    "EHLO verifier.example\r\n", "MAIL FROM:<>\r\n", "RCPT TO:<user@[198.18.0.1]>\r\n", "QUIT\r\n"};

int open_connection(int set, const sockaddr_in& to) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    const int one = 1;
    setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &one, sizeof one);
    if (connect(fd, reinterpret_cast<const sockaddr*>(&to), sizeof to) != 0 && errno != EINPROGRESS)
        fail("connect");
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.fd = fd;
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) != 0)
        fail("epoll_ctl");
    return fd;
}

} // namespace

figures run_epoll_client(const ip_address& to,
                         std::uint16_t port,
                         std::size_t dialogues,
                         std::size_t in_flight) {
    sockaddr_in name{};
    name.sin_family = AF_INET;
    name.sin_port = htons(port);
    std::memcpy(&name.sin_addr, to.octets().data(), 4);

    const int set = epoll_create1(EPOLL_CLOEXEC);
    if (set < 0)
        fail("epoll_create1");
    std::unordered_map<int, std::size_t> replies; // replies seen, by socket
    std::size_t started = 0;
    std::size_t finished = 0;
    std::array<epoll_event, 256> events{};
    std::array<char, 512> buffer{};
    const auto begin = std::chrono::steady_clock::now();
    for (; started < in_flight && started < dialogues; ++started)
        replies[open_connection(set, name)] = 0;
    while (finished < dialogues) {
        const int count = resumed(
            [&] { return epoll_wait(set, events.data(), static_cast<int>(events.size()), -1); });
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            const auto size = resumed([&] { return recv(fd, buffer.data(), buffer.size(), 0); });
            if (size <= 0)
                fail("recv: the responder closed early");
            const std::string_view text(buffer.data(), static_cast<std::size_t>(size));
            if (!text.ends_with('\n'))
                continue;
            auto& seen = replies[fd];
            if (seen < commands.size()) {
                const auto& command = commands[seen++];
                if (resumed(
                        [&] { return send(fd, command.data(), command.size(), MSG_NOSIGNAL); }) < 0)
                    fail("send");
                continue;
            }
            close(fd);
            replies.erase(fd);
            ++finished;
            if (started < dialogues) {
                ++started;
                replies[open_connection(set, name)] = 0;
            }
        }
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    close(set);
    return {took.count(), dialogues};
}

} // namespace cbv::bench
