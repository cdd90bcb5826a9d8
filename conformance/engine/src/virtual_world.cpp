// Called hosts and DNS on virtual time; see the header. A connection keeps TCP's order: what is
// queued first arrives first, since every hop takes the same time.
#include "virtual_world.hpp"

#include <algorithm>
#include <utility>

namespace cbv::engine {
namespace {

constexpr unsigned resolver_attempts = 3; // as resolvers usually do, 2 to 4

fakemx::rr_type wire_type(record_type type) {
    switch (type) {
    case record_type::mx:
        return fakemx::rr_type::mx;
    case record_type::a:
        return fakemx::rr_type::a;
    case record_type::aaaa:
        return fakemx::rr_type::aaaa;
    }
    return fakemx::rr_type::any;
}

dns_record to_record(const fakemx::record& r) {
    dns_record out;
    out.owner = r.owner.empty() ? r.name : r.owner;
    out.ttl = r.ttl;
    if (r.type == fakemx::rr_type::mx)
        out.data = mx_record{r.preference, r.target};
    else if (r.address)
        out.data = *r.address;
    else if (r.type == fakemx::rr_type::cname)
        out.data = dns_alias{r.target};
    return out;
}

dns_answer to_answer(const fakemx::dns_lookup& found, const std::string& name, record_type type) {
    if (found.fault == fakemx::dns_fault::truncate_always) {
        dns_answer answer;
        answer.detail = "truncated over TCP";
        return answer;
    }
    std::vector<dns_record> records;
    for (const auto& r : found.records)
        records.push_back(to_record(r));
    dns_answer answer = read_answer(name, type, records);
    answer.detail = fakemx::rcode_text(found.code);
    if (answer.aliases > 0)
        answer.detail = "by CNAME"; // for whoever wants to know the way
    if (found.code == fakemx::rcode::name_error)
        answer.status = dns_status::nxdomain;
    else
        answer.status =
            found.code == fakemx::rcode::no_error ? dns_status::ok : dns_status::temporary;
    if (!found.zone.empty()) // RFC 2308 section 5
        answer.ttl =
            found.records.empty() ? found.negative_ttl : std::min(answer.ttl, found.negative_ttl);
    return answer;
}

} // namespace

virtual_world::virtual_world(const fakemx::world& w,
                             fakemx::timeline_log& log,
                             event_queue& queue,
                             const instant& now,
                             duration latency,
                             duration patience)
    : world_(w), log_(log), queue_(queue), now_(now), latency_(latency), patience_(patience) {
    dns_.add(w);
    for (const auto& h : w.hosts)
        hosts_.emplace(h.id, fakemx::smtp_host{h});
}

void virtual_world::add_static(const std::string& name, const ip_address& address) {
    fakemx::record r;
    r.name = name;
    r.type = address.is_v4() ? fakemx::rr_type::a : fakemx::rr_type::aaaa;
    r.address = address;
    dns_.add_static(std::move(r));
}

void virtual_world::log(fakemx::leg where,
                        std::string party,
                        unsigned connection,
                        fakemx::event_kind kind,
                        std::string text) {
    fakemx::event e;
    e.at = now_ - instant{};
    e.where = where;
    e.party = std::move(party);
    e.connection = connection;
    e.kind = kind;
    e.text = std::move(text);
    log_.push_back(std::move(e));
}

/// One question of the stub resolver, asked up to resolver_attempts times.
struct virtual_world::question {
    std::string name;
    record_type type;
    std::function<void(dns_answer)> answer;
    unsigned asked = 0;
    bool answered = false;
};

void virtual_world::query(const std::string& name,
                          record_type type,
                          std::function<void(dns_answer)> answer) {
    ask(std::make_shared<question>(question{name, type, std::move(answer)}));
}

// Silence, garbage, an empty datagram and a wrong id are the same to a resolver: it asks again. An
// answer that comes late is still one.
void virtual_world::ask(const std::shared_ptr<question>& q) {
    ++q->asked;
    queue_.at(now_ + latency_, [this, q] {
        using fakemx::event_kind;
        const auto type = wire_type(q->type);
        const auto text = fakemx::type_text(type) + " " + q->name;
        auto found = dns_.lookup(q->name, type);
        if (!found.world_id.empty())
            log(fakemx::leg::dns, "dns", 0, event_kind::query, text);
        if (found.fault == fakemx::dns_fault::truncate ||
            found.fault == fakemx::dns_fault::truncate_always) {
            if (!found.world_id.empty()) {
                log(fakemx::leg::dns, "dns", 0, event_kind::answer, text + " truncated");
                log(fakemx::leg::dns, "dns", 0, event_kind::query, text);
            }
            found = dns_.lookup(q->name, type, true); // over TCP
        }
        if (found.fault == fakemx::dns_fault::none ||
            found.fault == fakemx::dns_fault::truncate_always)
            queue_.at(now_ + found.delay, [this, q, found] { reply(q, found); });
    });
    if (q->asked < resolver_attempts)
        queue_.at(now_ + patience_, [this, q] {
            if (!q->answered)
                ask(q);
        });
}

void virtual_world::reply(const std::shared_ptr<question>& q, const fakemx::dns_lookup& found) {
    if (!found.world_id.empty())
        log(fakemx::leg::dns,
            "dns",
            0,
            fakemx::event_kind::answer,
            fakemx::type_text(wire_type(q->type)) + " " + q->name + " " +
                fakemx::rcode_text(found.code) + " " + std::to_string(found.records.size()) +
                " records");
    queue_.at(now_ + latency_, [q, found] {
        if (!std::exchange(q->answered, true))
            q->answer(to_answer(found, q->name, q->type));
    });
}

virtual_world::link virtual_world::connect(const ip_address& to, virtual_link::events up) {
    auto l = std::make_shared<virtual_link>();
    l->up = std::move(up);
    links_.push_back(l);
    const fakemx::host* found = nullptr;
    for (const auto& h : world_.hosts)
        if (std::find(h.addresses.begin(), h.addresses.end(), to) != h.addresses.end())
            found = &h;
    if (found != nullptr)
        l->party = found->id;
    if (found != nullptr && found->how == fakemx::reach::listen) {
        queue_.at(now_ + latency_, [this, l] { accept(l, hosts_.at(l->party)); });
        return l;
    }
    l->over = true;
    if (found != nullptr && found->how == fakemx::reach::blackhole)
        return l;
    if (found == nullptr)
        log(fakemx::leg::host,
            to.to_string(),
            0,
            fakemx::event_kind::note,
            "called, but no host of the case is there");
    queue_.at(now_ + 2 * latency_, [l] {
        if (l->caller_open)
            l->up.refused();
    });
    return l;
}

void virtual_world::accept(const link& l, fakemx::smtp_host& at) {
    std::weak_ptr<virtual_link> weak = l;
    l->host = std::make_unique<fakemx::smtp_responder>(
        at, [this, weak](fakemx::event_kind kind, std::string text) {
            if (const auto here = weak.lock())
                log(fakemx::leg::host,
                    here->party,
                    here->host->connection(),
                    kind,
                    std::move(text));
        });
    queue_.at(now_ + latency_, [l] {
        if (l->caller_open)
            l->up.connected();
    });
    l->host->on_connected(now_);
    pump(l);
}

// Carries the host's output to the caller, and its end.
void virtual_world::pump(const link& l) {
    if (!l->host_open)
        return;
    auto octets = l->host->take_output();
    if (!octets.empty()) {
        queue_.at(now_ + latency_, [this, l, text = std::move(octets)] {
            if (l->caller_open)
                l->up.octets(text);
            if (l->over || !l->host_open)
                return;
            l->host->on_written(now_);
            pump(l);
        });
        return; // its end, if it wants one, comes after the octets
    }
    if (!l->host->wants_close() && !l->host->wants_reset())
        return;
    const bool reset = l->host->wants_reset();
    l->host_open = false;
    l->over = l->over || reset;
    queue_.at(now_ + latency_, [l, reset] {
        if (!l->caller_open)
            return;
        if (reset)
            l->up.reset();
        else
            l->up.closed();
    });
}

void virtual_world::send(const link& l, std::string octets) {
    queue_.at(now_ + latency_, [this, l, text = std::move(octets)] {
        if (l->over || !l->host)
            return;
        l->host->on_bytes(text, now_);
        pump(l);
    });
}

void virtual_world::close(const link& l) {
    if (!std::exchange(l->caller_open, false))
        return;
    queue_.at(now_ + latency_, [this, l] {
        if (l->over || !l->host)
            return;
        l->host->on_eof(now_);
        l->over = true;
    });
}

void virtual_world::on_time() {
    for (std::size_t i = 0; i < links_.size(); ++i) {
        const auto l = links_[i];
        if (l->over || !l->host || !l->host_open)
            continue;
        if (const auto due = l->host->deadline(); due && *due <= now_) {
            l->host->on_time(now_);
            pump(l);
        }
    }
}

std::optional<instant> virtual_world::deadline() const {
    std::optional<instant> next;
    for (const auto& l : links_) {
        if (l->over || !l->host || !l->host_open)
            continue;
        if (const auto due = l->host->deadline(); due && (!next || *due < *next))
            next = due;
    }
    return next;
}

bool virtual_world::idle() const {
    return std::all_of(links_.begin(), links_.end(), [](const link& l) { return l->over; });
}

} // namespace cbv::engine
