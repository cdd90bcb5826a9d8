// Refusals at RCPT by domain and address; see the header.
#include "domain_refusals.hpp"

#include "later.hpp"

namespace cbv {
namespace {

std::string pair_of(std::string_view domain, const ip_address& at) {
    return at.to_string() + ' ' + std::string(domain);
}

} // namespace

void domain_refusals::note(std::string_view domain, const ip_address& at, instant now) {
    if (most_ == 0 || pause_ <= duration{})
        return;
    history& h = known_.touch(pair_of(domain, at));
    std::erase_if(h.refused, [&](instant t) { return now - t >= window_; });
    h.refused.push_back(now);
    if (h.refused.size() < most_)
        return;
    h.refused.clear();
    h.until = later(now, pause_);
}

void domain_refusals::accepted(std::string_view domain, const ip_address& at) {
    known_.forget(pair_of(domain, at));
}

bool domain_refusals::is_paused(std::string_view domain, const ip_address& at, instant now) {
    const history* h = known_.find(pair_of(domain, at));
    return h != nullptr && now < h->until;
}

} // namespace cbv
