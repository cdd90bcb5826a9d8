// Whether a call is due at all (draft, section "Eligibility"; CBV-ELIG group). Pure: facts in, a
// cause out. Lists are given by configuration.
#pragma once

#include "cbv/domain_key.hpp"
#include "cbv/ip_address.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/requirement.hpp"
#include "cbv/verdict.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cbv {

/// Who and what is never called for.
struct eligibility_rules {
    std::vector<ip_prefix> clients;         ///< clients' addresses (CBV-ELIG-003)
    std::vector<std::string> domains;       ///< reverse-path domains, any case (CBV-ELIG-003)
    std::vector<std::string> paths;         ///< whole reverse-paths; local-part case-sensitive
    std::vector<std::string> local_domains; ///< V is final destination (CBV-ELIG-004)
    /// Domains that V relays by its own configuration, as a gateway or a backup (CBV-ELIG-012).
    std::vector<std::string> relayed_domains;
    /// The receiver's own relays and backup hosts (CBV-ELIG-014).
    std::vector<ip_prefix> relay_clients;
    /// For domains with U-labels: without it, list an IDN in the form in which it comes.
    to_ascii_function to_ascii;
};

/// What is known of the session.
struct session_facts {
    ip_address client;
    bool authenticated = false; ///< or a submission service (CBV-ELIG-002)
};

/// Why no call is due, with the rule; nothing when one is due.
struct exemption {
    cause why = cause::exempt;
    requirement_id requirement;
    bool local = false;   ///< the path is local: consult the own user data instead (CBV-ELIG-004)
    bool relayed = false; ///< consult what is known of the relayed domain's (CBV-ELIG-013)
};

/// Decides for one transaction's reverse-path. One that is longer than RFC 5321 section 4.5.3.1 has
/// every host take is exempt (CBV-ADDR-006), unless it is local. Domains are compared by their
/// keys (domain_key.hpp).
[[nodiscard]] std::optional<exemption>
exempt(const path& reverse_path, const session_facts& facts, const eligibility_rules& rules);

} // namespace cbv
