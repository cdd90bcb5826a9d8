// A world of fake hosts with a DNS server, and a verifier that calls them, all on one io_context.
// Works in the lab only. Every wait is bounded: a test that hangs fails.
#pragma once

#include "cbv/verifier.hpp"
#include "fakemx/servers.hpp"

#include <boost/asio/error.hpp>
#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <chrono>
#include <cstdlib>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbv::test {

namespace asio = boost::asio;
using boost::system::error_code;
using fakemx::at;
using fakemx::event_kind;
using fakemx::then;

/// No wait is longer. What is expected within less has this much slack for a busy machine.
inline constexpr std::chrono::seconds patience{10};
inline constexpr std::chrono::seconds slack{2};

/// A rule that answers with one line, or several with CR LF between them.
inline fakemx::rule say(at where, const std::string& text, then after = then::keep) {
    fakemx::rule r;
    r.where = where;
    r.octets = text + "\r\n";
    r.after = after;
    return r;
}

/// A rule that says nothing.
inline fakemx::rule do_only(at where, then what) {
    fakemx::rule r;
    r.where = where;
    r.after = what;
    return r;
}

class lab_test : public ::testing::Test {
protected:
    lab_test() {
        world_.id = "w";
        world_.domain = "w.test";
    }

    void SetUp() override {
        const char* lab = std::getenv("CBV_LAB");
        ASSERT_TRUE(lab != nullptr && std::string(lab) == "1")
            << "these tests run in the lab only: fake-mx/lab/lab -- cbv_asio_tests";
    }

    /// A host that is an MX of w.test; each one less preferred than the one before.
    void add_host(const std::string& id,
                  const std::string& address,
                  std::vector<fakemx::rule> rules = {},
                  fakemx::reach how = fakemx::reach::listen) {
        fakemx::host h;
        h.id = id;
        h.name = id + ".w.test";
        h.addresses = {ip_address::parse(address).value()};
        h.how = how;
        h.rules = std::move(rules);
        world_.hosts.push_back(h);
        add_address(h.name, address);
        fakemx::record mx;
        mx.name = "w.test";
        mx.type = fakemx::rr_type::mx;
        mx.preference = static_cast<std::uint16_t>(10 * world_.hosts.size());
        mx.target = h.name;
        world_.records.push_back(mx);
    }
    void add_address(const std::string& name, const std::string& address) {
        fakemx::record r;
        r.name = name;
        r.address = ip_address::parse(address);
        r.type = r.address->is_v4() ? fakemx::rr_type::a : fakemx::rr_type::aaaa;
        world_.records.push_back(r);
    }
    void answer_never(const std::string& name) {
        fakemx::answer_rule r;
        r.name = name;
        r.fault = fakemx::dns_fault::silent;
        world_.answers.push_back(r);
    }

    void open() {
        servers_.emplace(io_, fakemx::server_settings{}, [this](const auto&, const auto& e) {
            events_.push_back(e);
        });
        servers_->add(world_);
        servers_->open();
    }
    /// The same, with a verifier.
    verifier& open(const verifier_options& o) {
        open();
        return verifier_.emplace(io_.get_executor(), o);
    }

    /// Timers long enough for a busy machine; a test shortens the one it is about.
    static verifier_options options() {
        verifier_options o;
        o.verification.dialogue.decisions.standing = standing_mode::off;
        auto& v = o.verification;
        v.dialogue.helo_name = "verifier.example.net";
        for (const char* prefix : {"198.18.0.0/15", "203.0.113.0/24", "2001:db8::/32"})
            v.addresses.permit(ip_prefix::parse(prefix).value());
        o.resolver.servers = {"192.0.2.53"};
        o.resolver.timeout = patience;
        return o;
    }
    static mailbox box(const std::string& text = "joe@w.test") {
        return parse_mailbox(text).value();
    }

    struct outcome {
        error_code error;
        verdict result;
    };
    /// A handler that stores what it gets.
    static auto store(std::optional<outcome>& into) {
        return [&into](error_code e, verdict v) { into = outcome{e, std::move(v)}; };
    }

    /// Runs everything until `done()`; whether it came in time.
    template <class Done>
    bool run_until(Done done) {
        const auto end = std::chrono::steady_clock::now() + patience;
        while (!done() && std::chrono::steady_clock::now() < end)
            io_.run_one_until(end);
        return done();
    }
    template <class Rep, class Period>
    void run_for(std::chrono::duration<Rep, Period> time) {
        const auto end = std::chrono::steady_clock::now() + time;
        while (std::chrono::steady_clock::now() < end)
            io_.run_one_until(end);
    }
    /// One verification, up to the verdict.
    verdict verify_one(verify_request request) {
        std::optional<outcome> found;
        verifier_->async_verify(std::move(request), store(found));
        EXPECT_FALSE(found) << "called from within async_verify()";
        if (!run_until([&] { return found.has_value(); })) {
            ADD_FAILURE() << "no verdict";
            return {};
        }
        EXPECT_FALSE(found->error) << found->error.message();
        return found->result;
    }
    verdict verify_one(const std::string& text = "joe@w.test") {
        return verify_one(verify_request{box(text), {}, {}});
    }
    /// Every connection is closed, by both sides, before the timers can have their say.
    void expect_all_closed() {
        EXPECT_TRUE(run_until([&] { return verifier_->active() == 0; }));
        EXPECT_TRUE(run_until([&] { return servers_->connections() == 0; }));
    }

    /// Lines that hosts received, in order.
    [[nodiscard]] std::vector<std::string> received() const { return texts(event_kind::received); }
    [[nodiscard]] std::vector<std::string> texts(event_kind kind) const {
        std::vector<std::string> all;
        for (const auto& e : events_)
            if (e.kind == kind && e.where == fakemx::leg::host)
                all.push_back(e.text);
        return all;
    }
    [[nodiscard]] std::size_t count(event_kind kind) const { return texts(kind).size(); }

    asio::io_context io_{1};
    fakemx::world world_;
    std::vector<fakemx::event> events_;
    std::optional<fakemx::servers> servers_;
    std::optional<verifier> verifier_;
};

inline void expect_verdict(const verdict& v, verdict_kind kind, cause why, stage where) {
    EXPECT_EQ(v.kind, kind) << to_string(v.kind);
    EXPECT_EQ(v.why, why) << to_string(v.why);
    EXPECT_EQ(v.at, where) << to_string(v.at);
}

} // namespace cbv::test
