// The whole of one verification, from mailbox to verdict: DNS, host selection, dialogues, one total
// budget. A sans-I/O state machine: a driver carries out its actions and feeds it events;
// verifier.hpp is a driver with sockets, the tests have one on virtual time. Eligibility and
// caching are decided before it starts (eligibility.hpp).
#pragma once

#include "cbv/address_policy.hpp"
#include "cbv/dialogue.hpp"
#include "cbv/dns.hpp"
#include "cbv/domain_key.hpp"
#include "cbv/host_selection.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/time.hpp"
#include "cbv/timeouts.hpp"
#include "cbv/verdict.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace cbv {

/// Settings of a verifier, shared by its verifications.
struct verification_options {
    dialogue_options dialogue;   ///< HELO name, timers, bounds
    selection_options selection; ///< own names, families, seed
    address_policy addresses;    ///< permitted and own addresses
    unsigned max_attempts = 4;   ///< connections in one call, at least 2 (CBV-HOST-008)
    /// While there is a further preference value, so much of the budget that is left when a value's
    /// turn comes is kept for the further ones, and of the timer for the DNS likewise: per cent, at
    /// most 50 (CBV-HOST-013). One attempt is kept as well (CBV-HOST-012).
    unsigned kept_share = 25;
    std::uint16_t port = 25; ///< of the called hosts
    /// What is known of hosts' standing when the call begins (CBV-INT-015).
    std::vector<known_standing> standing;
    /// Needed for non-ASCII domains only: without it they are `unverifiable`, cause `limit`.
    to_ascii_function to_ascii;

    /// What is wrong with the settings, in words; nothing when usable.
    [[nodiscard]] std::optional<std::string> problem() const;
};

/// Actions a driver carries out. An id names one query or one connection and is never used twice in
/// a verification.
namespace act {
/// Look `name` up and answer with on_dns(id, ...).
struct query_dns {
    unsigned id;
    std::string name; ///< A-labels
    record_type type;
};
/// Open a TCP connection to exactly this address (CBV-HOST-007); answer on_connected, on_refused or
/// on_not_connected.
struct connect {
    unsigned id;
    ip_address address;
    std::uint16_t port;
    std::string host; ///< the exchange, or the literal; for traces
};
/// Send all octets on connection `id`.
struct send {
    unsigned id;
    std::string octets;
};
/// Close connection `id`, also one that is not up yet; no event for it may follow. Every connect
/// has its close.
struct close {
    unsigned id;
};
/// The verdict, once. Connections may linger for QUIT; see finished().
struct done {
    verdict result;
};
} // namespace act

/// One of them.
using action = std::variant<act::query_dns, act::connect, act::send, act::close, act::done>;

/// One verification. After each event the driver carries out every next_action(), then waits for an
/// event or for deadline(). Events that cannot be (octets of a connection that is not up) throw
/// std::logic_error; those for an unknown or closed id are ignored, since a driver may be late.
/// An event that comes with an expired timer is heard before the timer.
class verification {
public:
    /// `box` is the reverse-path's mailbox; one the parser would refuse gives `none`
    /// invalid_address, no call being made. Options must be usable (problem() empty), else
    /// std::logic_error. The budget starts at `now`, or at `client_waits_since` when that is
    /// earlier (CBV-TIME-003).
    verification(mailbox box,
                 verification_options options,
                 instant now,
                 std::optional<instant> client_waits_since = std::nullopt);
    /// The same with options that many verifications share (not null), and this one's own seed of
    /// the shuffle in place of theirs.
    verification(mailbox box,
                 std::shared_ptr<const verification_options> options,
                 std::uint64_t seed,
                 instant now,
                 std::optional<instant> client_waits_since = std::nullopt);
    ~verification();
    verification(verification&&) noexcept;
    verification& operator=(verification&&) noexcept;

    /// What is known of hosts' standing, in place of the options'; before the first event.
    void know_standing(std::vector<known_standing> known);

    /// The next action to carry out, in order; nothing when the driver must wait for an event or
    /// for deadline().
    [[nodiscard]] std::optional<action> next_action();

    void on_dns(unsigned id, dns_answer answer, instant now); ///< a query's answer
    void on_connected(unsigned id, instant now);              ///< the TCP connection is up
    /// Octets from the host, in any segmentation.
    void on_bytes(unsigned id, std::string_view bytes, instant now);
    void on_eof(unsigned id, instant now);     ///< the host closed
    void on_refused(unsigned id, instant now); ///< connect failed: refused, unreachable, no route
    /// Connect failed otherwise: `lost` (reset while it came about), `timeout` (nobody answered the
    /// operating system) or `local` (a lack of ours, which is no fault of the host: cause `limit`).
    void on_not_connected(unsigned id, fault why, instant now);
    void on_error(unsigned id, instant now); ///< reset, write failure
    /// The driver did not open it, as its host wants to be left alone: the host contributes
    /// `unverifiable` hold_off, and the call goes on (CBV-LOAD-008). It counts as no attempt.
    void on_left_alone(unsigned id, instant now);
    void on_time(instant now); ///< call at or after deadline(); early calls do no harm
    /// The client is gone: closes everything at once; the verdict, if none was known, is `tempfail`
    /// cancelled. Actions not yet fetched that would begin something are withdrawn (CBV-LOAD-006).
    void cancel(instant now);

    /// The earliest timer; nothing when there is none to wait for.
    [[nodiscard]] std::optional<instant> deadline() const;
    /// The verdict once known (also delivered as act::done).
    [[nodiscard]] const std::optional<verdict>& result() const;
    /// The verdict is known, every connection is closed and every action has been fetched.
    [[nodiscard]] bool finished() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cbv
