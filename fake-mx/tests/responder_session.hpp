// Drives an smtp_responder in virtual time: input at a moment, output with the moments it came. For
// tests; it writes at once unless told otherwise.
#pragma once

#include "fakemx/smtp_responder.hpp"

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv::fakemx::test {

class responder_session {
public:
    explicit responder_session(smtp_host& h, std::string peer = {})
        : responder_(
              h,
              [this](event_kind kind, std::string text) {
                  log_.emplace_back(kind, std::move(text));
              },
              std::move(peer)) {
        responder_.on_connected(now_);
        collect();
    }

    /// Sends octets now.
    responder_session& send(std::string_view octets) {
        responder_.on_bytes(octets, now_);
        collect();
        return *this;
    }
    /// Lets time pass; timers fire at their exact moments.
    responder_session& wait(duration d) {
        const instant end = now_ + d;
        while (responder_.deadline() && *responder_.deadline() <= end) {
            now_ = *responder_.deadline();
            responder_.on_time(now_);
            collect();
        }
        now_ = end;
        responder_.on_time(now_);
        collect();
        return *this;
    }
    void eof() { responder_.on_eof(now_); }
    void peer_resets() { responder_.on_reset(now_); }
    void hold_writes() { writes_held_ = true; }
    void release_writes() {
        writes_held_ = false;
        responder_.on_written(now_);
        collect();
    }

    /// What was said since the last call.
    std::string said() { return std::exchange(said_, {}); }
    /// Each output with its moment, since the start.
    [[nodiscard]] const std::vector<std::pair<duration, std::string>>& outputs() const {
        return outputs_;
    }
    [[nodiscard]] const std::vector<std::pair<event_kind, std::string>>& log() const {
        return log_;
    }
    /// The texts of the events of one kind.
    [[nodiscard]] std::vector<std::string> logged(event_kind kind) const {
        std::vector<std::string> found;
        for (const auto& [k, text] : log_)
            if (k == kind)
                found.push_back(text);
        return found;
    }
    [[nodiscard]] bool closes() const { return responder_.wants_close(); }
    [[nodiscard]] bool resets() const { return responder_.wants_reset(); }
    [[nodiscard]] bool waits() const { return responder_.deadline().has_value(); }
    [[nodiscard]] unsigned connection() const { return responder_.connection(); }

private:
    void collect() {
        if (auto octets = responder_.take_output(); !octets.empty()) {
            outputs_.emplace_back(now_ - instant{}, octets);
            said_ += octets;
            if (!writes_held_)
                responder_.on_written(now_);
        }
    }

    instant now_{};
    std::vector<std::pair<event_kind, std::string>> log_;
    std::vector<std::pair<duration, std::string>> outputs_;
    std::string said_;
    bool writes_held_ = false;
    smtp_responder responder_;
};

} // namespace cbv::fakemx::test
