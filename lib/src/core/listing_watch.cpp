// A verifier that is on a list; see the header.
#include "listing_watch.hpp"

#include "later.hpp"

#include <iterator>

namespace cbv {
namespace {

constexpr duration window = std::chrono::hours{1}; // CBV-INT-020

// The last two labels.
std::string family(std::string_view domain) {
    const auto last = domain.rfind('.');
    if (last == domain.npos || last == 0)
        return std::string(domain);
    const auto before = domain.rfind('.', last - 1);
    return std::string(before == domain.npos ? domain : domain.substr(before + 1));
}

} // namespace

void listing_watch::recent::note(const std::string& name, instant now) {
    if (const auto known = by_name_.find(name); known != by_name_.end()) {
        known->second->at = now;
        entries_.splice(entries_.end(), entries_, known->second);
        return;
    }
    if (entries_.size() >= most_) {
        by_name_.erase(entries_.front().name);
        entries_.pop_front();
    }
    entries_.push_back({name, now});
    by_name_.emplace(name, std::prev(entries_.end()));
}

std::size_t listing_watch::recent::count(instant now) {
    while (!entries_.empty() && now - entries_.front().at >= window) {
        by_name_.erase(entries_.front().name);
        entries_.pop_front();
    }
    return entries_.size();
}

void listing_watch::note_call(std::string_view domain, instant now) {
    if (least_ > 0)
        called_.note(family(domain), now);
}

void listing_watch::note_refusal(std::string_view domain, const ip_address& host, instant now) {
    if (least_ == 0)
        return;
    static_cast<void>(refused_.count(now)); // forgets what is too old
    std::erase_if(first_domain_,
                  [this](const auto& known) { return !refused_.contains(known.second); });
    auto name = family(domain);
    if (const auto known = first_domain_.find(host); known != first_domain_.end())
        name = known->second;
    else if (!refused_.contains(name)) // one address for each domain that counts: bounded with them
        first_domain_.emplace(host, name);
    refused_.note(name, now);
    const auto refused = refused_.count(now);
    if (refused >= least_ && refused * 10 >= called_.count(now))
        until_ = later(now, window);
}

} // namespace cbv
