// Which domains are left alone at which address: hosts that refuse the verifier at RCPT refuse it
// for one path, and after several of them for the domain, never for the domains of others
// (CBV-LOAD-009, CBV-LOAD-010). Bounded in size.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"
#include "recent.hpp"

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

class domain_refusals {
public:
    /// The `most`-th refusal within `window` without an acceptance between begins a pause; 0:
    /// never.
    domain_refusals(unsigned most, duration window, duration pause, std::size_t max_entries)
        : most_(most), window_(window), pause_(pause), known_(max_entries) {}

    /// The address refused the verifier at RCPT for a path of the domain. `now` never goes back.
    void note(std::string_view domain, const ip_address& at, instant now);
    /// It accepted one.
    void accepted(std::string_view domain, const ip_address& at);
    [[nodiscard]] bool is_paused(std::string_view domain, const ip_address& at, instant now);
    /// Pairs remembered.
    [[nodiscard]] std::size_t size() const noexcept { return known_.size(); }

private:
    struct history {
        std::vector<instant> refused; // within the window, oldest first; fewer than most_
        instant until{};              // of the pause
    };

    unsigned most_;
    duration window_;
    duration pause_;
    recent<history> known_;
};

} // namespace cbv
