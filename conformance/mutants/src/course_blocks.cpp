// The building blocks that change the course of a call: its timers and its end (blocks.hpp). Each
// is a decorator with a memory of its own.
#include "blocks.hpp"

#include <deque>
#include <set>
#include <utility>

namespace cbv::mutants {
namespace {

class stopping : public engine::forwarding_verifier {
public:
    stopping(inner_ptr inner, std::function<std::optional<verdict_kind>(const past_attempt&)> f)
        : forwarding_verifier(std::move(inner)), f_(std::move(f)) {}

    std::optional<action> next_action() override {
        for (auto a = inner_->next_action(); a; a = inner_->next_action()) {
            if (auto* c = std::get_if<act::connect>(&*a)) {
                if (began_ && !kind_) {
                    kind_ = f_(seen_);
                    if (kind_) {
                        gone_ = c->id;
                        inner_->cancel(now_);
                        continue;
                    }
                }
                began_ = true;
                current_ = c->id;
                seen_ = {};
                seen_.to = c->address;
                parser_.reset();
            } else if (const auto* s = std::get_if<act::send>(&*a)) {
                note_command(s->octets);
            } else if (const auto* x = std::get_if<act::close>(&*a)) {
                if (gone_ == x->id)
                    continue; // it was never opened
            } else if (auto* d = std::get_if<act::done>(&*a); d != nullptr && kind_) {
                give(d->result, *kind_);
                if (*kind_ == verdict_kind::tempfail)
                    d->result.why = seen_.why;
            }
            return a;
        }
        return std::nullopt;
    }
    void on_connected(unsigned id, instant now) override {
        now_ = now;
        if (id == current_)
            seen_.at = stage::greeting;
        inner_->on_connected(id, now);
    }
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        now_ = now;
        auto rest = bytes;
        while (id == current_ && !rest.empty() && !ended_) {
            const auto s = parser_.feed(rest);
            if (s == reply_parser::status::complete) {
                seen_.last = parser_.take();
                seen_.why =
                    seen_.last->klass() == 3 ? cause::protocol_error : cause::temporary_reply;
            } else if (s == reply_parser::status::malformed) {
                seen_.why = cause::protocol_error;
                break;
            }
        }
        inner_->on_bytes(id, bytes, now);
    }
    void on_eof(unsigned id, instant now) override {
        note_end(id, cause::connection_lost, now);
        inner_->on_eof(id, now);
    }
    void on_error(unsigned id, instant now) override {
        note_end(id, cause::connection_lost, now);
        inner_->on_error(id, now);
    }
    void on_refused(unsigned id, instant now) override {
        note_end(id, cause::connection_refused, now);
        inner_->on_refused(id, now);
    }
    void on_time(instant now) override {
        now_ = now;
        inner_->on_time(now);
    }
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        now_ = now;
        inner_->on_dns(id, std::move(answer), now);
    }

private:
    void note_command(std::string_view octets) {
        ended_ = octets.starts_with("QUIT");
        if (ended_)
            return;
        seen_.why = cause::timeout; // unless something comes
        seen_.last.reset();
        seen_.at = octets.starts_with("EHLO")   ? stage::ehlo
                   : octets.starts_with("HELO") ? stage::helo
                   : octets.starts_with("NOOP") ? stage::noop
                   : octets.starts_with("MAIL") ? stage::mail
                                                : stage::rcpt;
    }
    void note_end(unsigned id, cause why, instant now) {
        now_ = now;
        if (id != current_ || ended_)
            return;
        // An end that follows the deciding reply decides nothing.
        if (seen_.why == cause::timeout)
            seen_.why = why;
    }

    std::function<std::optional<verdict_kind>(const past_attempt&)> f_;
    past_attempt seen_;
    reply_parser parser_;
    std::optional<verdict_kind> kind_;
    std::optional<unsigned> gone_;
    unsigned current_ = 0;
    bool began_ = false;
    bool ended_ = false; // QUIT was sent: what follows decides nothing
    instant now_{};
};

