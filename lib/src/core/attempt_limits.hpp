// Which attempts may be open: at most so many at one address and in all, the others wait in the
// order they came (CBV-LOAD-002). It knows no call and no time.
#pragma once

#include "cbv/ip_address.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <optional>
#include <utility>
#include <vector>

namespace cbv {

/// A connection of a call: (call, act::connect's id).
using attempt_id = std::pair<unsigned, unsigned>;

class attempt_limits {
public:
    attempt_limits(unsigned per_address, unsigned in_all)
        : per_address_(per_address), in_all_(in_all) {}

    /// Takes a place, or queues for one (false).
    bool take(attempt_id who, const ip_address& to);
    /// Gives the place back, or leaves the queue. Returns whether `who` had never been let in.
    bool release(attempt_id who);
    /// The next that may be let in now; it has its place with that.
    std::optional<attempt_id> let_in();
    [[nodiscard]] std::size_t open() const noexcept { return open_.size(); }

private:
    struct waiting {
        attempt_id who;
        ip_address to;
    };
    [[nodiscard]] bool has_room(const ip_address& to) const;
    void enter(attempt_id who, const ip_address& to);

    unsigned per_address_;
    unsigned in_all_;
    std::map<attempt_id, ip_address> open_;
    std::map<ip_address, unsigned> at_; // open ones by address
    std::list<waiting> queue_;
};

} // namespace cbv
