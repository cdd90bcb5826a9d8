// Machines that hand everything on: the bases of decorators (mutants). They change nothing
// themselves.
#pragma once

#include "engine/verifier_machine.hpp"

#include <memory>
#include <utility>

namespace cbv::engine {

class forwarding_verifier : public verifier_machine {
public:
    using inner_ptr = std::unique_ptr<verifier_machine>;

    explicit forwarding_verifier(inner_ptr inner) : inner_(std::move(inner)) {}

    std::optional<action> next_action() override { return inner_->next_action(); }
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        inner_->on_dns(id, std::move(answer), now);
    }
    void on_connected(unsigned id, instant now) override { inner_->on_connected(id, now); }
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        inner_->on_bytes(id, bytes, now);
    }
    void on_eof(unsigned id, instant now) override { inner_->on_eof(id, now); }
    void on_refused(unsigned id, instant now) override { inner_->on_refused(id, now); }
    void on_error(unsigned id, instant now) override { inner_->on_error(id, now); }
    void on_left_alone(unsigned id, instant now) override { inner_->on_left_alone(id, now); }
    void on_time(instant now) override { inner_->on_time(now); }
    void cancel(instant now) override { inner_->cancel(now); }
    std::optional<instant> deadline() const override { return inner_->deadline(); }
    const std::optional<cbv::verdict>& result() const override { return inner_->result(); }
    bool finished() const override { return inner_->finished(); }

protected:
    inner_ptr inner_;
};

class forwarding_receiver : public receiver_machine {
public:
    using inner_ptr = std::unique_ptr<receiver_machine>;

    explicit forwarding_receiver(inner_ptr inner) : inner_(std::move(inner)) {}

    std::optional<receiver_action> next_action() override { return inner_->next_action(); }
    void on_bytes(std::string_view bytes, instant now) override { inner_->on_bytes(bytes, now); }
    void on_eof(instant now) override { inner_->on_eof(now); }
    void on_time(instant now) override { inner_->on_time(now); }
    void on_verdict(cbv::verdict v, instant now) override { inner_->on_verdict(std::move(v), now); }
    void on_stored(bool ok, instant now) override { inner_->on_stored(ok, now); }
    std::optional<instant> deadline() const override { return inner_->deadline(); }
    bool finished() const override { return inner_->finished(); }

protected:
    inner_ptr inner_;
};

} // namespace cbv::engine
