// The course of a verification (cbv/verification.hpp): budget, order of the steps, verdict. Lookups
// are in verification_lookup.cpp and verification_addresses.cpp, connections in
// verification_call.cpp.
#include "verification_impl.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cbv {

std::optional<std::string> verification_options::problem() const {
    if (auto text = dialogue.problem())
        return text;
    if (max_attempts < 2)
        return "the number of attempts must be at least 2, not " + std::to_string(max_attempts) +
               " (CBV-HOST-008)";
    if (port == 0)
        return "the port must be between 1 and 65535, not 0";
    if (kept_share > 50)
        return "the share kept for a further preference value must be at most 50 per cent, not " +
               std::to_string(kept_share) + " (CBV-HOST-013)";
    return selection.problem();
}

verification::impl::impl(mailbox b,
                         std::shared_ptr<const verification_options> o,
                         std::uint64_t s,
                         instant now,
                         std::optional<instant> client_waits_since)
    : box(std::move(b)), options(std::move(o)), seed(s), began(now),
      budget_end(std::min(now, client_waits_since.value_or(now)) + options->dialogue.timers.budget),
      dns_left(options->dialogue.timers.dns), share_end(budget_end) {
    summary.had_candidates = false;
    summary.soft_nxdomain = options->selection.soft_nxdomain;
    standing = options->standing;
}

void verification::impl::begin(instant now) {
    if (!prepare_domain(now))
        return;
    if (now >= budget_end)
        return stop(cause::budget_exhausted, "CBV-TIME-003", now);
    if (box.literal) {
        // The literal is the only candidate and passes the same test (CBV-ADDR-010).
        looking = stage::address_lookup;
        lookup& itself = lookups.emplace(++last_exchange, lookup{}).first->second;
        itself.exchange = box.domain;
        itself.asked = itself.asked_other = true;
        itself.open = 1;
        dns_answer answer;
        answer.status = dns_status::ok;
        answer.addresses.push_back(*box.literal);
        take_addresses(last_exchange, 0, std::move(answer), now);
    } else {
        ask_mx(now);
    }
    proceed(now);
}

// What the event itself decided comes before the timers that are due at the same time: a verdict in
// hand is better than a doubt.
void verification::impl::advance(instant now) {
    proceed(now);
    if (waiting == wait::mx && now >= wait_ends)
        expire_mx(now);
    expire_stages(now);
    proceed(now);
}

void verification::impl::proceed(instant now) {
    while (!result) {
        ask_addresses(now);
        if (waiting != wait::none && wait_is_over(now))
            end_wait(now);
        const bool busy = current || waiting != wait::none;
        const bool late = !lookups.empty() && dns_left > duration::zero();
        const bool more = !decided && (!candidates.empty() || !groups.empty() || late);
        if (!busy && !more)
            return conclude(now);
        if (now >= budget_end)
            return stop(cause::budget_exhausted, "CBV-TIME-003", now);
        if (current && share_is_due(now)) {
            give_way(now);
            continue;
        }
        if (busy)
            return;
        if (attempts.size() - skipped >= options->max_attempts) {
            // CBV-HOST-008
            summary.untried_candidates =
                summary.untried_candidates || !candidates.empty() || !groups.empty();
            return conclude(now);
        }
        if (const auto next = next_candidate(now); next != candidates.end()) {
            candidate to = std::move(next->to);
            candidates.erase(next);
            call(std::move(to), now);
        } else if (!groups.empty()) {
            begin_group(now);
        } else {
            begin_wait(wait::rest, dns_left, now);
        }
    }
}

void verification::impl::conclude(instant now) {
    settle_all();
    summary.hosts = outcomes;
    const combined all = combine(summary);
    verdict v;
    v.kind = all.kind;
    v.why = all.why;
    v.requirement = all.requirement;
    v.at = looking;
    if (all.host) {
        const attempt& deciding = attempts.at(*all.host);
        v.at = deciding.last_stage;
        v.host = deciding.host;
        v.address = deciding.address;
        v.reply = deciding.reply;
    }
    finish(std::move(v), now);
}

