// The world that is called: domains with their DNS, hosts by behaviour, a block list that learns of
// callers by its traps. It answers questions about one moment; it schedules nothing and has no
// mail.
#pragma once

#include "cbv/dns.hpp"
#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"
#include "simulation/parameters.hpp"
#include "simulation/random.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace simulation {

using cbv::duration;
using cbv::instant;

/// How a host behaves besides what it does to listed callers.
enum class behaviour {
    good,
    slow,          ///< greets late
    greylisting,   ///< 451 to what is new, for some minutes
    never_to_null, ///< 451 to every caller, always
    dead,          ///< no answer to a connection
    catch_all,     ///< accepts every path
    tarpit,        ///< every reply takes longer than the client's budget allows
    trap,          ///< accepts everything and has the caller listed
};

/// What a host does to callers that are listed.
enum class blocking { no, bare, coded, greeting };

/// Where a dialogue stands, as the called host sees it.
enum class point { greeting, ehlo, rset, mail, rcpt, quit, other };

struct host {
    behaviour does = behaviour::good;
    blocking blocks = blocking::no;
    bool codes = true;              ///< offers ENHANCEDSTATUSCODES and says 5.1.1 to unknown users
    bool exempts_postmaster = true; ///< takes mail to postmaster from listed callers too
    bool pool = false;              ///< serves many domains and refuses those it does not know
    bool victim = false;            ///< where the forged run's bounces and calls arrive
    std::unordered_map<std::string, instant> seen; ///< greylisting: first time of caller and path
};

enum class spf { none, softfail, fail };

/// How much of a world's domains is which.
enum class role { ordinary, list, trap, victim, forger };

struct domain {
    std::string name;
    std::vector<std::pair<std::uint16_t, std::uint32_t>> exchanges; ///< preference, host
    spf publishes = spf::none;
    bool opted_out = false; ///< v=CBV1; call=no
    role is = role::ordinary;
    std::optional<std::uint32_t> home; ///< the host that knows this domain's users
};

/// One answer of a host.
struct utterance {
    std::string octets; ///< empty: the host closes without a word
    duration after{};
    bool silent = false; ///< nothing ever comes
};

class world {
public:
    world(const settings& s, std::uint64_t seed);

    [[nodiscard]] const std::vector<domain>& domains() const { return domains_; }
    /// Domains of one role, as indices into domains().
    [[nodiscard]] const std::vector<std::uint32_t>& of(role r) const;
    [[nodiscard]] host& at(std::uint32_t number) { return hosts_[number]; }

    [[nodiscard]] cbv::dns_answer lookup(std::string_view name, cbv::record_type type) const;
    [[nodiscard]] const domain* find(std::string_view name) const;
    [[nodiscard]] std::optional<std::uint32_t> host_at(const cbv::ip_address& address) const;
    [[nodiscard]] static cbv::ip_address address_of(std::uint32_t host);

    /// Whether the path is deliverable at its domain: users, lists' return paths, postmaster.
    [[nodiscard]] bool exists(std::string_view local, const domain& d) const;
    /// What host `number` says to `caller` at `p`; for rcpt, `path` is its argument without <>.
    /// `null_sender`: MAIL had <>.
    [[nodiscard]] utterance says(std::uint32_t number,
                                 point p,
                                 std::uint32_t caller,
                                 std::string_view path,
                                 instant now,
                                 bool null_sender = true);
    /// Whether a connection to it comes about.
    [[nodiscard]] bool answers(std::uint32_t number) const {
        return hosts_[number].does != behaviour::dead;
    }
    /// The block list.
    [[nodiscard]] bool listed(std::uint32_t caller, instant now) const;
    [[nodiscard]] std::size_t ever_listed() const { return listed_until_.size(); }
    [[nodiscard]] duration round_trip() const { return round_trip_; }

private:
    std::uint32_t add_host(random_source& r, const settings& s);
    std::uint32_t add_domain(domain d);
    [[nodiscard]] std::string at_rcpt(std::uint32_t number,
                                      std::uint32_t caller,
                                      std::string_view path,
                                      instant now,
                                      bool null_sender);

    std::vector<host> hosts_;
    std::vector<domain> domains_;
    std::vector<std::vector<std::uint32_t>> by_role_;
    std::unordered_map<std::string, std::uint32_t> by_name_;
    std::unordered_map<std::uint32_t, instant> listed_until_;
    duration round_trip_{}, slow_{}, tarpit_{}, grey_{}, listing_{};
    std::uint64_t users_ = 0;
    bool all_listed_ = false;
};

} // namespace simulation
