// The manager and its clients, in the order it decides for one: do-not-call list, cache, a call
// under way, limits, a new call. See the header.
#include "cbv/call_manager.hpp"

#include "call_manager_impl.hpp"
#include "cbv/text.hpp"
#include "later.hpp"

#include <algorithm>
#include <stdexcept>

namespace cbv {

std::string call_manager::impl::domain_key(std::string_view domain) {
    return to_lower(without_final_dot(domain));
}

call_manager::impl::impl(call_manager_options o)
    : options(std::move(o)), cache(options.cache),
      limits(options.attempts_per_address, options.attempts_in_all),
      rate(options.calls_per_domain, options.rate_window, options.cache.max_entries),
      refusals(options.refusal_pause, options.cache.max_entries),
      standing(options.cache.max_entries) {
    for (const std::string& domain : options.uncalled_domains)
        uncalled_domains.insert(domain_key(domain));
}

void call_manager::impl::ask(unsigned number, const mailbox& box, instant now, instant since) {
    if (uncalled_domains.contains(domain_key(box.domain)))
        return answer(number, without_call(verdict_kind::none, cause::exempt, "CBV-LOAD-005"));
    if (auto known = cache.find(box, now); known && !known->refresh_due)
        return answer(number, std::move(known->known));
    call_for(number, box, now, since);
}

/// For a client that nothing without a call can answer.
void call_manager::impl::call_for(unsigned number, const mailbox& box, instant now, instant since) {
    auto key = cache_key(box);
    if (const auto under_way = by_key.find(key); under_way != by_key.end())
        return join(number, under_way->second, since);
    const bool full = running.size() >= options.calls_in_all;
    if (full || !rate.begin(domain_key(box.domain), now)) {
        if (auto pass = valid_pass(box, now))
            return answer(number, std::move(*pass));
        return answer(
            number,
            without_call(options.over_limit, cause::limit, full ? "CBV-LOAD-002" : "CBV-LOAD-003"));
    }
    const unsigned id = ++last_call;
    by_key.emplace(key, id);
    running.emplace(id, call{box, std::move(key), since, {}, {}});
    actions.emplace_back(manage::start{id, box, since, standing.of(domain_key(box.domain), now)});
    join(number, id, since);
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
    auto v = valid_pass(running.at(w.call).box, now);
    if (!v && w.early)
        v = without_call(verdict_kind::tempfail, cause::in_progress, "CBV-TIME-008");
    if (!v)
        v = without_call(verdict_kind::tempfail, cause::budget_exhausted, "CBV-TIME-003");
    leave(number);
    answer(number, std::move(*v));
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

unsigned call_manager::ask(const mailbox& box, instant now, instant client_waits_since) {
    const unsigned number = ++impl_->last_client;
    impl_->ask(number, box, now, std::min(now, client_waits_since));
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

std::size_t call_manager::calls() const noexcept {
    return impl_->running.size();
}

} // namespace cbv
