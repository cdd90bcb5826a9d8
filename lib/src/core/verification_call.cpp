// Connections of a verification: the one whose outcome is awaited, and those of earlier hosts that
// still wait for the reply to QUIT, which delay nothing (CBV-DLG-009).
#include "verification_impl.hpp"

#include <algorithm>
#include <utility>

namespace cbv {

namespace {

// The record of an attempt at this address; what came of it is still to be said.
attempt attempt_at(const candidate& to) {
    attempt a;
    a.host = to.host;
    a.address = to.address;
    a.preference = to.preference;
    return a;
}

} // namespace

void verification::impl::call(candidate to, instant now) {
    const unsigned id = ++last_id;
    probe_target target{box.local_part,
                        domain,
                        box.needs_smtputf8(),
                        is_role_address(box),
                        standing_of(to.address)};
    // Shares the ownership of the verification's options.
    std::shared_ptr<const dialogue_options> how(options, &options->dialogue);
    const auto [at, fresh] = connections.try_emplace(
        id, connection{std::move(to), now, dialogue(std::move(target), std::move(how), now)});
    static_cast<void>(fresh); // ids are never used twice
    current = id;
    const candidate& c = at->second.to;
    actions.emplace_back(act::connect{id, c.address, options->port, c.host});
}

standing_evidence verification::impl::standing_of(const ip_address& host) const {
    for (const known_standing& known : standing)
        if (known.address == host)
            return known.evidence;
    return standing_evidence::unknown;
}

// The best address that may be called now. One attempt is kept for a preference value at which
// there was none yet (CBV-HOST-012), and its share of the time (CBV-HOST-013).
std::list<verification::impl::queued>::iterator verification::impl::next_candidate(instant now) {
    const auto left = options->max_attempts - (attempts.size() - skipped);
    return std::find_if(candidates.begin(), candidates.end(), [&](const queued& q) {
        const unsigned at = q.to.preference;
        const bool in_turn = at == preference && now < share_end;
        return !has_further(at) || (in_turn && (left > 1 || !attempted(at)));
    });
}

// Whether there is a worse preference value at which nobody was called yet.
bool verification::impl::has_further(unsigned than) const {
    return !groups.empty() ||
           std::any_of(candidates.begin(), candidates.end(), [&](const queued& q) {
               return q.to.preference > than && !attempted(q.to.preference);
           });
}

bool verification::impl::attempted(unsigned at_preference) const {
    if (current && connections.at(*current).to.preference == at_preference)
        return true;
    return std::any_of(attempts.begin(), attempts.end(), [&](const attempt& past) {
        return past.preference == at_preference;
    });
}

bool verification::impl::share_is_due(instant now) const {
    return now >= share_end && has_further(connections.at(*current).to.preference);
}

// Ends the current attempt as the expiry of its stage's timer would.
void verification::impl::give_way(instant now) {
    const unsigned id = *current;
    connection& c = connections.at(id);
    current.reset();
    ruling late = decide(c.talk.at(), fault::timeout);
    late.requirement = "CBV-HOST-013";
    record(c, late, c.talk.at(), now);
    c.talk.cancel(now);
    carry_out(id, c);
}

template <class Event>
void verification::impl::on_connection(unsigned id, instant now, Event event) {
    const auto at = connections.find(id);
    if (at == connections.end())
        return; // late, or not ours
    connection& c = at->second;
    event(c.talk);
    if (current == id && c.talk.outcome()) {
        current.reset();
        record(c, *c.talk.outcome(), c.talk.decided_at(), now);
    }
    carry_out(id, c);
}

// Hands the dialogue's actions on; `c` is gone when it is closed.
void verification::impl::carry_out(unsigned id, connection& c) {
    if (c.talk.pending() == dialogue::action::send)
        actions.emplace_back(act::send{id, c.talk.take_output()});
    if (c.talk.pending() == dialogue::action::close) {
        c.talk.take_close();
        actions.emplace_back(act::close{id});
        connections.erase(id);
    }
}

void verification::impl::record(const connection& c, const ruling& outcome, stage at, instant now) {
    attempt a = attempt_at(c.to);
    a.last_stage = at;
    a.reply = c.talk.deciding_reply();
    a.kind = outcome.kind.value_or(verdict_kind::tempfail);
    a.why = outcome.why;
    a.elapsed = now - c.began;
    a.stages = c.talk.stages(now);
    a.control_accepted = c.talk.control_accepted();
    attempts.push_back(std::move(a));
    outcomes.push_back({c.to.preference, outcome});

    switch (outcome.then) {
    case next_step::end:
        decided = true;
        groups.clear();
        candidates.clear();
        break;
    case next_step::next_preference: // CBV-GREY-001
        leave_preference(c.to.preference);
        break;
    default:
        break;
    }
}

void verification::impl::skip(unsigned id) {
    const auto at = connections.find(id);
    if (at == connections.end() || current != id)
        return; // late, or not ours
    current.reset();
    ++skipped;
    const ruling outcome = decide_left_alone();
    attempt a = attempt_at(at->second.to);
    a.kind = *outcome.kind;
    a.why = outcome.why;
    outcomes.push_back({a.preference, outcome});
    attempts.push_back(std::move(a));
    connections.erase(at);
    actions.emplace_back(act::close{id});
}

void verification::impl::record_broken_off(const connection& c, cause why, instant now) {
    attempt a = attempt_at(c.to);
    a.last_stage = c.talk.at();
    a.kind = verdict_kind::tempfail;
    a.why = why;
    a.elapsed = now - c.began;
    a.stages = c.talk.stages(now);
    attempts.push_back(std::move(a));
}

void verification::impl::expire_stages(instant now) {
    for (auto it = connections.begin(); it != connections.end();) {
        const unsigned id = it->first;
        ++it; // a connection that ends is erased
        on_connection(id, now, [now](dialogue& d) { d.on_time(now); });
    }
}

void verification::impl::close_all(instant now) {
    for (auto it = connections.begin(); it != connections.end();) {
        const unsigned id = it->first;
        connection& c = it->second;
        ++it; // carry_out() erases it
        c.talk.cancel(now);
        carry_out(id, c);
    }
}

void verification::on_connected(unsigned id, instant now) {
    impl_->on_connection(id, now, [now](dialogue& d) { d.on_connected(now); });
    impl_->advance(now);
}

void verification::on_bytes(unsigned id, std::string_view bytes, instant now) {
    impl_->on_connection(id, now, [=](dialogue& d) { d.on_bytes(bytes, now); });
    impl_->advance(now);
}

void verification::on_eof(unsigned id, instant now) {
    impl_->on_connection(id, now, [now](dialogue& d) { d.on_eof(now); });
    impl_->advance(now);
}

void verification::on_refused(unsigned id, instant now) {
    impl_->on_connection(id, now, [now](dialogue& d) { d.on_refused(now); });
    impl_->advance(now);
}

void verification::on_not_connected(unsigned id, fault why, instant now) {
    impl_->on_connection(id, now, [=](dialogue& d) { d.on_not_connected(why, now); });
    impl_->advance(now);
}

void verification::on_error(unsigned id, instant now) {
    impl_->on_connection(id, now, [now](dialogue& d) { d.on_error(now); });
    impl_->advance(now);
}

void verification::on_left_alone(unsigned id, instant now) {
    impl_->skip(id);
    impl_->advance(now);
}

} // namespace cbv
