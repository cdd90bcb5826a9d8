// A verifier that is on a list; see the header.
#include "listing_watch.hpp"

#include "later.hpp"

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

// Entries within the hour; older ones are forgotten.
std::size_t listing_watch::count(recent<heard>& of, instant now) {
    for (auto oldest = of.oldest(); oldest != nullptr && now - oldest->second.at >= window;
         oldest = of.oldest())
        of.forget(oldest->first);
    return of.size();
}

// The name that counts: that of the domain for which the same address refused first.
std::string listing_watch::name_for(std::string_view domain, const ip_address& host) {
    if (const std::string* const first = by_host_.find(host.to_string()))
        if (const heard* const entry = refused_.find(*first); entry && entry->host == host)
            return *first;
    return family(domain);
}

void listing_watch::note_call(std::string_view domain, instant now) {
    if (least_ > 0)
        called_.touch(family(domain)).at = now;
}

void listing_watch::note_refusal(std::string_view domain, const ip_address& host, instant now) {
    if (least_ == 0)
        return;
    static_cast<void>(count(refused_, now)); // what is too old relates nothing
    const std::string name = name_for(domain, host);
    heard& entry = refused_.touch(name);
    entry.at = now;
    if (!entry.host) {
        entry.host = host;
        by_host_.touch(host.to_string()) = name;
    }
    const auto refused = refused_.size();
    if (refused >= least_ && refused * 10 >= count(called_, now))
        until_ = later(now, window);
}

} // namespace cbv
