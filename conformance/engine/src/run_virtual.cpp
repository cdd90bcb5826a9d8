// The library in memory on virtual time: clients, receivers, calls, DNS and called hosts on one
// queue of events ordered by (time, sequence). Nothing is random and no clock is read, so a run is
// the same each time. Calls are virtual_calls.hpp's, judging is the judge's.
#include "client_session.hpp"
#include "engine/run.hpp"
#include "engine/verifier_machine.hpp"
#include "event_queue.hpp"
#include "virtual_calls.hpp"
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
constexpr duration max_length = std::chrono::hours{2};     // likewise, pauses aside

/// How long the case takes at least: its clients' starts and pauses.
duration planned(const conformance_case& c) {
    duration longest{};
    for (const auto& client : c.clients) {
        auto length = client.start;
        for (const auto& s : client.steps)
            length += s.pause;
        longest = std::max(longest, length);
    }
    return longest + c.watch;
}

class virtual_run {
public:
    virtual_run(const conformance_case& c, const target& t, virtual_hooks hooks)
        : case_(c), hooks_(std::move(hooks)), verification_options_(verification_options_for(c, t)),
          receiver_options_(receiver_options_for(t)),
          manager_options_(call_manager_options_for(c, t)),
          world_(c.world,
                 seen_.timeline,
                 queue_,
                 now_,
                 latency,
                 verification_options_.dialogue.timers.dns / 4) {
        if (hooks_.options)
            hooks_.options(verification_options_, receiver_options_, manager_options_);
        if (!hooks_.receiver)
            hooks_.receiver = make_receiver;
        calls_ = std::make_unique<virtual_calls>(
            (hooks_.manager ? hooks_.manager : make_manager)(manager_options_),
            hooks_.verifier ? hooks_.verifier : make_verification,
            verification_options_,
            world_,
            now_,
            [this](unsigned client, verdict v) { answer(client, std::move(v)); });
        for (const auto* name : {"helo", "local-domain"})
            if (const auto found = t.identities.find(name); found != t.identities.end())
                world_.add_static(found->second, t.address);
        for (unsigned i = 0; i < c.clients.size(); ++i)
            sessions_.push_back(std::make_unique<session>(c, i, t, seen_));
    }

    observation run() {
        for (const auto& s : sessions_) {
            if (s->script.start == duration{})
                connect(*s);
            else
                queue_.at(instant{} + s->script.start, [this, &s = *s] { connect(s); });
        }
        drain();
        const auto longest = planned(case_) + max_length;
        unsigned rounds = 0;
        while (const auto next = next_time()) {
            if (over() && *next > last_end_ + case_.watch)
                break;
            now_ = std::max(now_, *next);
            if (++rounds > max_rounds || since_start() > longest) {
                seen_.trouble = "no end after " + std::to_string(rounds) + " rounds of events";
                break;
            }
            if (queue_.next() && *queue_.next() <= now_)
                queue_.take()();
            else
                fire_timers();
            drain();
            if (over() && now_ >= last_end_ + case_.watch)
                break;
        }
        return std::move(seen_);
    }

private:
    /// One client and the session the library has with it.
    struct session {
        session(const conformance_case& c, unsigned client, const target& t, observation& seen)
            : script(c.clients[client]), talk(c, client, t, seen),
              address(script.address.value_or(address_of(client))) {}

        /// 198.51.100.1 and so on: the lab's range of clients.
        static ip_address address_of(unsigned client) {
            return ip_address::v4({198, 51, 100, static_cast<std::uint8_t>(client + 1)});
        }

        const client_script& script;
        client_session talk;
        ip_address address;
        std::unique_ptr<receiver_machine> receiver; // from the connection on
        std::optional<unsigned> asked;              // the number by which it awaits a verdict
        bool receiver_gone = false;
        bool client_closed = false;
        bool stirred = true;        // something happened to it; only then can it have an action
        std::optional<instant> due; // its next timer

        [[nodiscard]] bool open() const { return receiver && !receiver_gone; }
        [[nodiscard]] bool over() const { return talk.finished() && receiver_gone; }
    };

    [[nodiscard]] duration since_start() const { return now_ - instant{}; }

    void connect(session& s) {
        s.stirred = true;
        s.receiver = hooks_.receiver(receiver_options_, s.address, now_);
        s.talk.on_connected(since_start());
    }

