// A toy verifying server on loopback for the live tests: calls the called host of the path's domain
// at RCPT and answers with what it heard. Blocking, one thread a connection; no DNS, no timers but
// one on reading. Not an example of how to do it.
#pragma once

#include <boost/asio/io_context.hpp>
#include <boost/asio/ip/tcp.hpp>

#include <atomic>
#include <chrono>
#include <map>
#include <mutex>
#include <set>
#include <string>
#include <thread>
#include <vector>

namespace cbv::engine::testing {

class toy_target {
public:
    using tcp = boost::asio::ip::tcp;

    /// Listens on 127.0.0.1 at a free port.
    toy_target() : acceptor_(io_, {boost::asio::ip::make_address("127.0.0.1"), 0}) {
        thread_ = std::thread{[this] { accept(); }};
    }
    ~toy_target() {
        stopping_ = true;
        { tcp::iostream wake{acceptor_.local_endpoint()}; }
        thread_.join();
        for (auto& s : sessions_)
            s.join();
    }

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }

    /// Where the domain's only called host is. Before any client comes.
    void add_host(const std::string& domain, const std::string& address, std::uint16_t port) {
        hosts_[domain] = {boost::asio::ip::make_address(address), port};
    }

    std::atomic<unsigned> deferrals = 0; ///< so many RCPT are answered "in progress" first
    std::atomic<bool> hang_up_at_rcpt = false;
    std::chrono::milliseconds patience{400}; ///< with the called host

    /// Addresses of the clients so far.
    std::set<std::string> peers() {
        const std::lock_guard lock{mutex_};
        return peers_;
    }

    /// One call, as a process of its own would make it: "pass", "fail" or "tempfail".
    std::string call(const std::string& path) {
        const auto found = hosts_.find(path.substr(path.find('@') + 1));
        if (found == hosts_.end())
            return "fail";
        tcp::iostream mx;
        mx.expires_after(patience);
        mx.connect(found->second);
        for (const auto& line : {std::string{},
                                 std::string{"EHLO toy.test"},
                                 std::string{"MAIL FROM:<>"},
                                 "RCPT TO:<" + path + ">"}) {
            if (!line.empty())
                mx << line << "\r\n" << std::flush;
            std::string reply;
            do {
                if (!std::getline(mx, reply))
                    return "tempfail";
            } while (reply.size() > 3 && reply[3] == '-');
            if (reply[0] == '5' || reply[0] == '4') {
                mx << "QUIT\r\n" << std::flush;
                return reply[0] == '5' ? "fail" : "tempfail";
            }
        }
        mx << "QUIT\r\n" << std::flush;
        std::string bye;
        std::getline(mx, bye);
        return "pass";
    }

private:
    void accept() {
        while (!stopping_) {
            tcp::socket peer{io_};
            boost::system::error_code fault;
            acceptor_.accept(peer, fault);
            if (fault || stopping_)
                return;
            if (const auto from = peer.remote_endpoint(fault); !fault) {
                const std::lock_guard lock{mutex_};
                peers_.insert(from.address().to_string());
            }
            sessions_.emplace_back(
                [this, s = std::move(peer)]() mutable { serve(tcp::iostream{std::move(s)}); });
        }
    }

    void serve(tcp::iostream client) {
        client.expires_after(std::chrono::seconds{20});
        const auto say = [&](const std::string& text) { client << text << "\r\n" << std::flush; };
        say("220 toy.test");
        std::string path;
        for (std::string line; std::getline(client, line);) {
            if (!line.empty() && line.back() == '\r')
                line.pop_back();
            const auto inside =
                line.substr(line.find('<') + 1, line.find('>') - line.find('<') - 1);
            if (line.starts_with("MAIL")) {
                path = inside;
                say("250 ok");
            } else if (line.starts_with("RCPT")) {
                if (hang_up_at_rcpt)
                    return;
                if (deferrals > 0) {
                    --deferrals;
                    say("450 4.1.7 verification in progress");
                    continue;
                }
                const auto verdict = call(path);
                say(verdict == "pass"   ? "250 ok"
                    : verdict == "fail" ? "550 5.1.0 no"
                                        : "451 4.4.1 later");
            } else if (line.starts_with("QUIT")) {
                say("221 bye");
                return;
            } else {
                say("250 ok");
            }
        }
    }

    boost::asio::io_context io_;
    tcp::acceptor acceptor_;
    std::map<std::string, tcp::endpoint> hosts_;
    std::mutex mutex_;
    std::set<std::string> peers_;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
    std::vector<std::thread> sessions_;
};

} // namespace cbv::engine::testing
