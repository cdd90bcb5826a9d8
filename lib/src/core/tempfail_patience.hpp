// Domains of which no call has found out anything for hours: to go on with 451 would be a refusal
// after some days (CBV-CACHE-011). Bounded in size.
#pragma once

#include "cbv/time.hpp"
#include "recent.hpp"

#include <cstddef>
#include <optional>
#include <string_view>

namespace cbv {

class tempfail_patience {
public:
    /// `least_time` between the first and the last of the calls; 0: patience never ends.
    tempfail_patience(duration least_time, std::size_t max_domains)
        : least_time_(least_time), domains_(max_domains) {}

    /// A call for the domain yielded `tempfail`. `now` never goes back.
    void note(std::string_view domain, instant now);
    /// It yielded another verdict.
    void forget(std::string_view domain) { domains_.forget(domain); }
    /// Whether `tempfail` has no effect for the domain's paths now.
    [[nodiscard]] bool is_over(std::string_view domain, instant now);
    /// Domains remembered.
    [[nodiscard]] std::size_t size() const noexcept { return domains_.size(); }

private:
    struct history {
        unsigned calls = 0;
        instant first{};
        std::optional<instant> over; // since then
    };
    [[nodiscard]] static bool is_stale(const history& h, instant now);

    duration least_time_;
    recent<history> domains_;
};

} // namespace cbv
