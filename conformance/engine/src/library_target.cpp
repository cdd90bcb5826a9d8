// The library's own declarations as a target. Its timeouts are the draft's defaults, since virtual
// time costs nothing.
#include "cbv/timeouts.hpp"
#include "engine/target.hpp"

namespace cbv::engine {
namespace {

double seconds(duration d) {
    return std::chrono::duration<double>(d).count();
}

} // namespace

target library_target() {
    target t;
    t.name = "library";
    t.kind = target_kind::library;
    t.address = ip_address::v4({192, 0, 2, 25});
    t.capabilities = {"session",
                      "smtputf8",
                      "auth",
                      "ipv6",
                      "local-domain",
                      "unknown-recipient",
                      "allow-list",
                      "soft-nxdomain",
                      "pipelining-server"};
    const timeouts defaults;
    t.timeouts = {
        {"dns-timeout", seconds(defaults.dns)},
        {"connect-timeout", seconds(defaults.connect)},
        {"greeting-timeout", seconds(defaults.greeting)},
        {"ehlo-timeout", seconds(defaults.ehlo)},
        {"mail-timeout", seconds(defaults.mail)},
        {"rcpt-timeout", seconds(defaults.rcpt)},
        {"quit-timeout", seconds(defaults.quit)},
        {"budget", seconds(defaults.budget)},
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
    };
    t.client_timeout = std::chrono::seconds{600};
    return t;
}

} // namespace cbv::engine
