// log.hpp: who is who, and what is counted.
#include "log.hpp"

#include "cbv/text.hpp"

#include <nlohmann/json.hpp>

namespace cbv::fakemx::program {
namespace {

constexpr std::size_t most_clients = 20'000; // remembered by name; a long run must not grow

std::string connection_key(const std::string& world, const event& e) {
    return world + ' ' + e.party + '#' + std::to_string(e.connection);
}

} // namespace

event_log::event_log(line_sink out, clock since_start)
    : out_(std::move(out)), since_start_(std::move(since_start)) {}

void event_log::on_event(const std::string& world_id, const event& e) {
    entry told;
    told.when = e.at;
    told.kind = to_string(e.kind);
    told.text = e.text;
    told.world = world_id;
    if (e.where == leg::host) {
        told.host = e.party;
        const auto key = connection_key(world_id, e);
        if (e.kind == event_kind::connected) {
            const client c{static_cast<unsigned>(++counts_.connections), world_id, e.party};
            by_connection_[key] = c;
            by_peer_[e.text] = c;
            order_.emplace_back(key, e.text);
            if (order_.size() > most_clients) {
                by_connection_.erase(order_.front().first);
                by_peer_.erase(order_.front().second);
                order_.pop_front();
            }
        }
        if (const auto known = by_connection_.find(key); known != by_connection_.end())
            told.client = known->second.number;
    } else if (e.kind == event_kind::query) {
        ++counts_.queries;
    }
    tell(told);
}

event_log::entry event_log::about(const std::string& peer, std::string_view kind) const {
    entry e;
    e.when = since_start_();
    e.kind = kind;
    if (const auto known = by_peer_.find(peer); known != by_peer_.end()) {
        e.client = known->second.number;
        e.world = known->second.world;
        e.host = known->second.host;
    }
    return e;
}

void event_log::on_fault(const std::string& peer,
                         at where,
                         const std::string& whose,
                         const demo::fault& what) {
    ++counts_.faults;
    auto e = about(peer, "fault");
    e.fault = &what;
    e.stage = where;
    e.whose = whose;
    tell(e);
}

void event_log::on_message(const demo::message_summary& message) {
    counts_.messages += message.taken ? 1 : 0;
    auto e = about(message.peer, "message");
    e.message = &message;
    tell(e);
}

void event_log::on_hint(const std::string& peer, const std::string& text) {
    auto e = about(peer, "hint");
    e.text = text;
    tell(e);
}

void event_log::on_trouble(const std::string& what) {
    auto e = about("", "trouble");
    e.text = what;
    tell(e);
}

std::string ready_state::to_json() const {
    nlohmann::ordered_json j{{"kind", "ready"}, {"domain", domain}};
    j["smtp_port"] = hosts.empty() ? 0 : hosts.front().port;
    j["dns_port"] = dns_port;
    j["dns_address"] = dns_address;
    j["hosts"] = nlohmann::ordered_json::array();
    for (const auto& h : hosts)
        j["hosts"].push_back({{"name", h.name}, {"address", h.address}, {"port", h.port}});
    return j.dump();
}

void json_log::on_ready(const ready_state& state) {
    put(state.to_json());
}

void json_log::on_end(const counts& all) {
    put(nlohmann::ordered_json{{"kind", "end"},
                               {"connections", all.connections},
                               {"messages", all.messages},
                               {"faults", all.faults},
                               {"queries", all.queries}}
            .dump());
}

/// Texts are escaped as in every log of the house, so they are ASCII and have no line end.
void json_log::tell(const entry& e) {
    nlohmann::ordered_json j{{"at", static_cast<double>(e.when.count()) / 1e6}, {"kind", e.kind}};
    if (e.client != 0)
        j["client"] = e.client;
    if (!e.world.empty())
        j["world"] = e.world;
    if (!e.host.empty())
        j["host"] = e.host;
    if (!e.text.empty())
        j["text"] = escape(e.text);
    if (e.fault != nullptr) {
        j["stage"] = demo::stage_text(e.stage);
        j["words"] = escape(e.fault->words);
        j["whose"] = escape(e.whose);
        j["does"] = escape(e.fault->does);
    }
    if (e.message != nullptr) {
        const auto& m = *e.message;
        j["taken"] = m.taken;
        j["octets"] = m.octets;
        j["sender"] = escape(m.sender);
        j["recipients"] = nlohmann::ordered_json::array();
        for (const auto& r : m.recipients)
            j["recipients"].push_back(escape(r));
        j["from"] = escape(m.from);
        j["to"] = escape(m.to);
        j["subject"] = escape(m.subject);
    }
    put(j.dump());
}

} // namespace cbv::fakemx::program
