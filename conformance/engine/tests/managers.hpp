// Managers of calls for the virtual run's tests: one hands everything on to the library's, the
// others break one rule each.
#pragma once

#include "engine/verifier_machine.hpp"

#include <memory>
#include <optional>
#include <utility>

namespace cbv::engine::testing {

class forwarding_manager : public manager_machine {
public:
    explicit forwarding_manager(const call_manager_options& options)
        : inner_(make_manager(options)) {}
    unsigned ask(const mailbox& box, instant now, const request_facts& facts) override {
        return inner_->ask(box, now, facts);
    }
    void withdraw(unsigned client, instant now) override { inner_->withdraw(client, now); }
    permission
    on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) override {
        return inner_->on_connect(call, attempt, to, now);
    }
    void on_close(unsigned call, unsigned attempt, instant now) override {
        inner_->on_close(call, attempt, now);
    }
    void on_verdict(unsigned call, verdict v, instant now) override {
        inner_->on_verdict(call, std::move(v), now);
    }
    void on_time(instant now) override { inner_->on_time(now); }
    std::optional<manage_action> next_action() override { return inner_->next_action(); }
    std::optional<instant> deadline() const override { return inner_->deadline(); }
    std::size_t calls() const override { return inner_->calls(); }

protected:
    std::unique_ptr<manager_machine> inner_;
};

/// Every transaction makes a call of its own: the client's number is the call's.
class shares_nothing final : public manager_machine {
public:
    explicit shares_nothing(const call_manager_options&) {}
    unsigned ask(const mailbox& box, instant, const request_facts& facts) override {
        next_ = manage::start{++last_, box, facts.client_waits_since};
        return last_;
    }
    void withdraw(unsigned client, instant) override { next_ = manage::cancel{client}; }
    permission on_connect(unsigned, unsigned, const ip_address&, instant) override {
        return permission::now;
    }
    void on_close(unsigned, unsigned, instant) override {}
    void on_verdict(unsigned call, verdict v, instant) override {
        next_ = manage::answer{call, std::move(v)};
    }
    void on_time(instant) override {}
    std::optional<manage_action> next_action() override {
        return std::exchange(next_, std::nullopt);
    }
    std::optional<instant> deadline() const override { return std::nullopt; }
    std::size_t calls() const override { return 0; }

private:
    std::optional<manage_action> next_; // one is enough where clients come one by one
    unsigned last_ = 0;
};

/// Whoever should wait for a turn connects at once.
class ignores_caps final : public forwarding_manager {
public:
    using forwarding_manager::forwarding_manager;
    permission
    on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) override {
        const auto p = forwarding_manager::on_connect(call, attempt, to, now);
        return p == permission::later ? permission::now : p;
    }
};

/// Time stands still for what it remembers.
class never_forgets final : public forwarding_manager {
public:
    using forwarding_manager::forwarding_manager;
    unsigned ask(const mailbox& box, instant, const request_facts& facts) override {
        return inner_->ask(box, instant{}, facts);
    }
    void on_verdict(unsigned call, verdict v, instant) override {
        inner_->on_verdict(call, std::move(v), instant{});
    }
};

/// Calls once more, some seconds after it was asked, for nobody.
class calls_again final : public forwarding_manager {
public:
    using forwarding_manager::forwarding_manager;
    unsigned ask(const mailbox& box, instant now, const request_facts& facts) override {
        box_ = box;
        due_ = now + std::chrono::seconds{5};
        return forwarding_manager::ask(box, now, facts);
    }
    permission
    on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) override {
        return call == own ? permission::now
                           : forwarding_manager::on_connect(call, attempt, to, now);
    }
    void on_close(unsigned call, unsigned attempt, instant now) override {
        if (call != own)
            forwarding_manager::on_close(call, attempt, now);
    }
    void on_verdict(unsigned call, verdict v, instant now) override {
        if (call != own)
            forwarding_manager::on_verdict(call, std::move(v), now);
    }
    void on_time(instant now) override {
        if (due_ && *due_ <= now) {
            due_.reset();
            next_ = manage::start{own, *box_, now};
        }
        forwarding_manager::on_time(now);
    }
    std::optional<manage_action> next_action() override {
        if (next_)
            return std::exchange(next_, std::nullopt);
        return forwarding_manager::next_action();
    }
    std::optional<instant> deadline() const override { return due_; }

private:
    static constexpr unsigned own = 1000000;
    std::optional<mailbox> box_;
    std::optional<instant> due_;
    std::optional<manage_action> next_;
};

} // namespace cbv::engine::testing
