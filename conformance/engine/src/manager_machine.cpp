// The default adapter of cbv::call_manager: every call is handed on unchanged.
#include "engine/verifier_machine.hpp"

#include <utility>

namespace cbv::engine {
namespace {

class library_manager final : public manager_machine {
public:
    explicit library_manager(const call_manager_options& options) : machine_(options) {}

    unsigned ask(const mailbox& box, instant now, const request_facts& facts) override {
        return machine_.ask(box, now, facts);
    }
    void withdraw(unsigned client, instant now) override { machine_.withdraw(client, now); }
    permission
    on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) override {
        return machine_.on_connect(call, attempt, to, now);
    }
    void on_close(unsigned call, unsigned attempt, instant now) override {
        machine_.on_close(call, attempt, now);
    }
    void on_verdict(unsigned call, verdict v, instant now) override {
        machine_.on_verdict(call, std::move(v), now);
    }
    void on_time(instant now) override { machine_.on_time(now); }
    std::optional<manage_action> next_action() override { return machine_.next_action(); }
    std::optional<instant> deadline() const override { return machine_.deadline(); }
    std::size_t calls() const override { return machine_.calls(); }

private:
    call_manager machine_;
};

} // namespace

std::unique_ptr<manager_machine> make_manager(const call_manager_options& options) {
    return std::make_unique<library_manager>(options);
}

} // namespace cbv::engine
