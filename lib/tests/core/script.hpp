// A script for one dialogue, written down once and played many times on virtual time: as it stands,
// cut at every octet, and with a fault in place of every step. It knows no other host and no DNS
// (virtual_world.hpp).
#pragma once

#include "cbv/dialogue.hpp"
#include "split_stream.hpp"

#include <gtest/gtest.h>

#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbv::test {

/// What goes wrong in place of a step.
enum class upset { close, reset, timeout, malformed, half, cancel };
inline constexpr upset every_upset[] = {
    upset::close, upset::reset, upset::timeout, upset::malformed, upset::half, upset::cancel};

inline const char* name_of(upset u) {
    constexpr const char* names[] = {"close", "reset", "timeout", "malformed", "half", "cancel"};
    return names[static_cast<std::size_t>(u)];
}

class script {
public:
    enum class kind { connect, receive, send, outcome, close };
    struct step {
        kind what;
        std::string octets{};
        std::optional<ruling> expected = std::nullopt;
        stage at = stage::connect;
    };

    explicit script(std::string name) : name_(std::move(name)) {}

    script& connect() { return add({kind::connect}); }
    /// Octets from the peer; CR LF is added to each line.
    template <class... Lines>
    script& receive(Lines... lines) {
        return receive_raw(((std::string(lines) + "\r\n") + ...));
    }
    script& receive_raw(std::string octets) { return add({kind::receive, std::move(octets)}); }
    template <class... Lines>
    script& expect_send(Lines... lines) {
        return add({kind::send, ((std::string(lines) + "\r\n") + ...)});
    }
    /// The outcome is known now; before this step it is not.
    script& expect_outcome(verdict_kind k, cause why, stage at) {
        return add({kind::outcome, {}, ruling{next_step::end, k, why, {}}, at});
    }
    /// QUIT, its reply, and the close.
    script& quit() { return expect_send("QUIT").receive("221 bye").expect_close(); }
    script& expect_close() { return add({kind::close}); }

    script& target(probe_target t) {
        target_ = std::move(t);
        return *this;
    }
    script& pipelining() {
        options_.pipelining = true;
        return *this;
    }
    script& noop(std::string text) {
        options_.noop_text = std::move(text);
        return *this;
    }

    [[nodiscard]] const std::string& name() const { return name_; }
    [[nodiscard]] const std::vector<step>& steps() const { return steps_; }
    [[nodiscard]] const probe_target& target() const { return target_; }
    [[nodiscard]] const dialogue_options& options() const { return options_; }

private:
    script& add(step s) {
        steps_.push_back(std::move(s));
        return *this;
    }

    std::string name_;
    std::vector<step> steps_;
    probe_target target_{"joe", "example.org", false};
    dialogue_options options_{.helo_name = "verifier.example.net",
                              .timers = {},
                              .limits = {},
                              .decisions = {.standing = standing_mode::off},
                              .pipelining = false,
                              .noop_text = {}};
};

/// Plays a script; every step takes a millisecond.
class player {
public:
    explicit player(const script& s) : script_(s), talk_(s.target(), s.options(), now_) {}

    /// The first `count` steps, each checked. `cut_step`, if any, arrives in `segments`.
    void play(std::size_t count,
              std::optional<std::size_t> cut_step = std::nullopt,
              const std::vector<std::string>& segments = {}) {
        for (std::size_t i = 0; i < count && !::testing::Test::HasFatalFailure(); ++i) {
            SCOPED_TRACE(script_.name() + ", step " + std::to_string(i));
            now_ += std::chrono::milliseconds{1};
            const script::step& s = script_.steps()[i];
            carry_out(s, cut_step == i ? segments : std::vector<std::string>{s.octets});
        }
    }
    void play_all() { play(script_.steps().size()); }

    /// Something goes wrong where step `at` was due.
    void disturb(upset u, std::size_t at) {
        const script::step& s = script_.steps()[at];
        const bool connecting = talk_.at() == stage::connect;
        now_ += std::chrono::milliseconds{1};
        switch (u) {
        case upset::close:
            return connecting ? talk_.on_refused(now_) : talk_.on_eof(now_);
        case upset::reset:
            return talk_.on_error(now_);
        case upset::timeout:
            return expire();
        case upset::malformed:
            return connecting ? talk_.on_refused(now_) : talk_.on_bytes("what?\r\n", now_);
        case upset::half:
            if (s.what == script::kind::receive)
                talk_.on_bytes(s.octets.substr(0, s.octets.find('\n') / 2), now_);
            return talk_.on_error(now_);
        case upset::cancel:
            return talk_.cancel(now_);
        }
    }

    /// Fetches what is pending and lets the timers run, until nothing is left. The bound makes a
    /// dialogue that never ends fail.
    void run_out() {
        for (int i = 0; i < 10 && !talk_.finished(); ++i) {
            if (talk_.pending() == dialogue::action::send)
                static_cast<void>(talk_.take_output());
            else if (talk_.pending() == dialogue::action::close)
                talk_.take_close();
            else
                expire();
        }
    }

    [[nodiscard]] dialogue& talk() { return talk_; }
    [[nodiscard]] instant now() const { return now_; }

    /// The end of every dialogue: nothing pending, nothing to wait for, and events change nothing.
    void expect_finished() {
        EXPECT_TRUE(talk_.finished());
        EXPECT_EQ(talk_.pending(), dialogue::action::none);
        EXPECT_FALSE(talk_.deadline());
        talk_.on_bytes("250 late\r\n", now_);
        talk_.on_eof(now_);
        talk_.on_time(now_ + std::chrono::hours{1});
        talk_.cancel(now_);
        EXPECT_EQ(talk_.pending(), dialogue::action::none);
    }

private:
    void expire() {
        if (const auto due = talk_.deadline()) {
            now_ = std::max(now_, *due);
            talk_.on_time(now_);
        }
    }

    void carry_out(const script::step& s, const std::vector<std::string>& segments) {
        switch (s.what) {
        case script::kind::connect:
            ASSERT_EQ(talk_.pending(), dialogue::action::none);
            talk_.on_connected(now_);
            break;
        case script::kind::receive:
            for (const std::string& segment : segments) {
                ASSERT_EQ(talk_.pending(), dialogue::action::none) << "spoke before its turn";
                talk_.on_bytes(segment, now_);
            }
            break;
        case script::kind::send:
            ASSERT_EQ(talk_.pending(), dialogue::action::send);
            ASSERT_EQ(talk_.take_output(), s.octets);
            break;
        case script::kind::outcome:
            ASSERT_TRUE(talk_.outcome());
            EXPECT_EQ(talk_.outcome()->kind, s.expected->kind);
            EXPECT_EQ(talk_.outcome()->why, s.expected->why) << to_string(talk_.outcome()->why);
            EXPECT_EQ(talk_.decided_at(), s.at) << to_string(talk_.decided_at());
            break;
        case script::kind::close:
            ASSERT_EQ(talk_.pending(), dialogue::action::close);
            talk_.take_close();
            break;
        }
    }

    const script& script_;
    instant now_{std::chrono::seconds{1000}};
    dialogue talk_;
};

} // namespace cbv::test
