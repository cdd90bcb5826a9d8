// A session whose commands, replies and verdicts are changed on the way. Extra calls, delays and
// early ends are its own; it reads no mail content.
#pragma once

#include "cbv/reply.hpp"
#include "engine/forwarding.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace cbv::mutants {

/// What an edit may keep of a session, and ask for.
struct session {
    std::map<std::string, std::string> notes = {}; ///< for the edits' own use
    std::string mail = {};                         ///< the last MAIL command
    std::optional<cbv::verdict> last = {};         ///< the last verdict
    // Asked for, and taken back when done:
    bool close = false;               ///< close the connection after this reply
    duration delay{};                 ///< hold this reply and all that follows
    std::optional<mailbox> call = {}; ///< make a call of one's own; its verdict is ignored
};

/// What is changed; an empty function changes nothing.
struct receiver_edits {
    /// A command line without CR LF, before it is read; false: it is lost.
    std::function<bool(std::string&, session&)> command = {};
    /// A reply, to the command given (empty: the greeting, or the end of the data).
    std::function<void(const std::string& command, reply&, session&)> reply = {};
    /// A verdict in place of a call.
    std::function<std::optional<cbv::verdict>(const mailbox&, session&)> verify = {};
    std::function<void(cbv::verdict&, session&)> verdict = {};
    bool withholds = false; ///< replies due are kept until the verdict
};

class edited_receiver : public engine::forwarding_receiver {
public:
    edited_receiver(inner_ptr inner, std::shared_ptr<const receiver_edits> edits, instant now)
        : forwarding_receiver(std::move(inner)), kept_(std::move(edits)), edits_(*kept_),
          now_(now) {}

    std::optional<receiver_action> next_action() override;
    void on_bytes(std::string_view bytes, instant now) override;
    void on_eof(instant now) override;
    void on_time(instant now) override;
    void on_verdict(cbv::verdict v, instant now) override;
    void on_stored(bool ok, instant now) override;
    std::optional<instant> deadline() const override;
    bool finished() const override;

private:
    struct due_action {
        instant when;
        receiver_action what;
    };

    void take(receiver_action a);
    void take_replies(std::string octets);
    void verify(receive::verify a);
    void push(receiver_action a);

    std::shared_ptr<const receiver_edits> kept_;
    const receiver_edits& edits_;
    session session_;
    std::string line_;                     // an unfinished line of the client
    std::deque<std::string> commands_{""}; // not yet answered; the first is the greeting's
    std::string replies_;                  // an unfinished reply
    std::deque<due_action> out_;
    std::deque<receiver_action> withheld_;
    std::optional<receive::verify> waiting_; // until our own call has ended
    bool own_call_ = false;
    bool in_content_ = false; // after 354 or 334
    bool closed_ = false;
    instant now_;
};

} // namespace cbv::mutants
