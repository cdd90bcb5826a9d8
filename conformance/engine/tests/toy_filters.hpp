// A toy policy server and a toy milter on loopback for the live tests: they have the toy target
// call the called host at RCPT and answer with what it heard. Blocking, one thread a connection.
// Not an example of how to do it.
#pragma once

#include "milter_codec.hpp"
#include "toy_target.hpp"

#include <array>
#include <functional>

namespace cbv::engine::testing {

class toy_filter {
public:
    using tcp = boost::asio::ip::tcp;

    /// Listens on 127.0.0.1 at a free port; `caller` makes the calls.
    explicit toy_filter(toy_target& caller)
        : caller_(caller), acceptor_(io_, {boost::asio::ip::make_address("127.0.0.1"), 0}) {}
    virtual ~toy_filter() = default;

    [[nodiscard]] std::uint16_t port() const { return acceptor_.local_endpoint().port(); }
    /// So many connections were accepted.
    [[nodiscard]] unsigned connections() const { return connections_; }

    std::atomic<bool> hang_up = false; ///< at RCPT, each time
    std::atomic<bool> babble = false;  ///< at RCPT, what is not of the protocol
    std::atomic<bool> silent = false;  ///< at RCPT

protected:
    void begin() {
        thread_ = std::thread{[this] { accept(); }};
    }
    void finish() {
        stopping_ = true;
        { tcp::iostream wake{acceptor_.local_endpoint()}; }
        thread_.join();
        for (auto& s : sessions_)
            s.join();
    }
    virtual void serve(tcp::iostream& peer) = 0;
    std::string call(const std::string& path) { return caller_.call(path); }

private:
    void accept() {
        for (;;) {
            tcp::socket peer{io_};
            boost::system::error_code fault;
            acceptor_.accept(peer, fault);
            if (fault || stopping_)
                return;
            ++connections_;
            sessions_.emplace_back([this, s = std::move(peer)]() mutable {
                tcp::iostream stream{std::move(s)};
                stream.expires_after(std::chrono::seconds{20});
                serve(stream);
            });
        }
    }

    toy_target& caller_;
    boost::asio::io_context io_;
    tcp::acceptor acceptor_;
    std::atomic<unsigned> connections_ = 0;
    std::atomic<bool> stopping_ = false;
    std::thread thread_;
    std::vector<std::thread> sessions_;
};

class toy_policy : public toy_filter {
public:
    explicit toy_policy(toy_target& caller) : toy_filter(caller) { begin(); }
    ~toy_policy() override { finish(); }

private:
    void serve(tcp::iostream& peer) override {
        std::string sender;
        for (std::string line; std::getline(peer, line);) {
            if (line.starts_with("sender="))
                sender = line.substr(7);
            if (!line.empty())
                continue;
            if (hang_up)
                return;
            if (silent)
                continue;
            const auto verdict = babble ? "" : call(sender);
            peer << (babble              ? "hello"
                     : verdict == "pass" ? "action=DUNNO"
                     : verdict == "fail" ? "action=550 5.1.8 no"
                                         : "action=DEFER_IF_PERMIT 4.4.1 later")
                 << "\n\n"
                 << std::flush;
        }
    }
};

class toy_milter : public toy_filter {
public:
    explicit toy_milter(toy_target& caller) : toy_filter(caller) { begin(); }
    ~toy_milter() override { finish(); }

private:
    void serve(tcp::iostream& peer) override {
        namespace command = milter::command;
        namespace answer = milter::answer;
        milter::packet_reader reader;
        std::string sender;
        for (char c = 0; peer.get(c);) {
            std::string_view one{&c, 1};
            if (reader.feed(one) != milter::packet_reader::status::complete)
                continue;
            const auto p = reader.take();
            const auto say = [&](char code, const std::string& data = {}) {
                peer << milter::encode(code, data) << std::flush;
            };
            if (p.code == command::negotiate)
                say(p.code, wishes());
            else if (p.code == command::quit)
                return;
            else if (p.code == command::mail)
                sender = p.data.substr(1, p.data.find('>') - 1);
            else if (p.code == command::end_of_body)
                say(answer::go_on);
            else if (p.code == command::recipient && hang_up)
                return;
            else if (p.code == command::recipient && !silent)
                decide(say, babble ? "" : call(sender));
        }
    }

    /// To be told of MAIL and RCPT only.
    static std::string wishes() {
        namespace flag = milter::flag;
        std::string data;
        milter::put_u32(data, milter::version);
        milter::put_u32(data, 0);
        milter::put_u32(data,
                        flag::no_connect | flag::no_helo | flag::mute_mail | flag::no_data |
                            flag::no_headers | flag::no_end_of_headers | flag::no_body);
        return data;
    }

    static void decide(const std::function<void(char, std::string)>& say,
                       const std::string& verdict) {
        using namespace std::string_literals;
        if (verdict.empty())
            say('!', "");
        else if (verdict == "pass")
            say(milter::answer::go_on, "");
        else if (verdict == "fail")
            say(milter::answer::reply_code, "550 5.1.8 no\0"s);
        else
            say(milter::answer::temporary_failure, "");
    }
};

} // namespace cbv::engine::testing
