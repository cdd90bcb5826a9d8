// The draft's decision table: what one event at one stage means for one host, and how the outcomes
// of several hosts combine (CBV-INT-011, CBV-SMX-002). Pure functions; the dialogue and the
// verification ask here and decide nothing themselves.
#pragma once

#include "cbv/standing.hpp"
#include "cbv/verdict.hpp"

#include <cstddef>
#include <optional>
#include <span>

namespace cbv {

/// What happened instead of a reply.
enum class fault {
    timeout,  ///< the stage's timer expired
    refused,  ///< connection refused or unreachable
    lost,     ///< closed or reset (CBV-INT-010)
    protocol, ///< not an SMTP reply, or 1yz/3yz (CBV-DLG-012)
    tls,      ///< the TLS handshake failed
    local,    ///< we lack what the connection needs: descriptors, ports, memory
};

/// Where to go after an event.
enum class next_step {
    next_stage,      ///< go on in this dialogue
    try_helo,        ///< HELO on the same connection (CBV-DLG-002)
    clear,           ///< go on without TLS (CBV-DLG-015)
    end,             ///< the call is decided
    next_host,       ///< ask the next candidate
    next_preference, ///< ask no host of this preference again (CBV-GREY-001)
};

/// The table's cell.
struct ruling {
    next_step then = next_step::next_host;
    /// This host's outcome; nothing while the dialogue goes on.
    std::optional<verdict_kind> kind;
    cbv::cause why = cause::timeout;
    /// The rule that decides; empty where the dialogue merely goes on.
    requirement_id requirement{};
};

/// What the operator may choose in the table.
struct decision_options {
    /// A 5yz to MAIL FROM:<> that nothing softens is `fail`, not `unverifiable` (CBV-INT-007).
    bool null_sender_fails = false;
    /// What a host needs whose 5yz to RCPT is to be `fail` (CBV-INT-015).
    standing_mode standing = standing_mode::strict;
};

/// The cell for a complete reply at `at` (greeting, ehlo, helo, starttls, noop, mail, rcpt,
/// control). At rcpt it is that of a host with standing; decide_no_standing() is that of one
/// without. `fail` from a less preferred host is softened by combine(), not here. Misuse (a stage
/// without replies) throws std::logic_error.
[[nodiscard]] ruling decide(stage at, const reply& r, const decision_options& options = {});

/// The cell for a fault at `at`.
/// At quit the cell has no kind: the verdict stands. At the lookups every fault is a temporary
/// failure. Misuse (eligibility) throws std::logic_error.
[[nodiscard]] ruling decide(stage at, fault f);

/// The outcome of a host that lacks SMTPUTF8 when the path needs it (CBV-ADDR-007): `fail`, but one
/// that combine() believes only when every host gives it.
[[nodiscard]] ruling decide_smtputf8_missing();

/// The outcome of a host that refused the path and has no standing to condemn (CBV-INT-015):
/// `unverifiable`.
[[nodiscard]] ruling decide_no_standing();

/// The outcome of a host that is left alone for its refusals of the verifier (CBV-LOAD-008).
[[nodiscard]] ruling decide_left_alone();

/// One host's outcome, in the order asked, for combine().
struct host_outcome {
    unsigned preference = 0;
    ruling result{};
};

/// Everything known at the end of a call.
struct call_summary {
    std::span<const host_outcome> hosts{};
    /// Something was left untried: candidates beyond the attempts of a call, and whatever
    /// untried_preference speaks of.
    bool untried_candidates = false;
    bool prohibited_candidates = false; ///< some addresses were skipped (CBV-HOST-005)
    bool own_address = false; ///< the candidates ended at an address of our own (CBV-HOST-004)
    bool had_candidates = true; ///< at least one address could be called
    /// The best (lowest) preference at which a lookup of an exchange failed temporarily that has no
    /// address to call (CBV-HOST-014): such a host gave no verdict (CBV-SMX-002). Nothing if none
    /// failed so.
    std::optional<unsigned> failed_lookup_preference = std::nullopt;
    /// The best preference at which an exchange was left untried for a bound or a lack of ours
    /// (CBV-HOST-011): such a host gave no verdict either. Nothing if there was none.
    std::optional<unsigned> untried_preference = std::nullopt;
    /// The best preference at which one of our own addresses was found: whoever was called there,
    /// or behind, before it was known, cannot condemn (CBV-HOST-010). Nothing if none was found.
    std::optional<unsigned> own_preference = std::nullopt;
    bool implicit_mx = false;   ///< the domain has no MX (CBV-MX-002)
    bool soft_nxdomain = false; ///< selection_options::soft_nxdomain (CBV-MX-009)
};

/// A combined outcome: kind, cause, and the index of the deciding host (nothing if none): the one
/// that passed or refused, else the last one that gave the kind. When CBV-SMX-002 softens a
/// refusal, `host` is the refusing host and `why` the reason of the more preferred one that gave no
/// verdict.
struct combined {
    verdict_kind kind = verdict_kind::tempfail;
    cbv::cause why = cause::timeout;
    requirement_id requirement{};
    std::optional<std::size_t> host = std::nullopt;
};

/// Combines by CBV-INT-002, CBV-INT-008, CBV-INT-011, CBV-SMX-002, CBV-MX-011, CBV-HOST-006,
/// CBV-HOST-010, CBV-HOST-011.
[[nodiscard]] combined combine(const call_summary& call);

} // namespace cbv
