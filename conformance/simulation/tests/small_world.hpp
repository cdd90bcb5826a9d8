// Parameters of a world in which nothing happens by chance: one verifier, one domain, one user,
// hosts that are good. Tests change what they are about.
#pragma once

#include "simulation/run.hpp"

#include <string>

namespace simulation::test {

inline values quiet() {
    values v;
    for (const char* name : {"good_per_hour",
                             "bulk_per_hour",
                             "forged_per_hour",
                             "run_per_minute",
                             "forwarded_share",
                             "harvested_share",
                             "trap_share",
                             "good_retry_share",
                             "bot_retry_share",
                             "bounce_share",
                             "list_domains",
                             "trap_domains",
                             "bare_blocker_share",
                             "coded_blocker_share",
                             "greeting_blocker_share",
                             "postmaster_exempt_share",
                             "slow_share",
                             "greylisting_share",
                             "never_to_null_share",
                             "dead_share",
                             "dead_primary_share",
                             "catch_all_share",
                             "tarpit_share",
                             "pool_share",
                             "spf_fail_share",
                             "spf_softfail_share",
                             "opt_out_share",
                             "victim_opts_out",
                             "listed_at_start",
                             "refuses_by_spf"})
        v[name] = 0.0;
    for (const char* name :
         {"verifiers", "bulk_burst", "users_per_domain", "domains", "codes_share", "victim_codes"})
        v[name] = 1.0;
    v["minutes"] = 60.0;
    v["bots"] = 1000.0;
    v["retry_first_minutes"] = 5.0;
    v["retry_most_minutes"] = 67.0;
    v["retry_days"] = 5.0;
    v["listing_hours"] = 168.0;
    v["round_trip"] = 0.1;
    v["slow_greeting"] = 25.0;
    v["tarpit_reply"] = 100.0;
    v["greylist_minutes"] = 5.0;
    v["forger"] = std::string("none");
    v["victim_spf"] = std::string("none");
    return v;
}

inline policy kind(const std::string& name, values settings = {}) {
    return {name, name, std::move(settings), "a test"};
}

inline std::uint64_t sent(const counts& c, mail_kind k) {
    return c.mail[static_cast<std::size_t>(k)].sent;
}
inline const mail_count& of(const counts& c, mail_kind k) {
    return c.mail[static_cast<std::size_t>(k)];
}

} // namespace simulation::test
