// The manager and its verifications: which connections may be opened, and what a verdict means for
// those who wait and for those to come.
#include "call_manager_impl.hpp"

namespace cbv {
namespace {

bool decides(const verdict& v) {
    return v.kind == verdict_kind::pass || v.kind == verdict_kind::fail;
}

} // namespace

permission
call_manager::impl::may_connect(unsigned id, unsigned attempt, const ip_address& to, instant now) {
    const auto at = running.find(id);
    if (at == running.end() || !at->second.goes_on())
        return permission::never;
    if (covers(options.uncalled_addresses, to))
        forbid(id, at->second, without_call(verdict_kind::none, cause::exempt, "CBV-LOAD-005"));
    else if (left_alone(at->second, to, now))
        return permission::skip;
    else
        return limits.take({id, attempt}, to) ? permission::now : permission::later;
    return permission::never;
}

/// Ends a call by a rule of ours: its verification is cancelled and `v` is the answer. Whoever asks
/// meanwhile joins it, since the rule would end another one as well.
void call_manager::impl::forbid(unsigned id, call& c, verdict v) {
    c.ruling = std::move(v);
    actions.emplace_back(manage::cancel{id});
}

/// What the clients are told, and what is remembered of it.
verdict call_manager::impl::conclude(const call& c, verdict v, instant now) {
    if (c.ruling) {
        v.kind = c.ruling->kind;
        v.why = c.ruling->why;
        v.requirement = c.ruling->requirement;
    } else {
        if (c.starved && v.kind == verdict_kind::tempfail && v.why != cause::cancelled) {
            v.kind = options.over_limit;
            v.why = cause::limit;
            v.requirement = "CBV-LOAD-002";
        }
        note_refusals(c, v, now);
        note_outcome(c, v, now);
        note_standing(c, v, now);
        v = as_listed(std::move(v), now);
        cache.keep(c.box, v, now);
    }
    // A `pass` that was due for renewal, as long as it is valid (CBV-CACHE-005). Not where a host
    // objects: what was known of it is not to be used either.
    if (!decides(v) && v.why != cause::exempt)
        if (auto pass = valid_pass(c.box, now))
            return std::move(*pass);
    return v;
}

bool call_manager::impl::left_alone(const call& c, const ip_address& at, instant now) {
    return refusals.is_paused(at, now) || refused_domains.is_paused(c.domain, at, now);
}

/// What each host said of the verifier, whatever came of the call. A refusal at RCPT may be about
/// the path or its domain, and says nothing of the domains of others (CBV-LOAD-010).
void call_manager::impl::note_refusals(const call& c, const verdict& v, instant now) {
    for (const attempt& a : v.attempts) {
        if (a.kind == verdict_kind::pass)
            refused_domains.accepted(c.domain, a.address);
        if (a.why != cause::prober_refused)
            continue;
        if (a.last_stage == stage::rcpt)
            refused_domains.note(c.domain, a.address, now);
        else
            refusals.note(a.address, now);
    }
}

/// What the call shows of its domain and of the client that caused it.
void call_manager::impl::note_outcome(const call& c, const verdict& v, instant now) {
    const bool ours = v.why == cause::cancelled || v.why == cause::limit;
    if (v.kind == verdict_kind::tempfail && !ours)
        patience.note(c.domain, now);
    else if (v.kind != verdict_kind::tempfail && v.kind != verdict_kind::none)
        patience.forget(c.domain);
    if (v.kind == verdict_kind::pass && c.spf == spf_result::pass)
        proven.passed(c.domain, c.key, now);
    if (v.kind != verdict_kind::fail)
        return;
    proven.failed(c.domain, now);
    if (c.caused_by)
        by_client.failed(*c.caused_by, c.begun, now);
}

verdict call_manager::impl::as_listed(verdict v, instant now) const {
    if (v.kind == verdict_kind::fail && !is_fail_by_dns(v.kind, v.why) && listing.listed(now)) {
        v.kind = verdict_kind::unverifiable;
        v.why = cause::no_standing;
        v.requirement = "CBV-INT-020";
    }
    return v;
}

/// What the attempts say of the hosts' standing for this domain (CBV-INT-015, CBV-INT-016).
void call_manager::impl::note_standing(const call& c, const verdict& v, instant now) {
    for (const attempt& a : v.attempts) {
        if (a.kind == verdict_kind::pass && !is_role_address(c.box))
            standing.note_acceptance(a.address, c.domain, now);
        if (a.why == cause::prober_refused || a.why == cause::null_sender_refused) {
            standing.note_policy(a.address, c.domain, now);
            listing.note_refusal(c.domain, a.address, now);
        }
        if (a.control_accepted)
            standing.note_control(a.address, c.domain, *a.control_accepted, now);
    }
}

permission
call_manager::on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) {
    return impl_->may_connect(call, attempt, to, now);
}

void call_manager::on_close(unsigned call, unsigned attempt, instant) {
    const bool starved = impl_->limits.release({call, attempt});
    if (const auto at = impl_->running.find(call); starved && at != impl_->running.end())
        at->second.starved = true;
    while (const auto next = impl_->limits.let_in())
        impl_->actions.emplace_back(manage::allow{next->first, next->second});
}

void call_manager::on_verdict(unsigned call, verdict v, instant now) {
    const auto at = impl_->running.find(call);
    if (at == impl_->running.end())
        return;
    const impl::call ended = std::move(at->second);
    impl_->running.erase(at);
    impl_->forget_key(call, ended);
    const verdict answer =
        impl_->in_patience(ended.domain, impl_->conclude(ended, std::move(v), now), now);
    for (const unsigned client : ended.clients) {
        const auto waiting = impl_->clients.find(client);
        impl_->timers.erase({waiting->second.answer_by, client});
        impl_->clients.erase(waiting);
        impl_->answer(client, answer);
    }
}

} // namespace cbv
