// Counts by client; see the header.
#include "client_limits.hpp"

#include <algorithm>

namespace cbv {
namespace {

constexpr unsigned ipv6_network = 64;

std::string name_of(const ip_address& client) {
    return client.is_v4() ? client.to_string() : ip_prefix(client, ipv6_network).to_string();
}

} // namespace

void client_limits::note(std::vector<instant>& times, unsigned limit, instant now) const {
    if (limit == 0)
        return;
    if (times.size() > limit)
        times.erase(times.begin());
    times.push_back(now);
}

bool client_limits::exceeds(std::vector<instant>& times, unsigned limit, instant now) const {
    std::erase_if(times, [&](instant t) { return now - t >= window_; });
    return limit > 0 && times.size() > limit;
}

void client_limits::began(const ip_address& client, instant now) {
    note(clients_.touch(name_of(client)).calls, calls_, now);
}

void client_limits::failed(const ip_address& client, instant call_began, instant now) {
    history& h = clients_.touch(name_of(client));
    if (const auto call = std::find(h.calls.begin(), h.calls.end(), call_began);
        call != h.calls.end())
        h.calls.erase(call);
    note(h.fails, fails_, now);
}

bool client_limits::called_too_often(const ip_address& client, instant now) {
    history* const h = clients_.find(name_of(client));
    return h != nullptr && exceeds(h->calls, calls_, now);
}

bool client_limits::failed_too_often(const ip_address& client, instant now) {
    history* const h = clients_.find(name_of(client));
    return h != nullptr && exceeds(h->fails, fails_, now);
}

} // namespace cbv
