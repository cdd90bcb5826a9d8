// The library in memory on virtual time: client, receiver, verifications, DNS and called hosts on
// one queue of events ordered by (time, sequence). Nothing is random and no clock is read, so a run
// is the same each time. Judging is the judge's.
#include "client_session.hpp"
#include "engine/run.hpp"
#include "engine/verifier_machine.hpp"
#include "event_queue.hpp"
#include "virtual_options.hpp"
#include "virtual_world.hpp"

#include <algorithm>
#include <memory>
#include <type_traits>
#include <utility>
#include <vector>

namespace cbv::engine {
namespace {

constexpr duration latency = std::chrono::milliseconds{1}; // of one hop, one way
constexpr unsigned max_rounds = 200000;                    // of one case; then it is an error
constexpr duration max_length = std::chrono::hours{2};     // likewise

class virtual_run {
public:
    virtual_run(const conformance_case& c, const target& t, const virtual_hooks& hooks)
        : hooks_(hooks), verification_options_(verification_options_for(c, t)),
          receiver_options_(receiver_options_for(t)), session_(c, t, seen_),
          world_(c.world,
                 seen_.timeline,
                 queue_,
                 now_,
                 latency,
                 verification_options_.dialogue.timers.dns / 4) {
        if (hooks_.options)
            hooks_.options(verification_options_, receiver_options_);
        if (!hooks_.verifier)
            hooks_.verifier = make_verification;
        if (!hooks_.receiver)
            hooks_.receiver = make_receiver;
        for (const auto* name : {"helo", "local-domain"})
            if (const auto found = t.identities.find(name); found != t.identities.end())
                world_.add_static(found->second, t.address);
        client_ = c.client_address.value_or(ip_address::v4({198, 51, 100, 1}));
    }

    observation run() {
        receiver_ = hooks_.receiver(receiver_options_, client_, now_);
        session_.on_connected(since_start());
        drain();
        unsigned rounds = 0;
        while (const auto next = next_time()) {
            now_ = std::max(now_, *next);
            if (++rounds > max_rounds || since_start() > max_length) {
                seen_.trouble = "no end after " + std::to_string(rounds) + " rounds of events";
                break;
            }
            if (queue_.next() && *queue_.next() <= now_)
                queue_.take()();
            else
                fire_timers();
            drain();
            if (over())
                break;
        }
        return std::move(seen_);
    }

private:
    /// One verification; it may outlive its verdict while a QUIT is awaited.
    struct running {
        verification_options options;
        std::unique_ptr<verifier_machine> machine;
        std::vector<std::pair<unsigned, std::shared_ptr<virtual_link>>> links; // by connection id
    };

    [[nodiscard]] duration since_start() const { return now_ - instant{}; }

    [[nodiscard]] std::optional<instant> next_time() const {
        std::optional<instant> next = queue_.next();
        const auto consider = [&](const std::optional<instant>& when) {
            if (when && (!next || *when < *next))
                next = when;
        };
        if (const auto due = session_.deadline())
            consider(instant{} + *due);
        if (!receiver_gone_)
            consider(receiver_->deadline());
        for (const auto& r : verifications_)
            consider(r->machine->deadline());
        consider(world_.deadline());
        return next;
    }

    void fire_timers() {
        if (const auto due = session_.deadline(); due && instant{} + *due <= now_)
            session_.on_time(since_start());
        if (!receiver_gone_ && is_due(receiver_->deadline()))
            receiver_->on_time(now_);
        for (std::size_t i = 0; i < verifications_.size(); ++i)
            if (is_due(verifications_[i]->machine->deadline()))
                verifications_[i]->machine->on_time(now_);
        world_.on_time();
    }

    [[nodiscard]] bool is_due(const std::optional<instant>& when) const {
        return when && *when <= now_;
    }

    /// The client is served, and nothing is left that the called hosts could see.
    [[nodiscard]] bool over() const {
        return session_.finished() && receiver_gone_ && world_.idle() &&
               std::all_of(verifications_.begin(), verifications_.end(), [](const auto& r) {
                   return r->machine->finished();
               });
    }

    // Carries out actions until nobody has one left.
    void drain() {
        for (bool busy = true; busy;) {
            busy = drain_client();
            while (!receiver_gone_) {
                auto what = receiver_->next_action();
                if (!what)
                    break;
                busy = true;
                std::visit([&](auto& a) { carry_out(a); }, *what);
            }
            for (std::size_t i = 0; i < verifications_.size(); ++i)
                while (auto what = verifications_[i]->machine->next_action()) {
                    busy = true;
                    std::visit([&](auto& a) { carry_out(verifications_[i], a); }, *what);
                }
        }
    }

