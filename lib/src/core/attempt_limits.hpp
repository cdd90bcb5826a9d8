// Which attempts may be open: at most so many at one address and in all, the others wait in the
// order they came (CBV-LOAD-002). It knows no call and no time. Every operation is logarithmic in
// the number of attempts: how many wait is the choice of strangers.
#pragma once

#include "cbv/ip_address.hpp"

#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <utility>

namespace cbv {

/// A connection of a call: (call, act::connect's id).
using attempt_id = std::pair<unsigned, unsigned>;

class attempt_limits {
public:
    attempt_limits(unsigned per_address, unsigned in_all)
        : per_address_(per_address), in_all_(in_all) {}

    /// Takes a place, or queues for one (false). One that is known already stays as it is.
    bool take(attempt_id who, const ip_address& to);
    /// Gives the place back, or leaves the queue. Returns whether `who` had never been let in.
    bool release(attempt_id who);
    /// The next that may be let in now; it has its place with that.
    std::optional<attempt_id> let_in();
    /// Whether `who` has a place.
    [[nodiscard]] bool has_place(attempt_id who) const { return open_.contains(who); }
    /// Addresses with an attempt, open or waiting.
    [[nodiscard]] std::size_t addresses() const noexcept { return targets_.size(); }

private:
    using ticket = std::uint64_t; // numbered as they came
    struct target {
        unsigned open = 0;
        std::set<ticket> queue;
    };
    struct waiting {
        attempt_id who;
        ip_address to;
    };
    using targets = std::map<ip_address, target>;

    void enter(attempt_id who, targets::iterator to);
    void leave_queue(std::map<attempt_id, ticket>::iterator who);
    void refresh(targets::iterator at, std::optional<ticket> was_first);
    [[nodiscard]] std::optional<ticket> first_of(const target& t) const;

    unsigned per_address_;
    unsigned in_all_;
    std::map<attempt_id, ip_address> open_;
    targets targets_; // those with an attempt, open or waiting
    std::map<ticket, waiting> queue_;
    std::map<attempt_id, ticket> tickets_;
    std::set<ticket> ready_; // of each address with room, the first that waits for it
    ticket last_ = 0;
};

} // namespace cbv
