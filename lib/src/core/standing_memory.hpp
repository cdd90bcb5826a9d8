// What a call manager remembers of hosts' standing to condemn (CBV-INT-015): by address and domain,
// for an hour, bounded in number. It decides nothing about a verdict.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/standing.hpp"
#include "cbv/time.hpp"
#include "recent.hpp"

#include <cstddef>
#include <string>
#include <vector>

namespace cbv {

class standing_memory {
public:
    /// At most `max_entries` (at least 1) pairs of address and domain are remembered: beyond that
    /// the one that was not heard of for longest goes.
    explicit standing_memory(std::size_t max_entries) : known_(max_entries) {}

    /// It accepted a path of the domain that is no role address.
    void note_acceptance(const ip_address& host, const std::string& domain, instant now);
    /// It was asked the control question. Any answer but 2yz is a refusal.
    void
    note_control(const ip_address& host, const std::string& domain, bool accepted, instant now);
    /// It refused the verifier by policy at some stage: what it accepted before is no evidence now.
    void note_policy(const ip_address& host, const std::string& domain, instant now);
    /// What is known of the domain's hosts, in no particular order; unknown ones are left out.
    [[nodiscard]] std::vector<known_standing> of(const std::string& domain, instant now) const;
    /// Pairs remembered.
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
    struct evidence {
        ip_address host;
        instant given_until{}; // by an acceptance
        instant asked_until{}; // the control question
        bool asked_well = false;
    };
    evidence& touch(const ip_address& host, const std::string& domain);

    recent<evidence> known_; // by domain, then address
};

} // namespace cbv
