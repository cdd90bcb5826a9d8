// Mutants of section "Secondary Mail Exchangers and Greylisting" beyond the rows of the decision
// table.
#include "blocks.hpp"

#include <algorithm>

namespace cbv::mutants {
namespace {

bool is_backup_refusal(const verdict& v, cause first) {
    return v.kind == verdict_kind::tempfail && v.attempts.size() > 1 &&
           v.attempts.back().kind == verdict_kind::fail && v.attempts.front().why == first;
}

change believes_backup_after(cause first) {
    return rewrite_verdict([first](verdict& v) {
        if (is_backup_refusal(v, first))
            give(v, verdict_kind::fail);
    });
}

/// Takes a connection lost at RCPT for a reply of 451.
class reads_451_in_a_loss : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a)
            if (const auto* s = std::get_if<act::send>(&*a))
                at_rcpt_ = s->octets.starts_with("RCPT") ? std::optional(s->id) : std::nullopt;
        return a;
    }
    void on_eof(unsigned id, instant now) override {
        if (at_rcpt_ == id)
            inner_->on_bytes(id, "451 lost\r\n", now);
        inner_->on_eof(id, now);
    }
    void on_error(unsigned id, instant now) override {
        if (at_rcpt_ == id)
            inner_->on_bytes(id, "451 lost\r\n", now);
        inner_->on_error(id, now);
    }

private:
    std::optional<unsigned> at_rcpt_;
};

} // namespace

void add_smx_grey(collection& all) {
    all.add({"smx-best-host-only",
             "SMX-001",
             "asks the best host and no other, as in 2004",
             {"next-host-not-tried"}},
            stops_after([](const past_attempt&) { return verdict_kind::tempfail; }));
    for (const auto first :
         {cause::connection_refused, cause::temporary_reply, cause::prober_refused})
        all.add({"smx-backup-believed-after-" + std::string(to_string(first)),
                 "SMX-002",
                 "believes a backup's refusal when the better host gave " +
                     std::string(to_string(first)),
                 {"permanent-on-temporary"}},
                believes_backup_after(first));
    all.add({"smx-backup-believed-after-servfail",
             "SMX-002",
             "believes a backup's refusal when the better host could not be looked up",
             {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.kind == verdict_kind::tempfail && v.attempts.size() == 1 &&
                    v.attempts.front().kind == verdict_kind::fail)
                    give(v, verdict_kind::fail);
            }));
    all.add({"smx-backup-consent-distrusted",
             "SMX-001",
             "does not believe a backup's consent",
             {"good-path-deferred"}},
            rewrite_verdict([](verdict& v) {
                if (v.kind == verdict_kind::pass && v.attempts.size() > 1)
                    give(v, verdict_kind::tempfail);
            }));
    all.add({"smx-loss-like-greylisting",
             "SMX-001",
             "asks no host of the same preference after a connection lost at RCPT",
             {"next-host-not-tried"}},
            layer<reads_451_in_a_loss>());
    all.add({"grey-next-address",
             "GREY-001",
             "asks the next address after 4yz to RCPT, as Exim does",
             {"asked-again-after-greylisting"}},
            edit_dialogue({.reply = [](stage at, reply& r) {
                return at == stage::rcpt && r.klass() == 4 ? heard::closed : heard::reply;
            }}));
    all.add({"grey-gives-up",
             "GREY-001",
             "asks nobody else after 4yz to RCPT",
             {"next-host-not-tried"}},
            stops_after([](const past_attempt& a) {
                return a.at == stage::rcpt && a.last && a.last->klass() == 4
                           ? std::optional(verdict_kind::tempfail)
                           : std::nullopt;
            }));
    all.add({"grey-refused",
             "GREY-001",
             "takes greylisting for an unknown mailbox",
             {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (!v.attempts.empty() && v.attempts.back().last_stage == stage::rcpt &&
                    v.attempts.back().why == cause::temporary_reply)
                    give(v, verdict_kind::fail);
            }));
    all.add({"grey-asks-again-at-once",
             "GREY-001",
             "sends RCPT once more after 4yz",
             {"asked-again-after-greylisting"}},
            edit_each_dialogue([] {
                const auto line = std::make_shared<std::string>();
                const auto due = std::make_shared<bool>(false);
                return dialogue_edits{.sent =
                                          [line, due](std::string& octets, const mailbox&) {
                                              if (octets.starts_with("RCPT"))
                                                  *line = octets;
                                              if (octets.starts_with("QUIT") && *due)
                                                  octets = *line + octets;
                                          },
                                      .reply =
                                          [due](stage at, reply& r) {
                                              *due = at == stage::rcpt && r.klass() == 4;
                                              return heard::reply;
                                          }};
            }));
    all.add({"grey-another-name",
             "GREY-002",
             "greets with another name in each call",
             {"different-identity"}},
            with_call([](verification_options& o, instant now) {
                if (now != instant{})
                    o.dialogue.helo_name =
                        "v" + std::to_string((now - instant{}).count()) + ".target.test";
            }));
}

} // namespace cbv::mutants
