// What a call manager remembers besides verdicts: when calls for a domain began (CBV-LOAD-003), and
// which hosts want to be left alone (CBV-LOAD-007). Both are bounded in size and logarithmic in
// time: domains and addresses are the choice of strangers.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <string>
#include <string_view>

namespace cbv {

/// Counts the calls begun for each domain within a window that ends now.
class domain_rate {
public:
    /// `most` 0: no limit. At most `max_domains` (at least 1) are remembered: beyond that, the
    /// one whose last call is longest ago goes, and may begin anew.
    domain_rate(unsigned most, duration window, std::size_t max_domains)
        : most_(most), window_(window), max_domains_(max_domains) {}

    /// Whether one more may begin now; it counts if so. `now` never goes back.
    bool begin(const std::string& domain, instant now);
    /// Domains remembered.
    [[nodiscard]] std::size_t size() const noexcept { return domains_.size(); }

private:
    struct entry {
        std::string domain;
        std::list<instant> begun; // at most most_, oldest first, never empty
    };
    void forget(std::list<entry>::iterator which);

    unsigned most_;
    duration window_;
    std::size_t max_domains_;
    std::list<entry> domains_; // by their last call, oldest first
    std::map<std::string_view, std::list<entry>::iterator> by_name_;
};

/// Addresses of hosts that refused the verifier.
class refusal_memory {
public:
    /// `pause` 0: nothing is remembered. At most `max_addresses` (at least 1) are: beyond that, the
    /// one refused longest ago goes.
    refusal_memory(duration pause, std::size_t max_addresses)
        : pause_(pause), max_addresses_(max_addresses) {}

    /// It refused now. `now` never goes back.
    void note(const ip_address& host, instant now);
    [[nodiscard]] bool is_paused(const ip_address& host, instant now);
    /// Addresses remembered.
    [[nodiscard]] std::size_t size() const noexcept { return hosts_.size(); }

private:
    struct entry {
        ip_address host;
        instant until;
    };
    void forget_expired(instant now);

    duration pause_;
    std::size_t max_addresses_;
    std::list<entry> hosts_; // by their last refusal, oldest first
    std::map<ip_address, std::list<entry>::iterator> by_address_;
};

} // namespace cbv
