// The manager and its clients, in the order it decides for one: do-not-call list, cache, SPF, a
// call under way, limits, a new call. See the header.
#include "cbv/call_manager.hpp"

#include "call_manager_impl.hpp"
#include "later.hpp"

#include <algorithm>
#include <stdexcept>

namespace cbv {

namespace {

constexpr duration refusal_window = std::chrono::hours{1};  // CBV-LOAD-009
constexpr duration proving_window = std::chrono::hours{24}; // CBV-LOAD-013

verdict not_called(cause why, requirement_id requirement) {
    return without_call(verdict_kind::none, why, requirement);
}

} // namespace

call_manager::impl::impl(call_manager_options o)
    : options(std::move(o)), cache(options.cache, options.to_ascii),
      limits(options.attempts_per_address, options.attempts_in_all),
      rate(options.calls_per_domain, options.rate_window, options.cache.max_entries),
      refusals(options.refusal_pause, options.cache.max_entries),
      refused_domains(options.refusals_per_domain,
                      refusal_window,
                      options.refusal_pause,
                      options.cache.max_entries),
      by_client(options.calls_per_client,
                options.fails_per_client,
                options.rate_window,
                options.cache.max_entries),
      proven(options.proving_paths, proving_window, options.cache.max_entries),
      patience(options.patience, options.cache.max_entries), standing(options.cache.max_entries),
      listing(options.listing_domains, options.cache.max_entries) {
    for (const std::string& domain : options.uncalled_domains)
        uncalled_domains.insert(key_of(domain));
}

void call_manager::impl::ask(unsigned number,
                             const mailbox& box,
                             instant now,
                             const request_facts& facts) {
    auto domain = key_of(box.domain);
    if (uncalled_domains.contains(domain))
        return answer(number, not_called(cause::exempt, "CBV-LOAD-005"));
    auto known = cache.find(box, now);
    const bool forbidden = facts.spf == spf_result::fail;
    const bool discouraged = facts.spf == spf_result::softfail && !options.call_on_softfail;
    if (known && (!known->refresh_due || forbidden || discouraged)) // CBV-ELIG-017
        return answer(number, in_patience(domain, as_listed(std::move(known->known), now), now));
    if (forbidden || discouraged)
        return answer(number,
                      not_called(cause::exempt, forbidden ? "CBV-ELIG-015" : "CBV-ELIG-016"));
    call_for(number, box, std::move(domain), now, facts);
}

/// For a client that nothing without a call can answer.
void call_manager::impl::call_for(unsigned number,
                                  const mailbox& box,
                                  std::string domain,
                                  instant now,
                                  const request_facts& facts) {
    const instant since = std::min(now, facts.client_waits_since);
    auto key = cache_key(box, options.to_ascii);
    if (const auto under_way = by_key.find(key); under_way != by_key.end())
        return join(number, under_way->second, since);
    if (auto v = over_limit(domain, now, facts)) {
        auto pass = valid_pass(box, now);
        return answer(number, std::move(pass ? *pass : *v));
    }
    if (facts.client)
        by_client.began(*facts.client, now);
    const unsigned id = ++last_call;
    by_key.emplace(key, id);
    listing.note_call(domain, now);
    auto known = standing.of(domain, now);
    running.emplace(
        id,
        call{box, std::move(key), std::move(domain), since, now, facts.client, facts.spf, {}, {}});
    actions.emplace_back(manage::start{id, box, since, std::move(known)});
    join(number, id, since);
}

/// Why no call begins for it, if none does; a call for the domain is counted otherwise.
std::optional<verdict>
call_manager::impl::over_limit(const std::string& domain, instant now, const request_facts& facts) {
    if (facts.client && by_client.failed_too_often(*facts.client, now))
        return without_call(verdict_kind::tempfail, cause::limit, "CBV-LOAD-011");
    if (facts.spf == spf_result::pass && proven.is_proven(domain, now))
        return not_called(cause::exempt, "CBV-LOAD-013");
    if (facts.client && by_client.called_too_often(*facts.client, now))
        return not_called(cause::limit, "CBV-LOAD-012");
    if (running.size() >= options.calls_in_all)
        return without_call(options.over_limit, cause::limit, "CBV-LOAD-002");
    if (!rate.begin(domain, now))
        return not_called(cause::limit, "CBV-LOAD-003");
    return std::nullopt;
}

void call_manager::impl::join(unsigned number, unsigned id, instant since) {
    call& c = running.at(id);
    c.clients.insert(number);
    waiting_client w{id, instant::max(), false};
    if (since < c.since) // the call's own budget ends too late for this one
        w.answer_by = later(since, options.client_budget);
    if (const auto early = later(since, options.answer_early_after);
        in_background() && early <= w.answer_by)
        w = {id, early, true};
    if (w.answer_by < instant::max())
        timers.emplace(w.answer_by, number);
    clients.emplace(number, w);
}

/// The client waits no more; the call may have to end for that.
void call_manager::impl::leave(unsigned number) {
    const auto gone = clients.find(number);
    if (gone == clients.end())
        return;
    const unsigned id = gone->second.call;
    timers.erase({gone->second.answer_by, number});
    clients.erase(gone);
    call& c = running.at(id);
    c.clients.erase(number);
    if (!c.clients.empty() || in_background() || !c.goes_on())
        return;
    c.abandoned = true;
    forget_key(id, c);
    actions.emplace_back(manage::cancel{id});
}

void call_manager::impl::answer(unsigned client, verdict v) {
    unfetched.insert(client);
    actions.emplace_back(manage::answer{client, std::move(v)});
}

/// The client's time is up, the call's is not.
void call_manager::impl::answer_in_time(unsigned number, instant now) {
    const waiting_client w = clients.at(number);
    const call& c = running.at(w.call);
    auto v = valid_pass(c.box, now);
    if (!v && w.early)
        v = without_call(verdict_kind::tempfail, cause::in_progress, "CBV-TIME-008");
    if (!v)
        v = without_call(verdict_kind::tempfail, cause::budget_exhausted, "CBV-TIME-003");
    v = in_patience(c.domain, std::move(*v), now);
    leave(number);
    answer(number, std::move(*v));
}

verdict call_manager::impl::in_patience(const std::string& domain, verdict v, instant now) {
    if (v.kind == verdict_kind::tempfail && patience.is_over(domain, now)) {
        v.kind = verdict_kind::none; // the cause stays for the record
        v.requirement = "CBV-CACHE-011";
    }
    return v;
}

/// A `pass` that still holds, where a call to renew it gave no verdict or was not made.
std::optional<verdict> call_manager::impl::valid_pass(const mailbox& box, instant now) {
    auto known = cache.find(box, now);
    if (!known || known->known.kind != verdict_kind::pass)
        return std::nullopt;
    return std::move(known->known);
}

void call_manager::impl::forget_key(unsigned id, const call& c) {
    if (const auto at = by_key.find(c.key); at != by_key.end() && at->second == id)
        by_key.erase(at);
}

bool call_manager::impl::still_due(const manage::start& a) {
    const auto at = running.find(a.call);
    if (at == running.end())
        return false;
    if (at->second.goes_on())
        return true;
    running.erase(at); // the driver never heard of it, so no verdict will come
    return false;
}

bool call_manager::impl::still_due(const manage::cancel& a) {
    return running.contains(a.call);
}

// A call that ends opens nothing more (CBV-LOAD-006); its place comes back with on_close().
bool call_manager::impl::still_due(const manage::allow& a) {
    const auto at = running.find(a.call);
    return at != running.end() && at->second.goes_on() && limits.has_place({a.call, a.attempt});
}

bool call_manager::impl::still_due(const manage::answer& a) {
    return unfetched.erase(a.client) > 0;
}

call_manager::call_manager(call_manager_options options) {
    if (const auto problem = options.problem())
        throw std::invalid_argument("call manager options: " + *problem);
    impl_ = std::make_unique<impl>(std::move(options));
}

call_manager::~call_manager() = default;
call_manager::call_manager(call_manager&&) noexcept = default;
call_manager& call_manager::operator=(call_manager&&) noexcept = default;

unsigned call_manager::ask(const mailbox& box, instant now, const request_facts& facts) {
    const unsigned number = ++impl_->last_client;
    impl_->ask(number, box, now, facts);
    return number;
}

void call_manager::withdraw(unsigned client, instant) {
    impl_->unfetched.erase(client);
    impl_->leave(client);
}

void call_manager::on_time(instant now) {
    while (!impl_->timers.empty() && impl_->timers.begin()->first <= now)
        impl_->answer_in_time(impl_->timers.begin()->second, now);
}

std::optional<manage_action> call_manager::next_action() {
    while (!impl_->actions.empty()) {
        auto next = std::move(impl_->actions.front());
        impl_->actions.pop_front();
        if (std::visit([this](const auto& a) { return impl_->still_due(a); }, next))
            return next;
    }
    return std::nullopt;
}

std::optional<instant> call_manager::deadline() const {
    if (impl_->timers.empty())
        return std::nullopt;
    return impl_->timers.begin()->first;
}

std::optional<instant> call_manager::listed_until() const {
    return impl_->listing.until();
}

std::size_t call_manager::calls() const noexcept {
    return impl_->running.size();
}

} // namespace cbv
