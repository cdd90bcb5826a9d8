// From exchanges to candidates: address lookups a few at a time, and what each answer adds, also
// one that comes when others are being called already (CBV-HOST-009). Which addresses may be called
// is in host_selection.hpp.
#include "verification_impl.hpp"

#include <algorithm>
#include <utility>

namespace cbv {

/// Queries that others wait for. Marks those that are late.
unsigned verification::impl::awaited(instant now) {
    unsigned count = 0;
    for (auto& [id, q] : queries) {
        q.late = q.late || now >= q.asked + late();
        count += q.late ? 0 : 1;
    }
    return count;
}

// Asks for exchanges whose turn has come, as many as may be open at once (CBV-MX-016).
void verification::impl::ask_addresses(instant now) {
    const selection_options& bounds = options->selection;
    const unsigned families = (bounds.ipv4 ? 1U : 0U) + (bounds.ipv6 ? 1U : 0U);
    if (decided || dns_left <= duration::zero())
        return; // nobody would wait for the answer
    for (auto at = lookups.begin(); at != lookups.end();) {
        const unsigned number = at->first;
        lookup& l = at->second;
        ++at; // one that is settled is erased
        if (l.asked)
            continue;
        if (lookups_made + families > bounds.max_lookups) { // CBV-MX-013
            l.left_untried = true;
            settle(l);
            lookups.erase(number);
            continue;
        }
        if (awaited(now) + families > bounds.lookups_at_once)
            return;
        l.asked = true;
        l.open = families;
        lookups_made += families;
        unsigned slot = 0;
        if (bounds.ipv4)
            ask(l.exchange, {record_type::a, number, slot++, now});
        if (bounds.ipv6)
            ask(l.exchange, {record_type::aaaa, number, slot, now});
    }
}

void verification::impl::ask(std::string name, open_query query) {
    const unsigned id = ++last_id;
    queries.emplace(id, query);
    actions.emplace_back(act::query_dns{id, std::move(name), query.type});
}

void verification::impl::take_answer(unsigned id, dns_answer answer, instant now) {
    const auto at = queries.find(id);
    if (at == queries.end())
        return; // not ours, or the call is over
    const open_query query = at->second;
    queries.erase(at);
    note_lifetime(answer);
    if (query.type == record_type::mx)
        take_mx(answer, now);
    else if (lookups.contains(query.exchange))
        take_addresses(query.exchange, query.slot, std::move(answer), now);
}

void verification::impl::take_addresses(unsigned number,
                                        unsigned slot,
                                        dns_answer answer,
                                        instant now) {
    lookup& l = lookups.at(number);
    --l.open;
    const bool definite = answer.status == dns_status::ok;
    const selection_options& bounds = options->selection;
    group_candidates found = choose_addresses(l.preference,
                                              {{l.exchange, {std::move(answer)}}},
                                              options->addresses,
                                              {bounds.max_addresses - l.kept, bounds.max_aliases});
    summary.prohibited_candidates = summary.prohibited_candidates || found.prohibited;
    if (found.self)
        return take_self(l.preference);
    l.failed = l.failed || found.temporary_failure;
    l.left_untried = l.left_untried || found.cut;
    summary.untried_candidates = summary.untried_candidates || found.cut;
    l.kept += static_cast<unsigned>(found.candidates.size());
    for (candidate& c : found.candidates) {
        if (!uses(c.address)) {
            l.left_untried = true; // CBV-HOST-011
            continue;
        }
        l.reached = true;
        enqueue(std::move(c), 2 * number + slot);
    }
    if (waiting == wait::group && l.preference == preference && l.reached && !first_known)
        first_known = now;
    if (definite && !l.reached)
        ask_other_family(number, l, now);
    if (l.open == 0) {
        settle(l);
        lookups.erase(number);
    }
}

bool verification::impl::uses(const ip_address& address) const {
    return address.is_v4() ? options->selection.ipv4 : options->selection.ipv6;
}

// Where one family is not used and an exchange has no address of the other that may be called: does
// it have one of the first? A host that we did not ask is no `fail`.
void verification::impl::ask_other_family(unsigned number, lookup& of, instant now) {
    const selection_options& bounds = options->selection;
    if ((bounds.ipv4 && bounds.ipv6) || std::exchange(of.asked_other, true))
        return;
    if (lookups_made >= bounds.max_lookups) {
        of.left_untried = true;
        return;
    }
    ++lookups_made;
    ++of.open;
    ask(of.exchange, {bounds.ipv4 ? record_type::aaaa : record_type::a, number, 1, now});
}

// We and all that is not better than we are out (CBV-HOST-004). What could not be looked up of it
// does not matter then; what was called before this was known can no longer condemn (CBV-HOST-010).
void verification::impl::take_self(unsigned of_preference) {
    summary.own_address = true;
    summary.own_preference =
        std::min(summary.own_preference.value_or(of_preference), of_preference);
    groups.clear(); // those whose turn has not come are all worse
    std::erase_if(candidates, [&](const queued& q) { return q.to.preference >= of_preference; });
    std::erase_if(lookups, [&](const auto& l) { return l.second.preference >= of_preference; });
}

// No address twice in a call, under whatever name (CBV-HOST-008).
void verification::impl::enqueue(candidate to, unsigned order) {
    summary.had_candidates = true;
    if (std::find(closed.begin(), closed.end(), to.preference) != closed.end())
        return; // CBV-GREY-001
    const auto is_it = [&to](const auto& other) { return other.address == to.address; };
    if (std::any_of(attempts.begin(), attempts.end(), is_it) ||
        (current && is_it(connections.at(*current).to)))
        return;
    const auto same = std::find_if(
        candidates.begin(), candidates.end(), [&](const queued& q) { return is_it(q.to); });
    if (same != candidates.end()) {
        if (same->order <= order)
            return;
        candidates.erase(same);
    }
    const auto behind = std::find_if(
        candidates.begin(), candidates.end(), [&](const queued& q) { return q.order > order; });
    candidates.insert(behind, {std::move(to), order});
}

// Takes down what an exchange that was not asked means for the verdict. One that was, at whatever
// address, gave its own (CBV-HOST-014).
void verification::impl::settle(const lookup& l) {
    const auto best = [&l](std::optional<unsigned>& of) {
        of = std::min(of.value_or(l.preference), l.preference);
    };
    if (l.reached)
        return;
    if (l.failed)
        best(summary.failed_lookup_preference);
    if (l.left_untried) {
        summary.untried_candidates = true;
        best(summary.untried_preference);
    }
}

// The end of the call is a temporary failure of whatever was not answered (CBV-MX-010).
void verification::impl::settle_all() {
    for (auto& [number, l] : lookups) {
        l.failed = true;
        settle(l);
    }
    lookups.clear();
}

// Nobody of that preference is to be asked again in this call.
void verification::impl::leave_preference(unsigned left) {
    closed.push_back(left);
    std::erase_if(candidates, [&](const queued& q) { return q.to.preference == left; });
    std::erase_if(lookups, [&](const auto& l) { return l.second.preference == left; });
}

} // namespace cbv
