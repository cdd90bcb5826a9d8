// One SMTP connection to one address of a called host, from connect to QUIT, as a state machine
// (CBV-DLG group). Sans-I/O: inputs are events with a time, outputs are actions. It decides by
// decision.hpp and knows nothing of other hosts.
#pragma once

#include "cbv/decision.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/reply.hpp"
#include "cbv/time.hpp"
#include "cbv/timeouts.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// What the dialogue says and how long it waits.
struct dialogue_options {
    std::string helo_name = "localhost.invalid"; ///< FQDN or address literal of V (CBV-DLG-003)
    timeouts timers;
    reply_limits limits;
    bool pipelining = false;       ///< send MAIL and RCPT together if offered (CBV-DLG-014)
    std::string noop_text;         ///< one String to send in NOOP; empty: no NOOP (CBV-DLG-010)
};

/// The mailbox as it goes on the wire. `domain` is already in A-labels, or in U-labels where the
/// host has SMTPUTF8; the caller supplies both.
struct probe_target {
    std::string local_part;    ///< octets as received
    std::string ascii_domain;  ///< A-labels, or the address literal
    bool needs_smtputf8 = false;
};

class dialogue {
public:
    /// What the driver must do next. At most one `send` is pending at a time.
    enum class action { none, send, close };

    /// Starts when the connection attempt starts; `now` begins the connect timer.
    dialogue(probe_target target, const dialogue_options& options, instant now);

    void on_connected(instant now);
    void on_bytes(std::string_view bytes, instant now);
    void on_eof(instant now);                  ///< the peer closed
    void on_refused(instant now);              ///< connect failed
    void on_error(instant now);                ///< reset or other failure of the connection
    void on_time(instant now);                 ///< call at or after deadline()
    void cancel(instant now);                  ///< no more interest: closes at once

    /// The pending action. `send`: octets in take_output(); `close`: close the socket.
    [[nodiscard]] action pending() const noexcept;
    [[nodiscard]] std::string take_output();   ///< octets to send; clears the pending send
    void take_close();                         ///< acknowledges `close`; the dialogue is finished

    /// When on_time() is due; nothing when finished.
    [[nodiscard]] std::optional<instant> deadline() const noexcept;

    /// The outcome, set before QUIT is sent (CBV-DLG-009).
    [[nodiscard]] const std::optional<ruling>& outcome() const noexcept { return outcome_; }
    [[nodiscard]] const std::optional<reply>& deciding_reply() const noexcept { return deciding_; }
    [[nodiscard]] stage at() const noexcept { return stage_; }          ///< where it stands now
    [[nodiscard]] stage decided_at() const noexcept { return decided_at_; }
    [[nodiscard]] int greeting_code() const noexcept { return greeting_code_; }
    /// Closed and done; nothing more will happen.
    [[nodiscard]] bool finished() const noexcept { return finished_; }

    // The implementing file may add private members freely; the above is the contract.
private:
    void handle_reply(reply r, instant now);
    void handle_fault(fault f, instant now);
    void settle(ruling r, instant now);
    void send(std::string text, stage next, duration limit, instant now);
    void close_now();
    void read_extensions(const reply& r);
    void send_mail(instant now);
    void send_rcpt(instant now);

    probe_target target_;
    dialogue_options options_;
    reply_parser parser_;
    stage stage_ = stage::connect;
    stage decided_at_ = stage::connect;
    std::optional<instant> deadline_;
    std::string output_;
    bool want_close_ = false;
    bool finished_ = false;
    bool connected_ = false;
    bool pipelined_ = false;   ///< RCPT went out with MAIL
    bool has_smtputf8_ = false;
    bool has_pipelining_ = false;
    dialogue_facts facts_;
    int greeting_code_ = 0;
    std::optional<ruling> outcome_;
    std::optional<reply> deciding_;
    std::optional<reply> mail_reply_;
};

} // namespace cbv
