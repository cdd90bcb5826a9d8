// The program itself: starting, the ready line, a verification that needs DNS, stopping by a
// signal, errors and exit statuses.
#include "client.hpp"
#include "scratch.hpp"
#include "system_call.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <csignal>
#include <fcntl.h>
#include <spawn.h>
#include <string>
#include <sys/wait.h>
#include <unistd.h>
#include <vector>

extern char** environ;

namespace {

namespace test = cbv::refserver::test;
using test::client;

class program {
public:
    explicit program(std::vector<std::string> arguments) {
        int out[2];
        if (::pipe2(out, O_CLOEXEC) != 0)
            throw std::runtime_error("pipe");
        posix_spawn_file_actions_t actions;
        posix_spawn_file_actions_init(&actions);
        posix_spawn_file_actions_adddup2(&actions, out[1], STDOUT_FILENO);
        posix_spawn_file_actions_adddup2(&actions, out[1], STDERR_FILENO);
        arguments.insert(arguments.begin(), REFSERVER_PROGRAM);
        std::vector<char*> argv;
        for (auto& a : arguments)
            argv.push_back(a.data());
        argv.push_back(nullptr);
        const int error =
            ::posix_spawn(&pid_, REFSERVER_PROGRAM, &actions, nullptr, argv.data(), environ);
        posix_spawn_file_actions_destroy(&actions);
        ::close(out[1]);
        fd_ = out[0];
        if (error != 0)
            throw std::runtime_error("posix_spawn");
    }
    ~program() {
        if (pid_ > 0) {
            ::kill(pid_, SIGKILL);
            (void)wait();
        }
        ::close(fd_);
    }
    program(const program&) = delete;
    program& operator=(const program&) = delete;

    /// The next line of output or error output; empty at the end.
    std::string line() {
        std::string out;
        char c = 0;
        while (cbv::resumed([&] { return ::read(fd_, &c, 1); }) == 1 && c != '\n')
            out += c;
        return out;
    }
    std::string rest() {
        std::string out;
        char octets[4096];
        for (ssize_t n = 0;
             (n = cbv::resumed([&] { return ::read(fd_, octets, sizeof octets); })) > 0;)
            out.append(octets, static_cast<std::size_t>(n));
        return out;
    }
    void signal(int number) const { ::kill(pid_, number); }
    /// The exit status, or minus the signal.
    int wait() {
        int status = 0;
        cbv::resumed([&] { return ::waitpid(pid_, &status, 0); });
        pid_ = -1;
        return WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status);
    }

private:
    pid_t pid_ = -1;
    int fd_ = -1;
};

std::string write_config(const test::scratch& dir, const std::string& more = {}) {
    const auto file = dir.path / "r.toml";
    std::ofstream(file) << "host_name = \"mx.local.example\"\nlisten = [\"127.0.0.1:0\"]\n"
                           "local_domains = [\"local.example\"]\nmailboxes = \"any\"\n"
                           "spool = \"mail\"\ntrace = \"trace.jsonl\"\n"
                        << more;
    return file.string();
}

std::uint16_t port_of(const std::string& ready) {
    const std::string prefix = "ready 127.0.0.1:";
    EXPECT_TRUE(ready.starts_with(prefix)) << ready;
    return static_cast<std::uint16_t>(std::stoi(ready.substr(prefix.size())));
}

