// What the files of the verification share: its state and the names of its steps. Private to
// verification*.cpp; the rules are in decision.hpp and host_selection.hpp.
#pragma once

#include "cbv/verification.hpp"

#include <cstdint>
#include <list>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cbv {

struct verification::impl {
    struct open_query {
        record_type type = record_type::mx;
        unsigned exchange = 0; // for address queries: its number,
        unsigned slot = 0;     // and 0 or 1 in the order of asking
        instant asked;
        bool late = false; // unanswered for late_after: others need not wait for it
    };
    // An exchange whose addresses are not all known yet.
    struct lookup {
        std::string exchange;
        unsigned preference = 0;
        unsigned open = 0;         // its queries without an answer
        bool asked = false;        // else it waits for its turn
        bool asked_other = false;  // the family that is not used, too
        unsigned kept = 0;         // of its addresses
        bool reached = false;      // it has an address that may be called
        bool failed = false;       // a lookup failed temporarily
        bool left_untried = false; // for a bound, or for a family that is not used
    };
    struct queued {
        candidate to;
        unsigned order; // by preference, then by place in the group, then IPv4 first
    };
    struct connection {
        candidate to;
        instant began;
        dialogue talk;
    };
    // What the call waits for, beside a connection. Only such a wait counts against the timer for
    // the DNS.
    enum class wait { none, mx, group, rest };

    impl(mailbox b,
         std::shared_ptr<const verification_options> o,
         std::uint64_t s,
         instant now,
         std::optional<instant> client_waits_since);

    // verification.cpp: the course of the whole
    void begin(instant now);
    void advance(instant now); ///< after every event: timers, and whatever can be done next
    void proceed(instant now);
    void conclude(instant now);
    void finish(verdict v, instant now);
    void stop(cause why, requirement_id requirement, instant now);
    void withdraw();
    [[nodiscard]] std::optional<instant> deadline() const;

    // verification_lookup.cpp: from the domain to the exchanges, and the waits
    [[nodiscard]] bool prepare_domain(instant now);
    void ask_mx(instant now);
    void expire_mx(instant now);
    void take_mx(const dns_answer& answer, instant now);
    void begin_group(instant now);
    void begin_wait(wait what, duration most, instant now);
    void end_wait(instant now);
    [[nodiscard]] bool wait_is_over(instant now) const;
    [[nodiscard]] duration without_share(duration left) const;
    void note_lifetime(const dns_answer& answer);
    [[nodiscard]] std::optional<instant> lookup_deadline() const;
    [[nodiscard]] duration late() const { return options->selection.late_after; }

    // verification_addresses.cpp: from exchanges to candidates
    void ask_addresses(instant now);
    void ask(std::string name, open_query query);
    void take_answer(unsigned id, dns_answer answer, instant now);
    void take_addresses(unsigned number, unsigned slot, dns_answer answer, instant now);
    void ask_other_family(unsigned number, lookup& of, instant now);
    void take_self(unsigned of_preference);
    void enqueue(candidate to, unsigned order);
    void settle(const lookup& l);
    void settle_all();
    void leave_preference(unsigned left);
    [[nodiscard]] bool uses(const ip_address& address) const;
    [[nodiscard]] unsigned awaited(instant now);

    // verification_call.cpp: from candidates to outcomes
    void call(candidate to, instant now);
    [[nodiscard]] standing_evidence standing_of(const ip_address& host) const;
    [[nodiscard]] std::list<queued>::iterator next_candidate(instant now);
    [[nodiscard]] bool has_further(unsigned than) const;
    [[nodiscard]] bool attempted(unsigned at_preference) const;
    [[nodiscard]] bool share_is_due(instant now) const;
    void give_way(instant now);
    template <class Event>
    void on_connection(unsigned id, instant now, Event event);
    void carry_out(unsigned id, connection& c);
    void record(const connection& c, const ruling& outcome, stage at, instant now);
    void skip(unsigned id);
    void record_broken_off(const connection& c, cause why, instant now);
    void expire_stages(instant now);
    void close_all(instant now);

    mailbox box;
    std::shared_ptr<const verification_options> options;
    std::uint64_t seed; // in place of theirs
    instant began;
    instant budget_end;

    // Lists for what waits in turn: nearly always empty, and an empty list holds no memory, while
    // thousands of verifications hang.
    std::list<action> actions;
    unsigned last_id = 0;
    std::optional<verdict> result;

    // lookups
    stage looking = stage::mx_lookup;
    std::string domain; // as looked up and as sent
    std::map<unsigned, open_query> queries;
    duration dns_left; // of the timer for all lookups together
    wait waiting = wait::none;
    instant wait_began, wait_ends;
    std::list<preference_group> groups; // whose turn has not come
    unsigned preference = 0;            // of the one whose turn it is
    std::map<unsigned, lookup> lookups; // by number, in the order of their turn
    unsigned last_exchange = 0;
    unsigned lookups_made = 0;
    std::optional<instant> first_known;   // when the group that is looked up had an address to call
    std::uint32_t least_ttl = UINT32_MAX; // of the answers so far; 0: one did not say
    std::list<queued> candidates;         // not yet called, in order
    std::list<unsigned> closed;           // preference values at which nobody is to be asked again
    bool decided = false;                 // a host has ended the call

    // calls
    std::map<unsigned, connection> connections; // the current one and those waiting after QUIT
    std::optional<unsigned> current;
    std::vector<known_standing> standing;
    instant share_end;             // when the preference value in turn gives way to a further one
    std::vector<attempt> attempts; // those skipped included
    unsigned skipped = 0;          // connections never opened (CBV-LOAD-008)
    std::vector<host_outcome> outcomes; // parallel to attempts
    call_summary summary;
    unsigned mx_count = 0;
};

} // namespace cbv
