// Carries out what the call_manager wants: starts, cancels and permits calls, and answers the
// requests. It decides nothing; a verifier without management has none of this.
#pragma once

#include "asio_support.hpp"
#include "call.hpp"
#include "cbv/call_manager.hpp"
#include "completion.hpp"

#include <deque>
#include <memory>
#include <optional>
#include <unordered_map>
#include <utility>

namespace cbv {

/// One for a verifier, owned by what its calls share.
class managed_calls {
public:
    managed_calls(verifier::shared& owner, call_manager_options options);

    void ask(verify_request request, completion::handler on_done);
    /// The verifier is gone: every request is cancelled, and no call is of interest.
    void stop();

    // Of the calls. They only report; what follows is carried out by settle(), which a call calls
    // when it has carried out its own actions, so that neither machine is entered twice.
    [[nodiscard]] permission on_connect(unsigned call, unsigned attempt, const ip_address& to);
    void on_close(unsigned call, unsigned attempt);
    void on_verdict(unsigned call, verdict found);
    void settle();

private:
    struct client {
        completion done;
        trace_observer observer;      ///< until a call takes it
        std::weak_ptr<call> observed; ///< that call
    };

    void collect(std::optional<unsigned> asking = std::nullopt);
    void withdraw(unsigned number);
    void perform(manage::start& a, std::optional<unsigned> asking);
    void perform(manage::cancel& a, std::optional<unsigned> asking);
    void perform(manage::allow& a, std::optional<unsigned> asking);
    void perform(manage::answer& a, std::optional<unsigned> asking);
    [[nodiscard]] std::shared_ptr<call> find(unsigned number) const;

    verifier::shared& owner_;
    call_manager manager_;
    std::unordered_map<unsigned, client> clients_;            // not yet answered
    std::unordered_map<unsigned, std::weak_ptr<call>> calls_; // without a verdict yet
    /// Actions not yet carried out, with the client whose ask() gave them, if it was one.
    std::deque<std::pair<manage_action, std::optional<unsigned>>> actions_;
    lazy_timer timer_;
    bool settling_ = false;
    bool stopped_ = false;
};

} // namespace cbv
