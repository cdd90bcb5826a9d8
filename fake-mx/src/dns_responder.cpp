// fakemx/dns_responder.hpp: lookup() is the whole meaning; respond() only puts it on the wire.
#include "fakemx/dns_responder.hpp"

#include "cbv/text.hpp"

#include <algorithm>
#include <set>
#include <stdexcept>

namespace cbv::fakemx {
namespace {

constexpr std::size_t plain_udp_size = 512; // RFC 1035 section 2.3.4
constexpr std::size_t tcp_size = 65535;
// Too short for a header (RFC 1035 section 4.1.1), so no reader can take it for a message.
constexpr std::string_view garbage = "\x15\x03\x01\xFFnot-dns";
constexpr std::string_view catch_all_zone = "test";

std::string canonical(std::string_view name) {
    auto text = to_lower(name);
    if (text.ends_with('.'))
        text.pop_back();
    return text;
}

bool lies_below(std::string_view name, std::string_view domain) {
    return name == domain || (name.ends_with(domain) && name.size() > domain.size() &&
                              name[name.size() - domain.size() - 1] == '.');
}

std::string describe(const dns_lookup& found, const std::string& query) {
    switch (found.fault) {
    case dns_fault::silent:
        return query + " (no answer)";
    case dns_fault::truncate:
    case dns_fault::truncate_always:
        return query + " (truncated)";
    case dns_fault::garbage:
        return query + " (garbage)";
    case dns_fault::empty:
        return query + " (no octets)";
    case dns_fault::open_chain:
    case dns_fault::wrong_id:
    case dns_fault::none:
        break;
    }
    return query + " " + rcode_text(found.code) + " " + std::to_string(found.records.size()) +
           (found.records.size() == 1 ? " record" : " records") +
           (found.fault == dns_fault::wrong_id ? " (wrong id)" : "");
}

} // namespace

void dns_responder::add(const world& w) {
    if (!zones_.emplace(w.domain, zone{&w, std::vector<unsigned>(w.answers.size())}).second)
        throw std::logic_error{"two worlds have the domain " + w.domain};
    for (const auto& r : w.records)
        records_[r.name].push_back({&w, &r});
}

void dns_responder::add_static(record r) {
    r.name = canonical(r.name);
    static_.push_back(std::make_unique<record>(std::move(r)));
    records_[static_.back()->name].push_back({nullptr, static_.back().get()});
}

/// The world whose domain is `name` or above it, or which has records of this name.
dns_responder::zone* dns_responder::find_zone(std::string_view name) {
    for (std::string_view suffix = name;;) {
        if (const auto found = zones_.find(suffix); found != zones_.end())
            return &found->second;
        const auto dot = suffix.find('.');
        if (dot == suffix.npos)
            break;
        suffix.remove_prefix(dot + 1);
    }
    if (const auto found = records_.find(name); found != records_.end())
        for (const auto& e : found->second)
            if (e.of != nullptr)
                return &zones_.find(e.of->domain)->second;
    for (auto& [domain, z] : zones_)
        for (const auto& a : z.of->answers)
            if (a.name == name)
                return &z;
    return nullptr;
}

const answer_rule* dns_responder::find_rule(zone& z, std::string_view name, rr_type type) {
    for (std::size_t i = 0; i < z.of->answers.size(); ++i) {
        const auto& a = z.of->answers[i];
        if ((a.name != "*" && a.name != name) || (a.type != rr_type::any && a.type != type))
            continue;
        if (a.times != 0 && z.uses[i] >= a.times)
            continue;
        ++z.uses[i];
        return &a;
    }
    return nullptr;
}

dns_lookup dns_responder::lookup(std::string_view name, rr_type type, bool tcp) {
    dns_lookup found;
    auto wanted = canonical(name);
    const bool served = !before_lookup || before_lookup(wanted);
    zone* const z = find_zone(wanted);
    if (z != nullptr)
        found.world_id = z->of->id;
    if (!served) {
        found.code = rcode::server_failure;
        return found;
    }
    const answer_rule* const rule = z == nullptr ? nullptr : find_rule(*z, wanted, type);
    bool open_chain = false;
    if (rule != nullptr) {
        found.delay = rule->delay;
        open_chain = rule->fault == dns_fault::open_chain;
        found.fault = open_chain || (rule->fault == dns_fault::truncate && tcp) ? dns_fault::none
                                                                                : rule->fault;
        if (rule->rcode) {
            found.code = *rule->rcode;
            if (found.code == rcode::name_error) {
                found.zone = z->of->domain;
                found.negative_ttl = rule->ttl.value_or(negative_ttl);
            }
            return found;
        }
        if (found.fault != dns_fault::none && found.fault != dns_fault::wrong_id)
            return found; // the records are not sent, so this is no answer to count
    }
    follow(std::move(wanted), type, open_chain, found);
    return found;
}

/// The records at `name`, through CNAMEs; where these do not end and `open` is set, those that
/// there are.
void dns_responder::follow(std::string name, rr_type type, bool open, dns_lookup& found) {
    for (unsigned links = 0; links <= max_chain; ++links) {
        const auto at = records_.find(name);
        const unsigned answers = answered_[{name, type}]++;
        const record* alias = nullptr;
        bool any = false;
        bool exists = false;
        if (at != records_.end())
            for (const auto& e : at->second) {
                exists = true;
                const record& r = *e.what;
                if ((r.times != 0 && answers >= r.times) || answers < r.after)
                    continue;
                if (r.type == type || type == rr_type::any) {
                    found.records.push_back(r);
                    any = true;
                } else if (r.type == rr_type::cname) {
                    alias = &r;
                }
            }
        if (any)
            return;
        if (alias == nullptr) {
            found.code = exists ? rcode::no_error : rcode::name_error;
            const zone* const z = find_zone(name);
            if (z != nullptr && lies_below(name, z->of->domain))
                found.zone = z->of->domain;
            else if (lies_below(name, catch_all_zone))
                found.zone = catch_all_zone;
            found.negative_ttl = negative_ttl;
            return;
        }
        const bool again = std::any_of(found.records.begin(),
                                       found.records.end(),
                                       [&](const record& r) { return r.name == alias->name; });
        if (open && again)
            return;
        found.records.push_back(*alias);
        name = alias->target;
    }
    if (open)
        return;
    found.records.clear();
    found.code = rcode::server_failure;
}

std::vector<dns_response> dns_responder::respond(std::string_view message, bool tcp) {
    dns_query query;
    const auto fault = read_query(message, query);
    if (fault == query_fault::no_query)
        return {};
    const std::size_t limit =
        tcp ? tcp_size : std::max<std::size_t>(query.edns_size.value_or(0), plain_udp_size);
    dns_response response;
    if (fault == query_fault::malformed || query.opcode != 0 || query.klass != 1) {
        dns_reply refusal;
        refusal.code =
            fault == query_fault::malformed ? rcode::format_error : rcode::not_implemented;
        if (fault == query_fault::malformed)
            query.edns_size.reset();
        response.octets = write_reply(query, refusal, limit);
        return {response};
    }
    const query_key key{query.id, canonical(query.name), query.type};
    dns_lookup found;
    if (const auto before = given_.find(key); before != given_.end()) {
        found = before->second;
        response.repeated = true;
    } else {
        found = lookup(query.name, query.type, tcp);
        if (found.fault == dns_fault::none && found.code == rcode::no_error) {
            if (given_.size() >= max_given)
                given_.clear();
            given_.emplace(key, found);
        }
    }
    response.world_id = found.world_id;
    response.query = type_text(query.type) + " " + query.name + (response.repeated ? " again" : "");
    response.answer = describe(found, response.query);
    response.delay = found.delay;
    switch (found.fault) {
    case dns_fault::silent:
        return {response};
    case dns_fault::garbage:
        response.octets = garbage;
        return {response};
    case dns_fault::empty:
        response.octets = "";
        return {response};
    case dns_fault::wrong_id:
        query.id = static_cast<std::uint16_t>(query.id ^ 0xFFFFU);
        break;
    case dns_fault::truncate:
    case dns_fault::truncate_always:
    case dns_fault::open_chain:
    case dns_fault::none:
        break;
    }
    dns_reply reply;
    reply.code = found.code;
    reply.truncated =
        found.fault == dns_fault::truncate || found.fault == dns_fault::truncate_always;
    reply.answers = std::move(found.records);
    reply.negative_zone = std::move(found.zone);
    reply.negative_ttl = found.negative_ttl;
    response.octets = write_reply(query, reply, limit);
    return {response};
}

} // namespace cbv::fakemx
