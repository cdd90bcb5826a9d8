// The implementation under test, as the engine needs to know it: how to talk to it, what it
// declared. Starting and stopping it is the harness's job.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>

namespace cbv::engine {

/// How a target is driven.
enum class target_kind {
    library, ///< receiver + verification in memory, virtual time
    smtp,    ///< an SMTP server
    command, ///< one process a case; the harness runs it
    policy,  ///< a Postfix policy delegation server; the engine plays the MTA in front of it
    milter,  ///< a mail filter (milter protocol version 6); the engine plays the MTA likewise
};

/// The word of a kind in target.toml, and the kind of a word.
[[nodiscard]] std::string_view to_string(target_kind kind) noexcept;
[[nodiscard]] std::optional<target_kind> target_kind_from(std::string_view word) noexcept;

/// Limits a target may declare, with the library's defaults, which are those of the draft's limit
/// table: "attempts-per-call", "attempts-per-address", "attempts-in-all", "calls-per-domain",
/// "fails-per-client", "calls-per-client" (in a minute).
[[nodiscard]] std::map<std::string, unsigned> default_limits();

/// A target's declarations (`target.toml`).
struct target {
    std::string name;
    target_kind kind = target_kind::library;
    ip_address address; ///< smtp, policy, milter: where it listens
    std::uint16_t port = 25;
    /// What it can do; its roles, "verifier" and "called-host", are among them.
    std::set<std::string> capabilities = {"verifier"};
    /// Declared timeouts in seconds: "connect-timeout", "greeting-timeout", "ehlo-timeout",
    /// "mail-timeout", "rcpt-timeout", "quit-timeout", "dns-timeout", "budget"; of its
    /// memory, if it has one: "pass-lifetime", "fail-lifetime", "hold-off", "refusal-pause",
    /// "patience".
    std::map<std::string, double> timeouts;
    std::map<std::string, unsigned> limits = default_limits(); ///< see there
    /// Placeholders: "recipient", "unknown-recipient", "local-domain", "local-user",
    /// "local-unknown", "helo"; "auth-user" and "auth-password" for `<auth/>`; for the library also
    /// "allow-domain", "allow-client", "allow-path" (capability allow-list),
    /// "do-not-call-domain", "do-not-call-address", "do-not-call-idn" (do-not-call), "blocked-client" (local-rule),
    /// "relay-client" (that), "relayed-domain", "relayed-user", "relayed-unknown" (relayed-domain),
    /// "spf-pass-client", "spf-softfail-client", "spf-fail-client" (spf-result).
    std::map<std::string, std::string> identities;
    /// Regular expressions on "CODE text" of a reply to RCPT (empty: none).
    std::string pending;  ///< not final yet (capability deferred-verdict): ask again
    std::string definite; ///< a definite refusal worded as 4yz
    duration poll_interval = std::chrono::seconds{1}; ///< between two questions
    duration poll_limit = std::chrono::seconds{120};  ///< give up asking after this
    /// How long the client waits for one reply before the case is an error.
    duration client_timeout = std::chrono::seconds{300};
    /// A bound is missed by less than this: not a finding.
    duration slack = std::chrono::milliseconds{750};
    double scale = 1.0; ///< all declared timeouts are multiplied by it (rerun of timing findings)
};

/// The library itself as a target, with the draft's default timeouts: for virtual runs.
[[nodiscard]] target library_target();

} // namespace cbv::engine
