// Places and the queue for them; see the header.
#include "attempt_limits.hpp"

namespace cbv {

/// Who goes next to this address, if one could now.
std::optional<attempt_limits::ticket> attempt_limits::first_of(const target& t) const {
    if (t.queue.empty() || t.open >= per_address_)
        return std::nullopt;
    return *t.queue.begin();
}

/// After a change at an address: `ready_` has its first again, or the address is forgotten.
void attempt_limits::refresh(targets::iterator at, std::optional<ticket> was_first) {
    const auto first = first_of(at->second);
    if (first != was_first) {
        if (was_first)
            ready_.erase(*was_first);
        if (first)
            ready_.insert(*first);
    }
    if (at->second.open == 0 && at->second.queue.empty())
        targets_.erase(at);
}

void attempt_limits::enter(attempt_id who, targets::iterator to) {
    const auto was_first = first_of(to->second);
    open_.emplace(who, to->first);
    ++to->second.open;
    refresh(to, was_first);
}

void attempt_limits::leave_queue(std::map<attempt_id, ticket>::iterator who) {
    const auto queued = queue_.find(who->second);
    const auto at = targets_.find(queued->second.to);
    const auto was_first = first_of(at->second);
    at->second.queue.erase(who->second);
    queue_.erase(queued);
    tickets_.erase(who);
    refresh(at, was_first);
}

bool attempt_limits::take(attempt_id who, const ip_address& to) {
    if (open_.contains(who))
        return true;
    if (tickets_.contains(who))
        return false;
    const auto at = targets_.try_emplace(to).first;
    // Whoever waits for the same address came first.
    if (at->second.queue.empty() && at->second.open < per_address_ && open_.size() < in_all_) {
        enter(who, at);
        return true;
    }
    const auto was_first = first_of(at->second);
    const ticket mine = ++last_;
    at->second.queue.insert(mine);
    queue_.emplace(mine, waiting{who, to});
    tickets_.emplace(who, mine);
    refresh(at, was_first);
    return false;
}

bool attempt_limits::release(attempt_id who) {
    if (const auto open = open_.find(who); open != open_.end()) {
        const auto at = targets_.find(open->second);
        const auto was_first = first_of(at->second);
        --at->second.open;
        open_.erase(open);
        refresh(at, was_first);
        return false;
    }
    const auto queued = tickets_.find(who);
    if (queued == tickets_.end())
        return false;
    leave_queue(queued);
    return true;
}

std::optional<attempt_id> attempt_limits::let_in() {
    if (open_.size() >= in_all_ || ready_.empty())
        return std::nullopt;
    const waiting next = queue_.at(*ready_.begin());
    leave_queue(tickets_.find(next.who));
    enter(next.who, targets_.try_emplace(next.to).first);
    return next.who;
}

} // namespace cbv
