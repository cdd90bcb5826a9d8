// Eligibility (cbv/eligibility.hpp): the order of the rules is that of their certainty, what needs
// no list first. It knows no users: whether a local mailbox exists is the caller's to find out.
#include "cbv/eligibility.hpp"

#include "cbv/text.hpp"

#include <algorithm>

namespace cbv {
namespace {

/// Local-parts are compared as they are (RFC 5321 section 2.4), domains without their case.
bool same_path(std::string_view a, std::string_view b) {
    const std::size_t at_a = a.rfind('@');
    const std::size_t at_b = b.rfind('@');
    if (at_a == a.npos || at_b == b.npos)
        return a == b;
    return a.substr(0, at_a) == b.substr(0, at_b) &&
           iequals(a.substr(at_a + 1), b.substr(at_b + 1));
}

bool allowed(const mailbox& box, const session_facts& facts, const eligibility_rules& rules) {
    const std::string whole = box.to_string();
    return covers(rules.clients, facts.client) || contains_domain(rules.domains, box.domain) ||
           std::any_of(rules.paths.begin(), rules.paths.end(), [&](const std::string& path) {
               return same_path(path, whole);
           });
}

} // namespace

std::optional<exemption>
exempt(const path& reverse_path, const session_facts& facts, const eligibility_rules& rules) {
    if (reverse_path.is_null())
        return exemption{cause::null_reverse_path, "CBV-ELIG-001", false};
    if (facts.authenticated)
        return exemption{cause::exempt, "CBV-ELIG-002", false};
    if (allowed(*reverse_path.box, facts, rules))
        return exemption{cause::exempt, "CBV-ELIG-003", false};
    if (contains_domain(rules.local_domains, reverse_path.box->domain))
        return exemption{cause::exempt, "CBV-ELIG-004", true};
    if (reverse_path.box->is_over_long())
        return exemption{cause::exempt, "CBV-ADDR-006", false};
    return std::nullopt;
}

bool contains_domain(const std::vector<std::string>& list, std::string_view domain) {
    return std::any_of(
        list.begin(), list.end(), [&](const std::string& entry) { return iequals(entry, domain); });
}

} // namespace cbv
