// The result of a verification, and the words that name it. A refusal by the called host is a
// result here, never an error.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/reply.hpp"
#include "cbv/requirement.hpp"
#include "cbv/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// What is known of the reverse-path (draft, section "Terms and roles").
enum class verdict_kind {
    pass,         ///< the called host would take a bounce
    fail,         ///< known that none can be delivered
    tempfail,     ///< not known now, may be later
    unverifiable, ///< the called host refused us, which says nothing of the path
    none,         ///< no call was due
};

/// Why. The hyphenated form (to_string) is the word used in the draft's reply table, in traces and
/// in JSON.
enum class cause {
    accepted,            ///< 2yz to RCPT
    mailbox_refused,     ///< 5yz to RCPT
    null_sender_refused, ///< 5yz to MAIL FROM:<>
    null_mx,             ///< RFC 7505
    domain_not_found,    ///< NXDOMAIN
    no_address,          ///< neither MX nor address, or no exchange has an address
    hosts_prohibited,    ///< only addresses that may not be called (CBV-HOST-006), or only us
    smtputf8_missing,    ///< RFC 6531 section 3.2
    dns_failure,         ///< SERVFAIL, REFUSED, timeout of a lookup
    timeout,             ///< a stage timer expired
    connection_refused,  ///< refused or unreachable
    connection_lost,     ///< closed or reset before the deciding reply
    protocol_error,      ///< not an SMTP reply
    temporary_reply,     ///< 4yz, or 5yz with an enhanced code that says temporary (CBV-INT-005)
    storage_reply,       ///< 552 or X.2.2 (CBV-INT-005)
    budget_exhausted,    ///< the total budget ran out (CBV-TIME-003)
    cancelled,           ///< the caller lost interest
    prober_refused,      ///< 5yz greeting or EHLO, or a softening code (CBV-INT-006, CBV-INT-008)
    command_refused,     ///< 500-504, 530, 555 (CBV-INT-009)
    no_standing,         ///< refused by a host that may have meant us (CBV-INT-015)
    tls_failure,         ///< STARTTLS handshake (CBV-DLG-015)
    own_host,            ///< the domain's best host is the verifier itself (CBV-ELIG-018)
    limit,               ///< our own limits
    hold_off,            ///< repeated without a call
    in_progress,         ///< the call goes on in the background
    invalid_address,     ///< the path is malformed, and no call was made
    null_reverse_path,   ///< nothing to verify (CBV-ELIG-001)
    exempt,              ///< allow list, authenticated client, local domain, overlong path
};

/// How far the deciding dialogue, or the verification, had come.
enum class stage {
    eligibility,
    mx_lookup,
    address_lookup,
    connect,
    greeting,
    ehlo,
    helo,
    starttls,
    noop,
    mail,
    rcpt,
    control,
    quit,
};

/// Whether this is a `fail` by the content of the DNS alone, which then holds for every path of the
/// domain (CBV-CACHE-002).
[[nodiscard]] bool is_fail_by_dns(verdict_kind kind, cause why) noexcept;

/// Hyphenated lower-case words: "temp" values keep the enumerator's name with `_` as `-`.
[[nodiscard]] std::string_view to_string(verdict_kind k) noexcept;
[[nodiscard]] std::string_view to_string(cause c) noexcept;
[[nodiscard]] std::string_view to_string(stage s) noexcept;
/// The inverse of to_string; nothing for an unknown word.
[[nodiscard]] std::optional<verdict_kind> verdict_kind_from(std::string_view word) noexcept;
[[nodiscard]] std::optional<cause> cause_from(std::string_view word) noexcept;
[[nodiscard]] std::optional<stage> stage_from(std::string_view word) noexcept;

/// How long one stage of an attempt took, or lasted until the attempt ended in it.
struct stage_time {
    stage at = stage::connect;
    duration spent{};
    friend bool operator==(const stage_time&, const stage_time&) = default;
};

/// One TCP connection (or the attempt of one), for the trace record (CBV-TRC-001).
struct attempt {
    std::string host;   ///< exchange name, or the literal
    ip_address address; ///< the address called
    unsigned preference = 0;
    stage last_stage = stage::connect;          ///< where it was decided or broke off
    std::optional<cbv::reply> reply;            ///< the deciding reply, if there was one
    verdict_kind kind = verdict_kind::tempfail; ///< this host's own outcome
    cbv::cause why = cause::timeout;
    duration elapsed{};     ///< from connect to the outcome
    std::vector<stage_time> stages; ///< in order; together they are `elapsed` (CBV-TRC-007)
    /// The answer to the control question, whether it accepted postmaster; nothing when not asked
    /// (CBV-INT-015).
    std::optional<bool> control_accepted;
};

/// The outcome of one verification.
struct verdict {
    verdict_kind kind = verdict_kind::tempfail;
    cbv::cause why = cause::timeout;
    cbv::stage at = stage::eligibility;
    std::string host;                  ///< deciding host, empty if none
    std::optional<ip_address> address; ///< its address
    std::optional<cbv::reply> reply;   ///< its reply
    requirement_id requirement;        ///< the rule of the draft that decided
    unsigned mx_count = 0;             ///< MX records seen
    /// Seconds the DNS data that gave a `fail` may be kept; nothing when not known, or not by the
    /// DNS.
    std::optional<std::uint32_t> ttl;
    bool cached = false; ///< from the cache: no call was made for this transaction
    std::vector<attempt> attempts;
    duration elapsed{};
};

/// A verdict that asked nobody: no host, no reply, no attempt, at stage eligibility.
[[nodiscard]] verdict without_call(verdict_kind kind, cause why, requirement_id requirement);

} // namespace cbv
