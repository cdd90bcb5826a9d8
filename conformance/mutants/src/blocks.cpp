// The building blocks that need no state of their own (blocks.hpp).
#include "blocks.hpp"

#include "cbv/text.hpp"

#include <memory>
#include <utility>

namespace cbv::mutants {
namespace {

class edited_actions : public engine::forwarding_verifier {
public:
    edited_actions(inner_ptr inner, std::function<bool(action&)> keep)
        : forwarding_verifier(std::move(inner)), keep_(std::move(keep)) {}
    std::optional<action> next_action() override {
        for (;;) {
            auto a = inner_->next_action();
            if (!a || keep_(*a))
                return a;
        }
    }

private:
    std::function<bool(action&)> keep_;
};

/// A factory whose arguments are changed.
change before_start(std::function<void(mailbox&, verification_options&, instant now)> f) {
    change c;
    c.verifier.push_back([f](engine::machine_factory inner) -> engine::machine_factory {
        return [f, inner = std::move(inner)](
                   mailbox box, const verification_options& o, instant now, instant since) {
            auto changed = o;
            f(box, changed, now);
            return inner(std::move(box), changed, now, since);
        };
    });
    return c;
}

change dialogues(std::function<std::shared_ptr<const dialogue_edits>()> edits) {
    change c;
    c.verifier.push_back([edits](engine::machine_factory inner) -> engine::machine_factory {
        return [edits, inner = std::move(inner)](
                   mailbox box, const verification_options& o, instant now, instant since) {
            auto machine = inner(box, o, now, since);
            return std::make_unique<edited_dialogue>(std::move(machine), edits(), std::move(box));
        };
    });
    return c;
}

} // namespace

change with_options(options_change f) {
    change c;
    c.options.push_back(std::move(f));
    return c;
}

change with_verification(std::function<void(verification_options&)> f) {
    return with_options(
        [f](verification_options& v, receiver_options&, call_manager_options&) { f(v); });
}

change with_standing(standing_mode m) {
    return with_verification([m](verification_options& o) { o.dialogue.decisions.standing = m; });
}

change with_receiver(std::function<void(receiver_options&)> f) {
    return with_options(
        [f](verification_options&, receiver_options& r, call_manager_options&) { f(r); });
}

change with_manager(std::function<void(call_manager_options&)> f) {
    return with_options(
        [f](verification_options&, receiver_options&, call_manager_options& m) { f(m); });
}

change with_timers(std::function<void(timeouts&)> f) {
    return with_verification([f](verification_options& v) { f(v.dialogue.timers); });
}

change with_mailbox(std::function<void(mailbox&)> f) {
    return before_start([f](mailbox& box, verification_options&, instant) { f(box); });
}

change with_call(std::function<void(verification_options&, instant)> f) {
    return before_start([f](mailbox&, verification_options& o, instant now) { f(o, now); });
}

change edit_dialogue(dialogue_edits edits) {
    return dialogues(
        [shared = std::make_shared<const dialogue_edits>(std::move(edits))] { return shared; });
}

change edit_each_dialogue(std::function<dialogue_edits()> make) {
    return dialogues([make] { return std::make_shared<const dialogue_edits>(make()); });
}

change rewrite_sent(std::function<void(std::string&)> f) {
    return edit_dialogue({.sent = [f](std::string& octets, const mailbox&) { f(octets); }});
}

change rewrite_line(std::function<bool(stage, std::string&)> f) {
    return edit_dialogue({.line = std::move(f)});
}

change rewrite_received(std::function<void(stage, reply&)> f) {
    return edit_dialogue({.reply = [f](stage at, reply& r) {
        f(at, r);
        return heard::reply;
    }});
}

change insert_before(std::string before, std::string inserted) {
    return edit_dialogue({.before = std::move(before), .inserted = std::move(inserted)});
}

change drop_action(std::function<bool(const action&)> f) {
    return layer<edited_actions>(std::function<bool(action&)>([f](action& a) { return !f(a); }));
}

change rewrite_action(std::function<void(action&)> f) {
    return layer<edited_actions>(std::function<bool(action&)>([f](action& a) {
        f(a);
        return true;
    }));
}

change rewrite_query(std::function<void(act::query_dns&)> f) {
    return rewrite_action([f](action& a) {
        if (auto* q = std::get_if<act::query_dns>(&a))
            f(*q);
    });
}

change rewrite_verdict(verdict_change f) {
    auto c = rewrite_action([f](action& a) {
        if (auto* d = std::get_if<act::done>(&a))
            f(d->result);
    });
    c.verdict = std::move(f);
    return c;
}

void give(verdict& v, verdict_kind kind) {
    v.kind = kind;
    switch (kind) {
    case verdict_kind::pass:
        v.why = cause::accepted;
        break;
    case verdict_kind::fail:
        v.why = cause::mailbox_refused;
        break;
    case verdict_kind::tempfail:
        v.why = cause::temporary_reply;
        break;
    case verdict_kind::unverifiable:
        v.why = cause::prober_refused;
        break;
    case verdict_kind::none:
        v.why = cause::exempt;
        break;
    }
}

change edit_receiver(receiver_edits edits) {
    change c;
    auto shared = std::make_shared<const receiver_edits>(std::move(edits));
    c.receiver.push_back([shared](engine::receiver_factory inner) -> engine::receiver_factory {
        return [shared, inner = std::move(inner)](
                   const receiver_options& o, ip_address client, instant now) {
            return std::make_unique<edited_receiver>(inner(o, client, now), shared, now);
        };
    });
    return c;
}

change edit_manager(manager_edits edits) {
    change c;
    auto shared = std::make_shared<const manager_edits>(std::move(edits));
    c.manager.push_back([shared](engine::manager_factory inner) -> engine::manager_factory {
        return [shared, inner = std::move(inner)](const call_manager_options& o) {
            return std::make_unique<edited_manager>(inner(o), shared);
        };
    });
    return c;
}

change rewrite_reply(std::function<void(const std::string&, reply&, session&)> f) {
    return edit_receiver({.reply = std::move(f)});
}

change rewrite_command(std::function<void(std::string&, session&)> f) {
    return edit_receiver({.command = [f](std::string& line, session& s) {
        f(line, s);
        return true;
    }});
}

bool begins(std::string_view text, std::string_view prefix) {
    return text.size() >= prefix.size() && iequals(text.substr(0, prefix.size()), prefix);
}

std::string path_in(std::string_view command) {
    const auto open = command.find('<');
    if (open == command.npos)
        return {};
    const auto close = command.rfind('>');
    const auto end = close == command.npos || close < open ? command.size() : close;
    return std::string(command.substr(open + 1, end - open - 1));
}

std::optional<mailbox> careless_mailbox(std::string_view path) {
    const auto at = path.rfind('@');
    if (at == path.npos || at == 0 || at + 1 == path.size())
        return std::nullopt;
    mailbox box;
    box.local_part = path.substr(0, at);
    box.domain = path.substr(at + 1);
    return box;
}

void replace_all(std::string& text, std::string_view what, std::string_view by) {
    for (auto at = text.find(what); at != std::string::npos; at = text.find(what, at + by.size()))
        text.replace(at, what.size(), by);
}

} // namespace cbv::mutants
