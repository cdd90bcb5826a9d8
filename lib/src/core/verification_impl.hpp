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
        std::size_t exchange = 0; // for address queries: index into `found`,
        std::size_t slot = 0;     // and into its answers
    };
    struct connection {
        candidate to;
        instant began;
        dialogue talk;
    };

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

    // verification_lookup.cpp: from the domain to candidates
    [[nodiscard]] bool prepare_domain(instant now);
    void ask_mx(instant now);
    void ask_addresses(preference_group group, instant now);
    void ask_addresses_of(std::size_t exchange, record_type type);
    void ask_unused_family(instant now);
    void ask(std::string name, open_query query);
    void take_answer(unsigned id, dns_answer answer, instant now);
    void take_mx(const dns_answer& answer, instant now);
    void note_lifetime(const dns_answer& answer);
    void take_addresses();
    [[nodiscard]] std::vector<candidate> drop_unused_families(std::vector<candidate>& all) const;
    void expire_lookup(instant now);

    // verification_call.cpp: from candidates to outcomes
    void call(candidate to, instant now);
    [[nodiscard]] standing_evidence standing_of(const ip_address& host) const;
    template <class Event>
    void on_connection(unsigned id, instant now, Event event);
    void carry_out(unsigned id, connection& c);
    void record(const connection& c, instant now);
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
    duration dns_left;                // of the timer for all lookups together
    std::optional<instant> dns_began; // while queries are open
    std::list<preference_group> groups;
    unsigned preference = 0; // of the group looked up last
    std::vector<exchange_addresses> found;
    std::uint32_t least_ttl = UINT32_MAX; // of the answers so far; 0: one did not say
    std::list<candidate> candidates;      // of that group, not yet called

    // calls
    std::map<unsigned, connection> connections; // the current one and those waiting after QUIT
    std::optional<unsigned> current;
    std::vector<known_standing> standing;
    std::vector<attempt> attempts;      // those skipped included
    unsigned skipped = 0;               // connections never opened (CBV-LOAD-008)
    std::vector<host_outcome> outcomes; // parallel to attempts
    call_summary summary;
    unsigned mx_count = 0;
};

} // namespace cbv
