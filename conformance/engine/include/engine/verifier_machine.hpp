// The machines the virtual run drives, behind interfaces, so that a decorator (a mutant) can change
// one action or input. The defaults hand everything on to cbv::verification and cbv::receiver.
#pragma once

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

/// Makes the machine of one verification; it starts at `now`, and the client has been waiting since
/// `client_waits_since`.
using machine_factory = std::function<std::unique_ptr<verifier_machine>(
    mailbox box, const verification_options& options, instant now, instant client_waits_since)>;
/// Makes the machine of one session.
using receiver_factory = std::function<std::unique_ptr<receiver_machine>(
    const receiver_options& options, ip_address client, instant now)>;

/// The library itself.
[[nodiscard]] std::unique_ptr<verifier_machine> make_verification(
    mailbox box, const verification_options& options, instant now, instant client_waits_since);
[[nodiscard]] std::unique_ptr<receiver_machine>
make_receiver(const receiver_options& options, ip_address client, instant now);

/// What a virtual run is made of; an empty function stands for the library's own.
struct virtual_hooks {
    machine_factory verifier;
    receiver_factory receiver;
    /// Last changes to the options before anything is made.
    std::function<void(verification_options&, receiver_options&)> options;
};

} // namespace cbv::engine
