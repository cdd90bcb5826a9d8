// Eligibility (cbv/eligibility.hpp): the order of the rules is that of their certainty, what needs
// no list first. It knows no users: whether a local mailbox exists is the caller's to find out.
#include "cbv/eligibility.hpp"

#include <algorithm>

namespace cbv {
namespace {

/// Local-parts are compared as they are (RFC 5321 section 2.4), domains by their keys.
bool same_path(std::string_view a, std::string_view b, const to_ascii_function& to_ascii) {
    const std::size_t at_a = a.rfind('@');
    const std::size_t at_b = b.rfind('@');
    if (at_a == a.npos || at_b == b.npos)
        return a == b;
    return a.substr(0, at_a) == b.substr(0, at_b) &&
           domain_key(a.substr(at_a + 1), to_ascii) == domain_key(b.substr(at_b + 1), to_ascii);
}

bool allowed(const mailbox& box, const session_facts& facts, const eligibility_rules& rules) {
    const std::string whole = box.to_string();
    return covers(rules.clients, facts.client) ||
           contains_domain(rules.domains, box.domain, rules.to_ascii) ||
           std::any_of(rules.paths.begin(), rules.paths.end(), [&](const std::string& path) {
               return same_path(path, whole, rules.to_ascii);
           });
}

} // namespace

std::optional<exemption>
exempt(const path& reverse_path, const session_facts& facts, const eligibility_rules& rules) {
    if (reverse_path.is_null())
        return exemption{cause::null_reverse_path, "CBV-ELIG-001"};
    if (facts.authenticated)
        return exemption{cause::exempt, "CBV-ELIG-002"};
    const mailbox& box = *reverse_path.box;
    if (allowed(box, facts, rules))
        return exemption{cause::exempt, "CBV-ELIG-003"};
    if (covers(rules.relay_clients, facts.client))
        return exemption{cause::exempt, "CBV-ELIG-014"};
    if (contains_domain(rules.local_domains, box.domain, rules.to_ascii))
        return exemption{cause::exempt, "CBV-ELIG-004", true, false};
    if (contains_domain(rules.relayed_domains, box.domain, rules.to_ascii))
        return exemption{cause::exempt, "CBV-ELIG-012", false, true};
    if (box.is_over_long())
        return exemption{cause::exempt, "CBV-ADDR-006"};
    return std::nullopt;
}

} // namespace cbv
