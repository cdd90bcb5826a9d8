// From DNS answers to candidates (draft, section "Host selection"; CBV-MX and CBV-HOST groups):
// which exchanges, in which order, and which of their addresses may be called. Pure; the seed of
// the shuffle is an argument. It asks no DNS itself: verification.hpp does.
#pragma once

#include "cbv/address_policy.hpp"
#include "cbv/decision.hpp"
#include "cbv/dns.hpp"
#include "cbv/time.hpp"

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
    /// The preference of the best exchange beyond max_exchanges, which is ignored; nothing if there
    /// is none. It was left untried (CBV-HOST-011).
    std::optional<unsigned> cut_preference = std::nullopt;
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
    // Bounds on the DNS (CBV-MX-013). What they cut off is left untried (CBV-HOST-011).
    unsigned max_exchanges = 32;  ///< of a domain that are looked up
    unsigned max_addresses = 64;  ///< of an exchange that may be called, after the address test
    unsigned max_lookups = 64;    ///< of addresses in a call
    unsigned lookups_at_once = 8; ///< of them, unanswered for less than late_after
    unsigned max_aliases = 8;     ///< in the chain of a lookup (CBV-MX-014)
    /// How long known addresses wait for lookups that are still open (CBV-HOST-009).
    duration late_after = std::chrono::seconds{2};
    std::uint64_t seed = 0; ///< of the shuffle (CBV-MX-004)

    /// What is wrong with the settings, in words; nothing when usable: a family is used, and no
    /// bound is below that of the draft's limit table.
    [[nodiscard]] std::optional<std::string> problem() const;
};

/// Plans from the answer to the MX query. Own names are dropped with everything of the same or
/// worse preference (CBV-HOST-004); an exchange "." beside others is ignored (CBV-MX-008); an
/// exchange that looks like an IPv4 address is dropped (CBV-MX-012): any whose last label is a
/// number. The same name at two preferences counts at the better one.
///
/// `ended` comes with: NXDOMAIN fail (or tempfail) domain_not_found; temporary failure tempfail
/// dns_failure; a chain of more than max_aliases unverifiable limit (CBV-MX-014); a sole exchange
/// "." of any preference fail null_mx; we as the best unverifiable own_host; nothing usable left,
/// several "." included, fail no_address.
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

/// What choose_addresses() leaves out of an exchange, as selection_options has it.
struct address_bounds {
    unsigned addresses = selection_options{}.max_addresses;
    unsigned aliases = selection_options{}.max_aliases;
};

/// The candidates of one preference group after the address test.
struct group_candidates {
    std::vector<candidate> candidates;
    bool self = false;              ///< an own address was found: stop after better preferences
    bool prohibited = false;        ///< at least one address was prohibited
    bool temporary_failure = false; ///< at least one lookup failed temporarily
    bool cut = false; ///< a bound left addresses out, or a chain of aliases unfollowed
};

/// Applies the address policy (CBV-HOST-001..005) to every address, and only then the bounds. When
/// an own address is found, the whole group is empty and `self` is set. Duplicate addresses are
/// called once.
[[nodiscard]] group_candidates choose_addresses(unsigned preference,
                                                const std::vector<exchange_addresses>& exchanges,
                                                const address_policy& policy,
                                                const address_bounds& bounds = {});

/// Deterministic shuffle by `seed` (splitmix64), used for exchanges of equal preference.
void shuffle(std::vector<std::string>& names, std::uint64_t seed);

} // namespace cbv
