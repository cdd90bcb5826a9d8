// Lookups of a verification: the domain's MX, then one preference group after the other, and what
// the call waits for meanwhile, all under one timer (CBV-TIME-002). Addresses are in
// verification_addresses.cpp; what the answers mean is in host_selection.hpp.
#include "cbv/text.hpp"
#include "verification_impl.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace cbv {

namespace {

// The fault that makes a mailbox unfit for a call; nothing when the parser takes it as it is.
std::optional<requirement_id> unfit(const mailbox& box) {
    const auto again = parse_mailbox(box.to_string());
    if (again && *again == box)
        return std::nullopt;
    if (again)
        return "CBV-ELIG-009";
    switch (again.error().fault) {
    case path_fault::control_octet:
        return "CBV-ADDR-005";
    case path_fault::too_long:
        return "CBV-ADDR-006";
    case path_fault::syntax:
    case path_fault::not_utf8:
        break;
    }
    return "CBV-ELIG-009";
}

dns_answer timed_out() {
    dns_answer answer;
    answer.status = dns_status::temporary;
    answer.detail = "timeout";
    return answer;
}

} // namespace

bool verification::impl::prepare_domain(instant now) {
    const auto invalid = [&](requirement_id requirement) {
        finish(without_call(verdict_kind::none, cause::invalid_address, requirement), now);
        return false;
    };
    // A mailbox made by hand may hold what the parser refuses: whether it is refused is decided
    // where the path came in (CBV-ELIG-009).
    if (const auto requirement = unfit(box)) {
        if (*requirement != "CBV-ADDR-006")
            return invalid(*requirement);
        finish(without_call(verdict_kind::none, cause::exempt, *requirement), now);
        return false;
    }
    domain = box.domain;
    if (is_ascii(domain))
        return true;
    if (!options->to_ascii) {
        // A lack of ours says nothing of the path, and trying again will not mend it.
        finish(without_call(verdict_kind::unverifiable, cause::limit, "CBV-ADDR-009"), now);
        return false;
    }
    const auto ascii = options->to_ascii(domain);
    if (!ascii || !is_ascii(*ascii) || !is_domain(*ascii))
        return invalid("CBV-ADDR-009");
    domain = *ascii;
    return true;
}

void verification::impl::ask_mx(instant now) {
    begin_wait(wait::mx, dns_left, now);
    ask(domain, {record_type::mx, 0, 0, now});
}

void verification::impl::expire_mx(instant now) {
    const auto at = std::find_if(queries.begin(), queries.end(), [](const auto& q) {
        return q.second.type == record_type::mx;
    });
    take_answer(at->first, timed_out(), now);
}

// How long the whole of what the DNS said may be kept. A failure says nothing, and no `fail` comes
// of it.
void verification::impl::note_lifetime(const dns_answer& answer) {
    if (answer.status != dns_status::temporary)
        least_ttl = std::min(least_ttl, answer.ttl);
}

void verification::impl::take_mx(const dns_answer& answer, instant now) {
    end_wait(now);
    selection_options selection = options->selection;
    selection.seed = seed;
    mx_plan plan = plan_mx(domain, answer, selection);
    mx_count = plan.mx_count;
    switch (plan.what) {
    case mx_plan::kind::ended: {
        verdict v;
        v.kind = plan.result.kind.value_or(verdict_kind::tempfail);
        v.why = plan.result.why;
        v.requirement = plan.result.requirement;
        v.at = stage::mx_lookup;
        return finish(std::move(v), now);
    }
    case mx_plan::kind::implicit_mx:
        summary.implicit_mx = true;
        break;
    case mx_plan::kind::groups:
        break;
    }
    looking = stage::address_lookup;
    summary.untried_candidates = plan.cut_preference.has_value();
    summary.untried_preference = plan.cut_preference;
    groups.assign(std::make_move_iterator(plan.groups.begin()),
                  std::make_move_iterator(plan.groups.end()));
}

// The turn of the next preference value. Without a share of time for those behind it, one whose
// name servers or hosts are silent would be the only one that is ever asked (CBV-HOST-013).
void verification::impl::begin_group(instant now) {
    preference_group group = std::move(groups.front());
    groups.pop_front();
    preference = group.preference;
    first_known.reset();
    share_end = now + without_share(budget_end - now);
    for (std::string& exchange : group.exchanges) {
        lookup& l = lookups.emplace(++last_exchange, lookup{}).first->second;
        l.exchange = std::move(exchange);
        l.preference = preference;
    }
    begin_wait(wait::group, std::min(without_share(dns_left), share_end - now), now);
}

/// What the preference value in turn may use of this.
duration verification::impl::without_share(duration left) const {
    return groups.empty() ? left : left - left * options->kept_share / 100;
}

void verification::impl::begin_wait(wait what, duration most, instant now) {
    waiting = what;
    wait_began = now;
    wait_ends = now + most;
}

// The timer is for all lookups together: what this wait took is gone.
void verification::impl::end_wait(instant now) {
    waiting = wait::none;
    dns_left = std::max(duration::zero(), dns_left - (now - wait_began));
}

bool verification::impl::wait_is_over(instant now) const {
    switch (waiting) {
    case wait::none:
    case wait::mx:
        return false; // its answer, or expire_mx(), ends it
    case wait::group:
        return now >= wait_ends || (first_known && now >= *first_known + late()) ||
               std::none_of(lookups.begin(), lookups.end(), [this](const auto& l) {
                   return l.second.preference == preference;
               });
    case wait::rest:
        return now >= wait_ends || lookups.empty() || !candidates.empty();
    }
    return true;
}

std::optional<instant> verification::impl::lookup_deadline() const {
    std::optional<instant> first;
    const auto consider = [&first](instant t) { first = first ? std::min(*first, t) : t; };
    if (waiting != wait::none)
        consider(wait_ends);
    if (waiting == wait::group && first_known)
        consider(*first_known + late());
    // One that is late makes room for another.
    const bool more =
        !decided && dns_left > duration::zero() &&
        std::any_of(lookups.begin(), lookups.end(), [](const auto& l) { return !l.second.asked; });
    for (const auto& [id, q] : queries) {
        if (more && !q.late)
            consider(q.asked + late());
    }
    return first;
}

} // namespace cbv
