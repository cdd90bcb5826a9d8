// Counts calls that yielded `tempfail`; see the header.
#include "tempfail_patience.hpp"

namespace cbv {
namespace {

constexpr unsigned least_calls = 3;                      // CBV-CACHE-011
constexpr duration longest = std::chrono::hours{24 * 5}; // CBV-CACHE-011

} // namespace

bool tempfail_patience::is_stale(const history& h, instant now) {
    return h.calls > 0 && now - h.over.value_or(h.first) >= longest;
}

void tempfail_patience::note(std::string_view domain, instant now) {
    if (least_time_ <= duration{})
        return;
    history& h = domains_.touch(domain);
    if (is_stale(h, now))
        h = {};
    if (h.calls == 0)
        h.first = now;
    if (h.calls < least_calls)
        ++h.calls;
    if (!h.over && h.calls >= least_calls && now - h.first >= least_time_)
        h.over = now;
}

bool tempfail_patience::is_over(std::string_view domain, instant now) {
    const history* h = domains_.find(domain);
    return h != nullptr && h->over && !is_stale(*h, now);
}

} // namespace cbv
