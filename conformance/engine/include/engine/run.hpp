// The runners and the judge: virtual time, live world, and observation -> findings.
#pragma once

#include "engine/case.hpp"
#include "engine/result.hpp"
#include "engine/target.hpp"
#include "engine/verifier_machine.hpp"

#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

namespace cbv::engine {

/// Judges what was seen. Pure.
[[nodiscard]] case_result judge(const conformance_case& c, const target& t, observation seen);

/// The capability `c` needs and `t` lacks; nothing when it can run.
[[nodiscard]] std::optional<std::string> missing_capability(const conformance_case& c,
                                                            const target& t);

/// Runs one case against the library in memory on virtual time (target_kind::library).
[[nodiscard]] case_result run_virtual(const conformance_case& c, const target& t);
/// The same with another verifier machine in the library's place.
[[nodiscard]] case_result
run_virtual(const conformance_case& c, const target& t, const machine_factory& make_machine);
/// The same with any part replaced.
[[nodiscard]] case_result
run_virtual(const conformance_case& c, const target& t, const virtual_hooks& hooks);

/// Settings of the live world.
struct live_settings {
    std::string dns_address = "192.0.2.53";
    std::uint16_t dns_port = 53;
    std::uint16_t mx_port = 25;
    std::string client_range = "198.51.100.0/24";                      ///< sources of the clients
    std::vector<std::pair<std::string, std::string>> static_addresses; ///< name -> address in DNS
    duration start_spread{}; ///< cases start this much apart at most; 0: all at once
    duration linger = std::chrono::milliseconds{300}; ///< watched at least so long after the reply
};

/// Worlds, clients and recorder in one background thread. Not copyable; stop() ends all.
class live_run {
public:
    live_run(std::vector<conformance_case> cases, target t, live_settings s);
    ~live_run();

    /// Opens the world: DNS and every host. Throws std::runtime_error naming address and port when
    /// one is in use. Targets may be started after it.
    void open();
    /// smtp, policy and milter targets: starts every client. Results come by next_result().
    void start();
    /// The next finished case, or nothing after `timeout`, or when all have been handed out.
    [[nodiscard]] std::optional<case_result> next_result(duration timeout);
    /// Cases not yet finished, with the seconds they have run.
    [[nodiscard]] std::vector<std::pair<std::string, double>> waiting() const;

    /// command targets: marks the start of a case's process ...
    void begin(const std::string& case_id);
    /// ... and its end with the verdict word it stated ("" and a trouble text if it stated none).
    [[nodiscard]] case_result
    finish(const std::string& case_id, std::string verdict, std::string trouble);
    void stop();

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cbv::engine
