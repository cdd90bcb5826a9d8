// Evidence of standing; see the header.
#include "standing_memory.hpp"

#include "later.hpp"

namespace cbv {
namespace {

constexpr duration lifetime = std::chrono::hours{1}; // CBV-INT-015, CBV-INT-016

std::string name_of(const ip_address& host, const std::string& domain) {
    return domain + ' ' + host.to_string();
}

} // namespace

standing_memory::evidence& standing_memory::touch(const ip_address& host,
                                                  const std::string& domain) {
    evidence& e = known_.touch(name_of(host, domain));
    e.host = host;
    return e;
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
    evidence& e = touch(host, domain);
    e.asked_until = later(now, lifetime);
    e.asked_well = accepted;
}

void standing_memory::note_policy(const ip_address& host, const std::string& domain, instant) {
    if (known_.find(name_of(host, domain)) == nullptr)
        return;
    evidence& e = touch(host, domain);
    e.given_until = {};
    e.asked_well = false;
}

std::vector<known_standing> standing_memory::of(const std::string& domain, instant now) const {
    std::vector<known_standing> all;
    known_.for_each_under(domain + ' ', [&](const evidence& e) {
        if (e.given_until > now || (e.asked_until > now && e.asked_well))
            all.push_back({e.host, standing_evidence::given});
        else if (e.asked_until > now)
            all.push_back({e.host, standing_evidence::denied});
    });
    return all;
}

} // namespace cbv
