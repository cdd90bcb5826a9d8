// From DNS answers to candidates (CBV-MX and CBV-HOST groups). Pure: it asks no DNS and draws no
// random numbers of its own.
#include "cbv/host_selection.hpp"

#include "cbv/text.hpp"

#include <algorithm>
#include <utility>

namespace cbv {

namespace {

// A top-level domain is alphabetic (RFC 3696 section 2), so a name whose last label is a number
// exists nowhere; but resolvers built on inet_aton() take "127.0.0.9", "127.9" or "0x7f000009" for
// an address (CBV-MX-012).
bool looks_like_address(std::string_view name) {
    if (ip_address::parse(name))
        return true;
    const auto dot = name.rfind('.');
    std::string_view label = dot == std::string_view::npos ? name : name.substr(dot + 1);
    if (label.empty())
        return false;
    const bool hex = label.starts_with("0x") || label.starts_with("0X");
    if (hex)
        label.remove_prefix(2);
    return label.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "0123456789") ==
           std::string_view::npos;
}

bool contains_name(const std::vector<std::string>& names, std::string_view name) {
    return std::any_of(names.begin(), names.end(), [&](const std::string& other) {
        return iequals(without_final_dot(other), name);
    });
}

mx_plan ended(verdict_kind kind, cause why, requirement_id requirement, std::size_t records) {
    mx_plan plan;
    plan.what = mx_plan::kind::ended;
    plan.result = {next_step::end, kind, why, requirement};
    plan.mx_count = static_cast<unsigned>(records);
    return plan;
}

// CBV-HOST-004 leaves nothing: we are the best MX of a domain that our configuration does not know.
// That may be an error of the domain, or one of ours.
mx_plan only_us(std::size_t records) {
    return ended(verdict_kind::unverifiable, cause::own_host, "CBV-ELIG-018", records);
}

mx_plan plan_implicit(std::string_view domain, const selection_options& options) {
    const std::string_view name = without_final_dot(domain);
    if (contains_name(options.own_names, name))
        return only_us(0);
    if (looks_like_address(name))
        return ended(verdict_kind::fail, cause::no_address, "CBV-MX-012", 0);
    mx_plan plan;
    plan.what = mx_plan::kind::implicit_mx;
    plan.groups.push_back({0, {std::string(name)}});
    return plan;
}

// Usable exchanges by preference, the same name only at its best one.
std::vector<mx_record> usable(const std::vector<mx_record>& records) {
    std::vector<mx_record> sorted;
    for (const mx_record& record : records) {
        const std::string_view name = without_final_dot(record.exchange);
        if (!name.empty() && !looks_like_address(name)) // CBV-MX-008, CBV-MX-012
            sorted.push_back({record.preference, std::string(name)});
    }
    std::stable_sort(sorted.begin(), sorted.end(), [](const mx_record& a, const mx_record& b) {
        return a.preference < b.preference;
    });
    std::vector<mx_record> kept;
    for (mx_record& record : sorted) {
        const bool seen = std::any_of(kept.begin(), kept.end(), [&](const mx_record& other) {
            return iequals(other.exchange, record.exchange);
        });
        if (!seen)
            kept.push_back(std::move(record));
    }
    return kept;
}

std::vector<preference_group> grouped(std::vector<mx_record> sorted, std::uint64_t seed) {
    std::vector<preference_group> groups;
    for (mx_record& record : sorted) {
        if (groups.empty() || groups.back().preference != record.preference)
            groups.push_back({record.preference, {}});
        groups.back().exchanges.push_back(std::move(record.exchange));
    }
    for (preference_group& group : groups)
        shuffle(group.exchanges, seed ^ group.preference); // groups do not share an order
    return groups;
}

// Cuts after the shuffle, so that over many calls every exchange of a large group has its turn.
// Returns the preference of the first that is left out.
std::optional<unsigned> cut(std::vector<preference_group>& groups, std::size_t room) {
    std::optional<unsigned> first;
    for (preference_group& group : groups) {
        if (group.exchanges.size() > room) {
            group.exchanges.resize(room);
            first = first.value_or(group.preference);
        }
        room -= group.exchanges.size();
    }
    std::erase_if(groups, [](const preference_group& group) { return group.exchanges.empty(); });
    return first;
}

bool unfollowed(const dns_answer& answer, unsigned max_aliases) {
    return answer.status == dns_status::ok && answer.aliases > max_aliases;
}

} // namespace

