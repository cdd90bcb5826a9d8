// The machines the virtual run drives, behind interfaces, so that a decorator (a mutant) can change
// one action or input. The defaults hand everything on to cbv::verification, cbv::receiver and
// cbv::call_manager.
#pragma once

#include "cbv/call_manager.hpp"
#include "cbv/receiver.hpp"
#include "cbv/verification.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string_view>
#include <vector>

namespace cbv::engine {

/// As cbv::verification; see there.
class verifier_machine {
public:
    virtual ~verifier_machine() = default;
    [[nodiscard]] virtual std::optional<action> next_action() = 0;
    virtual void on_dns(unsigned id, dns_answer answer, instant now) = 0;
    virtual void on_connected(unsigned id, instant now) = 0;
    virtual void on_bytes(unsigned id, std::string_view bytes, instant now) = 0;
    virtual void on_eof(unsigned id, instant now) = 0;
    virtual void on_refused(unsigned id, instant now) = 0;
    virtual void on_error(unsigned id, instant now) = 0;
    virtual void on_left_alone(unsigned id, instant now) = 0;
    virtual void on_time(instant now) = 0;
    virtual void cancel(instant now) = 0;
    [[nodiscard]] virtual std::optional<instant> deadline() const = 0;
    [[nodiscard]] virtual const std::optional<verdict>& result() const = 0;
    [[nodiscard]] virtual bool finished() const = 0;
};

/// As cbv::receiver; see there.
class receiver_machine {
public:
    virtual ~receiver_machine() = default;
    [[nodiscard]] virtual std::optional<receiver_action> next_action() = 0;
    virtual void on_bytes(std::string_view bytes, instant now) = 0;
    virtual void on_eof(instant now) = 0;
    virtual void on_time(instant now) = 0;
    virtual void on_verdict(verdict v, instant now) = 0;
    virtual void on_stored(bool ok, instant now) = 0;
    [[nodiscard]] virtual std::optional<instant> deadline() const = 0;
    [[nodiscard]] virtual bool finished() const = 0;
};

/// As cbv::call_manager; see there.
class manager_machine {
public:
    virtual ~manager_machine() = default;
    [[nodiscard]] virtual unsigned
    ask(const mailbox& box, instant now, const request_facts& facts) = 0;
    virtual void withdraw(unsigned client, instant now) = 0;
    [[nodiscard]] virtual permission
    on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) = 0;
    virtual void on_close(unsigned call, unsigned attempt, instant now) = 0;
    virtual void on_verdict(unsigned call, verdict v, instant now) = 0;
    virtual void on_time(instant now) = 0;
    [[nodiscard]] virtual std::optional<manage_action> next_action() = 0;
    [[nodiscard]] virtual std::optional<instant> deadline() const = 0;
    [[nodiscard]] virtual std::size_t calls() const = 0;
};

/// Makes the machine of one verification; it starts at `now`, and the client has been waiting since
/// `client_waits_since`.
using machine_factory = std::function<std::unique_ptr<verifier_machine>(
    mailbox box, const verification_options& options, instant now, instant client_waits_since)>;
/// Makes the machine of one session.
using receiver_factory = std::function<std::unique_ptr<receiver_machine>(
    const receiver_options& options, ip_address client, instant now)>;

/// Makes the one machine between the sessions and the verifications of a case.
using manager_factory =
    std::function<std::unique_ptr<manager_machine>(const call_manager_options& options)>;

/// The library itself.
[[nodiscard]] std::unique_ptr<verifier_machine> make_verification(
    mailbox box, const verification_options& options, instant now, instant client_waits_since);
[[nodiscard]] std::unique_ptr<receiver_machine>
make_receiver(const receiver_options& options, ip_address client, instant now);
[[nodiscard]] std::unique_ptr<manager_machine> make_manager(const call_manager_options& options);

/// What a virtual run is made of; an empty function stands for the library's own.
struct virtual_hooks {
    machine_factory verifier;
    receiver_factory receiver;
    manager_factory manager;
    /// Last changes to the options before anything is made.
    std::function<void(verification_options&, receiver_options&, call_manager_options&)> options;
};

} // namespace cbv::engine
