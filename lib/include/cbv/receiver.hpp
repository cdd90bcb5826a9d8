// The server side of one SMTP session of a verifying server, as a sans-I/O state machine: RFC 5321
// commands, eligibility, one verification a transaction at RCPT, the reply by reply_policy.hpp. It
// knows no socket, no spool and no resolver: it asks its driver to verify and to store.
#pragma once

#include "cbv/command.hpp"
#include "cbv/eligibility.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/reply_policy.hpp"
#include "cbv/request_facts.hpp"
#include "cbv/time.hpp"
#include "cbv/verdict.hpp"

#include <cstddef>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cbv {

/// Settings shared by all sessions of a server; they must outlive every receiver made with them. The
/// functions must answer at once.
struct receiver_options {
    std::string host_name = "localhost.invalid"; ///< in greeting and EHLO
    std::string software = "cbv";                ///< in the greeting
    eligibility_rules eligibility;
    reply_options replies;
    bool verify = true;                          ///< false: never call
    /// Clients whose mail a local rule refuses, to the postmaster excepted; no call is made for them
    /// (CBV-ELIG-008).
    std::vector<ip_prefix> refused_clients;
    std::size_t max_message_size = 10485760;     ///< octets; advertised with SIZE
    std::size_t max_recipients = 100;            ///< of a transaction; more get 452
    duration idle_timeout = std::chrono::minutes{5}; ///< RFC 5321 section 4.5.3.2.7
    /// Whether a mailbox in a local domain exists. Absent: every one does.
    std::function<bool(const mailbox&)> mailbox_exists;
    /// Whether a mailbox in a relayed domain exists; nothing where that is not known. Absent: it is
    /// known of none (CBV-ELIG-013).
    std::function<std::optional<bool>(const mailbox&)> relayed_mailbox_exists;
    /// What SPF says of the client and the reverse-path; nothing where it was not evaluated. Absent:
    /// it never is (CBV-ELIG-015).
    std::function<std::optional<spf_result>(
        const ip_address& client, std::string_view helo, const mailbox& reverse_path)>
        spf;
    /// Checks AUTH PLAIN credentials. Absent: AUTH is not offered.
    std::function<bool(std::string_view user, std::string_view password)> authenticate;
};

/// Mail whose content is complete.
struct received_message {
    std::string reverse_path;            ///< without angle brackets; empty for null
    std::vector<mailbox> recipients;
    std::string content;                 ///< dot-unstuffed, CR LF line ends
    std::string helo;
    ip_address client;
    std::string protocol;                ///< "SMTP", "ESMTP", "ESMTPA", "UTF8SMTP" (RFC 3848, 6531)
};

/// Actions the driver carries out, in order.
namespace receive {
struct send { std::string octets; };
/// Verify; answer with on_verdict(). At most one is outstanding. The client may have been waiting
/// since earlier than now, when the RCPT was queued behind another verdict (CBV-TIME-003).
struct verify { mailbox box; request_facts facts{}; };
/// The client is gone or the server stops: the outstanding verification is of no interest, and its
/// verdict must not be delivered.
struct cancel_verify {};
/// Store durably, then answer with on_stored().
struct store { received_message message; };
/// Close the connection after all octets are sent.
struct close {};
} // namespace receive

using receiver_action = std::variant<receive::send, receive::verify, receive::cancel_verify,
                                     receive::store, receive::close>;

/// What was decided, for the trace record (CBV-TRC-001); reported once a decision.
struct decision_record {
    std::string helo;
    ip_address client;
    std::string reverse_path;
    std::string recipient;
    verdict result;
    std::optional<reply> answer; ///< the reply to RCPT, if it was not acceptance
    duration total{};            ///< from RCPT to the answer
};

class receiver {
public:
    /// Commands that earn 500..504 or 555 in one session before the next such is answered 421.
    static constexpr unsigned max_bad_commands = 20;
    /// Octets queued behind a verdict or a store before wants_bytes() is false.
    static constexpr std::size_t max_queued = 65536;

    /// Starts a session with `client`; the greeting is the first action.
    receiver(const receiver_options& options, ip_address client, instant now);
    receiver(receiver_options&&, ip_address, instant) = delete; // options must live on
    ~receiver();
    receiver(receiver&&) noexcept;
    receiver& operator=(receiver&&) noexcept;

    /// The next action to carry out, in order; nothing when the driver must wait for an event or for
    /// deadline().
    [[nodiscard]] std::optional<receiver_action> next_action();

    // Events. After the session is closed every event is ignored (a driver may be late), and so is
    // a verdict or a stored message nobody waits for.
    void on_bytes(std::string_view bytes, instant now);
    void on_eof(instant now);  ///< closed or reset by the client: nothing more can be said to it
    void on_time(instant now); ///< call at or after deadline(); early calls do no harm
    void on_verdict(verdict v, instant now);
    void on_stored(bool ok, instant now); ///< false: 451, the client keeps the mail
    void shutdown(instant now);           ///< 421 and close, at the next possible moment

    /// Whether the driver should read on. False while max_queued octets wait behind a verdict or a
    /// store: octets are never dropped, so a driver that heeds this bounds the memory of a session.
    [[nodiscard]] bool wants_bytes() const;
    /// The idle timer; nothing while a verdict or a store is awaited, or when closed.
    [[nodiscard]] std::optional<instant> deadline() const;
    /// The session is closed and every action was taken.
    [[nodiscard]] bool finished() const;
    /// Records since the last call.
    [[nodiscard]] std::vector<decision_record> take_records();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cbv
