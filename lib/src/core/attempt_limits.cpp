// Places and the queue for them; see the header.
#include "attempt_limits.hpp"

#include <algorithm>

namespace cbv {

bool attempt_limits::has_room(const ip_address& to) const {
    if (open_.size() >= in_all_)
        return false;
    const auto at = at_.find(to);
    return at == at_.end() || at->second < per_address_;
}

void attempt_limits::enter(attempt_id who, const ip_address& to) {
    open_.emplace(who, to);
    ++at_[to];
}

bool attempt_limits::take(attempt_id who, const ip_address& to) {
    // Whoever waits for the same address came first.
    const bool overtakes =
        std::any_of(queue_.begin(), queue_.end(), [&](const waiting& w) { return w.to == to; });
    if (overtakes || !has_room(to)) {
        queue_.push_back({who, to});
        return false;
    }
    enter(who, to);
    return true;
}

bool attempt_limits::release(attempt_id who) {
    if (const auto at = open_.find(who); at != open_.end()) {
        const auto count = at_.find(at->second);
        if (--count->second == 0)
            at_.erase(count);
        open_.erase(at);
        return false;
    }
    const auto queued =
        std::find_if(queue_.begin(), queue_.end(), [&](const waiting& w) { return w.who == who; });
    if (queued == queue_.end())
        return false;
    queue_.erase(queued);
    return true;
}

std::optional<attempt_id> attempt_limits::let_in() {
    if (open_.size() >= in_all_)
        return std::nullopt;
    const auto next = std::find_if(
        queue_.begin(), queue_.end(), [this](const waiting& w) { return has_room(w.to); });
    if (next == queue_.end())
        return std::nullopt;
    const auto who = next->who;
    enter(who, next->to);
    queue_.erase(next);
    return who;
}

} // namespace cbv
