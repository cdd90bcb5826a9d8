// A verification whose dialogues with the called hosts are changed on the way: commands, lines and
// replies. It takes replies one at a time, so that what is changed meets the command it answers.
#pragma once

#include "cbv/reply.hpp"
#include "engine/forwarding.hpp"

#include <deque>
#include <functional>
#include <map>
#include <optional>
#include <string>

namespace cbv::mutants {

/// What the verifier hears in place of a reply.
enum class heard {
    reply,   ///< the reply, perhaps a changed one
    nothing, ///< no reply at all
    closed,  ///< the end of the connection
};

/// What is changed; an empty function changes nothing.
struct dialogue_edits {
    /// The octets of one write, command lines with CR LF, for a probe of this mailbox.
    std::function<void(std::string&, const mailbox&)> sent = {};
    /// A line of the host, without its end, before it becomes part of a reply; false: it is lost.
    std::function<bool(stage, std::string&)> line = {};
    /// A whole reply. One that is no reply by CBV-DLG-012 is handed on as it is.
    std::function<heard(stage, reply&)> reply = {};
    /// When set for a reply, the connection seems to end in its place, so that other hosts are
    /// asked; without a pass by them the verdict is this one.
    std::function<std::optional<verdict_kind>(stage, const cbv::reply&)> shopped = {};
    bool each_line_is_a_reply = false;
    /// The command `inserted` (with CR LF) goes out before the first one that begins with `before`.
    std::string before = {}, inserted = {};
    /// `companion` goes out in one write with the command that begins with `along`; the command
    /// that begins with the companion's first word is then not sent again.
    std::string along = {};
    std::function<std::string(const mailbox&)> companion = {};

    /// Replies come in another order than the verifier expects them: they are kept till then.
    [[nodiscard]] bool reorders() const {
        return each_line_is_a_reply || !inserted.empty() || !along.empty();
    }
};

class edited_dialogue : public engine::forwarding_verifier {
public:
    edited_dialogue(inner_ptr inner, std::shared_ptr<const dialogue_edits> edits, mailbox box)
        : forwarding_verifier(std::move(inner)), kept_(std::move(edits)), edits_(*kept_),
          box_(std::move(box)) {}

    std::optional<action> next_action() override;
    void on_connected(unsigned id, instant now) override;
    void on_bytes(unsigned id, std::string_view bytes, instant now) override;
    void on_eof(unsigned id, instant now) override;
    void on_error(unsigned id, instant now) override;
    void on_time(instant now) override;

private:
    struct link {
        std::deque<stage> owed{stage::greeting}; // replies the verifier waits for
        std::string raw;                         // of an unfinished line
        std::string begun;                       // lines of an unfinished reply
        unsigned lines = 0;                      // in `begun`
        std::deque<std::string> ready;           // replies it does not yet wait for
        bool untouched = false;                  // too much for us: handed on as it comes
        bool deaf = false;                       // its end was told
        bool to_close = false;                   // ... or is to be
        std::optional<std::string> held;         // waits for the reply to `inserted`
        bool was_inserted = false;
        std::string already_sent; // first word of the companion
    };

    bool send(act::send& a);
    void queue_replies(link& l);
    void take_line(link& l, std::string line);
    void deliver(unsigned id, link& l);
    void hand_on_rest(unsigned id, link& l);

    std::shared_ptr<const dialogue_edits> kept_;
    const dialogue_edits& edits_;
    mailbox box_;
    std::map<unsigned, link> links_;
    std::deque<action> out_;
    std::optional<verdict_kind> shopped_;
    instant now_{};
};

/// The lines of a reply on the wire, octets as they are.
[[nodiscard]] std::string wire(const reply& r);

} // namespace cbv::mutants
