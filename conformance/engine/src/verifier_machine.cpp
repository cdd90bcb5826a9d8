// The default adapters: every call is handed on unchanged.
#include "engine/verifier_machine.hpp"

#include <utility>

namespace cbv::engine {
namespace {

class library_verifier final : public verifier_machine {
public:
    library_verifier(mailbox box,
                     const verification_options& options,
                     instant now,
                     instant client_waits_since)
        : machine_(std::move(box), options, now, client_waits_since) {}

    std::optional<action> next_action() override { return machine_.next_action(); }
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        machine_.on_dns(id, std::move(answer), now);
    }
    void on_connected(unsigned id, instant now) override { machine_.on_connected(id, now); }
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        machine_.on_bytes(id, bytes, now);
    }
    void on_eof(unsigned id, instant now) override { machine_.on_eof(id, now); }
    void on_refused(unsigned id, instant now) override { machine_.on_refused(id, now); }
    void on_error(unsigned id, instant now) override { machine_.on_error(id, now); }
    void on_left_alone(unsigned id, instant now) override { machine_.on_left_alone(id, now); }
    void on_time(instant now) override { machine_.on_time(now); }
    void cancel(instant now) override { machine_.cancel(now); }
    std::optional<instant> deadline() const override { return machine_.deadline(); }
    const std::optional<verdict>& result() const override { return machine_.result(); }
    bool finished() const override { return machine_.finished(); }

private:
    verification machine_;
};

class library_receiver final : public receiver_machine {
public:
    library_receiver(const receiver_options& options, ip_address client, instant now)
        : machine_(options, client, now) {}

    std::optional<receiver_action> next_action() override { return machine_.next_action(); }
    void on_bytes(std::string_view bytes, instant now) override { machine_.on_bytes(bytes, now); }
    void on_eof(instant now) override { machine_.on_eof(now); }
    void on_time(instant now) override { machine_.on_time(now); }
    void on_verdict(verdict v, instant now) override { machine_.on_verdict(std::move(v), now); }
    void on_stored(bool ok, instant now) override { machine_.on_stored(ok, now); }
    std::optional<instant> deadline() const override { return machine_.deadline(); }
    bool finished() const override { return machine_.finished(); }

private:
    receiver machine_;
};

} // namespace

std::unique_ptr<verifier_machine> make_verification(mailbox box,
                                                    const verification_options& options,
                                                    instant now,
                                                    instant client_waits_since) {
    return std::make_unique<library_verifier>(std::move(box), options, now, client_waits_since);
}

std::unique_ptr<receiver_machine>
make_receiver(const receiver_options& options, ip_address client, instant now) {
    return std::make_unique<library_receiver>(options, client, now);
}

} // namespace cbv::engine
