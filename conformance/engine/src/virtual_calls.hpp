// The calls of one virtual run: the machine that manages them and the verifications it starts, with
// their connections into the virtual world. Sessions are run_virtual.cpp's.
#pragma once

#include "engine/verifier_machine.hpp"
#include "virtual_world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <utility>

namespace cbv::engine {

class virtual_calls {
public:
    using answer_function = std::function<void(unsigned client, verdict v)>;

    /// All must outlive the calls; `now` tells the time. `answer` gets each verdict for a client
    /// that asked, from within drain().
    virtual_calls(std::unique_ptr<manager_machine> manager,
                  machine_factory make_verifier,
                  const verification_options& options,
                  virtual_world& world,
                  const instant& now,
                  answer_function answer);

    /// A session wants to know; the number is the client's (call_manager::ask).
    [[nodiscard]] unsigned ask(const mailbox& box, const request_facts& facts);
    void withdraw(unsigned client);

    /// Carries out every action there is; true if there was one.
    bool drain();
    /// Fires the timers that are due.
    void on_time();
    [[nodiscard]] std::optional<instant> deadline() const;
    /// No verification has anything left to do.
    [[nodiscard]] bool idle() const;

private:
    /// One verification; it may outlive its verdict while a QUIT is awaited.
    struct running {
        unsigned call = 0;
        std::unique_ptr<verifier_machine> machine;
        std::map<unsigned, std::shared_ptr<virtual_link>> links; // by attempt; open ones
        std::map<unsigned, ip_address> held;                     // attempts that wait for `allow`
        bool stirred = true;        // something happened to it; only then can it have an action
        std::optional<instant> due; // its next timer
    };
    using one = std::shared_ptr<running>;

    [[nodiscard]] one find(unsigned call) const;
    void open(const one& r, unsigned attempt, const ip_address& to);

    void carry_out(manage::start& a);
    void carry_out(manage::cancel& a);
    void carry_out(manage::allow& a);
    void carry_out(manage::answer& a);
    void carry_out(const one& r, act::query_dns& a);
    void carry_out(const one& r, act::connect& a);
    void carry_out(const one& r, act::send& a);
    void carry_out(const one& r, act::close& a);
    void carry_out(const one& r, act::done& a);

    std::unique_ptr<manager_machine> manager_;
    machine_factory make_verifier_;
    const verification_options& options_;
    virtual_world& world_;
    const instant& now_;
    answer_function answer_;
    std::vector<one> running_;
    unsigned started_ = 0;
};

} // namespace cbv::engine
