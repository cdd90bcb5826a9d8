// The whole of one verification, from mailbox to verdict: DNS, host selection, dialogues, one total
// budget. A sans-I/O state machine: a driver carries out its actions and feeds it events; see
// `virtual time` drivers in the tests and asio/verifier for a real one. Eligibility and caching are
// decided before it starts (eligibility.hpp).
#pragma once

#include "cbv/address_policy.hpp"
#include "cbv/dialogue.hpp"
#include "cbv/dns.hpp"
#include "cbv/host_selection.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/time.hpp"
#include "cbv/timeouts.hpp"
#include "cbv/verdict.hpp"

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cbv {

/// Turns a domain with U-labels into A-labels; nothing when that is impossible (CBV-ADDR-009).
/// `idna_to_ascii` of cbv/idna.hpp is one.
using to_ascii_function = std::function<std::optional<std::string>(std::string_view)>;

/// Settings of a verifier, shared by its verifications.
struct verification_options {
    dialogue_options dialogue;   ///< HELO name, stage timers, bounds
    selection_options selection; ///< own names, families, seed
    address_policy addresses;    ///< permitted and own addresses
    unsigned max_attempts = 4;   ///< connections in one call, at least 2 (CBV-HOST-008)
    std::uint16_t port = 25;
    to_ascii_function to_ascii;  ///< needed for non-ASCII domains only

    /// What is wrong with the settings, in words; nothing when usable.
    [[nodiscard]] std::optional<std::string> problem() const;
};

/// Actions a driver carries out.
namespace act {
/// Look `name` up and answer with on_dns(id, ...).
struct query_dns { unsigned id; std::string name; record_type type; };
/// Open a TCP connection to exactly this address (CBV-HOST-007); answer on_connected or on_refused.
struct connect { unsigned id; ip_address address; std::uint16_t port; std::string host; };
/// Send all octets on connection `id`.
struct send { unsigned id; std::string octets; };
/// Close connection `id`; no event for it may follow.
struct close { unsigned id; };
/// The verdict. Connections may linger for QUIT; see finished().
struct done { verdict result; };
} // namespace act

using action = std::variant<act::query_dns, act::connect, act::send, act::close, act::done>;

class verification {
public:
    /// `box` is the reverse-path's mailbox. Options must be usable (problem() empty), else
    /// std::logic_error. The budget starts at `now`, or ran since `client_waits_since` when the
    /// client has been waiting for longer (CBV-TIME-003).
    verification(mailbox box, const verification_options& options, instant now,
                 std::optional<instant> client_waits_since = std::nullopt);
    ~verification();
    verification(verification&&) noexcept;
    verification& operator=(verification&&) noexcept;

    /// The next action to carry out, in order; nothing when the driver must wait for an event or
    /// for deadline().
    [[nodiscard]] std::optional<action> next_action();

    // Events. An event for an unknown or closed id is ignored (a driver may be late).
    void on_dns(unsigned id, dns_answer answer, instant now);
    void on_connected(unsigned id, instant now);
    void on_bytes(unsigned id, std::string_view bytes, instant now);
    void on_eof(unsigned id, instant now);
    void on_refused(unsigned id, instant now); ///< connect failed: refused, unreachable, no route
    void on_error(unsigned id, instant now);   ///< reset, write failure
    void on_time(instant now);                 ///< call at or after deadline(); early calls do no harm
    void cancel(instant now);                  ///< the client is gone: closes all, verdict `cancelled`

    /// The earliest timer; nothing when finished.
    [[nodiscard]] std::optional<instant> deadline() const;
    /// The verdict once known (also delivered as act::done).
    [[nodiscard]] const std::optional<verdict>& result() const;
    /// The verdict is known and every connection is closed.
    [[nodiscard]] bool finished() const;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cbv
