// --dump-settings: what is in effect after defaults, for people and for the suite (CBV-TIME-002).
#include "cbv/duration_text.hpp"
#include "refserver/config.hpp"

#include <nlohmann/json.hpp>

namespace cbv::refserver {

std::string dump_settings(const config& c) {
    using nlohmann::ordered_json;
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
                     {"max_concurrent", c.max_verifications},
                     {"port", v.port},
                     {"ipv4", v.selection.ipv4},
                     {"ipv6", v.selection.ipv6},
                     {"pipelining", v.dialogue.pipelining},
                     {"noop", v.dialogue.noop_text},
                     {"soft_nxdomain", v.selection.soft_nxdomain}};
    if (c.seed_given)
        out["verify"]["seed"] = v.selection.seed;
    const eligibility_rules& e = c.receiver.eligibility;
    ordered_json clients = ordered_json::array();
    for (const ip_prefix& p : e.clients)
        clients.push_back(p.to_string());
    out["allow"] = {{"clients", clients}, {"domains", e.domains}, {"paths", e.paths}};
    out["reply"] = {{"quote_called_host", c.receiver.replies.quote_called_host},
                    {"defer_unverifiable", c.receiver.replies.defer_unverifiable}};
    // Never a password; not even who has one.
    out["auth"] = {{"offered", !c.passwords.empty()}};
    return out.dump(2, ' ', true, ordered_json::error_handler_t::replace) + '\n';
}

} // namespace cbv::refserver
