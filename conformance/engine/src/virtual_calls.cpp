// Actions of the manager and of the verifications; see the header. The order is fixed: the manager
// first, then the verifications by age, again until nobody has an action left.
#include "virtual_calls.hpp"

#include <algorithm>

namespace cbv::engine {

virtual_calls::virtual_calls(std::unique_ptr<manager_machine> manager,
                             machine_factory make_verifier,
                             const verification_options& options,
                             virtual_world& world,
                             const instant& now,
                             answer_function answer)
    : manager_(std::move(manager)), make_verifier_(std::move(make_verifier)), options_(options),
      world_(world), now_(now), answer_(std::move(answer)) {}

unsigned virtual_calls::ask(const mailbox& box, const request_facts& facts) {
    return manager_->ask(box, now_, facts);
}

void virtual_calls::withdraw(unsigned client) {
    manager_->withdraw(client, now_);
}

bool virtual_calls::drain() {
    bool any = false;
    for (bool busy = true; busy;) {
        busy = false;
        while (auto what = manager_->next_action()) {
            busy = true;
            std::visit([&](auto& a) { carry_out(a); }, *what);
        }
        for (std::size_t i = 0; i < running_.size(); ++i) {
            if (!std::exchange(running_[i]->stirred, false))
                continue;
            const auto r = running_[i]; // the list may grow
            while (auto what = r->machine->next_action()) {
                busy = true;
                std::visit([&](auto& a) { carry_out(r, a); }, *what);
            }
            r->due = r->machine->deadline();
        }
        any = any || busy;
    }
    std::erase_if(running_, [](const one& r) { return r->machine->finished(); });
    return any;
}

void virtual_calls::on_time() {
    const auto due = [&](const std::optional<instant>& when) { return when && *when <= now_; };
    if (due(manager_->deadline()))
        manager_->on_time(now_);
    for (std::size_t i = 0; i < running_.size(); ++i)
        if (due(running_[i]->due)) {
            running_[i]->stirred = true;
            running_[i]->machine->on_time(now_);
        }
}

std::optional<instant> virtual_calls::deadline() const {
    auto next = manager_->deadline();
    for (const auto& r : running_)
        if (r->due && (!next || *r->due < *next))
            next = r->due;
    return next;
}

bool virtual_calls::idle() const {
    return std::all_of(
        running_.begin(), running_.end(), [](const one& r) { return r->machine->finished(); });
}

virtual_calls::one virtual_calls::find(unsigned call) const {
    for (const auto& r : running_)
        if (r->call == call)
            return r;
    return nullptr;
}

void virtual_calls::carry_out(manage::start& a) {
    auto r = std::make_shared<running>();
    r->call = a.call;
    auto options = options_;
    options.selection.seed += started_++; // CBV-MX-004: each call shuffles anew
    options.standing = std::move(a.standing);
    r->machine = make_verifier_(std::move(a.box), options, now_, a.client_waits_since);
    running_.push_back(std::move(r));
}

void virtual_calls::carry_out(manage::cancel& a) {
    if (const auto r = find(a.call)) {
        r->stirred = true;
        r->machine->cancel(now_);
    }
}

void virtual_calls::carry_out(manage::allow& a) {
    const auto r = find(a.call);
    if (!r)
        return;
    if (const auto held = r->held.find(a.attempt); held != r->held.end()) {
        const auto to = held->second;
        r->held.erase(held);
        open(r, a.attempt, to);
    }
}

void virtual_calls::carry_out(manage::answer& a) {
    answer_(a.client, std::move(a.result));
}

void virtual_calls::carry_out(const one& r, act::query_dns& a) {
    world_.query(a.name, a.type, [this, r, id = a.id](dns_answer answer) {
        r->stirred = true;
        r->machine->on_dns(id, std::move(answer), now_);
    });
}

void virtual_calls::carry_out(const one& r, act::connect& a) {
    switch (manager_->on_connect(r->call, a.id, a.address, now_)) {
    case permission::now:
        open(r, a.id, a.address);
        break;
    case permission::later:
        r->held.emplace(a.id, a.address);
        break;
    case permission::skip:
        r->machine->on_left_alone(a.id, now_);
        break;
    case permission::never:
        break;
    }
}

void virtual_calls::open(const one& r, unsigned attempt, const ip_address& to) {
    // The machine that is told is the link's own while the link is listed, see close().
    const std::weak_ptr<running> told = r;
    const auto tell = [this, told, attempt](auto event) {
        return [this, told, attempt, event](auto... octets) {
            if (const auto here = told.lock()) {
                here->stirred = true;
                ((*here->machine).*event)(attempt, octets..., now_);
            }
        };
    };
    virtual_link::events up;
    up.connected = tell(&verifier_machine::on_connected);
    up.refused = tell(&verifier_machine::on_refused);
    up.octets = tell(&verifier_machine::on_bytes);
    up.closed = tell(&verifier_machine::on_eof);
    up.reset = tell(&verifier_machine::on_error);
    r->links[attempt] = world_.connect(to, std::move(up));
}

void virtual_calls::carry_out(const one& r, act::send& a) {
    if (const auto link = r->links.find(a.id); link != r->links.end())
        world_.send(link->second, std::move(a.octets));
}

void virtual_calls::carry_out(const one& r, act::close& a) {
    if (const auto link = r->links.find(a.id); link != r->links.end()) {
        world_.close(link->second);
        r->links.erase(link);
    }
    r->held.erase(a.id);
    manager_->on_close(r->call, a.id, now_);
}

void virtual_calls::carry_out(const one& r, act::done& a) {
    manager_->on_verdict(r->call, std::move(a.result), now_);
}

} // namespace cbv::engine
