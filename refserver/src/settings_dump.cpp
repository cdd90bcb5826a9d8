// --dump-settings: what is in effect after defaults, for people and for the suite (CBV-TIME-002).
#include "cbv/duration_text.hpp"
#include "refserver/config.hpp"

#include <nlohmann/json.hpp>

namespace cbv::refserver {

namespace {

using nlohmann::ordered_json;

ordered_json texts(const std::vector<ip_prefix>& prefixes) {
    ordered_json out = ordered_json::array();
    for (const ip_prefix& p : prefixes)
        out.push_back(p.to_string());
    return out;
}

void dump_management(const call_manager_options& m, ordered_json& out) {
    const cache_options& k = m.cache;
    out["cache"] = {{"enabled", k.enabled},
                    {"max_entries", k.max_entries},
                    {"pass_lifetime", format_duration(k.pass_lifetime)},
                    {"fail_lifetime", format_duration(k.fail_lifetime)},
                    {"max_dns_lifetime", format_duration(k.max_dns_lifetime)},
                    {"pass_refresh", format_duration(k.pass_refresh)},
                    {"tempfail_hold_off", format_duration(k.tempfail_hold_off)},
                    {"unverifiable_hold_off", format_duration(k.unverifiable_hold_off)},
                    {"null_sender_hold_off", format_duration(k.null_sender_hold_off)}};
    out["limits"] = {{"attempts_per_address", m.attempts_per_address},
                     {"attempts_in_all", m.attempts_in_all},
                     {"calls_in_all", m.calls_in_all},
                     {"calls_per_domain", m.calls_per_domain},
                     {"rate_window", format_duration(m.rate_window)},
                     {"over_limit", to_string(m.over_limit)},
                     {"fails_per_client", m.fails_per_client},
                     {"calls_per_client", m.calls_per_client},
                     {"proving_paths", m.proving_paths},
                     {"patience", format_duration(m.patience)},
                     {"refusal_pause", format_duration(m.refusal_pause)},
                     {"refusals_per_domain", m.refusals_per_domain},
                     {"listing_domains", m.listing_domains},
                     {"answer_early_after", format_duration(m.answer_early_after)}};
    out["do_not_call"] = {{"domains", m.uncalled_domains},
                          {"addresses", texts(m.uncalled_addresses)}};
}

} // namespace

std::string dump_settings(const config& c) {
    const verification_options& v = c.verifier.verification;
    const timeouts& t = v.dialogue.timers;
    ordered_json out;
    out["host_name"] = c.receiver.host_name;
    for (const endpoint& e : c.listen)
        out["listen"].push_back(e.to_string());
    out["local_domains"] = c.receiver.eligibility.local_domains;
    if (c.users)
        out["users"] = *c.users;
    else
        out["mailboxes"] = "any";
    out["spool"] = c.spool.string();
    out["trace"] = c.trace;
    out["max_sessions"] = c.max_sessions;
    out["max_message_size"] = c.receiver.max_message_size;
    out["max_recipients"] = c.receiver.max_recipients;
    out["storage_threads"] = c.storage_threads;
    out["idle_timeout"] = format_duration(c.receiver.idle_timeout);
    out["shutdown_grace"] = format_duration(c.shutdown_grace);
    out["dns"] = {{"servers", c.verifier.resolver.servers},
                  {"timeout", format_duration(c.verifier.resolver.timeout)},
                  {"tries", c.verifier.resolver.tries}};
    out["timeouts"] = {{"dns", format_duration(t.dns)},
                       {"connect", format_duration(t.connect)},
                       {"greeting", format_duration(t.greeting)},
                       {"ehlo", format_duration(t.ehlo)},
                       {"mail", format_duration(t.mail)},
                       {"rcpt", format_duration(t.rcpt)},
                       {"quit", format_duration(t.quit)},
                       {"starttls", format_duration(t.starttls)},
                       {"budget", format_duration(t.budget)}};
    out["verify"] = {{"enabled", c.receiver.verify},
                     {"helo_name", v.dialogue.helo_name},
                     {"own_names", v.selection.own_names},
                     {"max_attempts", v.max_attempts},
                     {"kept_share", v.kept_share},
                     {"max_exchanges", v.selection.max_exchanges},
                     {"max_addresses", v.selection.max_addresses},
                     {"max_lookups", v.selection.max_lookups},
                     {"lookups_at_once", v.selection.lookups_at_once},
                     {"max_aliases", v.selection.max_aliases},
                     {"late_after", format_duration(v.selection.late_after)},
                     {"port", v.port},
                     {"ipv4", v.selection.ipv4},
                     {"ipv6", v.selection.ipv6},
                     {"pipelining", v.dialogue.pipelining},
                     {"noop", v.dialogue.noop_text},
                     {"soft_nxdomain", v.selection.soft_nxdomain},
                     {"null_sender_fails", v.dialogue.decisions.null_sender_fails},
                     {"standing", std::string(to_string(v.dialogue.decisions.standing))}};
    if (c.seed_given)
        out["verify"]["seed"] = v.selection.seed;
    if (c.verifier.management)
        dump_management(*c.verifier.management, out);
    const eligibility_rules& e = c.receiver.eligibility;
    out["allow"] = {{"clients", texts(e.clients)}, {"domains", e.domains}, {"paths", e.paths}};
    out["refuse"] = {{"clients", texts(c.receiver.refused_clients)}};
    out["relay"] = {{"clients", texts(e.relay_clients)},
                    {"domains", e.relayed_domains},
                    {"mailboxes", c.relayed_mailboxes}};
    out["spf"] = ordered_json::object();
    for (const auto& [prefix, result] : c.spf)
        out["spf"][std::string(to_string(result)) + "_clients"].push_back(prefix.to_string());
    if (c.verifier.management)
        out["spf"]["call_on_softfail"] = c.verifier.management->call_on_softfail;
    out["reply"] = {{"quote_called_host", c.receiver.replies.quote_called_host},
                    {"defer_unverifiable", c.receiver.replies.defer_unverifiable},
                    {"accept_tempfail", c.receiver.replies.accept_tempfail},
                    {"observe", c.receiver.replies.observe}};
    // Never a password; not even who has one.
    out["auth"] = {{"offered", !c.passwords.empty()}};
    return out.dump(2, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

} // namespace cbv::refserver
