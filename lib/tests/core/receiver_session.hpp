// A driver of cbv::receiver for its tests: plays a client on a clock made of numbers and keeps what
// the session did. It carries out nothing by itself: verdicts and stores are given by the test, or
// by automatic answers it was told.
#pragma once

#include "cbv/receiver.hpp"
#include "verdicts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::test {

/// Options of a server for local.example with users u1, u2 and v.
inline receiver_options server_options() {
    receiver_options o;
    o.host_name = "mx.local.example";
    o.eligibility.local_domains = {"local.example"};
    o.mailbox_exists = [](const mailbox& box) {
        return box.local_part == "u1" || box.local_part == "u2" || box.local_part == "v";
    };
    return o;
}

class session {
public:
    explicit session(const receiver_options& options, std::string_view client = "198.51.100.7")
        : now(std::chrono::seconds{1000}),
          machine(options, ip_address::parse(client).value(), now) {
        drain();
    }

    /// Feeds octets and returns what was said for them.
    std::string say(std::string_view octets) {
        const std::size_t before = output.size();
        machine.on_bytes(octets, now);
        drain();
        return output.substr(before);
    }
    /// A line; CR LF is added.
    std::string line(const std::string& text) { return say(text + "\r\n"); }

    std::string give(const verdict& v) {
        const std::size_t before = output.size();
        machine.on_verdict(v, now);
        drain();
        return output.substr(before);
    }
    std::string give(verdict_kind kind, cause why) { return give(make_verdict(kind, why)); }
    std::string stored(bool ok) {
        const std::size_t before = output.size();
        machine.on_stored(ok, now);
        drain();
        return output.substr(before);
    }
    void advance(duration d) { now += d; }

    void drain() {
        while (auto next = machine.next_action())
            carry_out(*next);
    }

    instant now;
    receiver machine;
    std::string output;
    std::string log; ///< the actions in order: send, verify, cancel, store, close
    std::vector<receive::verify> verified;
    std::vector<received_message> messages;
    bool closed = false;
    bool store_at_once = true;
    std::function<verdict(const mailbox&)> verdict_at_once; ///< empty: wait for give()

private:
    void carry_out(receiver_action& next) {
        if (auto* send = std::get_if<receive::send>(&next)) {
            EXPECT_FALSE(closed) << "octets after close";
            EXPECT_FALSE(send->octets.empty());
            output += send->octets;
            log += "send ";
        } else if (auto* verify = std::get_if<receive::verify>(&next)) {
            log += "verify ";
            verified.push_back(*verify);
            if (verdict_at_once)
                machine.on_verdict(verdict_at_once(verify->box), now);
        } else if (auto* store = std::get_if<receive::store>(&next)) {
            log += "store ";
            messages.push_back(store->message);
            if (store_at_once)
                machine.on_stored(true, now);
        } else if (std::holds_alternative<receive::cancel_verify>(next)) {
            log += "cancel ";
        } else {
            log += "close ";
            closed = true;
        }
    }
};

/// The codes at the start of each reply in `wire`, a space after each: "250 550 ".
inline std::string codes_in(std::string_view wire) {
    std::string out;
    reply_parser parser;
    while (parser.feed(wire) == reply_parser::status::complete)
        out += std::to_string(parser.take().code) + ' ';
    EXPECT_EQ(parser.fault(), reply_fault::none);
    EXPECT_FALSE(parser.in_progress());
    return out;
}

} // namespace cbv::test
