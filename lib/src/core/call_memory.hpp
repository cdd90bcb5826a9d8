// What a call manager remembers besides verdicts: when calls for a domain began (CBV-LOAD-003), and
// which hosts want to be left alone (CBV-LOAD-007). Both are bounded in size.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"

#include <cstddef>
#include <deque>
#include <map>
#include <string>

namespace cbv {

/// Counts the calls begun for each domain within a window that ends now.
class domain_rate {
public:
    /// `most` 0: no limit. At most `max_domains` are remembered.
    domain_rate(unsigned most, duration window, std::size_t max_domains)
        : most_(most), window_(window), max_domains_(max_domains) {}

    /// Whether one more may begin now; it counts if so.
    bool begin(const std::string& domain, instant now);

private:
    void forget_one(instant now);

    unsigned most_;
    duration window_;
    std::size_t max_domains_;
    std::map<std::string, std::deque<instant>> begun_;
};

/// Addresses of hosts that refused the verifier.
class refusal_memory {
public:
    /// `pause` 0: nothing is remembered.
    refusal_memory(duration pause, std::size_t max_addresses)
        : pause_(pause), max_addresses_(max_addresses) {}

    void note(const ip_address& host, instant now);
    [[nodiscard]] bool is_paused(const ip_address& host, instant now);

private:
    duration pause_;
    std::size_t max_addresses_;
    std::map<ip_address, instant> until_;
};

} // namespace cbv