    bool drain_client() {
        auto octets = session_.take_output();
        const bool said = !octets.empty();
        if (said)
            queue_.at(now_ + latency, [this, text = std::move(octets)] {
                if (!receiver_gone_)
                    receiver_->on_bytes(text, now_);
            });
        if (session_.finished() && !client_closed_) {
            client_closed_ = true;
            queue_.at(now_ + latency, [this] {
                if (!receiver_gone_)
                    receiver_->on_eof(now_);
                drain();
                receiver_gone_ = true;
            });
            return true;
        }
        return said;
    }

    // The receiver's actions.
    void carry_out(receive::send& a) {
        queue_.at(now_ + latency, [this, text = std::move(a.octets)] {
            if (!session_.finished())
                session_.on_bytes(text, since_start());
        });
    }
    void carry_out(receive::verify& a) {
        auto r = std::make_shared<running>();
        r->options = verification_options_;
        r->options.selection.seed += verifications_.size(); // CBV-MX-004: each call shuffles anew
        r->machine = hooks_.verifier(std::move(a.box), r->options, now_, a.client_waits_since);
        verifications_.push_back(r);
        awaited_ = r;
    }
    void carry_out(receive::cancel_verify&) {
        if (auto r = std::exchange(awaited_, nullptr))
            r->machine->cancel(now_);
    }
    void carry_out(receive::store&) { receiver_->on_stored(true, now_); }
    void carry_out(receive::close&) {
        receiver_gone_ = true;
        queue_.at(now_ + latency, [this] { session_.on_eof(since_start()); });
    }

    // A verification's actions.
    using one = std::shared_ptr<running>;
    void carry_out(const one& r, act::query_dns& a) {
        world_.query(a.name, a.type, [this, r, id = a.id](dns_answer answer) {
            r->machine->on_dns(id, std::move(answer), now_);
        });
    }
    void carry_out(const one& r, act::connect& a) {
        const auto id = a.id;
        // Not shared: the link would keep the verification that keeps the link. verifications_
        // does.
        auto* const v = r.get();
        virtual_link::events up;
        up.connected = [this, v, id] { v->machine->on_connected(id, now_); };
        up.refused = [this, v, id] { v->machine->on_refused(id, now_); };
        up.octets = [this, v, id](std::string_view text) { v->machine->on_bytes(id, text, now_); };
        up.closed = [this, v, id] { v->machine->on_eof(id, now_); };
        up.reset = [this, v, id] { v->machine->on_error(id, now_); };
        r->links.emplace_back(id, world_.connect(a.address, std::move(up)));
    }
    void carry_out(const one& r, act::send& a) {
        if (auto link = link_of(r, a.id))
            world_.send(link, std::move(a.octets));
    }
    void carry_out(const one& r, act::close& a) {
        if (auto link = link_of(r, a.id))
            world_.close(link);
    }
    void carry_out(const one& r, act::done& a) {
        if (awaited_ == r) {
            awaited_.reset();
            if (!receiver_gone_)
                receiver_->on_verdict(std::move(a.result), now_);
        }
    }

    static std::shared_ptr<virtual_link> link_of(const one& r, unsigned id) {
        for (const auto& [each, link] : r->links)
            if (each == id)
                return link;
        return nullptr;
    }

    virtual_hooks hooks_;
    verification_options verification_options_;
    receiver_options receiver_options_;
    ip_address client_;
    instant now_{};
    observation seen_;
    event_queue queue_;
    client_session session_;
    virtual_world world_;
    std::unique_ptr<receiver_machine> receiver_;
    std::vector<std::shared_ptr<running>> verifications_;
    std::shared_ptr<running> awaited_;
    bool receiver_gone_ = false;
    bool client_closed_ = false;
};

} // namespace

case_result run_virtual(const conformance_case& c, const target& t) {
    return run_virtual(c, t, virtual_hooks{});
}

case_result
run_virtual(const conformance_case& c, const target& t, const machine_factory& make_machine) {
    virtual_hooks hooks;
    hooks.verifier = make_machine;
    return run_virtual(c, t, hooks);
}

case_result run_virtual(const conformance_case& c, const target& t, const virtual_hooks& hooks) {
    if (const auto missing = missing_capability(c, t)) {
        case_result result;
        result.id = c.id;
        result.result = status::unsupported;
        result.reason = *missing;
        return result;
    }
    return judge(c, t, virtual_run{c, t, hooks}.run());
}

} // namespace cbv::engine
