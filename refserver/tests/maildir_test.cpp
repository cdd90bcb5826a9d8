// Delivery: what is in new/ is whole, a failure leaves nothing, a crash at any point loses nothing
// that was acknowledged and shows nothing half-written.
#include "refserver/maildir.hpp"
#include "scratch.hpp"
#include "system_call.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <csignal>
#include <set>
#include <sys/resource.h>
#include <sys/wait.h>
#include <system_error>
#include <thread>
#include <unistd.h>

namespace {

namespace fs = std::filesystem;
using namespace cbv::refserver;
using cbv::resumed;
using cbv::write_all;
using test::files_in;
using test::scratch;

constexpr delivery_point all_points[] = {
    delivery_point::opened,
    delivery_point::half_written,
    delivery_point::written,
    delivery_point::file_synced,
    delivery_point::renamed,
    delivery_point::directory_synced,
};

TEST(Maildir, DeliversWholeMessages) {
    const scratch dir;
    maildir spool(dir.path / "deep" / "spool", "mx.example");
    const std::string name = spool.deliver("Subject: x\n\nbody\n");
    EXPECT_TRUE(name.ends_with(".mx.example"));
    EXPECT_EQ(test::read_file(dir.path / "deep/spool/new" / name), "Subject: x\n\nbody\n");
    EXPECT_NE(spool.deliver(""), name);
    EXPECT_EQ(files_in(dir.path / "deep/spool/new").size(), 2U);
    EXPECT_TRUE(files_in(dir.path / "deep/spool/tmp").empty());
    EXPECT_TRUE(fs::is_directory(dir.path / "deep/spool/cur"));
}

TEST(Maildir, ThreadsDoNotCollide) {
    const scratch dir;
    maildir spool(dir.path, "mx.example");
    std::vector<std::thread> threads;
    for (int t = 0; t < 4; ++t)
        threads.emplace_back([&spool, t] {
            for (int i = 0; i < 25; ++i)
                spool.deliver(std::to_string(t) + ' ' + std::to_string(i));
        });
    for (auto& t : threads)
        t.join();
    const auto all = files_in(dir.path / "new");
    EXPECT_EQ(std::set<std::string>(all.begin(), all.end()).size(), 100U);
}

TEST(Maildir, FailureAtAnyPointLeavesNothing) {
    for (const delivery_point bad : all_points) {
        const scratch dir;
        maildir spool(dir.path, "mx.example", [bad](delivery_point p) {
            if (p == bad)
                throw std::system_error(ENOSPC, std::generic_category());
        });
        EXPECT_THROW(spool.deliver("content"), std::system_error);
        EXPECT_TRUE(files_in(dir.path / "tmp").empty());
        EXPECT_TRUE(files_in(dir.path / "new").empty());
    }
}

TEST(Maildir, RealWriteErrorIsReported) { // as a full disk: a limit on the size of files
    const scratch dir;
    const pid_t child = ::fork();
    ASSERT_GE(child, 0);
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit small{10, 10};
        int status = 1;
        try {
            maildir spool(dir.path, "mx.example");
            ::setrlimit(RLIMIT_FSIZE, &small);
            spool.deliver(std::string(1000, 'x'));
        } catch (const std::system_error& e) {
            status = e.code().value() == EFBIG ? 0 : 2;
        } catch (...) {
            status = 3;
        }
        ::_exit(status);
    }
    int status = 0;
    ASSERT_EQ(resumed([&] { return ::waitpid(child, &status, 0); }), child);
    EXPECT_TRUE(WIFEXITED(status));
    EXPECT_EQ(WEXITSTATUS(status), 0);
    EXPECT_TRUE(files_in(dir.path / "tmp").empty());
    EXPECT_TRUE(files_in(dir.path / "new").empty());
}

TEST(Maildir, KillAtAnyPointLosesNothingAcknowledged) {
    for (const delivery_point bad : all_points) {
        const scratch dir;
        int acknowledged[2];
        ASSERT_EQ(::pipe(acknowledged), 0);
        const pid_t child = ::fork();
        ASSERT_GE(child, 0);
        if (child == 0) {
            int deliveries = 0;
            maildir spool(dir.path, "mx.example", [&](delivery_point p) {
                if (deliveries == 3 && p == bad)
                    ::kill(::getpid(), SIGKILL);
            });
            for (;; ++deliveries) {
                spool.deliver("message " + std::to_string(deliveries));
                if (!write_all(acknowledged[1], "x"))
                    ::_exit(1);
            }
        }
        ::close(acknowledged[1]);
        int status = 0;
        ASSERT_EQ(resumed([&] { return ::waitpid(child, &status, 0); }), child);
        EXPECT_TRUE(WIFSIGNALED(status));
        char octets[16];
        const ssize_t count =
            resumed([&] { return ::read(acknowledged[0], octets, sizeof octets); });
        ::close(acknowledged[0]);
        EXPECT_EQ(count, 3);
        auto stored = files_in(dir.path / "new");
        std::sort(stored.begin(), stored.end());
        ASSERT_GE(stored.size(), 3U);
        for (std::size_t i = 0; i < stored.size(); ++i) // the fourth may be there, whole
            EXPECT_EQ(stored[i], "message " + std::to_string(i));
    }
}

TEST(Maildir, StaleFilesOfACrashGoAway) {
    const scratch dir;
    maildir first(dir.path, "mx.example");
    const auto make = [&](const char* name, std::chrono::hours age) {
        std::ofstream(dir.path / "tmp" / name) << "half";
        fs::last_write_time(dir.path / "tmp" / name, fs::file_time_type::clock::now() - age);
    };
    make("old", std::chrono::hours{37});
    make("young", std::chrono::hours{35});
    maildir second(dir.path, "mx.example");
    EXPECT_FALSE(fs::exists(dir.path / "tmp/old"));
    EXPECT_TRUE(fs::exists(dir.path / "tmp/young")); // another process may be at it
}

TEST(Maildir, UnusableSpoolIsAnError) {
    EXPECT_THROW(maildir("/proc/nonexistent", "mx.example"), std::system_error);
}

} // namespace
