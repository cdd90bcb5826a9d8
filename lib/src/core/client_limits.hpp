// What each client address caused within a window that ends now: calls, and those of them that
// ended in `fail` (CBV-LOAD-011, CBV-LOAD-012). Bounded in size. An IPv6 client counts by its /64,
// of which anybody has all addresses.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"
#include "recent.hpp"

#include <cstddef>
#include <vector>

namespace cbv {

class client_limits {
public:
    /// `calls` and `fails` may be exceeded by one; 0: no limit.
    client_limits(unsigned calls, unsigned fails, duration window, std::size_t max_clients)
        : calls_(calls), fails_(fails), window_(window), clients_(max_clients) {}

    /// A call begins for it. `now` never goes back.
    void began(const ip_address& client, instant now);
    /// The call that began then has ended in `fail`: it counts as such, and as a call no more.
    void failed(const ip_address& client, instant call_began, instant now);
    /// More calls than permitted have not ended in `fail`.
    [[nodiscard]] bool called_too_often(const ip_address& client, instant now);
    [[nodiscard]] bool failed_too_often(const ip_address& client, instant now);
    /// Clients remembered.
    [[nodiscard]] std::size_t size() const noexcept { return clients_.size(); }

private:
    struct history {
        std::vector<instant> calls, fails; // within the window, oldest first; one over the limit
    };
    void note(std::vector<instant>& times, unsigned limit, instant now) const;
    [[nodiscard]] bool exceeds(std::vector<instant>& times, unsigned limit, instant now) const;

    unsigned calls_;
    unsigned fails_;
    duration window_;
    recent<history> clients_;
};

} // namespace cbv
