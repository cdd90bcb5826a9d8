// The manager's decisions, in the order they are made for a client: do-not-call list, cache, a call
// under way, limits, a new call. See the header.
#include "cbv/call_manager.hpp"

#include "attempt_limits.hpp"
#include "call_memory.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <deque>
#include <map>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace cbv {
namespace {

constexpr duration least_refusal_pause = std::chrono::hours{1}; // CBV-LOAD-007

verdict without_call(verdict_kind kind, cause why, requirement_id requirement) {
    verdict v;
    v.kind = kind;
    v.why = why;
    v.requirement = requirement;
    return v;
}

bool decides(const verdict& v) {
    return v.kind == verdict_kind::pass || v.kind == verdict_kind::fail;
}

} // namespace

std::optional<std::string> call_manager_options::problem() const {
    if (const auto trouble = cache.problem())
        return trouble;
    if (attempts_per_address < 1 || attempts_in_all < 1)
        return "attempts_per_address and attempts_in_all must be at least 1 (CBV-LOAD-002)";
    if (calls_in_all < 1)
        return "calls_in_all must be at least 1";
    if (calls_per_domain > 0 && rate_window <= duration{})
        return "rate_window must be positive (CBV-LOAD-003)";
    if (over_limit != verdict_kind::tempfail && over_limit != verdict_kind::none)
        return "over_limit must be tempfail or none (CBV-LOAD-003)";
    if (refusal_pause != duration{} && refusal_pause < least_refusal_pause)
        return "refusal_pause must be 0 or at least 1 hour (CBV-LOAD-007)";
    if (answer_early_after < duration{})
        return "answer_early_after must not be negative";
    return std::nullopt;
}

struct call_manager::impl {
    struct call {
        mailbox box;
        std::string key;
        std::vector<unsigned> clients;
        std::optional<verdict> ruling;   // ours, in place of the verification's
        std::optional<verdict> fallback; // a valid `pass` that was due for renewal
        bool abandoned = false;          // cancelled, as nobody waits: not to be joined
        bool starved = false;            // an attempt never got its turn (CBV-LOAD-002)
    };
    struct waiting_client {
        unsigned call;
        instant early; // when it is answered in_progress
    };

    explicit impl(call_manager_options o)
        : options(std::move(o)), cache(options.cache),
          limits(options.attempts_per_address, options.attempts_in_all),
          rate(options.calls_per_domain, options.rate_window, options.cache.max_entries),
          refusals(options.refusal_pause, options.cache.max_entries) {}

    [[nodiscard]] bool in_background() const { return options.answer_early_after > duration{}; }

    void answer(unsigned client, verdict v) {
        actions.push_back(manage::answer{client, std::move(v)});
    }

    /// A client that nothing without a call can answer.
    void call_for(unsigned number,
                  const mailbox& box,
                  std::optional<verdict> fallback,
                  instant now,
                  instant since) {
        auto key = cache_key(box);
        const auto under_way = by_key.find(key);
        if (under_way != by_key.end())
            return join(number, under_way->second, now);
        const bool full = running.size() >= options.calls_in_all;
        if (full || !rate.begin(to_lower(box.domain), now)) {
            if (fallback)
                return answer(number, std::move(*fallback));
            return answer(number,
                          without_call(options.over_limit,
                                       cause::limit,
                                       full ? "CBV-LOAD-002" : "CBV-LOAD-003"));
        }
        const unsigned id = ++last_call;
        by_key.emplace(key, id);
        call c;
        c.box = box;
        c.key = std::move(key);
        c.fallback = std::move(fallback);
        running.emplace(id, std::move(c));
        actions.push_back(manage::start{id, box, since});
        join(number, id, now);
    }

    void join(unsigned number, unsigned id, instant now) {
        running.at(id).clients.push_back(number);
        clients.emplace(number, waiting_client{id, now + options.answer_early_after});
    }

    /// Ends a call by a rule of ours: its verification is cancelled and `v` is the answer.
    permission forbid(unsigned id, call& c, verdict v) {
        if (!c.ruling) {
            c.ruling = std::move(v);
            actions.push_back(manage::cancel{id});
        }
        return permission::never;
    }

    /// What the clients are told, and what is remembered of it.
    verdict conclude(call& c, verdict v, instant now) {
        if (c.ruling) {
            v.kind = c.ruling->kind;
            v.why = c.ruling->why;
            v.requirement = c.ruling->requirement;
            return v;
        }
        if (c.starved && v.kind == verdict_kind::tempfail && v.why != cause::cancelled) {
            v.kind = options.over_limit;
            v.why = cause::limit;
            v.requirement = "CBV-LOAD-002";
        }
        if (v.kind == verdict_kind::unverifiable &&
            (v.requirement == "CBV-INT-006" || v.requirement == "CBV-INT-008"))
            for (const auto& a : v.attempts)
                if (a.why == cause::prober_refused)
                    refusals.note(a.address, now);
        cache.keep(c.box, v, now);
        if (c.fallback && !decides(v))
            return *c.fallback;
        return v;
    }

