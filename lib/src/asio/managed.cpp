// The call manager's driver (managed.hpp).
#include "managed.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/post.hpp>

namespace cbv {

namespace asio = boost::asio;

namespace {

verdict cancelled() {
    return without_call(verdict_kind::tempfail, cause::cancelled, "CBV-LOAD-006");
}

} // namespace

managed_calls::managed_calls(verifier::shared& owner, call_manager_options options)
    : owner_(owner), manager_(std::move(options)), timer_(owner.executor) {}

void managed_calls::ask(verify_request request, completion::handler on_done) {
    auto slot = asio::get_associated_cancellation_slot(on_done);
    const instant now = steady_now();
    const unsigned number =
        manager_.ask(request.box, now, {now - request.waited, request.client, request.spf});
    clients_.emplace(
        number,
        client{completion(std::move(on_done), owner_.executor), std::move(request.observer), {}});
    if (slot.is_connected()) {
        slot.assign([weak = owner_.weak_from_this(), executor = owner_.executor, number](
                        asio::cancellation_type type) {
            if (type == asio::cancellation_type::none)
                return;
            // Posted: no machine is to be entered from within one of its own events.
            asio::post(executor, [weak, number] {
                if (const auto alive = weak.lock())
                    alive->manager->withdraw(number);
            });
        });
    }
    collect(number);
    settle();
}

void managed_calls::withdraw(unsigned number) {
    auto gone = clients_.extract(number);
    if (gone.empty())
        return;
    // The call may go on for others, but its events are not for this one any more.
    if (const auto observed = gone.mapped().observed.lock())
        observed->forget_observer();
    gone.mapped().done.post(owner_.executor, cancelled());
    manager_.withdraw(number, steady_now());
    settle();
}

void managed_calls::stop() {
    stopped_ = true;
    actions_.clear();
    calls_.clear();
    timer_.cancel();
    for (auto& [number, waiting] : std::exchange(clients_, {}))
        waiting.done.post(owner_.executor, cancelled());
}

permission managed_calls::on_connect(unsigned call, unsigned attempt, const ip_address& to) {
    return stopped_ ? permission::never : manager_.on_connect(call, attempt, to, steady_now());
}

void managed_calls::on_close(unsigned call, unsigned attempt) {
    if (!stopped_)
        manager_.on_close(call, attempt, steady_now());
}

void managed_calls::on_verdict(unsigned call, verdict found) {
    if (stopped_)
        return;
    calls_.erase(call);
    manager_.on_verdict(call, std::move(found), steady_now());
}

void managed_calls::collect(std::optional<unsigned> asking) {
    while (auto next = manager_.next_action())
        actions_.emplace_back(std::move(*next), asking);
}

void managed_calls::settle() {
    if (stopped_)
        return;
    collect();
    if (settling_) // a call that is started or cancelled by the loop below
        return;
    settling_ = true;
    while (!actions_.empty()) { // an observer may destroy the verifier, which clears them
        auto [next, asking] = std::move(actions_.front());
        actions_.pop_front();
        std::visit([this, who = asking](auto& a) { perform(a, who); }, next);
    }
    settling_ = false;
    if (stopped_ || !timer_.arm(manager_.deadline()))
        return;
    timer_.wait([owner = owner_.shared_from_this()] {
        auto& self = *owner->manager;
        if (self.stopped_)
            return;
        self.manager_.on_time(steady_now());
        self.settle();
    });
}

void managed_calls::perform(manage::start& a, std::optional<unsigned> asking) {
    verify_request request{
        std::move(a.box), steady_now() - a.client_waits_since, {}, std::move(a.standing)};
    const auto who = asking ? clients_.find(*asking) : clients_.end();
    if (who != clients_.end())
        request.observer = std::move(who->second.observer);
    const auto c =
        std::make_shared<call>(owner_.shared_from_this(), std::move(request), completion(), a.call);
    if (who != clients_.end())
        who->second.observed = c;
    calls_.emplace(a.call, c);
    c->start();
}

void managed_calls::perform(manage::cancel& a, std::optional<unsigned>) {
    if (const auto c = find(a.call))
        c->cancel();
}

void managed_calls::perform(manage::allow& a, std::optional<unsigned>) {
    if (const auto c = find(a.call))
        c->allow(a.attempt);
}

void managed_calls::perform(manage::answer& a, std::optional<unsigned>) {
    auto waiting = clients_.extract(a.client);
    if (!waiting.empty())
        waiting.mapped().done.post(owner_.executor, std::move(a.result));
}

std::shared_ptr<call> managed_calls::find(unsigned number) const {
    const auto at = calls_.find(number);
    return at == calls_.end() ? nullptr : at->second.lock();
}

} // namespace cbv
