// The manager between sessions and calls, changed on the way: under which path it knows a call,
// what it hears of its end, what clients are told, and a memory of its own.
#pragma once

#include "engine/verifier_machine.hpp"

#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace cbv::mutants {

/// What is changed; an empty function changes nothing.
struct manager_edits {
    /// The path under which a verdict is kept and a call shared. The call itself is made for the
    /// path that was asked for.
    std::function<void(mailbox&)> key = {};
    /// What is known of a request.
    std::function<void(request_facts&)> facts = {};
    bool shares_no_call = false; ///< a path that is being called about gets a call of its own
    /// The verdict of a call, before the manager hears it.
    std::function<void(verdict&)> ended = {};
    /// The answer to a client.
    std::function<void(verdict&)> answer = {};
    /// How long this answer is repeated whatever the manager would say; may change what is
    /// repeated.
    std::function<std::optional<duration>(verdict&)> remembers = {};
    bool remembers_by_domain = false;
    /// A later answer that is no verdict becomes the last one of this kind.
    std::optional<verdict_kind> believes_old = {};
    bool believes_renewal = false;   ///< a call that was to renew an entry is believed in any case
    bool ignores_withdrawal = false; ///< calls go on when the client is gone
    bool permits_all = false;        ///< no attempt waits for its turn
    bool drops_background = false;   ///< whoever is answered early is forgotten
};

class edited_manager : public engine::manager_machine {
public:
    edited_manager(std::unique_ptr<engine::manager_machine> inner,
                   std::shared_ptr<const manager_edits> edits)
        : inner_(std::move(inner)), kept_(std::move(edits)), edits_(*kept_) {}

    unsigned ask(const mailbox& box, instant now, const request_facts& facts) override;
    void withdraw(unsigned client, instant now) override;
    permission
    on_connect(unsigned call, unsigned attempt, const ip_address& to, instant now) override;
    void on_close(unsigned call, unsigned attempt, instant now) override;
    void on_verdict(unsigned call, verdict v, instant now) override;
    void on_time(instant now) override;
    std::optional<manage_action> next_action() override;
    std::optional<instant> deadline() const override { return inner_->deadline(); }
    std::size_t calls() const override { return inner_->calls(); }

private:
    struct memory {
        verdict what;
        instant until;
    };

    [[nodiscard]] std::string memory_key(const mailbox& box) const;
    bool take(manage::start& a);
    bool take(manage::answer& a);

    std::unique_ptr<engine::manager_machine> inner_;
    std::shared_ptr<const manager_edits> kept_;
    const manager_edits& edits_;
    std::map<std::string, mailbox> asked_for_; // by the path given to the inner manager
    std::map<unsigned, mailbox> clients_;
    std::map<unsigned, std::string> running_; // calls, with the path asked for
    std::map<std::string, memory> remembered_;
    std::map<std::string, verdict> old_;
    std::optional<verdict> renewal_; // of which the answer is due
    std::set<unsigned> gone_;
    std::set<std::pair<unsigned, unsigned>> permitted_; // whose `allow` may still come
    std::deque<manage_action> out_;
    unsigned asked_ = 0;
    unsigned own_ = 1000000; // numbers of clients that the inner manager does not know
    instant now_{};
};

} // namespace cbv::mutants
