// Whether a call is due at all (draft, section "Eligibility"; CBV-ELIG group). Pure: facts in, a
// cause out. Lists are given by configuration.
#pragma once

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
    bool local = false; ///< the path is local: consult the own user data instead (CBV-ELIG-004)
};

/// Decides for one transaction's reverse-path. One that is longer than RFC 5321 section 4.5.3.1 has
/// every host take is exempt (CBV-ADDR-006), unless it is local.
[[nodiscard]] std::optional<exemption>
exempt(const path& reverse_path, const session_facts& facts, const eligibility_rules& rules);

/// Whether `domain` is in `list`, ASCII case aside.
[[nodiscard]] bool contains_domain(const std::vector<std::string>& list, std::string_view domain);

} // namespace cbv
