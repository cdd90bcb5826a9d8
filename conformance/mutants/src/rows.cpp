// One mutant for each cell of the decision table that can be wrong: the effect of an event, or
// where the call goes after it. Rows come from the draft; which rule a wrong cell breaks is said
// here.
#include "rows.hpp"

#include "cbv/draft/document.hpp"

#include <memory>
#include <stdexcept>

namespace cbv::mutants {
namespace {

/// Watches for the reply to QUIT, and what else may come in its place.
class quit_believer : public engine::forwarding_verifier {
public:
    quit_believer(inner_ptr inner, row_event event)
        : forwarding_verifier(std::move(inner)), event_(std::move(event)) {}
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (!a)
            return a;
        if (const auto* s = std::get_if<act::send>(&*a); s && s->octets.starts_with("QUIT"))
            said_quit_ = s->id;
        if (auto* d = std::get_if<act::done>(&*a)) // it comes last: waits_for_quit() is inside
            if (event_.ended(seen()))
                give(d->result,
                     d->result.kind == verdict_kind::pass ? verdict_kind::tempfail
                                                          : verdict_kind::pass);
        return a;
    }
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        auto rest = bytes;
        while (said_quit_ == id && !rest.empty()) {
            const auto s = parser_.feed(rest);
            if (s == reply_parser::status::complete)
                last_ = parser_.take();
            else if (s == reply_parser::status::malformed)
                garbage_ = true;
            if (s != reply_parser::status::complete)
                break;
        }
        inner_->on_bytes(id, bytes, now);
    }
    void on_eof(unsigned id, instant now) override {
        lost_ = said_quit_ == id;
        inner_->on_eof(id, now);
    }
    void on_error(unsigned id, instant now) override {
        lost_ = said_quit_ == id;
        inner_->on_error(id, now);
    }

private:
    past_attempt seen() const {
        if (!said_quit_)
            return {};
        if (last_)
            return {{}, stage::quit, cause::temporary_reply, last_};
        return {{},
                stage::quit,
                garbage_ ? cause::protocol_error
                : lost_  ? cause::connection_lost
                         : cause::timeout,
                std::nullopt};
    }

    row_event event_;
    reply_parser parser_;
    std::optional<reply> last_;
    std::optional<unsigned> said_quit_; // on this connection
    bool garbage_ = false, lost_ = false;
};

struct wrong_effect {
    verdict_kind kind;
    std::string word;
};

std::vector<wrong_effect> wrong_effects(verdict_kind right) {
    switch (right) {
    case verdict_kind::pass:
        return {{verdict_kind::fail, "good-path-refused"},
                {verdict_kind::tempfail, "good-path-deferred"}};
    case verdict_kind::fail:
        return {{verdict_kind::pass, "bad-path-accepted"},
                {verdict_kind::tempfail, "bad-path-deferred"}};
    case verdict_kind::tempfail:
        return {{verdict_kind::fail, "permanent-on-temporary"},
                {verdict_kind::pass, "accepted-on-temporary"}};
    default:
        return {{verdict_kind::fail, "permanent-on-policy"}};
    }
}

// The rule that the effect of an event follows.
std::string rule_of_effect(const row_event& e) {
    if (e.at == stage::noop)
        return "DLG-010";
    if (e.event == "timeout")
        return "TIME-004";
    if (e.event == "lost" || e.event == "refused")
        return "INT-010";
    if (e.event == "other")
        return "DLG-012";
    if (e.event == "4yz")
        return "INT-004";
    if (e.event == "SMTPUTF8 missing")
        return "ADDR-007";
    if (e.at == stage::greeting || e.at == stage::ehlo || e.at == stage::helo)
        return "INT-008";
    if (e.event == "2yz")
        return "INT-002";
    if (e.event == "552" || e.event == "5yz X.2.2" || e.event == "5yz temporary code")
        return "INT-005";
    if (e.event == "5yz softening code")
        return "INT-006";
    if (e.event == "5yz no standing")
        return "INT-015";
    if (e.event == "5yz")
        return e.at == stage::mail ? "INT-007" : "INT-003";
    return "INT-009"; // a code of the list
}

// The rule that the way on follows.
std::string rule_of_way(const row_event& e) {
    if (e.at == stage::mail || e.at == stage::rcpt) {
        if (e.event == "4yz" && e.at == stage::rcpt)
            return "GREY-001";
        if (e.event.starts_with("5") || e.event == "2yz")
            return "INT-011";
    }
    if (e.event == "other" && e.at != stage::noop)
        return "DLG-012";
    if (e.event == "5yz")
        return "INT-014";
    if (e.event == "SMTPUTF8 missing")
        return rule_of_effect(e);
    return "SMX-001";
}

// NOOP is optional: a mutant of its rows has to send it.
change base(const row_event& e) {
    if (e.at != stage::noop)
        return {};
    return with_verification([](verification_options& o) { o.dialogue.noop_text = "cbv"; });
}

std::string place(const row_event& e) {
    return e.event + " at " + std::string(to_string(e.at));
}

