// A driver of cbv::call_manager for its tests: it keeps what the manager wants and does nothing by
// itself. Verifications are played by the tests.
#pragma once

#include "cbv/call_manager.hpp"
#include "verdicts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace cbv::test {

inline const ip_address mx1 = *ip_address::parse("198.18.0.1");
inline const ip_address mx2 = *ip_address::parse("198.18.0.2");

inline mailbox box(const std::string& text) {
    return *parse_mailbox(text);
}

/// A manager with its driver's notes.
struct desk {
    explicit desk(call_manager_options o = {}) : manager(std::move(o)) {}

    /// A client that has waited so long already.
    unsigned ask(const std::string& path, duration waited = {}) {
        request_facts facts;
        facts.client_waits_since = now - waited;
        return ask(path, facts);
    }
    /// One of which more is known.
    unsigned ask(const std::string& path, const request_facts& facts) {
        const unsigned client = manager.ask(box(path), now, facts);
        drain();
        return client;
    }
    permission connect(unsigned call, unsigned attempt, const ip_address& to = mx1) {
        const auto p = manager.on_connect(call, attempt, to, now);
        drain();
        return p;
    }
    void close(unsigned call, unsigned attempt) {
        manager.on_close(call, attempt, now);
        drain();
    }
    void give(unsigned call, const verdict& v) {
        manager.on_verdict(call, v, now);
        drain();
    }
    void withdraw(unsigned client) {
        manager.withdraw(client, now);
        drain();
    }
    void pass_time(duration d) {
        now += d;
        manager.on_time(now);
        drain();
    }
    void drain() {
        while (auto a = manager.next_action()) {
            if (auto* s = std::get_if<manage::start>(&*a))
                started.push_back(s->call);
            else if (auto* c = std::get_if<manage::cancel>(&*a))
                cancelled.push_back(c->call);
            else if (auto* w = std::get_if<manage::allow>(&*a))
                allowed.emplace_back(w->call, w->attempt);
            else if (auto* r = std::get_if<manage::answer>(&*a)) {
                EXPECT_TRUE(answers.emplace(r->client, r->result).second) << "answered twice";
            }
        }
    }
    /// "KIND/cause" told to a client, "-" if nothing yet.
    [[nodiscard]] std::string told(unsigned client) const {
        const auto at = answers.find(client);
        if (at == answers.end())
            return "-";
        return std::string{to_string(at->second.kind)} + "/" +
               std::string{to_string(at->second.why)};
    }

    call_manager manager;
    instant now{std::chrono::seconds{1000}};
    std::vector<unsigned> started, cancelled;
    std::vector<std::pair<unsigned, unsigned>> allowed;
    std::map<unsigned, verdict> answers;
};

} // namespace cbv::test
