// The responder both clients talk to: as little as an SMTP server can do, so that the clients are
// what is measured.
#include "bench.hpp"
#include "system_call.hpp"

#include <arpa/inet.h>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <netinet/in.h>
#include <string>
#include <string_view>
#include <sys/epoll.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <system_error>
#include <unistd.h>
#include <unordered_map>

namespace cbv::bench {

void fail(const std::string& what) {
    throw std::system_error(errno, std::generic_category(), what);
}

namespace {

int listen_on(const ip_address& address, std::uint16_t& port) {
    const int fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (fd < 0)
        fail("socket");
    sockaddr_in name{};
    name.sin_family = AF_INET;
    std::memcpy(&name.sin_addr, address.octets().data(), 4);
    const auto* plain = reinterpret_cast<const sockaddr*>(&name);
    if (bind(fd, plain, sizeof name) != 0)
        fail("bind " + address.to_string() + " (run it inside the lab)");
    if (listen(fd, 8192) != 0)
        fail("listen");
    socklen_t size = sizeof name;
    if (getsockname(fd, reinterpret_cast<sockaddr*>(&name), &size) != 0)
        fail("getsockname");
    port = ntohs(name.sin_port);
    return fd;
}

void watch(int set, int fd) {
    epoll_event e{};
    e.events = EPOLLIN;
    e.data.fd = fd;
    if (epoll_ctl(set, EPOLL_CTL_ADD, fd, &e) != 0)
        fail("epoll_ctl");
}

void say(int fd, std::string_view text) {
    // A client that is gone shows at the next read.
    (void)resumed([&] { return send(fd, text.data(), text.size(), MSG_NOSIGNAL); });
}

/// Answers the complete lines of `text`; false after QUIT.
bool answer(int fd, std::string& text) {
    for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n')) {
        const bool quit = text.compare(0, 4, "QUIT") == 0;
        say(fd, quit ? "221 2.0.0 Bye\r\n" : "250 2.0.0 Ok\r\n");
        text.erase(0, end + 1);
        if (quit)
            return false;
    }
    return true;
}

[[noreturn]] void serve(int talking, int silent) {
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    const int set = epoll_create1(EPOLL_CLOEXEC);
    watch(set, talking);
    watch(set, silent);
    std::unordered_map<int, std::string> lines;
    std::array<epoll_event, 256> events{};
    std::array<char, 1024> buffer{};
    for (;;) {
        const int count = resumed(
            [&] { return epoll_wait(set, events.data(), static_cast<int>(events.size()), -1); });
        for (int i = 0; i < count; ++i) {
            const int fd = events[static_cast<std::size_t>(i)].data.fd;
            if (fd == silent) {
                while (resumed([=] {
                           return accept4(silent, nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC);
                       }) >= 0) {
                }
                continue;
            }
            if (fd == talking) {
                int client = -1;
                while ((client = resumed([=] {
                            return accept4(talking, nullptr, nullptr, SOCK_NONBLOCK);
                        })) >= 0) {
                    watch(set, client);
                    lines[client].clear();
                    say(client, "220 mx.example ESMTP\r\n");
                }
                continue;
            }
            const auto size = resumed([&] { return recv(fd, buffer.data(), buffer.size(), 0); });
            auto& text = lines[fd];
            if (size > 0)
                text.append(buffer.data(), static_cast<std::size_t>(size));
            if (size == 0 || (size < 0 && errno != EAGAIN) || !answer(fd, text))
                close(fd);
        }
    }
}

} // namespace

responder::responder(const ip_address& address) {
    const int talking = listen_on(address, talking_);
    const int silent = listen_on(address, silent_);
    child_ = fork();
    if (child_ < 0)
        fail("fork");
    if (child_ == 0)
        serve(talking, silent);
    close(talking);
    close(silent);
}

responder::~responder() {
    kill(child_, SIGKILL);
    resumed([this] { return waitpid(child_, nullptr, 0); });
}

} // namespace cbv::bench
