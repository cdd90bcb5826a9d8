// The called hosts and the DNS of one case on a queue of events: moves octets between a verifier
// and fakemx's responders with a fixed latency. It opens no socket and judges nothing.
#pragma once

#include "cbv/dns.hpp"
#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"
#include "event_queue.hpp"
#include "fakemx/dns_responder.hpp"
#include "fakemx/smtp_responder.hpp"
#include "fakemx/timeline.hpp"
#include "fakemx/world.hpp"

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::engine {

/// One connection, as the calling side sees it.
struct virtual_link {
    struct events {
        std::function<void()> connected;
        std::function<void()> refused;
        std::function<void(std::string_view)> octets;
        std::function<void()> closed;
        std::function<void()> reset;
    };
    events up;
    std::string party;                            ///< host id
    std::unique_ptr<fakemx::smtp_responder> host; ///< nothing: nobody answers there
    bool caller_open = true; ///< the caller has not closed; it wants to hear of the link
    bool host_open = true;   ///< the host has sent neither FIN nor RST
    bool over = false;       ///< nothing can happen at the host any more
};

class virtual_world {
public:
    using link = std::shared_ptr<virtual_link>;

    /// All must outlive the world. `now` tells the time when an event of the queue runs. The stub
    /// resolver asks again after `patience`.
    virtual_world(const fakemx::world& w,
                  fakemx::timeline_log& log,
                  event_queue& queue,
                  const instant& now,
                  duration latency,
                  duration patience);

    /// A name that belongs to no case.
    void add_static(const std::string& name, const ip_address& address);

    /// Asks the DNS as a stub resolver does; `answer` is called once the first answer is there, or
    /// never: the caller has a timer of its own.
    void query(const std::string& name, record_type type, std::function<void(dns_answer)> answer);

    [[nodiscard]] link connect(const ip_address& to, virtual_link::events up);
    void send(const link& l, std::string octets);
    void close(const link& l);

    /// Fires the timers of hosts that are due.
    void on_time();
    [[nodiscard]] std::optional<instant> deadline() const;
    /// No connection is open at a host.
    [[nodiscard]] bool idle() const;

private:
    struct question;
    void ask(const std::shared_ptr<question>& q);
    void reply(const std::shared_ptr<question>& q, const fakemx::dns_lookup& found);
    void accept(const link& l, fakemx::smtp_host& at);
    void pump(const link& l);
    void log(fakemx::leg where,
             std::string party,
             unsigned connection,
             fakemx::event_kind kind,
             std::string text);

    const fakemx::world& world_;
    fakemx::timeline_log& log_;
    event_queue& queue_;
    const instant& now_;
    duration latency_;
    duration patience_;
    fakemx::dns_responder dns_;
    std::map<std::string, fakemx::smtp_host> hosts_; // by id
    std::vector<link> links_;
};

} // namespace cbv::engine
