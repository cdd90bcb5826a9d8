// Keys of config_relations.hpp. SPF is not evaluated here: [spf] states its results by client, for
// whoever has them from elsewhere, and for tests.
#include "config_relations.hpp"

#include "cbv/idna.hpp"
#include "cbv/text.hpp"
#include "config_values.hpp"

#include <algorithm>
#include <map>
#include <string>
#include <utility>

namespace cbv::refserver {
namespace {

void read_allow(section s, eligibility_rules& e) {
    s.read_list("clients", prefix_expected, prefixes_into(e.clients));
    s.read_list("domains", "a domain", domains_into(e.domains));
    s.read_list("paths", "a mailbox", [&](const std::string& text) {
        e.paths.push_back(text);
        return parse_mailbox(text).has_value();
    });
    s.finish();
}

void read_refuse(section s, config& c) {
    s.read_list("clients", prefix_expected, prefixes_into(c.receiver.refused_clients));
    s.finish();
}

/// Local-parts by the key of their domain.
using known_mailboxes = std::multimap<std::string, std::string>;

/// A relayed domain of which one mailbox is listed is known in full.
std::function<std::optional<bool>(const mailbox&)> relayed_check(known_mailboxes known) {
    return [known = std::move(known)](const mailbox& box) -> std::optional<bool> {
        const auto [first, last] = known.equal_range(domain_key(box.domain, idna_to_ascii));
        if (first == last)
            return std::nullopt;
        const auto local_part = box.unquoted_local_part();
        return std::any_of(
            first, last, [&](const auto& each) { return iequals(each.second, local_part); });
    };
}

void read_relay(section s, config& c) {
    eligibility_rules& e = c.receiver.eligibility;
    s.read_list("clients", prefix_expected, prefixes_into(e.relay_clients));
    s.read_list("domains", "a domain", domains_into(e.relayed_domains));
    known_mailboxes known;
    s.read_list("mailboxes", "a mailbox in one of relay.domains", [&](const std::string& text) {
        const auto box = parse_mailbox(text);
        if (!box || !contains_domain(e.relayed_domains, box->domain, idna_to_ascii))
            return false;
        known.emplace(domain_key(box->domain, idna_to_ascii), box->unquoted_local_part());
        return true;
    });
    c.relayed_mailboxes = known.size();
    if (!known.empty())
        c.receiver.relayed_mailbox_exists = relayed_check(std::move(known));
    s.finish();
}

void read_spf(section s, config& c) {
    for (const auto result : {spf_result::pass, spf_result::softfail, spf_result::fail})
        s.read_list(std::string(to_string(result)) + "_clients",
                    prefix_expected,
                    prefixes([&](const ip_prefix& p) { c.spf.emplace_back(p, result); }));
    s.read("call_on_softfail", c.verifier.management.value().call_on_softfail);
    if (!c.spf.empty())
        c.receiver.spf = [known = c.spf](const ip_address& client,
                                         std::string_view,
                                         const mailbox&) -> std::optional<spf_result> {
            for (const auto& [prefix, result] : known)
                if (prefix.contains(client))
                    return result;
            return std::nullopt;
        };
    s.finish();
}

} // namespace

void read_relations(section& top, config& out) {
    out.receiver.eligibility.to_ascii = idna_to_ascii;
    read_allow(top.sub("allow"), out.receiver.eligibility);
    read_refuse(top.sub("refuse"), out);
    read_relay(top.sub("relay"), out);
    read_spf(top.sub("spf"), out);
}

} // namespace cbv::refserver
