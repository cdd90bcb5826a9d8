// The library's machines in virtual time; see the header.
#include "library_verifier.hpp"

#include "cbv/reply_policy.hpp"

#include <array>
#include <string_view>

namespace simulation {
namespace {

constexpr duration dns_takes = std::chrono::milliseconds{20};

point point_of(std::string_view verb) {
    if (verb == "EHLO" || verb == "HELO")
        return point::ehlo;
    if (verb == "MAIL")
        return point::mail;
    if (verb == "RCPT")
        return point::rcpt;
    if (verb == "RSET")
        return point::rset;
    if (verb == "QUIT")
        return point::quit;
    return point::other;
}

// The client's number as an address; clients are in other networks than hosts.
cbv::request_facts facts_of(const message& m, instant now) {
    constexpr std::array results{cbv::spf_result::none,
                                 cbv::spf_result::pass,
                                 cbv::spf_result::softfail,
                                 cbv::spf_result::fail};
    const std::uint32_t n = m.client;
    return {now,
            cbv::ip_address::v4({static_cast<std::uint8_t>(128U + (n >> 24U)),
                                 static_cast<std::uint8_t>((n >> 16U) & 0xFFU),
                                 static_cast<std::uint8_t>((n >> 8U) & 0xFFU),
                                 static_cast<std::uint8_t>(n & 0xFFU)}),
            results.at(static_cast<std::size_t>(m.checked))};
}

answer answer_for(const cbv::verdict& v) {
    const int code = cbv::codes_for(v.kind, v.why).code;
    return code == 0 ? answer::accept : code < 500 ? answer::defer : answer::refuse;
}

} // namespace

library_verifier::library_verifier(const rule_settings& rules,
                                   desk& d,
                                   std::uint32_t who,
                                   std::uint64_t seed)
    : desk_(d), who_(who), seed_(seed), options_(rules.verification), manager_(rules.manager) {}

void library_verifier::ask(std::uint32_t letter, instant now) {
    const message& m = desk_.letter(letter);
    cbv::mailbox box;
    box.local_part = m.local;
    box.domain = desk_.here().domains()[m.domain].name;
    letters_.emplace(manager_.ask(box, now, facts_of(m, now)), letter);
    settle(now);
}

void library_verifier::plan(event_kind what, instant at, unsigned of, unsigned id) {
    desk_.plan().add({at, 0, what, who_, of, id});
}

void library_verifier::settle(instant now) {
    while (auto next = manager_.next_action()) {
        if (auto* begin = std::get_if<cbv::manage::start>(&*next)) {
            cbv::verification machine(
                begin->box, options_, seed_ + begin->call, now, begin->client_waits_since);
            machine.know_standing(std::move(begin->standing));
            calls_.emplace(begin->call, call{std::move(machine), {}, {}});
            pump(begin->call, now);
        } else if (const auto* end = std::get_if<cbv::manage::cancel>(&*next)) {
            if (const auto at = calls_.find(end->call); at != calls_.end()) {
                at->second.machine.cancel(now);
                pump(end->call, now);
            }
        } else if (const auto* allow = std::get_if<cbv::manage::allow>(&*next)) {
            const auto at = calls_.find(allow->call);
            if (at != calls_.end() && at->second.connections.contains(allow->attempt))
                open(allow->call, allow->attempt, at->second.connections.at(allow->attempt), now);
        } else if (const auto* said = std::get_if<cbv::manage::answer>(&*next)) {
            const auto at = letters_.find(said->client);
            const std::uint32_t letter = at->second;
            letters_.erase(at);
            desk_.decide(letter, answer_for(said->result), said->result.kind, now);
        }
    }
    if (const auto due = manager_.deadline(); due && *due < manager_timer_) {
        manager_timer_ = *due;
        plan(event_kind::manager, *due, 0, 0);
    }
}

/// Carries out what the verification wants. `number` may be gone afterwards.
void library_verifier::pump(unsigned number, instant now) {
    const auto at = calls_.find(number);
    call& c = at->second;
    while (auto next = c.machine.next_action())
        perform(number, c, *next, now);
    if (c.machine.finished()) {
        calls_.erase(at);
        return;
    }
    if (const auto due = c.machine.deadline(); due && *due < c.timer) {
        c.timer = *due;
        plan(event_kind::timer, *due, number, 0);
    }
}

void library_verifier::perform(unsigned number, call& c, cbv::action& a, instant now) {
    if (auto* query = std::get_if<cbv::act::query_dns>(&a)) {
        plan(event_kind::dns, now + dns_takes, number, query->id);
        c.queries.emplace(query->id, std::move(*query));
    } else if (const auto* to = std::get_if<cbv::act::connect>(&a)) {
        connection& made = c.connections[to->id];
        made.address = to->address;
        made.host = desk_.here().host_at(to->address);
        switch (manager_.on_connect(number, to->id, to->address, now)) {
        case cbv::permission::now:
            return open(number, to->id, made, now);
        case cbv::permission::skip:
            return c.machine.on_left_alone(to->id, now);
        case cbv::permission::later: // until the manager allows it
        case cbv::permission::never: // its call is cancelled
            return;
        }
    } else if (const auto* send = std::get_if<cbv::act::send>(&a)) {
        hear(number, send->id, c.connections.at(send->id), send->octets, now);
    } else if (const auto* close = std::get_if<cbv::act::close>(&a)) {
        c.connections.erase(close->id);
        manager_.on_close(number, close->id, now);
    } else if (auto* done = std::get_if<cbv::act::done>(&a)) {
        manager_.on_verdict(number, std::move(done->result), now);
    }
}

void library_verifier::open(unsigned number, unsigned id, connection& c, instant now) {
    if (!c.host || c.open)
        return;
    desk_.connects(*c.host, now);
    c.open = true;
    if (desk_.here().answers(*c.host)) // else nothing comes, and the timer ends it
        plan(event_kind::connected, now + desk_.here().round_trip(), number, id);
}

/// The host hears commands and will answer each.
void library_verifier::hear(
    unsigned number, unsigned id, connection& c, const std::string& octets, instant now) {
    std::string_view left = octets;
    while (!left.empty()) {
        const std::string_view line = left.substr(0, left.find("\r\n"));
        left.remove_prefix(std::min(left.size(), line.size() + 2));
        const point p = point_of(line.substr(0, 4));
        std::string_view path;
        if (p == point::rcpt) {
            const auto from = line.find('<') + 1;
            path = line.substr(from, line.rfind('>') - from);
            desk_.asks_recipient(*c.host);
        }
        expect(number, id, c, desk_.here().says(*c.host, p, who_, path, now), now);
    }
}

void library_verifier::expect(
    unsigned number, unsigned id, connection& c, utterance u, instant now) {
    c.coming.push_back(std::move(u.octets));
    plan(event_kind::reply, now + u.after, number, id);
}

void library_verifier::on(const event& e) {
    if (e.what == event_kind::manager) {
        manager_timer_ = instant::max();
        manager_.on_time(e.at);
        return settle(e.at);
    }
    const auto at = calls_.find(e.call);
    if (at == calls_.end())
        return; // it was over before
    call& c = at->second;
    const auto connected = c.connections.find(e.id);
    switch (e.what) {
    case event_kind::dns:
        if (auto query = c.queries.extract(e.id); !query.empty())
            c.machine.on_dns(
                e.id, desk_.here().lookup(query.mapped().name, query.mapped().type), e.at);
        break;
    case event_kind::connected:
        if (connected == c.connections.end())
            return;
        c.machine.on_connected(e.id, e.at);
        expect(e.call,
               e.id,
               connected->second,
               desk_.here().says(*connected->second.host, point::greeting, who_, {}, e.at),
               e.at);
        break;
    case event_kind::reply: {
        if (connected == c.connections.end())
            return;
        const std::string octets = std::move(connected->second.coming.front());
        connected->second.coming.pop_front();
        c.machine.on_bytes(e.id, octets, e.at);
        break;
    }
    case event_kind::timer:
        if (e.at < c.timer)
            return;
        c.timer = instant::max();
        c.machine.on_time(e.at);
        break;
    default:
        return;
    }
    pump(e.call, e.at);
    settle(e.at);
}

} // namespace simulation
