// Rates by domain and hosts left alone; see the header.
#include "call_memory.hpp"

#include "later.hpp"

#include <iterator>

namespace cbv {

void domain_rate::forget(std::list<entry>::iterator which) {
    by_name_.erase(which->domain);
    domains_.erase(which);
}

bool domain_rate::begin(const std::string& domain, instant now) {
    if (most_ == 0)
        return true;
    // Those whose last call is outside the window say nothing any more.
    while (!domains_.empty() && now - domains_.front().begun.back() >= window_)
        forget(domains_.begin());
    const auto known = by_name_.find(domain);
    if (known == by_name_.end()) {
        if (domains_.size() >= max_domains_)
            forget(domains_.begin());
        domains_.push_back({domain, {now}});
        by_name_.emplace(domains_.back().domain, std::prev(domains_.end()));
        return true;
    }
    const auto mine = known->second;
    auto& begun = mine->begun;
    while (!begun.empty() && now - begun.front() >= window_)
        begun.pop_front();
    if (begun.size() >= most_)
        return false;
    begun.push_back(now);
    domains_.splice(domains_.end(), domains_, mine);
    return true;
}

void refusal_memory::forget_expired(instant now) {
    while (!hosts_.empty() && hosts_.front().until <= now) {
        by_address_.erase(hosts_.front().host);
        hosts_.pop_front();
    }
}

void refusal_memory::note(const ip_address& host, instant now) {
    if (pause_ <= duration{})
        return;
    forget_expired(now);
    if (const auto known = by_address_.find(host); known != by_address_.end()) {
        known->second->until = later(now, pause_);
        hosts_.splice(hosts_.end(), hosts_, known->second);
        return;
    }
    if (hosts_.size() >= max_addresses_) {
        by_address_.erase(hosts_.front().host);
        hosts_.pop_front();
    }
    hosts_.push_back({host, later(now, pause_)});
    by_address_.emplace(host, std::prev(hosts_.end()));
}

bool refusal_memory::is_paused(const ip_address& host, instant now) {
    forget_expired(now);
    return by_address_.contains(host);
}

} // namespace cbv