void verification::impl::finish(verdict v, instant now) {
    v.mx_count = mx_count;
    if (is_fail_by_dns(v.kind, v.why) && least_ttl > 0 && least_ttl < UINT32_MAX)
        v.ttl = least_ttl;
    v.attempts = std::move(attempts);
    v.elapsed = now - began;
    queries.clear();
    lookups.clear();
    waiting = wait::none;
    groups.clear();
    candidates.clear();
    result = v;
    actions.emplace_back(act::done{std::move(v)});
}

// Ends the verification from outside the table: the client's patience or interest is at its end.
void verification::impl::stop(cause why, requirement_id requirement, instant now) {
    verdict v;
    v.kind = verdict_kind::tempfail;
    v.why = why;
    v.requirement = requirement;
    v.at = looking;
    if (current) {
        record_broken_off(connections.at(*current), why, now);
        v.at = attempts.back().last_stage;
        v.host = attempts.back().host;
        v.address = attempts.back().address;
    }
    withdraw();
    close_all(now);
    finish(std::move(v), now);
}

// Takes back what the driver has not fetched: no query and no connection may begin now
// (CBV-LOAD-006). A connection that never began needs no close either.
void verification::impl::withdraw() {
    std::erase_if(actions,
                  [](const action& a) { return std::holds_alternative<act::query_dns>(a); });
    for (const action& a : actions) {
        if (const auto* begin = std::get_if<act::connect>(&a))
            connections.erase(begin->id);
    }
    std::erase_if(actions, [](const action& a) { return std::holds_alternative<act::connect>(a); });
    current.reset();
}

std::optional<instant> verification::impl::deadline() const {
    std::optional<instant> first;
    const auto consider = [&first](instant t) { first = first ? std::min(*first, t) : t; };
    if (!result)
        consider(budget_end);
    if (const auto t = lookup_deadline())
        consider(*t);
    if (current && has_further(connections.at(*current).to.preference))
        consider(share_end);
    for (const auto& [id, c] : connections) {
        if (const auto t = c.talk.deadline())
            consider(*t);
    }
    return first;
}

verification::verification(mailbox box,
                           verification_options options,
                           instant now,
                           std::optional<instant> client_waits_since)
    : verification(std::move(box),
                   std::make_shared<const verification_options>(options),
                   options.selection.seed,
                   now,
                   client_waits_since) {}

verification::verification(mailbox box,
                           std::shared_ptr<const verification_options> options,
                           std::uint64_t seed,
                           instant now,
                           std::optional<instant> client_waits_since) {
    if (!options)
        throw std::logic_error("cbv::verification: no options");
    if (const auto text = options->problem())
        throw std::logic_error("cbv::verification: " + *text);
    impl_ =
        std::make_unique<impl>(std::move(box), std::move(options), seed, now, client_waits_since);
    impl_->begin(now);
}

verification::~verification() = default;
verification::verification(verification&&) noexcept = default;
verification& verification::operator=(verification&&) noexcept = default;

void verification::know_standing(std::vector<known_standing> known) {
    impl_->standing = std::move(known);
}

std::optional<action> verification::next_action() {
    if (impl_->actions.empty())
        return std::nullopt;
    action next = std::move(impl_->actions.front());
    impl_->actions.pop_front();
    return next;
}

void verification::on_dns(unsigned id, dns_answer answer, instant now) {
    impl_->take_answer(id, std::move(answer), now);
    impl_->advance(now);
}

void verification::on_time(instant now) {
    impl_->advance(now);
}

void verification::cancel(instant now) {
    if (!impl_->result)
        return impl_->stop(cause::cancelled, "CBV-LOAD-006", now);
    impl_->close_all(now);
}

std::optional<instant> verification::deadline() const {
    return impl_->deadline();
}

const std::optional<verdict>& verification::result() const {
    return impl_->result;
}

bool verification::finished() const {
    return impl_->result && impl_->connections.empty() && impl_->actions.empty();
}

} // namespace cbv