TEST(Program, ServesAndStops) {
    const test::scratch dir;
    program p({"--config", write_config(dir, "[dns]\nservers = [\"127.0.0.1:1\"]\ntries = 1\n")});
    client c(port_of(p.line()));
    ASSERT_EQ(c.reply_code(), 220);
    ASSERT_EQ(c.command("EHLO c"), 250);
    // The real verifier: nobody answers at 127.0.0.1:1.
    EXPECT_EQ(c.command("MAIL FROM:<a@d.example>"), 250);
    EXPECT_EQ(c.command("RCPT TO:<u@local.example>"), 451);
    EXPECT_EQ(c.last.enhanced()->to_string(), "4.4.3");
    EXPECT_EQ(c.command("RSET"), 250);
    // CBV-ADDR-010, CBV-HOST-001: a literal asks no DNS, and loopback is never called.
    EXPECT_EQ(c.command("MAIL FROM:<a@[127.0.0.1]>"), 250);
    EXPECT_EQ(c.command("RCPT TO:<u@local.example>"), 550);
    EXPECT_EQ(c.last.enhanced()->to_string(), "5.1.8");
    EXPECT_EQ(c.command("RSET"), 250);
    EXPECT_EQ(c.command("MAIL FROM:<>"), 250);
    EXPECT_EQ(c.command("RCPT TO:<u@local.example>"), 250);
    EXPECT_EQ(c.command("DATA"), 354);
    EXPECT_EQ(c.command("secret content\r\n."), 250);
    EXPECT_EQ(test::files_in(dir.path / "mail/new").size(), 1U);
    p.signal(SIGTERM);
    EXPECT_EQ(c.reply_code(), 421);
    c.close();
    EXPECT_EQ(p.wait(), 0);
    EXPECT_EQ(p.rest(), "");

    std::vector<std::string> verdicts;
    std::ifstream trace(dir.path / "trace.jsonl");
    for (std::string line; std::getline(trace, line);) {
        verdicts.push_back(nlohmann::json::parse(line)["cause"]);
        EXPECT_EQ(line.find("secret"), line.npos); // CBV-TRC-003
    }
    EXPECT_EQ(verdicts,
              (std::vector<std::string>{"dns-failure", "hosts-prohibited", "null-reverse-path"}));
}

TEST(Program, SecondSignalStopsAtOnce) {
    const test::scratch dir;
    program p({"--config", write_config(dir)});
    client c(port_of(p.line()));
    ASSERT_EQ(c.reply_code(), 220);
    p.signal(SIGINT);
    EXPECT_EQ(c.reply_code(), 421); // and the client does not close
    p.signal(SIGINT);
    EXPECT_EQ(p.wait(), 0);
}

TEST(Program, ChecksAndDumps) {
    const test::scratch dir;
    const std::string file = write_config(dir);
    program check({"--config", file, "--check"});
    EXPECT_EQ(check.rest(), file + ": good\n");
    EXPECT_EQ(check.wait(), 0);
    program dump({"--config", file, "--dump-settings"});
    const auto settings = nlohmann::json::parse(dump.rest());
    EXPECT_EQ(settings["timeouts"]["rcpt"], "120s");
    EXPECT_EQ(dump.wait(), 0);
    EXPECT_FALSE(std::filesystem::exists(dir.path / "mail")); // neither made anything
}

TEST(Program, ErrorsEndWithStatus2) {
    const test::scratch dir;
    program unknown({"--config", write_config(dir, "colour = 1\n"), "--check"});
    EXPECT_NE(unknown.rest().find("r.toml:7:1: unknown key colour"), std::string::npos);
    EXPECT_EQ(unknown.wait(), 2);
    program missing({"--config", (dir.path / "none.toml").string()});
    EXPECT_NE(missing.rest().find("cannot be read"), std::string::npos);
    EXPECT_EQ(missing.wait(), 2);
    program usage({"--colour"});
    EXPECT_NE(usage.rest().find("--config is required"), std::string::npos);
    EXPECT_EQ(usage.wait(), 2);
    program help({"--help"});
    EXPECT_NE(help.rest().find("--dump-settings"), std::string::npos);
    EXPECT_EQ(help.wait(), 0);
}

TEST(Program, ABadSpoolIsNamedWithItsPlace) {
    const test::scratch dir;
    const std::string file = write_config(dir);
    std::ofstream(dir.path / "mail") << "a file, no directory";
    program p({"--config", file});
    EXPECT_EQ(p.rest(),
              "cbv-refserver: " + file + ":5:9: spool: cannot make a Maildir of \"" +
                  (dir.path / "mail").string() + "\": Not a directory\n");
    EXPECT_EQ(p.wait(), 2);
}

TEST(Program, PortInUseIsNamed) {
    const test::scratch dir;
    program first({"--config", write_config(dir)});
    const auto port = std::to_string(port_of(first.line()));
    std::string text = test::read_file(dir.path / "r.toml");
    text.replace(text.find("127.0.0.1:0"), 11, "127.0.0.1:" + port);
    std::ofstream(dir.path / "second.toml") << text;
    program second({"--config", (dir.path / "second.toml").string()});
    EXPECT_EQ(second.rest(),
              "cbv-refserver: cannot listen on 127.0.0.1:" + port + ": Address already in use\n");
    EXPECT_EQ(second.wait(), 2);
}

} // namespace
