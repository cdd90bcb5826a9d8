// Answers DNS queries for any number of worlds, as one recursive resolver would: CNAMEs followed,
// NXDOMAIN and NODATA with a SOA, and the faults the worlds ask for. Sans-I/O; delays are told, not
// waited for.
#pragma once

#include "cbv/time.hpp"
#include "fakemx/dns_message.hpp"
#include "fakemx/world.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

namespace cbv::fakemx {

/// What a lookup found, without wire format.
struct dns_lookup {
    std::uint8_t code = rcode::no_error; ///< of the end of the CNAME chain
    std::vector<record> records; ///< CNAMEs of the chain, then records of the type asked for
    dns_fault fault = dns_fault::none;
    duration delay{};
    std::string world_id;           ///< the world that owns the name asked for; empty: none
    std::string zone;               ///< zone of a negative answer's SOA; empty: no SOA
    std::uint32_t negative_ttl = 0; ///< seconds
};

/// One response to send.
struct dns_response {
    std::string world_id;              ///< whose time line gets the events; empty: nobody's
    std::string query;                 ///< "MX name", for the time line
    std::string answer;                ///< "MX name NOERROR 2 records", or what fault it is
    duration delay{};                  ///< to wait before sending
    std::optional<std::string> octets; ///< nothing: never answered. TCP adds the length itself
    bool repeated =
        false; ///< a retransmission: it got the answer given before and counts for nothing
};

/// Holds worlds by reference: they outlive it. Counts queries, so one instance is one run.
class dns_responder {
public:
    /// TTL of negative answers and MINIMUM of their SOA, in seconds, unless an `<answer>` says
    /// otherwise (RFC 2308 section 5).
    static constexpr std::uint32_t negative_ttl = 300;
    /// Answers remembered for retransmissions.
    static constexpr std::size_t max_given = 8192;
    /// CNAMEs followed; a longer chain, or a loop, is SERVFAIL as with most resolvers, unless the
    /// world asks for dns_fault::open_chain.
    static constexpr unsigned max_chain = 16;

    /// Adds a world. Throws std::logic_error when another one has its domain.
    void add(const world& w);
    /// Adds a record that belongs to no world, such as the target's own name.
    void add_static(record r);

    /// When set: told every name (canonical) before it is looked up, and may add a world because of
    /// it; false makes the answer SERVFAIL.
    std::function<bool(std::string_view name)> before_lookup;

    /// Looks a name up (any case, with or without a final dot) and counts the query. `tcp` matters
    /// for `truncate` alone, which then is no fault.
    [[nodiscard]] dns_lookup lookup(std::string_view name, rr_type type, bool tcp = false);

    /// Answers one message. Nothing when it is no query; otherwise one response. A query with the
    /// id, name and type of one that got records is its retransmission (the answer was lost on the
    /// way): it gets the same again, whatever `times` and `after` would say now.
    [[nodiscard]] std::vector<dns_response> respond(std::string_view message, bool tcp);

private:
    struct entry {
        const world* of = nullptr; // nullptr: static
        const record* what = nullptr;
    };
    struct zone {
        const world* of = nullptr;
        std::vector<unsigned> uses; // of each answer rule
    };

    using query_key = std::tuple<std::uint16_t, std::string, rr_type>; // id, name, type

    [[nodiscard]] zone* find_zone(std::string_view name);
    [[nodiscard]] const answer_rule* find_rule(zone& z, std::string_view name, rr_type type);
    void follow(std::string name, rr_type type, bool open, dns_lookup& found);

    std::map<std::string, zone, std::less<>> zones_;                 // by domain
    std::map<std::string, std::vector<entry>, std::less<>> records_; // by name
    std::vector<std::unique_ptr<record>> static_;
    std::map<std::pair<std::string, rr_type>, unsigned> answered_;
    std::map<query_key, dns_lookup> given_; // emptied at max_given: a long run must not grow
};

} // namespace cbv::fakemx
