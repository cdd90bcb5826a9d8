// One SMTP connection to one address of a called host, from connect to QUIT, as a state machine
// (CBV-DLG group). Sans-I/O: inputs are events with a time, outputs are actions. It decides by
// decision.hpp and knows nothing of other hosts. STARTTLS (CBV-DLG-015, a MAY) is not used by this
// version: every dialogue is in clear.
#pragma once

#include "cbv/decision.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/reply.hpp"
#include "cbv/time.hpp"
#include "cbv/timeouts.hpp"
#include "cbv/verdict.hpp"

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// What the dialogue says and how long it waits.
struct dialogue_options {
    std::string helo_name = "localhost.invalid"; ///< FQDN or address literal of V (CBV-DLG-003)
    timeouts timers;                             ///< stage timers; dns and budget are not used here
    reply_limits limits;                         ///< bounds of one reply (CBV-DLG-013)
    decision_options decisions{};                ///< what the operator chose in the decision table
    bool pipelining = false; ///< send MAIL and RCPT together if offered (CBV-DLG-014)
    std::string noop_text;   ///< one String to send in NOOP; empty: no NOOP (CBV-DLG-010)

    /// What is wrong with the values, in words; nothing when they are usable: good timers, a name
    /// that is an ASCII domain or a literal, a text that is an RFC 5321 `String`, limits that hold
    /// one line of 512 octets at least.
    [[nodiscard]] std::optional<std::string> problem() const;
};

/// The mailbox as it goes on the wire.
struct probe_target {
    std::string local_part;      ///< octets as received; no control octets (CBV-ADDR-005)
    std::string ascii_domain;    ///< A-labels, or the address literal with its brackets
    bool needs_smtputf8 = false; ///< the local-part is not ASCII (CBV-ADDR-007)
    bool is_role = false;        ///< postmaster and the like: no control question (CBV-INT-017)
    standing_evidence standing = standing_evidence::unknown; ///< of this host (CBV-INT-015)
};

/// One connection. An event after the end, or while `close` is pending, is ignored; an event that
/// cannot be (octets before the connection is up) is the driver's fault and throws
/// std::logic_error.
class dialogue {
public:
    /// What the driver must do next. At most one `send` is pending at a time; a `close` comes after
    /// it.
    enum class action { none, send, close };

    /// Starts when the connection attempt starts; `now` begins the connect timer. Throws
    /// std::logic_error when the target or the HELO name is empty or has a control octet.
    dialogue(probe_target target, const dialogue_options& options, instant now);
    /// The same with options that many dialogues share; `options` must not be null.
    dialogue(probe_target target, std::shared_ptr<const dialogue_options> options, instant now);

    void on_connected(instant now); ///< the TCP connection is up
    void on_bytes(std::string_view bytes,
                  instant now);   ///< octets from the peer, in any segmentation
    void on_eof(instant now);     ///< the peer closed
    void on_refused(instant now); ///< nobody takes the connection, or no way leads there
    void on_not_connected(fault why,
                          instant now); ///< connect failed otherwise; not `protocol`, `tls`
    void on_error(instant now);         ///< reset or other failure of the connection
    void on_time(instant now);          ///< call at or after deadline(); early calls do no harm
    void cancel(instant now);           ///< no more interest: closes at once; sets no outcome

    /// The pending action. `send`: octets in take_output(); `close`: close the socket.
    [[nodiscard]] action pending() const noexcept;
    /// The octets to send; clears the pending send. std::logic_error when none is pending.
    [[nodiscard]] std::string take_output();
    /// Acknowledges `close`; the dialogue is finished. std::logic_error when none is pending.
    void take_close();

    /// When on_time() is due; nothing when finished or closing.
    [[nodiscard]] std::optional<instant> deadline() const noexcept { return deadline_; }

    /// The outcome, set when the deciding reply is complete, before QUIT is sent (CBV-DLG-009). Its
    /// kind has a value. Nothing before that, and when cancelled before that.
    [[nodiscard]] const std::optional<ruling>& outcome() const noexcept { return outcome_; }
    /// The reply that decided; nothing when a fault or the lack of SMTPUTF8 did.
    [[nodiscard]] const std::optional<reply>& deciding_reply() const noexcept { return deciding_; }
    /// Where it stands now: the stage whose end it waits for.
    [[nodiscard]] stage at() const noexcept { return stage_; }
    /// Where the outcome was set; meaningful with outcome().
    [[nodiscard]] stage decided_at() const noexcept { return decided_at_; }
    /// The stages so far in order, the last one until `now`; after the outcome, those that led to
    /// it.
    [[nodiscard]] std::vector<stage_time> stages(instant now) const;
    /// Whether the host accepted postmaster when asked (CBV-INT-015); nothing when not asked. With
    /// outcome().
    [[nodiscard]] std::optional<bool> control_accepted() const noexcept {
        return control_accepted_;
    }
    /// Closed and done; nothing more will happen.
    [[nodiscard]] bool finished() const noexcept { return finished_; }

private:
    [[nodiscard]] bool closing() const noexcept { return want_close_ || finished_; }
    /// Takes a part of an empty line between replies off the front; whether there was one.
    [[nodiscard]] bool skip_empty_line(std::string_view& bytes);
    void handle_reply(reply r, instant now);
    void handle_fault(fault f);
    void go_on(const reply& r, instant now);
    void settle(ruling r);
    void enter(stage next, duration limit, instant now);
    void send(std::string text, stage next, duration limit, instant now);
    void send_after_hello(instant now);
    void send_mail(instant now);
    void send_quit(instant now);
    void close_now();
    void read_extensions(const reply& r);
    [[nodiscard]] bool believed(const reply& r) const;
    [[nodiscard]] bool may_ask_control() const;
    void go_on_with_control(const reply& r, instant now);
    [[nodiscard]] std::string rcpt_line() const;

    probe_target target_;
    std::shared_ptr<const dialogue_options> options_;
    reply_parser parser_;
    stage stage_ = stage::connect;
    stage decided_at_ = stage::connect;
    instant stage_began_;
    std::vector<stage_time> past_stages_;
    std::optional<instant> deadline_;
    std::string output_;
    enum class empty_line { none, may_come, cr_came } empty_line_ = empty_line::none;
    bool want_close_ = false;
    bool finished_ = false;
    bool pipelined_ = false; // RCPT went out with MAIL
    bool has_smtputf8_ = false;
    bool has_pipelining_ = false;
    bool has_enhanced_codes_ = false;
    unsigned control_step_ = 0; // RSET, MAIL, RCPT
    std::optional<bool> control_accepted_;
    std::optional<ruling> outcome_;
    std::optional<reply> deciding_;
};

} // namespace cbv
