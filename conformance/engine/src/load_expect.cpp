// Reads `<expect>`: what the world must and must never see (conformance/FORMAT.md). Judging is
// judge_world.cpp's.
#include "cbv/text.hpp"
#include "load_parts.hpp"

#include <algorithm>
#include <initializer_list>
#include <map>

namespace cbv::engine {
namespace {

using attributes = std::vector<std::string_view>;

struct element_kind {
    world_check check;
    attributes allowed;
};

const std::map<std::string_view, element_kind>& kinds() {
    static const std::map<std::string_view, element_kind> table{
        {"connections", {world_check::connections, {"host", "min", "max", "at-once"}}},
        {"command", {world_check::command, {"host", "is", "matches", "min", "max"}}},
        {"never", {world_check::never, {"host", "command", "matches"}}},
        {"query", {world_check::query, {"type", "name", "min", "max"}}},
        {"never-query", {world_check::never_query, {"type", "name"}}},
        {"order", {world_check::order, {"hosts"}}},
        {"quiet-before-greeting", {world_check::quiet_before_greeting, {"host"}}},
        {"one-at-a-time", {world_check::one_at_a_time, {"host", "command"}}},
        {"last-command", {world_check::last_command, {"host", "is"}}},
        {"hang-up", {world_check::hang_up, {"host", "max"}}},
    };
    return table;
}

std::vector<std::string>
read_hosts(const fakemx::element& e, std::string_view name, const load_context& context) {
    auto hosts = split(e.required(name));
    if (hosts.empty())
        e.fail(std::string{name} + ": expected host ids or *");
    for (const auto& host : hosts)
        if (host != "*" && context.loaded.world.find(host) == nullptr)
            e.fail(std::string{name} + "=\"" + host + "\": no such host in <world>");
    return hosts;
}

std::string read_requirement(const fakemx::element& e, const load_context& context) {
    const auto text = e.attribute("requirement");
    if (text)
        context.check_requirement(e, *text);
    return text.value_or("");
}

// RFC 5321 and its extensions, RFC 821's for delivery to terminals, and the old TURN.
constexpr std::string_view known_verbs[] = {
    "HELO", "EHLO", "MAIL", "RCPT", "DATA", "BDAT", "RSET",     "NOOP", "QUIT", "VRFY",
    "EXPN", "HELP", "ETRN", "ATRN", "TURN", "AUTH", "STARTTLS", "SEND", "SOML", "SAML"};

void read_verbs(const fakemx::element& e, world_expectation& x) {
    const auto text = e.attribute("command");
    if (!text)
        return;
    for (const auto& word : split(*text)) {
        x.commands.push_back(to_upper(word));
        if (std::find(std::begin(known_verbs), std::end(known_verbs), x.commands.back()) ==
            std::end(known_verbs))
            e.fail_at("command",
                      "command=\"" + escape(word, 100) +
                          "\": expected a verb of SMTP; matches= takes any line");
    }
    if (x.commands.empty())
        e.fail_at("command", "command=\"\": expected a verb of SMTP");
}

void read_lines(const fakemx::element& e, load_context& context, world_expectation& x) {
    if (const auto is = e.attribute("is"))
        x.is = context.expand(e, *is);
    x.matches = context.regular(e, "matches");
    read_verbs(e, x);
}

/// A host that takes no connection sees nothing, whatever the implementation does: what is said of
/// it can only hold always, or never.
void check_hosts(const fakemx::element& e,
                 const load_context& context,
                 const world_expectation& x) {
    const auto& hosts = context.loaded.world.hosts;
    const auto listens = [](const fakemx::host& h) { return h.how == fakemx::reach::listen; };
    const auto name = x.check == world_check::order ? "hosts" : "host";
    for (const auto& id : x.hosts) {
        if (id == "*" && std::none_of(hosts.begin(), hosts.end(), listens))
            e.fail_at(name,
                      std::string{name} +
                          "=\"*\": expected a <host> in <world> that listens; without, nothing can "
                          "be seen");
        const auto* host = id == "*" ? nullptr : context.loaded.world.find(id);
        if (host != nullptr && !listens(*host))
            e.fail_at(name,
                      std::string{name} + "=\"" + id +
                          "\": expected a host that listens; one with reach= refuse or blackhole "
                          "never counts as connected and sees nothing");
    }
}

void check_order(const fakemx::element& e, const world_expectation& x) {
    for (auto host = x.hosts.begin(); host != x.hosts.end(); ++host) {
        if (*host == "*")
            e.fail_at("hosts", "hosts: expected at least two host ids, not *");
        if (std::find(x.hosts.begin(), host, *host) != host)
            e.fail_at("hosts",
                      "hosts: " + *host +
                          " is there twice; only the first connection to a host has a place");
    }
    if (x.hosts.size() < 2)
        e.fail_at("hosts", "hosts: expected at least two host ids");
}

void read_query(const fakemx::element& e, load_context& context, world_expectation& x) {
    static constexpr std::string_view known[] = {"A", "AAAA", "MX", "CNAME", "TXT", "PTR", "*"};
    x.types = split(e.required("type"));
    for (const auto& type : x.types)
        if (std::find(std::begin(known), std::end(known), type) == std::end(known))
            e.fail("type=\"" + type + "\": expected A, AAAA, MX, CNAME, TXT, PTR or *");
    if (x.types.empty())
        e.fail("type: expected at least one DNS type");
    if (const auto name = e.attribute("name"))
        x.name = context.dns_name(context.expand(e, *name));
}

world_expectation read_one(const fakemx::element& e, load_context& context) {
    const auto found = kinds().find(e.name());
    if (found == kinds().end())
        e.fail("unknown element <" + std::string{e.name()} +
               "> in <expect>; expected connections, command, never, query, never-query, order, "
               "quiet-before-greeting, one-at-a-time, last-command or hang-up");
    auto allowed = found->second.allowed;
    allowed.insert(allowed.end(), {"finding", "requirement"});
    e.allow_only(allowed);
    e.allow_no_content();
    world_expectation x;
    x.check = found->second.check;
    x.finding = read_finding(e, context);
    x.requirement = read_requirement(e, context);
    switch (x.check) {
    case world_check::query:
    case world_check::never_query:
        read_query(e, context, x);
        break;
    case world_check::order:
        x.hosts = read_hosts(e, "hosts", context);
        break;
    default:
        x.hosts = read_hosts(e, "host", context);
    }
    check_hosts(e, context, x);
    read_lines(e, context, x);
    if (x.check == world_check::command && x.is.empty() == x.matches.empty())
        e.fail("<command> needs either is= or matches=");
    if (x.check == world_check::last_command && x.is.empty())
        e.fail("<last-command> needs is=");
    if (x.check == world_check::never && !x.commands.empty() && !x.matches.empty())
        e.fail("<never> takes command= or matches=, not both");
    if (x.check == world_check::order)
        check_order(e, x);
    if (x.check == world_check::hang_up) {
        x.within = context.required_time(e, "max");
        return x;
    }
    const bool limits = x.check == world_check::connections;
    x.min = limits ? read_limit(e, "min", context) : read_count(e, "min");
    x.max = limits ? read_limit(e, "max", context) : read_count(e, "max");
    x.at_once = read_limit(e, "at-once", context);
    if (x.at_once == 0U)
        e.fail_at("at-once", "at-once: expected at least 1");
    if (x.min && x.max && *x.min > *x.max)
        e.fail("min is greater than max");
    if (x.min == 0U && !x.max && !x.at_once)
        e.fail_at("min", "min=\"0\" alone holds always; expected max= beside it");
    return x;
}

} // namespace

void load_expect(const fakemx::element& expect, load_context& context) {
    expect.allow_only({"watch"});
    context.loaded.watch = context.time(expect, "watch").value_or(duration{});
    for (const auto& child : expect.children())
        context.loaded.expect.push_back(read_one(child, context));
}

} // namespace cbv::engine