// Where a case takes a pass as well, as nobody has to send NOOP, the pass is what it misses.
std::vector<std::string> words(const row_event& e, const wrong_effect& wrong) {
    if (e.event == "5yz no standing")
        return {"condemned-without-standing"};
    if (e.at == stage::noop && wrong.kind == verdict_kind::fail)
        return {wrong.word, "good-path-refused"};
    return {wrong.word};
}

void add_effects(collection& all, const row_event& e, verdict_kind right) {
    for (const auto& wrong : wrong_effects(right)) {
        // Who sends no NOOP passes: a pass is no wrong verdict then.
        if (e.at == stage::noop && wrong.kind == verdict_kind::pass)
            continue;
        const std::string name(to_string(wrong.kind));
        all.add({"row-" + e.slug() + "-" + name,
                 rule_of_effect(e),
                 "takes " + place(e) + " for " + name,
                 words(e, wrong)},
                base(e) + rewrite_verdict([e, right, kind = wrong.kind](verdict& v) {
                    if (v.kind != right)
                        return;
                    for (const auto& a : v.attempts)
                        if (e.ended(a))
                            return give(v, kind);
                }));
    }
}

void add_way(collection& all, const row_event& e, verdict_kind right, const std::string& then) {
    if (then == "next host" || then == "next preference")
        all.add({"row-" + e.slug() + "-then-end",
                 rule_of_way(e),
                 "asks no other host after " + place(e),
                 {"next-host-not-tried", "good-path-deferred"}},
                base(e) + stops_after([e, right](const past_attempt& a) {
                    return e.ended(a) ? std::optional(right) : std::nullopt;
                }));
    if (then == "next preference")
        all.add({"row-" + e.slug() + "-then-next-host",
                 rule_of_way(e),
                 "asks a host of the same preference after " + place(e),
                 {"asked-again-after-greylisting"}},
                edit_dialogue({.shopped = [e, right](stage at, const reply& r) {
                    return e.is(at, r) ? std::optional(right) : std::nullopt;
                }}));
    if (then == "end" && e.event != "5yz no standing")
        all.add({"row-" + e.slug() + "-then-next-host",
                 rule_of_way(e),
                 "asks the next host after " + place(e),
                 {"shopped-for-verdict"}},
                edit_dialogue({.shopped = [e, right](stage at, const reply& r) {
                    return e.is(at, r) ? std::optional(right) : std::nullopt;
                }}));
}

void add_row(collection& all,
             const row_event& e,
             const std::string& effect,
             const std::string& then) {
    if (e.at == stage::starttls)
        return; // the library uses no TLS (CBV-DLG-015 is a MAY)
    if (e.at == stage::control)
        return; // an attempt keeps the refusal, not this reply: standing.cpp has mutants of it
    if (e.at == stage::connect && e.event == "lost")
        return; // to a caller the same as "refused"
    if (e.at == stage::quit) {
        all.add({"row-" + e.slug() + "-decides",
                 "DLG-009",
                 "lets " + place(e) + " change the verdict",
                 {"good-path-deferred", "bad-path-accepted"}},
                waits_for_quit() + layer<quit_believer>(e));
        return;
    }
    if (then == "HELO") {
        for (const auto& each : single_events(e))
            all.add({"row-" + each.slug() + "-then-next-host",
                     "DLG-002",
                     "does not try HELO after " + each.event + " to EHLO",
                     {"no-helo-fallback"}},
                    rewrite_received([each](stage at, reply& r) {
                        if (each.is(at, r))
                            r.code = 550;
                    }));
        return;
    }
    const auto kind = verdict_kind_from(effect);
    if (!kind) { // "go on"
        if (e.at == stage::noop && e.event != "2yz")
            all.add({"row-" + e.slug() + "-tempfail",
                     "DLG-010",
                     "gives a host up for " + place(e),
                     {"good-path-deferred"}},
                    base(e) + rewrite_received([e](stage at, reply& r) {
                        if (e.is(at, r))
                            r.code = 421;
                    }));
        return;
    }
    if (e.event == "5yz less preferred") {
        all.add({"row-" + e.slug() + "-fail",
                 "SMX-002",
                 "believes the refusal of a backup host at " + std::string(to_string(e.at)),
                 {"permanent-on-temporary"}},
                rewrite_verdict([e](verdict& v) {
                    if (v.kind == verdict_kind::tempfail && !v.attempts.empty() &&
                        v.attempts.back().last_stage == e.at &&
                        v.attempts.back().kind == verdict_kind::fail)
                        give(v, verdict_kind::fail);
                }));
        return;
    }
    for (const auto& each : single_events(e))
        add_effects(all, each, *kind);
    add_way(all, e, *kind, then);
}

} // namespace

void add_rows(collection& all) {
    const auto draft = draft::load(CBV_DRAFT_XML);
    const auto& table = draft.table("decision-table");
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        if (const auto e = event_of(table.cell(i, "stage"), table.cell(i, "event")))
            add_row(all, *e, table.cell(i, "effect"), table.cell(i, "then"));
}

} // namespace cbv::mutants
