// Which keys there are and what they set (refserver/config.hpp). Defaults are those of the
// library's own options; they are not repeated here.
#include "refserver/config.hpp"

#include "cbv/mailbox.hpp"
#include "cbv/text.hpp"
#include "config_management.hpp"
#include "config_relations.hpp"
#include "config_section.hpp"
#include "config_values.hpp"

#include <algorithm>
#include <charconv>
#include <fstream>
#include <random>
#include <sstream>

namespace cbv::refserver {
namespace {

namespace fs = std::filesystem;

auto address_into(std::optional<ip_address>& out, bool v4) {
    return [&out, v4](const std::string& text) {
        out = ip_address::parse(text);
        return out && out->is_v4() == v4;
    };
}

void read_top(section& top, config& c, const fs::path& directory) {
    auto& r = c.receiver;
    if (!top.read_checked("host_name", "the server's domain name", [&](const std::string& text) {
            r.host_name = text;
            return is_domain(text);
        }))
        top.fail("host_name", "is missing; expected the server's domain name");
    if (!top.read_list("listen",
                       "ADDRESS:PORT such as \"192.0.2.25:25\"",
                       [&](const auto& text) {
                           const auto where = endpoint::parse(text);
                           if (where)
                               c.listen.push_back(*where);
                           return where.has_value();
                       }) ||
        c.listen.empty())
        top.fail("listen", "expected at least one ADDRESS:PORT");
    if (!top.read_list("local_domains", "a domain", domains_into(r.eligibility.local_domains)) ||
        r.eligibility.local_domains.empty())
        top.fail("local_domains", "expected at least one domain");

    const bool any = top.read_checked(
        "mailboxes", "\"any\"", [](const std::string& text) { return text == "any"; });
    std::vector<std::string> users;
    const bool listed =
        top.read_list("users", "a local-part or a mailbox", [&users](const std::string& text) {
            users.push_back(text);
            return parse_mailbox(text.find('@') == text.npos ? text + "@x.example" : text)
                .has_value();
        });
    if (any == listed)
        top.fail("users", "expected either users = [...] or mailboxes = \"any\"");
    if (listed)
        c.users = std::move(users);

    std::string spool;
    if (!top.read("spool", spool) || spool.empty())
        top.fail("spool", "expected the directory of the Maildir");
    c.spool = directory / spool;
    c.spool_place = top.place("spool");
    if (top.read("trace", c.trace) && !c.trace.empty() && c.trace != "-")
        c.trace = (directory / c.trace).string();

    top.read_count("max_sessions", c.max_sessions, 1, 100000);
    top.read_count("max_message_size", r.max_message_size, 1024, 1LL << 31);
    top.read_count("max_recipients", r.max_recipients, 100, 100000); // RFC 5321 section 4.5.3.1.8
    top.read_count("storage_threads", c.storage_threads, 1, 64);
    top.read("idle_timeout", r.idle_timeout);
    top.read("shutdown_grace", c.shutdown_grace);
}

void read_dns(section dns, config& c) {
    auto& r = c.verifier.resolver;
    dns.read_list("servers", "ADDRESS or ADDRESS:PORT", [&](const std::string& text) {
        r.servers.push_back(text);
        return endpoint::parse(text).has_value();
    });
    dns.read("timeout", r.timeout);
    dns.read_count("tries", r.tries, 1, 10);
    dns.finish();
}

void read_timeouts(section s, config& c) {
    timeouts& t = c.verifier.verification.dialogue.timers;
    s.read("dns", t.dns);
    s.read("connect", t.connect);
    s.read("greeting", t.greeting);
    s.read("ehlo", t.ehlo);
    s.read("mail", t.mail);
    s.read("rcpt", t.rcpt);
    s.read("quit", t.quit);
    s.read("starttls", t.starttls);
    s.read("budget", t.budget);
    if (const auto problem = t.problem())
        s.fail(s.has("budget") ? "budget" : "", *problem);
    s.finish();
}

// What a stranger's zone may make us look up (CBV-MX-013).
void read_dns_bounds(section& s, selection_options& o) {
    constexpr unsigned most = 1000;
    s.read_count("max_exchanges", o.max_exchanges, 1, most);
    s.read_count("max_addresses", o.max_addresses, 1, most);
    s.read_count("max_lookups", o.max_lookups, 2, most);
    s.read_count("lookups_at_once", o.lookups_at_once, 2, most);
    s.read_count("max_aliases", o.max_aliases, 1, most_aliases);
    s.read("late_after", o.late_after);
}

void read_verify(section s, config& c) {
    verification_options& v = c.verifier.verification;
    s.read("enabled", c.receiver.verify);
    v.dialogue.helo_name = c.receiver.host_name;
    s.read_checked("helo_name", "a domain name or an address literal", [&](const auto& text) {
        v.dialogue.helo_name = text;
        return is_domain_or_literal(text);
    });
    s.read_list(
        "permit", prefix_expected, prefixes([&](const ip_prefix& p) { v.addresses.permit(p); }));
    s.read_list("prohibit", prefix_expected, prefixes([&](const ip_prefix& p) {
                    v.addresses.prohibit(p);
                }));
    // CBV-HOST-004: what we listen on is ours without being told; an unspecified address names
    // none.
    for (const endpoint& e : c.listen)
        v.addresses.add_own(e.address);
    s.read_list("own_addresses", "an address", [&](const std::string& text) {
        const auto address = ip_address::parse(text);
        if (address)
            v.addresses.add_own(*address);
        return address.has_value();
    });
    v.selection.own_names.push_back(c.receiver.host_name);
    s.read_list("own_names", "a domain", domains_into(v.selection.own_names));
    s.read_checked("source_v4", "an IPv4 address", address_into(c.verifier.source_v4, true));
    s.read_checked("source_v6", "an IPv6 address", address_into(c.verifier.source_v6, false));
    s.read_count("max_attempts", v.max_attempts, 2, 100);
    s.read_count("kept_share", v.kept_share, 0, 50);
    read_dns_bounds(s, v.selection);
    if (s.has("max_concurrent"))
        s.fail("max_concurrent", "has another place now; expected calls_in_all in [limits]");
    s.read_count("port", v.port, 1, 65535);
    s.read("ipv4", v.selection.ipv4);
    s.read("ipv6", v.selection.ipv6);
    s.read("pipelining", v.dialogue.pipelining);
    s.read("noop", v.dialogue.noop_text);
    s.read("soft_nxdomain", v.selection.soft_nxdomain);
    s.read("null_sender_fails", v.dialogue.decisions.null_sender_fails);
    s.read_checked("standing", "\"strict\", \"postmaster\" or \"off\"", [&](const auto& text) {
        const auto mode = standing_mode_from(text);
        if (mode)
            v.dialogue.decisions.standing = *mode;
        return mode.has_value();
    });
    c.seed_given = s.read_count("seed", v.selection.seed, 0, INT64_MAX);
    if (!c.seed_given) {
        std::random_device random;
        v.selection.seed = (std::uint64_t{random()} << 32) | random();
    }
    if (const auto problem = v.problem())
        s.fail("", *problem);
    s.finish();
}

void read_reply(section s, config& c) {
    s.read("quote_called_host", c.receiver.replies.quote_called_host);
    s.read("defer_unverifiable", c.receiver.replies.defer_unverifiable);
    s.read("accept_tempfail", c.receiver.replies.accept_tempfail);
    s.read("observe", c.receiver.replies.observe);
    s.finish();
}

void read_auth(section s, config& c) {
    section users = s.sub("users");
    for (const std::string& name : users.keys()) {
        users.read(name, c.passwords[name]);
        if (name.empty() || c.passwords[name].empty())
            users.fail(name, "expected a user name and a password that are not empty");
    }
    s.finish();
}

/// Own users by local-part, case aside: RFC 5321 section 2.4 leaves that to the final host.
std::function<bool(const mailbox&)> user_check(const std::vector<std::string>& users) {
    return [users](const mailbox& box) {
        const std::string local = box.unquoted_local_part();
        return std::any_of(users.begin(), users.end(), [&](const std::string& user) {
            if (user.find('@') == user.npos)
                return iequals(user, local);
            const mailbox known = parse_mailbox(user).value();
            return iequals(known.unquoted_local_part(), local) && iequals(known.domain, box.domain);
        });
    };
}

/// Compares all octets, so that the time does not tell how many are right.
bool same_secret(std::string_view a, std::string_view b) {
    unsigned difference = a.size() == b.size() ? 0 : 1;
    for (std::size_t i = 0; i < a.size() && i < b.size(); ++i)
        difference |= static_cast<unsigned>(a[i] ^ b[i]);
    return difference == 0;
}

void set_functions(config& c) {
    if (c.users)
        c.receiver.mailbox_exists = user_check(*c.users);
    if (!c.passwords.empty())
        c.receiver.authenticate = [known = c.passwords](std::string_view user,
                                                        std::string_view password) {
            const auto found = known.find(std::string(user));
            return found != known.end() && same_secret(found->second, password);
        };
}

} // namespace

std::optional<endpoint> endpoint::parse(std::string_view text) {
    endpoint out;
    std::string_view host = text;
    std::string_view port;
    if (text.starts_with('[')) {
        const std::size_t end = text.find(']');
        if (end == text.npos)
            return std::nullopt;
        host = text.substr(1, end - 1);
        port = text.substr(end + 1);
    } else if (std::count(text.begin(), text.end(), ':') == 1) {
        host = text.substr(0, text.find(':'));
        port = text.substr(text.find(':'));
    }
    const auto address = ip_address::parse(host);
    if (!address || (text.starts_with('[') && address->is_v4()))
        return std::nullopt;
    out.address = *address;
    if (!port.empty()) {
        const char* const end = port.data() + port.size();
        const auto [stop, error] = std::from_chars(port.data() + 1, end, out.port);
        if (port[0] != ':' || error != std::errc() || stop != end)
            return std::nullopt;
    }
    return out;
}

std::string endpoint::to_string() const {
    const std::string host = address.to_string();
    return (address.is_v4() ? host : '[' + host + ']') + ':' + std::to_string(port);
}

config parse_config(std::string_view text, const fs::path& file) {
    const std::string name = file.string();
    toml::table table;
    try {
        table = toml::parse(text, name);
    } catch (const toml::parse_error& e) {
        const auto at = e.source().begin;
        throw config_error(name + ':' + std::to_string(at.line) + ':' + std::to_string(at.column) +
                           ": " + std::string(e.description()));
    }
    config c;
    section top(table, "", name);
    read_top(top, c, file.parent_path());
    read_dns(top.sub("dns"), c);
    read_timeouts(top.sub("timeouts"), c);
    read_verify(top.sub("verify"), c);
    read_management(top, c.verifier.management.emplace());
    read_relations(top, c);
    read_reply(top.sub("reply"), c);
    read_auth(top.sub("auth"), c);
    top.finish();
    set_functions(c);
    return c;
}

config load_config(const fs::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::ostringstream text;
    if (!in || !(text << in.rdbuf()))
        throw config_error(file.string() + ": cannot be read");
    return parse_config(text.str(), file);
}

} // namespace cbv::refserver