class offended : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    void on_left_alone(unsigned, instant now) override {
        ended_ = true;
        inner_->cancel(now);
    }
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a && ended_)
            if (auto* d = std::get_if<act::done>(&*a))
                give(d->result, verdict_kind::unverifiable);
        return a;
    }

private:
    bool ended_ = false;
};

/// The verification's clock stands still: while octets come, or until an answer of the DNS.
class bent_clock : public engine::forwarding_verifier {
public:
    enum class stands { for_octets, for_dns };
    bent_clock(inner_ptr inner, stands when) : forwarding_verifier(std::move(inner)), when_(when) {}
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a && std::holds_alternative<act::send>(*a))
            began_ = now_ - shift_;
        return a;
    }
    void on_connected(unsigned id, instant now) override {
        now_ = now;
        began_ = now - shift_;
        inner_->on_connected(id, now - shift_);
    }
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        now_ = now;
        if (when_ == stands::for_octets)
            shift_ = now - began_;
        inner_->on_bytes(id, bytes, now - shift_);
    }
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        if (when_ == stands::for_dns && now_ == instant{})
            shift_ = now - instant{}; // before the first connection
        inner_->on_dns(id, std::move(answer), now - shift_);
    }
    void on_eof(unsigned id, instant now) override {
        now_ = now;
        inner_->on_eof(id, now - shift_);
    }
    void on_error(unsigned id, instant now) override {
        now_ = now;
        inner_->on_error(id, now - shift_);
    }
    void on_refused(unsigned id, instant now) override {
        now_ = now;
        inner_->on_refused(id, now - shift_);
    }
    void on_time(instant now) override {
        now_ = now;
        inner_->on_time(now - shift_);
    }
    void cancel(instant now) override { inner_->cancel(now - shift_); }
    std::optional<instant> deadline() const override {
        const auto due = inner_->deadline();
        return due ? std::optional<instant>(*due + shift_) : due;
    }

private:
    stands when_;
    duration shift_{};
    instant began_{}; // of the stage, by the verification's clock
    instant now_{};
};

class patient : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a && std::holds_alternative<act::done>(*a)) {
            held_ = std::move(a);
            a = inner_->next_action();
        }
        if (!a && held_ && inner_->finished())
            a = std::exchange(held_, std::nullopt);
        return a;
    }
    bool finished() const override { return !held_ && inner_->finished(); }

private:
    std::optional<action> held_;
};

class hasty : public engine::forwarding_verifier {
public:
    hasty(inner_ptr inner, std::string line)
        : forwarding_verifier(std::move(inner)), line_(std::move(line)) {}
    void on_connected(unsigned id, instant now) override {
        early_.push_back(id);
        said_.insert(id);
        inner_->on_connected(id, now);
    }
    std::optional<action> next_action() override {
        if (!early_.empty()) {
            const auto id = early_.front();
            early_.pop_front();
            return act::send{id, line_};
        }
        auto a = inner_->next_action();
        if (a)
            if (const auto* s = std::get_if<act::send>(&*a);
                s != nullptr && s->octets.starts_with("EHLO") && said_.erase(s->id) > 0)
                return next_action();
        return a;
    }

private:
    std::string line_;
    std::deque<unsigned> early_;
    std::set<unsigned> said_;
};

} // namespace

change stops_after(std::function<std::optional<verdict_kind>(const past_attempt&)> f) {
    return layer<stopping>(std::move(f));
}

change ends_where_left_alone() {
    return layer<offended>();
}

change restarts_timers() {
    return layer<bent_clock>(bent_clock::stands::for_octets);
}

change clock_stands_for_dns() {
    return layer<bent_clock>(bent_clock::stands::for_dns);
}

change waits_for_quit() {
    return layer<patient>();
}

change speaks_first() {
    change c;
    c.verifier.push_back([](engine::machine_factory inner) -> engine::machine_factory {
        return [inner = std::move(inner)](
                   mailbox box, const verification_options& o, instant now, instant since) {
            return std::make_unique<hasty>(inner(std::move(box), o, now, since),
                                           "EHLO " + o.dialogue.helo_name + "\r\n");
        };
    });
    return c;
}

} // namespace cbv::mutants