std::optional<std::string> selection_options::problem() const {
    if (!ipv4 && !ipv6)
        return "one of IPv4 and IPv6 must be used";
    const struct {
        unsigned value;
        unsigned least;
        const char* what;
        const char* requirement;
    } bounds[] = {
        {max_exchanges, 1, "exchanges", "CBV-MX-013"},
        {max_addresses, 1, "addresses of an exchange", "CBV-MX-013"},
        {max_lookups, 2, "address lookups", "CBV-MX-013"},
        {lookups_at_once, 2, "lookups at once", "CBV-MX-016"},
        {max_aliases, 1, "aliases", "CBV-MX-014"},
    };
    for (const auto& b : bounds) {
        if (b.value < b.least)
            return "the number of " + std::string(b.what) + " must be at least " +
                   std::to_string(b.least) + ", not " + std::to_string(b.value) + " (" +
                   b.requirement + ")";
    }
    if (late_after < duration::zero())
        return "the wait for a late lookup must not be below zero";
    return std::nullopt;
}

mx_plan plan_mx(std::string_view domain, const dns_answer& mx, const selection_options& options) {
    switch (mx.status) {
    case dns_status::nxdomain:
        return ended(options.soft_nxdomain ? verdict_kind::tempfail : verdict_kind::fail,
                     cause::domain_not_found,
                     "CBV-MX-009",
                     0);
    case dns_status::temporary:
        return ended(verdict_kind::tempfail, cause::dns_failure, "CBV-MX-010", 0);
    case dns_status::ok:
        break;
    }
    const std::size_t records = mx.mx.size();
    // What lies behind the chain is not known, and asking again will not shorten it.
    if (unfollowed(mx, options.max_aliases))
        return ended(verdict_kind::unverifiable, cause::limit, "CBV-MX-014", records);
    if (records == 0)
        return plan_implicit(domain, options);
    // RFC 7505 section 3 wants preference 0; the root has no address with any other either.
    if (records == 1 && without_final_dot(mx.mx.front().exchange).empty())
        return ended(verdict_kind::fail, cause::null_mx, "CBV-MX-007", records);

    std::vector<mx_record> exchanges = usable(mx.mx);
    const auto own = std::find_if(exchanges.begin(), exchanges.end(), [&](const mx_record& record) {
        return contains_name(options.own_names, record.exchange);
    });
    if (own != exchanges.end()) {
        const auto limit = own->preference;
        std::erase_if(exchanges,
                      [&](const mx_record& record) { return record.preference >= limit; });
        if (exchanges.empty())
            return only_us(records);
    }
    // Nothing but "." several times, or numbers: no address can exist.
    if (exchanges.empty())
        return ended(verdict_kind::fail, cause::no_address, "CBV-MX-011", records);

    mx_plan plan;
    plan.what = mx_plan::kind::groups;
    plan.groups = grouped(std::move(exchanges), options.seed);
    plan.cut_preference = cut(plan.groups, options.max_exchanges);
    plan.mx_count = static_cast<unsigned>(records);
    return plan;
}

group_candidates choose_addresses(unsigned preference,
                                  const std::vector<exchange_addresses>& exchanges,
                                  const address_policy& policy,
                                  const address_bounds& bounds) {
    group_candidates group;
    const auto known = [&](const ip_address& address) {
        return std::any_of(group.candidates.begin(),
                           group.candidates.end(),
                           [&](const candidate& c) { return c.address == address; });
    };
    for (const exchange_addresses& exchange : exchanges) {
        unsigned kept = 0;
        for (const dns_answer& answer : exchange.answers) {
            if (answer.status == dns_status::temporary)
                group.temporary_failure = true;
            if (answer.status != dns_status::ok)
                continue;
            const bool lost = unfollowed(answer, bounds.aliases);
            const unsigned room = lost ? 0 : bounds.addresses;
            group.cut = group.cut || lost;
            for (const ip_address& address : answer.addresses) {
                switch (policy.check(address)) {
                case address_policy::ruling::own:
                    group.self = true;
                    break;
                case address_policy::ruling::prohibited:
                    group.prohibited = true;
                    break;
                case address_policy::ruling::allowed:
                    if (known(address))
                        break;
                    if (kept >= room) {
                        group.cut = true;
                        break;
                    }
                    ++kept;
                    group.candidates.push_back({exchange.exchange, address, preference});
                    break;
                }
            }
        }
    }
    if (group.self)
        group.candidates.clear();
    return group;
}

void shuffle(std::vector<std::string>& names, std::uint64_t seed) {
    // splitmix64: two neighbouring seeds give unrelated orders, so a counter may serve as seed.
    const auto next = [&seed] {
        seed += 0x9E3779B97F4A7C15U;
        std::uint64_t z = seed;
        z = (z ^ (z >> 30U)) * 0xBF58476D1CE4E5B9U;
        z = (z ^ (z >> 27U)) * 0x94D049BB133111EBU;
        return z ^ (z >> 31U);
    };
    for (std::size_t i = names.size(); i > 1; --i) {
        // The bias of the remainder is below 2^-48 for any MX set.
        const auto j = static_cast<std::size_t>(next() % i);
        std::swap(names[i - 1], names[j]);
    }
}

} // namespace cbv
