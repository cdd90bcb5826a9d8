// One SMTP client of a case as a sans-I/O state machine: sends the steps, reads the replies, asks
// again where the target defers its verdict. The same code serves the virtual and the live run. It
// judges nothing and knows no socket.
#pragma once

#include "cbv/reply.hpp"
#include "engine/case.hpp"
#include "engine/result.hpp"
#include "engine/target.hpp"

#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv::engine {

/// The name of a client in the time line: "client" where it is the only one.
[[nodiscard]] std::string party_of(const conformance_case& c, unsigned client);

class client_session {
public:
    /// Client number `client` of the case. Appends to `seen`, which clients share; case, target and
    /// `seen` must outlive the session. Times count from the case's start.
    client_session(const conformance_case& c, unsigned client, const target& t, observation& seen);

    void on_connected(duration now);
    void on_refused(const std::string& why, duration now); ///< no connection: trouble
    void on_bytes(std::string_view bytes, duration now);
    void on_eof(duration now); ///< closed or reset by the target
    void on_time(duration now);
    /// What passed behind the MTA that a front plays (mta_front.hpp), and why it says nothing of
    /// the target.
    void on_note(std::string text, duration now) {
        log(fakemx::event_kind::note, std::move(text), now);
    }
    void on_trouble(const std::string& what) { trouble(what); }

    /// When on_time() is due.
    [[nodiscard]] std::optional<duration> deadline() const noexcept { return deadline_; }
    /// Octets to send, in one write; clears them.
    [[nodiscard]] std::string take_output();
    /// All steps are done or can no longer be: the driver closes the connection.
    [[nodiscard]] bool finished() const noexcept { return state_ == state::finished; }

private:
    enum class state { connecting, greeting, running, pausing, waiting_to_poll, polling, finished };
    struct awaited {
        std::size_t step;
        bool in_data = false;   ///< the message went out, its reply is due
        bool bystander = false; ///< RSET and MAIL of a poll: their replies do not count
    };

    void log(fakemx::event_kind kind, std::string text, duration now);
    void send_line(const std::string& line, duration now);
    void next_steps(duration now);
    void handle(const reply& r, duration now);
    step_reply& take_down(std::size_t step, const reply& r, duration now);
    void handle_polled(const reply& r, const awaited& due, duration now);
    void poll_or_go_on(duration now);
    void start_poll(duration now);
    void send_poll_line(duration now);
    void finish(duration now);
    void give_up(duration now);
    void trouble(const std::string& what);
    [[nodiscard]] bool is_pending(const step& s, const reply& r) const;

    const conformance_case& case_;
    const client_script& script_;
    unsigned client_;
    const target& target_;
    observation& seen_;
    state state_ = state::connecting;
    reply_parser parser_{reply_limits{1000, 1U << 20U}};
    std::string output_;
    std::string raw_line_; // for the time line: the reply line being read
    std::deque<awaited> awaited_;
    std::size_t next_ = 0;                // index of the next step
    std::string mail_line_;               // of the current transaction, for polls
    std::deque<std::string> poll_lines_;  // of the poll under way, still to be sent
    std::deque<std::size_t> pending_;     // RCPT steps whose answer is not final
    std::optional<duration> first_asked_; // of the RCPT being polled
    std::optional<duration> deadline_;
    bool answered_ = false; // a command was answered
    bool deaf_ = false;     // a command was sent whose reply is not awaited
};

} // namespace cbv::engine
