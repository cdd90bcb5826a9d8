// Declarations -> settings; see the header. The ranges permitted are the lab's own (design of the
// lab: called hosts live in benchmark and documentation ranges, which CBV-HOST-002 prohibits).
#include "virtual_options.hpp"

#include "cbv/text.hpp"

#ifdef CBV_HAVE_IDNA
#include "cbv/idna.hpp"
#endif

#include <cmath>
#include <map>
#include <stdexcept>

namespace cbv::engine {
namespace {

// Of a client, in cases about calls that go on in the background.
constexpr duration patience = std::chrono::seconds{2};

std::string identity(const target& t, const std::string& name) {
    const auto found = t.identities.find(name);
    return found == t.identities.end() ? std::string{} : found->second;
}

std::string domain_of(const target& t, const std::string& name) {
    const auto box = parse_mailbox(identity(t, name));
    return box ? box->domain : std::string{};
}

std::map<ip_address, spf_result> spf_by_client(const target& t) {
    std::map<ip_address, spf_result> known;
    for (const auto result : {spf_result::pass, spf_result::softfail, spf_result::fail})
        if (const auto client =
                ip_address::parse(identity(t, "spf-" + std::string(to_string(result)) + "-client")))
            known.emplace(*client, result);
    return known;
}

duration time_of(const target& t, const std::string& name, duration otherwise) {
    const auto found = t.timeouts.find(name);
    if (found == t.timeouts.end())
        return otherwise;
    return duration{std::llround(found->second * t.scale * 1e6)};
}

ip_prefix prefix(std::string_view text) {
    const auto p = ip_prefix::parse(text);
    if (!p)
        throw std::logic_error{"not a prefix: " + std::string{text}};
    return *p;
}

/// The same for the same case in every run.
std::uint64_t seed_of(const std::string& id) {
    std::uint64_t hash = 1469598103934665603U; // FNV-1a
    for (const char c : id)
        hash = (hash ^ static_cast<unsigned char>(c)) * 1099511628211U;
    return hash;
}

} // namespace

verification_options verification_options_for(const conformance_case& c, const target& t) {
    verification_options o;
    o.dialogue.helo_name = identity(t, "helo");
    o.dialogue.pipelining = true; // more to judge; most hosts do not offer it
    auto& timers = o.dialogue.timers;
    timers.dns = time_of(t, "dns-timeout", timers.dns);
    timers.connect = time_of(t, "connect-timeout", timers.connect);
    timers.greeting = time_of(t, "greeting-timeout", timers.greeting);
    timers.ehlo = time_of(t, "ehlo-timeout", timers.ehlo);
    timers.mail = time_of(t, "mail-timeout", timers.mail);
    timers.rcpt = time_of(t, "rcpt-timeout", timers.rcpt);
    timers.quit = time_of(t, "quit-timeout", timers.quit);
    timers.budget = time_of(t, "budget", timers.budget);
    o.selection.own_names = {identity(t, "helo")};
    o.selection.ipv6 = t.capabilities.contains("ipv6") && !c.needs.contains("ipv4-only");
    if (const auto most = t.limits.find("attempts-per-call"); most != t.limits.end())
        o.max_attempts = most->second;
    o.selection.soft_nxdomain = c.needs.contains("soft-nxdomain");
    o.dialogue.decisions.null_sender_fails = c.needs.contains("null-sender-fails");
    if (c.needs.contains("control-question"))
        o.dialogue.decisions.standing = standing_mode::postmaster;
    o.selection.seed = seed_of(c.id);
    for (const auto* range : {"198.18.0.0/15", "203.0.113.0/24", "2001:db8::/32"})
        o.addresses.permit(prefix(range));
    o.addresses.add_own(t.address);
#ifdef CBV_HAVE_IDNA
    o.to_ascii = idna_to_ascii;
#endif
    return o;
}

receiver_options receiver_options_for(const target& t) {
    receiver_options o;
    o.host_name = identity(t, "helo");
    o.eligibility.local_domains = {identity(t, "local-domain")};
    if (t.capabilities.contains("allow-list")) {
        if (const auto client = ip_prefix::parse(identity(t, "allow-client")))
            o.eligibility.clients.push_back(*client);
        if (const auto domain = identity(t, "allow-domain"); !domain.empty())
            o.eligibility.domains.push_back(domain);
        if (const auto path = identity(t, "allow-path"); !path.empty())
            o.eligibility.paths.push_back(path);
    }
#ifdef CBV_HAVE_IDNA
    o.eligibility.to_ascii = idna_to_ascii;
#endif
    if (const auto client = ip_prefix::parse(identity(t, "relay-client")))
        o.eligibility.relay_clients.push_back(*client);
    o.eligibility.relayed_domains = {identity(t, "relayed-domain"), domain_of(t, "relayed-user")};
    o.relayed_mailbox_exists = [user = parse_mailbox(identity(t, "relayed-user"))](
                                   const mailbox& box) -> std::optional<bool> {
        if (!user || !iequals(user->domain, box.domain))
            return std::nullopt;
        return user->local_part == box.local_part;
    };
    o.spf = [known = spf_by_client(t)](const ip_address& client, std::string_view, const mailbox&) {
        const auto found = known.find(client);
        return found == known.end() ? std::nullopt : std::optional(found->second);
    };
    if (const auto client = ip_prefix::parse(identity(t, "blocked-client")))
        o.refused_clients.push_back(*client);
    o.mailbox_exists =
        [users = std::vector<std::string>{identity(t, "local-user"), identity(t, "recipient")}](
            const mailbox& box) {
            for (const auto& user : users)
                if (iequals(user, box.to_string()))
                    return true;
            return iequals(box.local_part, "postmaster");
        };
    if (t.capabilities.contains("auth"))
        o.authenticate = [user = identity(t, "auth-user"), password = identity(t, "auth-password")](
                             std::string_view u, std::string_view p) {
            return u == user && p == password;
        };
    return o;
}

call_manager_options call_manager_options_for(const conformance_case& c, const target& t) {
    const auto limit = [&](const char* name, unsigned otherwise) {
        const auto found = t.limits.find(name);
        return found == t.limits.end() ? otherwise : found->second;
    };
    call_manager_options o;
    o.client_budget = time_of(t, "budget", o.client_budget);
    o.cache.enabled = t.capabilities.contains("cache");
    o.cache.pass_lifetime = time_of(t, "pass-lifetime", o.cache.pass_lifetime);
    o.cache.pass_refresh = std::max(o.cache.pass_refresh, o.cache.pass_lifetime);
    o.cache.fail_lifetime = time_of(t, "fail-lifetime", o.cache.fail_lifetime);
    // Most cases ask for a path twice and want to see two calls; those about hold-offs get them. A
    // refused null sender is answered `tempfail`, too.
    if (!c.needs.contains("hold-off")) {
        o.cache.tempfail_hold_off = time_of(t, "hold-off", o.cache.tempfail_hold_off);
        o.cache.null_sender_hold_off = time_of(t, "hold-off", o.cache.null_sender_hold_off);
    }
    o.refusal_pause = time_of(t, "refusal-pause", o.refusal_pause);
    o.patience = time_of(t, "patience", o.patience);
    o.attempts_per_address = limit("attempts-per-address", o.attempts_per_address);
    o.attempts_in_all = limit("attempts-in-all", o.attempts_in_all);
    o.calls_per_domain = limit("calls-per-domain", o.calls_per_domain);
    o.fails_per_client = limit("fails-per-client", o.fails_per_client);
    o.calls_per_client = limit("calls-per-client", o.calls_per_client);
#ifdef CBV_HAVE_IDNA
    o.to_ascii = idna_to_ascii;
#endif
    for (const auto* name : {"do-not-call-domain", "do-not-call-idn"})
        if (const auto domain = identity(t, name); !domain.empty())
            o.uncalled_domains.push_back(domain);
    if (const auto address = ip_prefix::parse(identity(t, "do-not-call-address")))
        o.uncalled_addresses.push_back(*address);
    if (c.needs.contains("background"))
        o.answer_early_after = patience;
    return o;
}

} // namespace cbv::engine
