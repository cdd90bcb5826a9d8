// Rates by domain and hosts left alone; see the header.
#include "call_memory.hpp"

#include <algorithm>

namespace cbv {

bool domain_rate::begin(const std::string& domain, instant now) {
    if (most_ == 0)
        return true;
    auto at = begun_.find(domain);
    if (at == begun_.end()) {
        if (begun_.size() >= max_domains_)
            forget_one(now);
        at = begun_.emplace(domain, std::deque<instant>{}).first;
    }
    auto& times = at->second;
    while (!times.empty() && now - times.front() >= window_)
        times.pop_front();
    if (times.size() >= most_)
        return false;
    times.push_back(now);
    return true;
}

// Those outside the window say nothing any more; if there are none, the one idle longest goes.
void domain_rate::forget_one(instant now) {
    std::erase_if(begun_, [&](const auto& each) {
        return each.second.empty() || now - each.second.back() >= window_;
    });
    if (begun_.size() < max_domains_)
        return;
    begun_.erase(std::min_element(begun_.begin(), begun_.end(), [](const auto& a, const auto& b) {
        return a.second.back() < b.second.back();
    }));
}

void refusal_memory::note(const ip_address& host, instant now) {
    if (pause_ <= duration{})
        return;
    if (until_.size() >= max_addresses_ && !until_.contains(host)) {
        std::erase_if(until_, [now](const auto& each) { return each.second <= now; });
        if (until_.size() >= max_addresses_)
            until_.erase(
                std::min_element(until_.begin(), until_.end(), [](const auto& a, const auto& b) {
                    return a.second < b.second;
                }));
    }
    until_[host] = now + pause_;
}

bool refusal_memory::is_paused(const ip_address& host, instant now) {
    const auto at = until_.find(host);
    if (at == until_.end())
        return false;
    if (at->second > now)
        return true;
    until_.erase(at);
    return false;
}

} // namespace cbv
