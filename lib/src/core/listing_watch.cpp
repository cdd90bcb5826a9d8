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

void listing_watch::recent::forget_oldest() {
    const entry& oldest = entries_.front();
    by_name_.erase(oldest.name);
    if (oldest.host)
        by_host_.erase(*oldest.host);
    entries_.pop_front();
}

void listing_watch::recent::note(const std::string& name,
                                 instant now,
                                 const std::optional<ip_address>& host) {
    if (const auto known = by_name_.find(name); known != by_name_.end()) {
        known->second->at = now;
        entries_.splice(entries_.end(), entries_, known->second);
        return;
    }
    if (entries_.size() >= most_)
        forget_oldest();
    entries_.push_back({name, now, host});
    by_name_.emplace(name, std::prev(entries_.end()));
    if (host)
        by_host_.emplace(*host, std::prev(entries_.end()));
}

std::size_t listing_watch::recent::count(instant now) {
    while (!entries_.empty() && now - entries_.front().at >= window)
        forget_oldest();
    return entries_.size();
}

const std::string* listing_watch::recent::name_of(const ip_address& host) const {
    const auto known = by_host_.find(host);
    return known == by_host_.end() ? nullptr : &known->second->name;
}

void listing_watch::note_call(std::string_view domain, instant now) {
    if (least_ > 0)
        called_.note(family(domain), now);
}

void listing_watch::note_refusal(std::string_view domain, const ip_address& host, instant now) {
    if (least_ == 0)
        return;
    static_cast<void>(refused_.count(now)); // forgets what is too old
    const std::string* const first = refused_.name_of(host);
    const std::string name = first ? *first : family(domain);
    refused_.note(name, now, host);
    const auto refused = refused_.count(now);
    if (refused >= least_ && refused * 10 >= called_.count(now))
        until_ = later(now, window);
}

} // namespace cbv
