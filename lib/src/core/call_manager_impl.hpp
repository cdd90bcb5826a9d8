// What the files of the call manager share: its state and the names of its steps. Private to
// call_manager*.cpp; what is counted is in attempt_limits.hpp and call_memory.hpp.
#pragma once

#include "attempt_limits.hpp"
#include "call_memory.hpp"
#include "cbv/call_manager.hpp"
#include "client_limits.hpp"
#include "domain_refusals.hpp"
#include "listing_watch.hpp"
#include "proven_domains.hpp"
#include "standing_memory.hpp"
#include "tempfail_patience.hpp"

#include <deque>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

namespace cbv {

struct call_manager::impl {
    struct call {
        mailbox box;
        std::string key;
        std::string domain; // as domains are counted and compared
        instant since;      // when the client it was begun for began to wait
        instant begun;
        std::optional<ip_address> caused_by = std::nullopt; // that client
        std::optional<spf_result> spf = std::nullopt;       // its result
        std::set<unsigned> clients;                         // in the order they asked
        std::optional<verdict> ruling;                      // ours, in place of the verification's
        bool abandoned = false; // cancelled, as nobody waits: not to be joined
        bool starved = false;   // an attempt never got its turn (CBV-LOAD-002)

        [[nodiscard]] bool goes_on() const { return !ruling && !abandoned; }
    };
    struct waiting_client {
        unsigned call;
        instant answer_by;
        bool early; // at that time the call goes on (CBV-TIME-008)
    };

    explicit impl(call_manager_options o);

    // call_manager.cpp: clients
    void ask(unsigned number, const mailbox& box, instant now, const request_facts& facts);
    void call_for(unsigned number,
                  const mailbox& box,
                  std::string domain,
                  instant now,
                  const request_facts& facts);
    [[nodiscard]] std::optional<verdict>
    over_limit(const std::string& domain, instant now, const request_facts& facts);
    void join(unsigned number, unsigned id, instant since);
    void leave(unsigned number);
    void answer(unsigned client, verdict v);
    void answer_in_time(unsigned number, instant now);
    [[nodiscard]] std::optional<verdict> valid_pass(const mailbox& box, instant now);
    /// What `tempfail` is for a domain whose patience has ended (CBV-CACHE-011).
    [[nodiscard]] verdict in_patience(const std::string& domain, verdict v, instant now);
    /// What a `fail` by a target is while the verifier is listed (CBV-INT-020).
    [[nodiscard]] verdict as_listed(verdict v, instant now) const;
    [[nodiscard]] std::string key_of(std::string_view domain) const {
        return domain_key(domain, options.to_ascii);
    }
    [[nodiscard]] bool in_background() const { return options.answer_early_after > duration{}; }
    void forget_key(unsigned id, const call& c);
    // Whether an action still makes sense when it is fetched: much may have happened since.
    bool still_due(const manage::start& a);
    bool still_due(const manage::cancel& a);
    bool still_due(const manage::allow& a);
    bool still_due(const manage::answer& a);

    // call_manager_calls.cpp: verifications
    [[nodiscard]] permission
    may_connect(unsigned id, unsigned attempt, const ip_address& to, instant now);
    void forbid(unsigned id, call& c, verdict v);
    [[nodiscard]] verdict conclude(const call& c, verdict v, instant now);
    [[nodiscard]] bool left_alone(const call& c, const ip_address& at, instant now);
    void note_refusals(const call& c, const verdict& v, instant now);
    void note_outcome(const call& c, const verdict& v, instant now);
    void note_standing(const call& c, const verdict& v, instant now);

    call_manager_options options;
    std::set<std::string, std::less<>> uncalled_domains;
    verdict_cache cache;
    attempt_limits limits;
    domain_rate rate;
    refusal_memory refusals;
    domain_refusals refused_domains;
    client_limits by_client;
    proven_domains proven;
    tempfail_patience patience;
    standing_memory standing;
    listing_watch listing;
    std::map<unsigned, call> running;
    std::map<std::string, unsigned> by_key; // calls that may be joined
    std::map<unsigned, waiting_client> clients;
    std::set<std::pair<instant, unsigned>> timers; // of clients
    std::deque<manage_action> actions;
    std::set<unsigned> unfetched; // clients whose answer is among the actions
    unsigned last_call = 0;
    unsigned last_client = 0;
};

} // namespace cbv
