// From DNS answers to candidates (draft, section "Host selection"; CBV-MX and CBV-HOST groups):
// which exchanges, in which order, and which of their addresses may be called. Pure; the seed of
// the shuffle is an argument. It asks no DNS itself: verification.hpp does.
#pragma once

#include "cbv/address_policy.hpp"
#include "cbv/decision.hpp"
#include "cbv/dns.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// Exchanges of one preference, shuffled (CBV-MX-004).
struct preference_group {
    unsigned preference = 0;
    std::vector<std::string> exchanges;
};

/// What the MX answer says to do.
struct mx_plan {
    enum class kind {
        groups,      ///< call `groups` in order
        implicit_mx, ///< no MX record: the domain's own addresses (CBV-MX-002); one group
        ended,       ///< decided: see `result`
    } what = kind::ended;
    std::vector<preference_group> groups;
    ruling result{};       ///< for `ended`
    unsigned mx_count = 0; ///< MX records in the answer, unusable ones included
    /// Exchanges beyond max_exchanges were ignored; they count as call_summary::untried_candidates.
    bool truncated = false;
};

/// Options of selection.
struct selection_options {
    /// V's host names, the EHLO name among them, any case (CBV-HOST-004).
    std::vector<std::string> own_names;
    bool soft_nxdomain = false; ///< NXDOMAIN gives tempfail instead of fail (CBV-MX-009)
    /// Families whose addresses are looked up and called. Where one is off and a host has nothing
    /// to call in the other, the one that is off is looked up all the same: a host that was not
    /// asked is a limit of ours and never a `fail`.
    bool ipv4 = true;
    bool ipv6 = true;
    std::size_t max_exchanges = 16; ///< looked up in one call; the rest is ignored; 0 is 1
    std::uint64_t seed = 0;         ///< of the shuffle (CBV-MX-004)
};

/// Plans from the answer to the MX query. Own names are dropped with everything of the same or
/// worse preference (CBV-HOST-004); an exchange "." beside others is ignored (CBV-MX-008); an
/// exchange that looks like an IPv4 address is dropped (CBV-MX-012): any whose last label is a
/// number. The same name at two preferences counts at the better one.
///
/// `ended` comes with: NXDOMAIN fail (or tempfail) domain_not_found; temporary failure tempfail
/// dns_failure; a sole exchange "." of any preference fail null_mx; we as the best
/// unverifiable own_host; nothing usable left, several "." included, fail no_address.
[[nodiscard]] mx_plan
plan_mx(std::string_view domain, const dns_answer& mx, const selection_options& options);

/// One address that may be called.
struct candidate {
    std::string host;
    ip_address address;
    unsigned preference = 0;
    friend bool operator==(const candidate&, const candidate&) = default;
};

/// Addresses of one exchange, as looked up.
struct exchange_addresses {
    std::string exchange;
    std::vector<dns_answer> answers; ///< of A and AAAA, whichever were asked
};

/// The candidates of one preference group after the address test.
struct group_candidates {
    std::vector<candidate> candidates;
    bool self = false;              ///< an own address was found: stop after better preferences
    bool prohibited = false;        ///< at least one address was prohibited
    bool temporary_failure = false; ///< at least one lookup failed temporarily
};

/// Applies the address policy (CBV-HOST-001..005). When an own address is found, the whole group is
/// empty and `self` is set. Duplicate addresses are called once.
[[nodiscard]] group_candidates choose_addresses(unsigned preference,
                                                const std::vector<exchange_addresses>& exchanges,
                                                const address_policy& policy);

/// Deterministic shuffle by `seed` (splitmix64), used for exchanges of equal preference.
void shuffle(std::vector<std::string>& names, std::uint64_t seed);

} // namespace cbv
