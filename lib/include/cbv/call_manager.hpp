// Between the sessions that ask and the verifications that call (draft, sections "Caching" and
// "Load and Abuse"; CBV-LOAD group): answers from the cache, lets transactions with one key share a
// call, limits attempts and rates, leaves objecting hosts alone. A sans-I/O state machine; it
// neither calls nor knows how a verification works: its driver runs one for each `start` and
// reports its attempts.
#pragma once

#include "cbv/eligibility.hpp"
#include "cbv/ip_address.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/request_facts.hpp"
#include "cbv/standing.hpp"
#include "cbv/time.hpp"
#include "cbv/timeouts.hpp"
#include "cbv/verdict.hpp"
#include "cbv/verdict_cache.hpp"

#include <memory>
#include <optional>
#include <string>
#include <variant>
#include <vector>

namespace cbv {

/// Settings; the defaults are those of the draft's limit table.
struct call_manager_options {
    cache_options cache;
    unsigned attempts_per_address = 2; ///< open at once at one target address (CBV-LOAD-002)
    unsigned attempts_in_all = 100;    ///< open at once (CBV-LOAD-002)
    unsigned calls_in_all = 1000;      ///< under way at once, waiting ones included
    unsigned calls_per_domain = 10;    ///< started within rate_window; 0: no limit (CBV-LOAD-003)
    duration rate_window = std::chrono::seconds{60};
    /// What a call results in that got no place among those above: `tempfail` or `none`
    /// (CBV-LOAD-014). Over calls_per_domain it is `none`.
    verdict_kind over_limit = verdict_kind::tempfail;
    /// Within rate_window, of one client address (IPv6: its /64); 0: no limit. Beyond so many calls
    /// that ended in `fail` what is not known is `tempfail` (CBV-LOAD-011), beyond so many others
    /// `none` (CBV-LOAD-012).
    unsigned fails_per_client = 30;
    unsigned calls_per_client = 30;
    /// Distinct paths of a domain that passed within 24 h with SPF `pass`, none having failed,
    /// after which more of them with SPF `pass` are not called about; 0: never (CBV-LOAD-013).
    unsigned proving_paths = 5;
    /// Call although SPF gave `softfail` (CBV-ELIG-016).
    bool call_on_softfail = false;
    /// After calls for a domain that yielded only `tempfail`, three at least and over so long,
    /// `tempfail` becomes `none` for it, for at most 5 days; 0: never (CBV-CACHE-011).
    duration patience = std::chrono::hours{4};
    /// How long a host that refused the verifier is left alone, at least 1 h; 0: off
    /// (CBV-LOAD-007).
    duration refusal_pause = std::chrono::hours{1};
    /// From so many unrelated domains whose hosts refused the verifier within an hour on it takes
    /// itself to be listed, and no target's `fail` is believed; 0: never (CBV-INT-020).
    unsigned listing_domains = 5;
    /// Refusals of the verifier at RCPT by one address for one domain, within an hour and without
    /// an acceptance between, after which that domain is left alone there for refusal_pause; 0:
    /// never (CBV-LOAD-009).
    unsigned refusals_per_domain = 3;
    /// Do-not-call list of reverse-path domains, compared by their keys (CBV-LOAD-005).
    std::vector<std::string> uncalled_domains;
    std::vector<ip_prefix> uncalled_addresses; ///< of targets (CBV-LOAD-005)
    /// When positive: a client that has waited so long is answered `tempfail` in_progress, and the
    /// call goes on in the background, also when nobody waits any more (CBV-TIME-008).
    duration answer_early_after{};
    /// The whole wait of a client that joins a call begun for a client that came later, and so ends
    /// after its own time: that of the verifications, at most 270 s (CBV-TIME-003).
    duration client_budget = timeouts{}.budget;
    /// For the keys of domains with U-labels (CBV-CACHE-009); `verifier` has idna_to_ascii when
    /// empty.
    to_ascii_function to_ascii;

    /// What is wrong with the settings, in words; nothing when usable.
    [[nodiscard]] std::optional<std::string> problem() const;
};

/// Actions a driver carries out, in order.
namespace manage {
/// Start a verification; report its connections by on_connect()/on_close() and its end by
/// on_verdict(). A call's number is never used twice.
struct start {
    unsigned call;
    mailbox box;
    instant client_waits_since;             ///< of the client that waits longest (CBV-TIME-003)
    std::vector<known_standing> standing{}; ///< of the domain's hosts, for know_standing()
};
/// Cancel that verification: nobody awaits it, or it may not go on. Its verdict (`cancelled`) is
/// still to be reported by on_verdict().
struct cancel {
    unsigned call;
};
/// The connection that on_connect() told to wait may be opened now; it has its place from then on.
struct allow {
    unsigned call;
    unsigned attempt;
};
/// Answer the client; once for each ask() that was not withdrawn.
struct answer {
    unsigned client;
    verdict result;
};
} // namespace manage

using manage_action = std::variant<manage::start, manage::cancel, manage::allow, manage::answer>;

/// May an attempt be opened?
enum class permission {
    now,   ///< open it
    later, ///< hold it until manage::allow, or until the verification closes it
    skip,  ///< do not open it: its host is left alone; tell the verification (on_left_alone)
    never, ///< do not open it: manage::cancel for its call follows
};

/// One for all sessions of a server. Not thread-safe. Numbers of calls, attempts and clients that
/// are unknown, or known no more, are ignored everywhere: a driver may be late. What is remembered
/// is bounded by cache_options::max_entries (of each kind), what is under way by calls_in_all and
/// by the driver's sessions.
class call_manager {
public:
    /// Throws std::invalid_argument when the options are unusable.
    explicit call_manager(call_manager_options options);
    ~call_manager();
    call_manager(call_manager&&) noexcept;
    call_manager& operator=(call_manager&&) noexcept;

    /// A client wants to know. Returns its number, never used twice, for `answer` and withdraw().
    /// The answer may be among the next actions.
    [[nodiscard]] unsigned ask(const mailbox& box, instant now, const request_facts& facts);
    /// That client is gone: no answer for it may follow. Its call is cancelled if nobody else
    /// awaits it (CBV-LOAD-006), unless it goes on in the background.
    void withdraw(unsigned client, instant now);

    /// A verification wants to open a connection. `attempt` is act::connect's id. `never` also for
    /// a call that is unknown or cancelled.
    [[nodiscard]] permission
    on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now);
    /// A connection is closed, or is no longer wanted; also for one that never was permitted.
    void on_close(unsigned call, unsigned attempt, instant now);
    /// A verification's verdict, once; connections may still be closing.
    void on_verdict(unsigned call, verdict v, instant now);
    void on_time(instant now); ///< call at or after deadline(); early calls do no harm

    /// The next action, in order; nothing when there is none. Actions that came to nothing before
    /// they were fetched are left out: a call withdrawn before its start never starts.
    [[nodiscard]] std::optional<manage_action> next_action();
    /// The earliest timer (answer_early_after, client_budget); nothing when there is none.
    [[nodiscard]] std::optional<instant> deadline() const;
    /// Until when the verifier takes itself to be listed, at least (CBV-INT-020); a time that is
    /// over, or nothing, when it does not. For logs and metrics: somebody ought to hear of it.
    [[nodiscard]] std::optional<instant> listed_until() const;
    /// Calls under way.
    [[nodiscard]] std::size_t calls() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cbv
