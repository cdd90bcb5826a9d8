// System calls that a signal interrupts. The interruption is made, not hoped for: the writer is
// seen asleep in write() on a full pipe before the signal is sent, and nothing is read before the
// handler has run.
#include "system_call.hpp"

#include <gtest/gtest.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <fcntl.h>
#include <fstream>
#include <string>
#include <thread>
#include <unistd.h>

namespace {

constexpr auto patience = std::chrono::seconds{20};

std::atomic<int> handled{0};

/// Handles SIGUSR1 as Boost.Asio handles signals: without SA_RESTART.
class interrupting {
public:
    interrupting() {
        struct sigaction action {};
        action.sa_handler = [](int) { ++handled; };
        sigemptyset(&action.sa_mask);
        EXPECT_EQ(::sigaction(SIGUSR1, &action, &before_), 0);
    }
    ~interrupting() { EXPECT_EQ(::sigaction(SIGUSR1, &before_, nullptr), 0); }
    interrupting(const interrupting&) = delete;
    interrupting& operator=(const interrupting&) = delete;

private:
    struct sigaction before_ {};
};

/// Whether it became true in time.
template <class Condition>
bool wait_for(Condition holds) {
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!holds()) {
        if (std::chrono::steady_clock::now() > end)
            return false;
        std::this_thread::yield();
    }
    return true;
}

/// Whether the thread waits in the kernel (proc(5): the state follows the name in parentheses).
bool asleep(pid_t thread) {
    std::ifstream file("/proc/self/task/" + std::to_string(thread) + "/stat");
    std::string text;
    std::getline(file, text);
    const auto end = text.rfind(") ");
    return end != std::string::npos && text.compare(end + 2, 1, "S") == 0;
}

/// Fills the pipe to the last octet; how many that took.
std::size_t fill(int descriptor) {
    const int flags = ::fcntl(descriptor, F_GETFL);
    EXPECT_EQ(::fcntl(descriptor, F_SETFL, flags | O_NONBLOCK), 0);
    std::size_t count = 0;
    while (::write(descriptor, "x", 1) == 1)
        ++count;
    EXPECT_EQ(errno, EAGAIN);
    EXPECT_EQ(::fcntl(descriptor, F_SETFL, flags), 0);
    return count;
}

TEST(SystemCall, IsResumedUntilItIsDone) {
    int calls = 0;
    const int result = cbv::resumed([&calls] {
        errno = EINTR;
        return ++calls < 4 ? -1 : 7;
    });
    EXPECT_EQ(result, 7);
    EXPECT_EQ(calls, 4);
}

TEST(SystemCall, OtherErrorsEndIt) {
    int calls = 0;
    const int result = cbv::resumed([&calls] {
        errno = ++calls == 1 ? EINTR : ENOSPC;
        return -1;
    });
    EXPECT_EQ(result, -1);
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_EQ(calls, 2);
}

TEST(SystemCall, AWriteThatSignalsInterruptIsWhole) {
    const interrupting handler;
    int ends[2];
    ASSERT_EQ(::pipe2(ends, O_CLOEXEC), 0);
    const auto filled = fill(ends[1]);
    // More than fits, so that it is interrupted at its start and later.
    std::string text;
    for (int i = 0; text.size() < 2 * filled; ++i)
        text += std::to_string(i) + '\n';

    std::atomic<pid_t> writer_id{0};
    bool whole = false;
    std::thread writer([&] {
        writer_id = ::gettid();
        whole = cbv::write_all(ends[1], text);
        (void)cbv::close_once(ends[1]);
    });
    ASSERT_TRUE(wait_for([&] { return writer_id != 0; }));
    const int before = handled;
    for (int i = 1; i <= 3; ++i) {
        EXPECT_TRUE(wait_for([&] { return asleep(writer_id); }));
        EXPECT_EQ(::pthread_kill(writer.native_handle(), SIGUSR1), 0);
        EXPECT_TRUE(wait_for([&] { return handled == before + i; }));
    }
    std::string seen;
    char octets[4096];
    for (ssize_t n = 0; (n = ::read(ends[0], octets, sizeof octets)) > 0;)
        seen.append(octets, static_cast<std::size_t>(n));
    writer.join();
    EXPECT_TRUE(cbv::close_once(ends[0]));
    EXPECT_TRUE(whole);
    EXPECT_EQ(seen.size(), filled + text.size());
    EXPECT_TRUE(seen.ends_with(text));
}

TEST(SystemCall, AWriteThatCannotBeDoneSaysWhy) {
    const int full = ::open("/dev/full", O_WRONLY | O_CLOEXEC);
    ASSERT_GE(full, 0);
    EXPECT_FALSE(cbv::write_all(full, "x"));
    EXPECT_EQ(errno, ENOSPC);
    EXPECT_TRUE(cbv::write_all(full, ""));
    EXPECT_TRUE(cbv::close_once(full));
    EXPECT_FALSE(cbv::close_once(full));
    EXPECT_EQ(errno, EBADF);
}

} // namespace