    void let_in() {
        while (const auto next = limits.let_in())
            actions.push_back(manage::allow{next->first, next->second});
    }

    void forget_key(unsigned id, const call& c) {
        if (const auto at = by_key.find(c.key); at != by_key.end() && at->second == id)
            by_key.erase(at);
    }

    call_manager_options options;
    verdict_cache cache;
    attempt_limits limits;
    domain_rate rate;
    refusal_memory refusals;
    std::unordered_map<unsigned, call> running;
    std::unordered_map<std::string, unsigned> by_key; // calls that may be joined
    std::map<unsigned, waiting_client> clients;       // in the order they asked
    std::deque<manage_action> actions;
    unsigned last_call = 0;
    unsigned last_client = 0;
};

call_manager::call_manager(call_manager_options options) {
    if (const auto problem = options.problem())
        throw std::invalid_argument("call manager options: " + *problem);
    impl_ = std::make_unique<impl>(std::move(options));
}

call_manager::~call_manager() = default;
call_manager::call_manager(call_manager&&) noexcept = default;
call_manager& call_manager::operator=(call_manager&&) noexcept = default;

unsigned call_manager::ask(const mailbox& box, instant now, instant client_waits_since) {
    const unsigned number = ++impl_->last_client;
    if (contains_domain(impl_->options.uncalled_domains, box.domain)) {
        impl_->answer(number, without_call(verdict_kind::none, cause::exempt, "CBV-LOAD-005"));
        return number;
    }
    auto known = impl_->cache.find(box, now);
    if (known && !known->refresh_due) {
        impl_->answer(number, std::move(known->known));
        return number;
    }
    std::optional<verdict> fallback;
    if (known)
        fallback = std::move(known->known);
    impl_->call_for(number, box, std::move(fallback), now, client_waits_since);
    return number;
}

void call_manager::withdraw(unsigned client, instant) {
    std::erase_if(impl_->actions, [client](const manage_action& a) {
        const auto* answer = std::get_if<manage::answer>(&a);
        return answer != nullptr && answer->client == client;
    });
    const auto gone = impl_->clients.find(client);
    if (gone == impl_->clients.end())
        return;
    const unsigned id = gone->second.call;
    impl_->clients.erase(gone);
    auto& c = impl_->running.at(id);
    std::erase(c.clients, client);
    if (!c.clients.empty() || impl_->in_background() || c.ruling || c.abandoned)
        return;
    c.abandoned = true;
    impl_->forget_key(id, c);
    impl_->actions.push_back(manage::cancel{id});
}

permission
call_manager::on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) {
    const auto at = impl_->running.find(call);
    if (at == impl_->running.end() || at->second.abandoned)
        return permission::never;
    const auto& prefixes = impl_->options.uncalled_addresses;
    if (std::any_of(
            prefixes.begin(), prefixes.end(), [&](const ip_prefix& p) { return p.contains(to); }))
        return impl_->forbid(
            call, at->second, without_call(verdict_kind::none, cause::exempt, "CBV-LOAD-005"));
    if (impl_->refusals.is_paused(to, now))
        return impl_->forbid(
            call,
            at->second,
            without_call(verdict_kind::unverifiable, cause::hold_off, "CBV-LOAD-007"));
    return impl_->limits.take({call, attempt}, to) ? permission::now : permission::later;
}

void call_manager::on_close(unsigned call, unsigned attempt, instant) {
    const bool starved = impl_->limits.release({call, attempt});
    if (const auto at = impl_->running.find(call); starved && at != impl_->running.end())
        at->second.starved = true;
    impl_->let_in();
}

void call_manager::on_verdict(unsigned call, verdict v, instant now) {
    const auto at = impl_->running.find(call);
    if (at == impl_->running.end())
        return;
    impl::call ended = std::move(at->second);
    impl_->running.erase(at);
    impl_->forget_key(call, ended);
    const verdict answer = impl_->conclude(ended, std::move(v), now);
    for (const unsigned client : ended.clients) {
        impl_->clients.erase(client);
        impl_->answer(client, answer);
    }
}

void call_manager::on_time(instant now) {
    if (!impl_->in_background())
        return;
    while (!impl_->clients.empty() && impl_->clients.begin()->second.early <= now) {
        const auto [number, waiting] = *impl_->clients.begin();
        impl_->clients.erase(impl_->clients.begin());
        std::erase(impl_->running.at(waiting.call).clients, number);
        impl_->answer(number,
                      without_call(verdict_kind::tempfail, cause::in_progress, "CBV-TIME-008"));
    }
}

std::optional<manage_action> call_manager::next_action() {
    if (impl_->actions.empty())
        return std::nullopt;
    auto next = std::move(impl_->actions.front());
    impl_->actions.pop_front();
    return next;
}

std::optional<instant> call_manager::deadline() const {
    if (!impl_->in_background() || impl_->clients.empty())
        return std::nullopt;
    return impl_->clients.begin()->second.early; // they wait equally long
}

std::size_t call_manager::calls() const noexcept {
    return impl_->running.size();
}

} // namespace cbv
