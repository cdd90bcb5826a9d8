// A verifier by these rules: the library's call manager and verifications, driven in virtual time.
// It decides nothing; what the machines want is carried out, and what they answer is passed on.
#pragma once

#include "cbv/call_manager.hpp"
#include "cbv/verification.hpp"
#include "simulation/verifier.hpp"

#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <unordered_map>

namespace simulation {

/// The machines' settings for a policy of kind "rules"; one for all verifiers of a run.
struct rule_settings {
    cbv::call_manager_options manager;
    std::shared_ptr<const cbv::verification_options> verification;
};
[[nodiscard]] rule_settings rules_of(const policy& p);

class library_verifier : public verifier {
public:
    library_verifier(const rule_settings& rules, desk& d, std::uint32_t who, std::uint64_t seed);
    void ask(std::uint32_t letter, instant now) override;
    void on(const event& e) override;

private:
    struct connection {
        cbv::ip_address address;
        std::optional<std::uint32_t> host;
        bool open = false;
        std::deque<std::string> coming; // what the host said and is still under way
    };
    struct call {
        cbv::verification machine;
        std::map<unsigned, connection> connections;
        std::map<unsigned, cbv::act::query_dns> queries;
        instant timer = instant::max(); // the earliest that is planned
    };

    void settle(instant now); // the manager's actions, and the timer
    void pump(unsigned number, instant now);
    void perform(unsigned number, call& c, cbv::action& a, instant now);
    void open(unsigned number, unsigned id, connection& c, instant now);
    void hear(unsigned number, unsigned id, connection& c, const std::string& octets, instant now);
    void expect(unsigned number, unsigned id, connection& c, utterance u, instant now);
    void plan(event_kind what, instant at, unsigned of, unsigned id);

    desk& desk_;
    std::uint32_t who_;
    std::uint64_t seed_;
    std::shared_ptr<const cbv::verification_options> options_;
    cbv::call_manager manager_;
    std::map<unsigned, call> calls_;
    std::unordered_map<unsigned, std::uint32_t> letters_; // by the manager's client numbers
    instant manager_timer_ = instant::max();
};

} // namespace simulation
