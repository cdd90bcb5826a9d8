// A fake DNS server on loopback and a resolver that asks it, both on one io_context. Every wait is
// bounded: a test that hangs fails.
#pragma once

#include "cbv/resolver.hpp"
#include "fakemx/dns_message.hpp"
#include "fakemx/servers.hpp"

#include <boost/asio/io_context.hpp>
#include <gtest/gtest.h>

#include <chrono>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbv::test {

/// No test runs longer; what is expected within less is stated in the test.
inline constexpr std::chrono::seconds patience{5};

class fake_dns {
public:
    /// `fill` writes the world "z" with the domain "z.test".
    template <class Fill>
    fake_dns(boost::asio::io_context& io, Fill fill, const std::string& address = "127.0.0.1")
        : address_(address), servers_(io, settings(address), [this](const auto&, const auto& e) {
              events_.push_back(e);
          }) {
        fakemx::world w;
        w.id = "z";
        w.domain = "z.test";
        fill(w);
        servers_.add(w);
        servers_.open();
    }

    [[nodiscard]] std::string server() const {
        const bool v6 = address_.find(':') != std::string::npos;
        return (v6 ? '[' + address_ + ']' : address_) + ':' + std::to_string(servers_.dns_port());
    }
    [[nodiscard]] const std::vector<fakemx::event>& events() const { return events_; }
    void stop() { servers_.stop(); }

private:
    static fakemx::server_settings settings(const std::string& address) {
        fakemx::server_settings s;
        s.dns_address = address;
        s.dns_port = 0;
        return s;
    }

    std::string address_;
    std::vector<fakemx::event> events_;
    fakemx::servers servers_;
};

inline fakemx::record
mx(std::string name, std::uint16_t preference, std::string exchange, std::uint32_t ttl = 300) {
    fakemx::record r;
    r.name = std::move(name);
    r.type = fakemx::rr_type::mx;
    r.preference = preference;
    r.target = std::move(exchange);
    r.ttl = ttl;
    return r;
}

inline fakemx::record cname(std::string name, std::string target, std::uint32_t ttl = 300) {
    fakemx::record r;
    r.name = std::move(name);
    r.type = fakemx::rr_type::cname;
    r.target = std::move(target);
    r.ttl = ttl;
    return r;
}

inline fakemx::record address(std::string name, const std::string& text, std::uint32_t ttl = 300) {
    fakemx::record r;
    r.name = std::move(name);
    r.address = ip_address::parse(text);
    r.type = r.address->is_v4() ? fakemx::rr_type::a : fakemx::rr_type::aaaa;
    r.ttl = ttl;
    return r;
}

inline fakemx::answer_rule
coded(std::string name, std::uint8_t code, std::optional<std::uint32_t> ttl = std::nullopt) {
    fakemx::answer_rule rule;
    rule.ttl = ttl;
    rule.name = std::move(name);
    rule.rcode = code;
    return rule;
}

inline fakemx::answer_rule broken(std::string name, fakemx::dns_fault fault, unsigned times = 0) {
    fakemx::answer_rule rule;
    rule.name = std::move(name);
    rule.fault = fault;
    rule.times = times;
    return rule;
}

inline resolver_options ask(const fake_dns& server, int tries = 2) {
    resolver_options o;
    o.servers = {server.server()};
    o.timeout = std::chrono::milliseconds{200};
    o.tries = tries;
    return o;
}

/// Runs `io` until the answer is there.
inline dns_answer lookup(boost::asio::io_context& io,
                         resolver& dns,
                         const std::string& name,
                         record_type type = record_type::a) {
    std::optional<dns_answer> found;
    dns.query(name, type, [&](dns_answer a) { found = std::move(a); });
    EXPECT_FALSE(found) << "called from within query()";
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!found && std::chrono::steady_clock::now() < end)
        io.run_one_until(end);
    EXPECT_TRUE(found) << "no answer for " << name;
    return found.value_or(dns_answer{});
}

inline std::vector<std::string> texts(const dns_answer& answer) {
    std::vector<std::string> all;
    for (const auto& a : answer.addresses)
        all.push_back(a.to_string());
    return all;
}

} // namespace cbv::test
