// The kinds of targets by name, and the library's own declarations as a target. Its timeouts are
// the draft's defaults, since virtual time costs nothing.
#include "cbv/call_manager.hpp"
#include "cbv/timeouts.hpp"
#include "cbv/verification.hpp"
#include "engine/target.hpp"

#include <utility>

namespace cbv::engine {
namespace {

double seconds(duration d) {
    return std::chrono::duration<double>(d).count();
}

constexpr std::pair<target_kind, std::string_view> kind_words[] = {
    {target_kind::library, "library"},
    {target_kind::smtp, "smtp"},
    {target_kind::command, "command"},
    {target_kind::policy, "policy"},
    {target_kind::milter, "milter"},
};

} // namespace

std::string_view to_string(target_kind kind) noexcept {
    for (const auto& [each, word] : kind_words)
        if (each == kind)
            return word;
    return "?";
}

std::optional<target_kind> target_kind_from(std::string_view word) noexcept {
    for (const auto& [kind, each] : kind_words)
        if (each == word)
            return kind;
    return std::nullopt;
}

std::map<std::string, unsigned> default_limits() {
    const call_manager_options defaults;
    return {{"attempts-per-call", verification_options{}.max_attempts},
            {"attempts-per-address", defaults.attempts_per_address},
            {"attempts-in-all", defaults.attempts_in_all},
            {"calls-per-domain", defaults.calls_per_domain},
            {"fails-per-client", defaults.fails_per_client},
            {"calls-per-client", defaults.calls_per_client}};
}

target library_target() {
    target t;
    t.name = "library";
    t.kind = target_kind::library;
    t.address = ip_address::v4({192, 0, 2, 25});
    t.capabilities = {"verifier",
                      "called-host",
                      "session",
                      "smtputf8",
                      "auth",
                      "ipv6",
                      "local-domain",
                      "unknown-recipient",
                      "allow-list",
                      "soft-nxdomain",
                      "null-sender-fails",
                      "control-question",
                      "standing-memory",
                      "ipv4-only",
                      "pipelining-server",
                      "cache",
                      "do-not-call",
                      "local-rule",
                      "rate-limit",
                      "client-limit",
                      "relay-client",
                      "relayed-domain",
                      "spf-result",
                      "hold-off",
                      "foreground",
                      "background"};
    const timeouts defaults;
    const call_manager_options memory;
    t.timeouts = {
        {"dns-timeout", seconds(defaults.dns)},
        {"connect-timeout", seconds(defaults.connect)},
        {"greeting-timeout", seconds(defaults.greeting)},
        {"ehlo-timeout", seconds(defaults.ehlo)},
        {"mail-timeout", seconds(defaults.mail)},
        {"rcpt-timeout", seconds(defaults.rcpt)},
        {"quit-timeout", seconds(defaults.quit)},
        {"budget", seconds(defaults.budget)},
        {"pass-lifetime", seconds(memory.cache.pass_lifetime)},
        {"fail-lifetime", seconds(memory.cache.fail_lifetime)},
        {"hold-off", 0.0}, // many cases ask for one path twice
        {"refusal-pause", seconds(memory.refusal_pause)},
        {"patience", seconds(memory.patience)},
    };
    t.identities = {
        {"recipient", "user@target.test"},
        {"unknown-recipient", "nobody@target.test"},
        {"local-domain", "target.test"},
        {"local-user", "user@target.test"},
        {"local-unknown", "nobody@target.test"},
        {"helo", "verifier.target.test"},
        {"auth-user", "user"},
        {"auth-password", "secret"},
        {"allow-domain", "elig-allow-domain.test"},
        {"allow-client", "198.51.100.250"},
        {"allow-path", "friend@elig-allow-path.test"},
        {"do-not-call-domain", "load-do-not-call-domain.test"},
        {"do-not-call-address", "198.19.250.25"},
        {"do-not-call-idn", "xn--exmple-cua.cache-do-not-call-idn.test"},
        {"blocked-client", "198.51.100.251"},
        {"relay-client", "198.51.100.249"},
        {"relayed-domain", "elig-relayed-domain.test"},
        {"relayed-user", "user@elig-relayed-known.test"},
        {"relayed-unknown", "nobody@elig-relayed-known.test"},
        {"spf-pass-client", "198.51.100.248"},
        {"spf-softfail-client", "198.51.100.247"},
        {"spf-fail-client", "198.51.100.246"},
    };
    t.limits["calls-per-domain"] = 60; // some cases want many calls to see how they differ
    t.client_timeout = std::chrono::seconds{600};
    return t;
}

} // namespace cbv::engine