    [[nodiscard]] std::optional<instant> next_time() const {
        std::optional<instant> next = queue_.next();
        const auto consider = [&](const std::optional<instant>& when) {
            if (when && (!next || *when < *next))
                next = when;
        };
        for (const auto& s : sessions_)
            consider(s->due);
        consider(calls_->deadline());
        consider(world_.deadline());
        return next;
    }

    void fire_timers() {
        for (const auto& s : sessions_) {
            if (!s->due || *s->due > now_)
                continue;
            s->stirred = true;
            if (const auto due = s->talk.deadline(); due && s->receiver && instant{} + *due <= now_)
                s->talk.on_time(since_start());
            if (s->open())
                if (const auto due = s->receiver->deadline(); due && *due <= now_)
                    s->receiver->on_time(now_);
        }
        calls_->on_time();
        world_.on_time();
    }

    /// The clients are served, and nothing is left that the called hosts could see.
    [[nodiscard]] bool over() const {
        return std::all_of(
                   sessions_.begin(), sessions_.end(), [](const auto& s) { return s->over(); }) &&
               world_.idle() && calls_->idle();
    }

    // Carries out actions until nobody has one left.
    void drain() {
        for (bool busy = true; busy;) {
            busy = false;
            for (const auto& s : sessions_) {
                if (!std::exchange(s->stirred, false))
                    continue;
                busy = drain_client(*s) || busy;
                while (s->open()) {
                    auto what = s->receiver->next_action();
                    if (!what)
                        break;
                    busy = true;
                    std::visit([&](auto& a) { carry_out(*s, a); }, *what);
                }
                s->due = next_timer(*s);
            }
            busy = calls_->drain() || busy;
        }
    }

    [[nodiscard]] static std::optional<instant> next_timer(const session& s) {
        std::optional<instant> next;
        if (const auto due = s.talk.deadline(); due && s.receiver)
            next = instant{} + *due;
        if (s.open())
            if (const auto due = s.receiver->deadline(); due && (!next || *due < *next))
                next = due;
        return next;
    }

    bool drain_client(session& s) {
        auto octets = s.talk.take_output();
        const bool said = !octets.empty();
        if (said)
            queue_.at(now_ + latency, [this, &s, text = std::move(octets)] {
                s.stirred = true;
                if (s.open())
                    s.receiver->on_bytes(text, now_);
            });
        if (s.talk.finished() && !s.client_closed) {
            s.client_closed = true;
            last_end_ = std::max(last_end_, now_);
            queue_.at(now_ + latency, [this, &s] {
                s.stirred = true;
                if (s.open())
                    s.receiver->on_eof(now_);
                drain();
                s.receiver_gone = true;
                s.stirred = true;
            });
            return true;
        }
        return said;
    }

    // A receiver's actions.
    void carry_out(session& s, receive::send& a) {
        queue_.at(now_ + latency, [this, &s, text = std::move(a.octets)] {
            s.stirred = true;
            if (!s.talk.finished())
                s.talk.on_bytes(text, since_start());
        });
    }
    void carry_out(session& s, receive::verify& a) { s.asked = calls_->ask(a.box, a.facts); }
    void carry_out(session& s, receive::cancel_verify&) {
        if (const auto client = std::exchange(s.asked, std::nullopt))
            calls_->withdraw(*client);
    }
    void carry_out(session& s, receive::store&) { s.receiver->on_stored(true, now_); }
    void carry_out(session& s, receive::close&) {
        s.receiver_gone = true;
        queue_.at(now_ + latency, [this, &s] {
            s.stirred = true;
            s.talk.on_eof(since_start());
        });
    }

    void answer(unsigned client, verdict v) {
        for (const auto& s : sessions_) {
            if (s->asked != client)
                continue;
            s->asked.reset();
            s->stirred = true;
            if (s->open())
                s->receiver->on_verdict(std::move(v), now_);
            return;
        }
    }

    const conformance_case& case_;
    virtual_hooks hooks_;
    verification_options verification_options_;
    receiver_options receiver_options_;
    call_manager_options manager_options_;
    instant now_{};
    instant last_end_{}; // of the clients so far
    observation seen_;
    event_queue queue_;
    virtual_world world_;
    std::vector<std::unique_ptr<session>> sessions_;
    std::unique_ptr<virtual_calls> calls_;
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
