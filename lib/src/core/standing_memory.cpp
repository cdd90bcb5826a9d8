// Evidence of standing; see the header.
#include "standing_memory.hpp"

#include "later.hpp"

#include <iterator>

namespace cbv {
namespace {

constexpr duration lifetime = std::chrono::hours{1}; // CBV-INT-015, CBV-INT-016

} // namespace

standing_memory::entry& standing_memory::touch(const ip_address& host, const std::string& domain) {
    key wanted{domain, host};
    if (const auto known = by_key_.find(wanted); known != by_key_.end()) {
        entries_.splice(entries_.end(), entries_, known->second);
        return *known->second;
    }
    if (entries_.size() >= max_entries_) {
        by_key_.erase(entries_.front().of);
        entries_.pop_front();
    }
    entries_.push_back({wanted, {}, {}, false});
    by_key_.emplace(std::move(wanted), std::prev(entries_.end()));
    return entries_.back();
}

void standing_memory::note_acceptance(const ip_address& host,
                                      const std::string& domain,
                                      instant now) {
    touch(host, domain).given_until = later(now, lifetime);
}

void standing_memory::note_control(const ip_address& host,
                                   const std::string& domain,
                                   bool accepted,
                                   instant now) {
    entry& e = touch(host, domain);
    e.asked_until = later(now, lifetime);
    e.asked_well = accepted;
}

void standing_memory::note_policy(const ip_address& host, const std::string& domain, instant) {
    if (!by_key_.contains({domain, host}))
        return;
    entry& e = touch(host, domain);
    e.given_until = {};
    e.asked_well = false;
}

std::vector<known_standing> standing_memory::of(const std::string& domain, instant now) const {
    std::vector<known_standing> all;
    for (auto at = by_key_.lower_bound({domain, ip_address{}});
         at != by_key_.end() && at->first.first == domain;
         ++at) {
        const entry& e = *at->second;
        if (e.given_until > now || (e.asked_until > now && e.asked_well))
            all.push_back({e.of.second, standing_evidence::given});
        else if (e.asked_until > now)
            all.push_back({e.of.second, standing_evidence::denied});
    }
    return all;
}

} // namespace cbv
