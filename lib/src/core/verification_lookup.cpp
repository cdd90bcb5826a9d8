// Lookups of a verification: the domain's MX, then the addresses of one preference group at a time,
// all under one timer (CBV-TIME-002). What the answers mean is in host_selection.hpp.
#include "cbv/text.hpp"
#include "verification_impl.hpp"

#include <algorithm>
#include <functional>
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

// Whether `candidates` has one of the exchange's addresses.
bool any_address_of(const exchange_addresses& exchange, const std::vector<candidate>& candidates) {
    return std::any_of(candidates.begin(), candidates.end(), [&](const candidate& c) {
        return std::any_of(
            exchange.answers.begin(), exchange.answers.end(), [&](const dns_answer& answer) {
                const auto& all = answer.addresses;
                return std::find(all.begin(), all.end(), c.address) != all.end();
            });
    });
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
    dns_began = now;
    ask(domain, {record_type::mx, 0, 0});
}

void verification::impl::ask_addresses(preference_group group, instant now) {
    looking = stage::address_lookup;
    preference = group.preference;
    found.clear();
    dns_began = now;
    for (std::string& exchange : group.exchanges) {
        const std::size_t index = found.size();
        found.push_back({std::move(exchange), {}});
        if (options->selection.ipv4)
            ask_addresses_of(index, record_type::a);
        if (options->selection.ipv6)
            ask_addresses_of(index, record_type::aaaa);
    }
    if (dns_left <= duration::zero())
        expire_lookup(now);
}

// A slot for each query, so that the order of the answers does not matter.
void verification::impl::ask_addresses_of(std::size_t exchange, record_type type) {
    exchange_addresses& asked = found[exchange];
    asked.answers.emplace_back();
    ask(asked.exchange, {type, exchange, asked.answers.size() - 1});
}

// Where one family is not used and an exchange has no address of the other that may be called: does
// it have one of the first? A host that we did not ask is no `fail`.
void verification::impl::ask_unused_family(instant now) {
    if (options->selection.ipv4 && options->selection.ipv6)
        return;
    const auto allowed = [this](const ip_address& address) {
        return options->addresses.check(address) == address_policy::ruling::allowed;
    };
    for (std::size_t i = 0; i < found.size(); ++i) {
        if (found[i].answers.size() != 1)
            continue; // asked before
        const dns_answer& answer = found[i].answers.front();
        if (answer.status == dns_status::ok &&
            std::none_of(answer.addresses.begin(), answer.addresses.end(), allowed))
            ask_addresses_of(i, options->selection.ipv4 ? record_type::aaaa : record_type::a);
    }
    if (!queries.empty())
        dns_began = now;
}

void verification::impl::ask(std::string name, open_query query) {
    const unsigned id = ++last_id;
    queries.emplace(id, query);
    if (dns_left > duration::zero()) // else nobody would wait for the answer
        actions.emplace_back(act::query_dns{id, std::move(name), query.type});
}

void verification::impl::take_answer(unsigned id, dns_answer answer, instant now) {
    const auto at = queries.find(id);
    if (at == queries.end())
        return; // late, or not ours
    const open_query query = at->second;
    queries.erase(at);
    if (queries.empty()) {
        // The timer is for all lookups together: what this one took is gone.
        dns_left = std::max(duration::zero(), dns_left - (now - *dns_began));
        dns_began.reset();
    }
    note_lifetime(answer);
    if (query.type == record_type::mx)
        return take_mx(answer, now);
    found[query.exchange].answers[query.slot] = std::move(answer);
    if (queries.empty())
        ask_unused_family(now);
    if (queries.empty())
        take_addresses();
}

// How long the whole of what the DNS said may be kept. A failure says nothing, and no `fail` comes
// of it.
void verification::impl::note_lifetime(const dns_answer& answer) {
    if (answer.status != dns_status::temporary)
        least_ttl = std::min(least_ttl, answer.ttl);
}

void verification::impl::take_mx(const dns_answer& answer, instant now) {
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
    summary.untried_candidates = plan.truncated;
    groups.assign(std::make_move_iterator(plan.groups.begin()),
                  std::make_move_iterator(plan.groups.end()));
}

void verification::impl::take_addresses() {
    group_candidates group = choose_addresses(preference, found, options->addresses);
    if (group.prohibited)
        summary.prohibited_candidates = true;
    if (group.self) {
        summary.own_address = true;
        // We and all that is not better than we are out (CBV-HOST-004); what else of this group
        // could not be looked up does not matter then.
        groups.clear();
        found.clear();
        return;
    }
    const std::vector<candidate> passed_over = drop_unused_families(group.candidates);
    for (const exchange_addresses& exchange : found) {
        const bool reached = any_address_of(exchange, group.candidates);
        const bool failed = std::any_of(
            exchange.answers.begin(), exchange.answers.end(), [](const dns_answer& answer) {
                return answer.status == dns_status::temporary;
            });
        // Groups come best first.
        if (failed && !reached && !summary.failed_lookup_preference)
            summary.failed_lookup_preference = preference;
        if (!reached && any_address_of(exchange, passed_over)) {
            summary.untried_candidates = true;
            if (!summary.untried_preference)
                summary.untried_preference = preference;
        }
    }
    if (group.temporary_failure)
        summary.temporary_lookup_failure = true;
    if (!group.candidates.empty())
        summary.had_candidates = true;
    // No address twice in a call, under whatever name (CBV-HOST-008).
    std::erase_if(group.candidates, [this](const candidate& c) {
        return std::any_of(attempts.begin(), attempts.end(), [&](const attempt& past) {
            return past.address == c.address;
        });
    });
    candidates.assign(std::make_move_iterator(group.candidates.begin()),
                      std::make_move_iterator(group.candidates.end()));
    found.clear();
}

// Removes the candidates of a family that is not used, and returns them: hosts that may take the
// bounce by another way.
std::vector<candidate> verification::impl::drop_unused_families(std::vector<candidate>& all) const {
    const auto unused = [this](const candidate& c) {
        return c.address.is_v4() ? !options->selection.ipv4 : !options->selection.ipv6;
    };
    const auto first_unused = std::stable_partition(all.begin(), all.end(), std::not_fn(unused));
    std::vector<candidate> dropped(std::make_move_iterator(first_unused),
                                   std::make_move_iterator(all.end()));
    all.erase(first_unused, all.end());
    return dropped;
}

// A timer's end is a temporary failure of whatever was not answered (CBV-MX-010); addresses that
// are known already will be called.
void verification::impl::expire_lookup(instant now) {
    while (!queries.empty())
        take_answer(queries.begin()->first, timed_out(), now);
}

} // namespace cbv
