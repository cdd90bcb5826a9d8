// One receiving server's way with return paths, as the simulation sees it: it is asked about a
// message and decides, at once or later. What it may do to the world goes through its desk.
#pragma once

#include "cbv/verdict.hpp"
#include "simulation/events.hpp"
#include "simulation/parameters.hpp"
#include "simulation/world.hpp"

#include <cstdint>
#include <memory>
#include <string>

namespace simulation {

enum class mail_kind : std::uint8_t {
    good,   ///< ordinary mail from people
    bulk,   ///< of lists, one return path a message
    forged, ///< with return paths in all sorts of domains
    run,    ///< a forged run in the victim's domain, or as the adapting forger wants
};

/// What the receiver's SPF says of client and path.
enum class spf_result : std::uint8_t { none, pass, softfail, fail };

struct message {
    mail_kind kind = mail_kind::good;
    bool retries = true; ///< its client comes again after 45z
    spf_result checked = spf_result::none;
    std::uint32_t verifier = 0;
    std::uint32_t domain = 0;
    std::uint32_t client = 0; ///< its address, as a number
    std::uint32_t attempts = 0;
    std::string local;
    instant first{}; ///< when it came first
};

/// Towards the client.
enum class answer : std::uint8_t { accept, refuse, defer };

/// What verifiers share: the world, the plan of events, and where they answer.
class desk {
public:
    virtual ~desk() = default;
    virtual world& here() = 0;
    virtual event_queue& plan() = 0;
    virtual const message& letter(std::uint32_t number) = 0;
    /// `kind` is the verdict, where there is one; for the counts.
    virtual void decide(std::uint32_t letter, answer a, cbv::verdict_kind kind, instant now) = 0;
    /// A connection to this host begins, for a call.
    virtual void connects(std::uint32_t host, instant now) = 0;
    virtual void asks_recipient(std::uint32_t host) = 0;
};

class verifier {
public:
    virtual ~verifier() = default;
    virtual void ask(std::uint32_t letter, instant now) = 0;
    virtual void on(const event& e) = 0;
};

} // namespace simulation
