// Judges the client leg: replies against `verdict`, `reply`, `enhanced`, `text`, `min` and `max` of
// their steps (conformance/FORMAT.md). The world is judge_world.cpp's.
#include "cbv/reply.hpp"
#include "cbv/text.hpp"
#include "client_session.hpp"
#include "judge_parts.hpp"
#include "patterns.hpp"
#include "regular.hpp"

#include <algorithm>

namespace cbv::engine {
namespace {

/// What a verdict word says of a reply class.
enum class fit { no, with_note, yes };

/// The code a verdict is read from: its class, and whether the target words refusals as 4yz.
struct reading {
    int klass = 0;
    bool definite = false;
};

fit fits(std::string_view verdict, const reading& r) {
    if (r.klass == 2)
        return verdict == "pass" || verdict == "unverifiable" || verdict == "none" ? fit::yes
                                                                                   : fit::no;
    if (r.klass == 5 || r.definite)
        return verdict == "fail" ? fit::yes : fit::no;
    if (r.klass == 4) {
        if (verdict == "tempfail")
            return fit::yes;
        return verdict == "unverifiable" ? fit::with_note : fit::no;
    }
    return fit::no;
}

/// The word for a class of reply where `verdict` was wanted.
std::string derived_word(std::string_view verdict, const reading& r) {
    const int klass = r.definite ? 5 : r.klass;
    if (klass != 2 && klass != 4 && klass != 5)
        return "wrong-reply";
    if (verdict == "pass")
        return klass == 5 ? "good-path-refused" : "good-path-deferred";
    if (verdict == "fail")
        return klass == 2 ? "bad-path-accepted" : "bad-path-deferred";
    if (verdict == "tempfail")
        return klass == 5 ? "permanent-on-temporary" : "accepted-on-temporary";
    if (verdict == "unverifiable")
        return klass == 5 ? "permanent-on-policy" : "deferred-on-policy";
    return "call-not-due";
}

bool asserts(const step_expectation& e) {
    return !e.verdicts.empty() || !e.replies.empty() || !e.enhanced.empty() || !e.text.empty() ||
           e.min || e.max;
}

/// Judges the steps of one client in order.
class reply_judge {
public:
    reply_judge(const conformance_case& c,
                unsigned client,
                const target& t,
                const observation& seen,
                std::vector<finding>& findings)
        : case_(c), client_(client), steps_(c.clients.at(client).steps), target_(t), seen_(seen),
          findings_(findings) {}

    void run() {
        if (!seen_.stated_verdict.empty()) {
            judge_stated();
            return;
        }
        for (std::size_t i = 0; i < steps_.size(); ++i)
            judge_step(i);
    }

private:
    const step_reply* reply_of(std::size_t step) const {
        const auto found =
            std::find_if(seen_.replies.begin(), seen_.replies.end(), [&](const step_reply& r) {
                return r.client == client_ && r.step == step;
            });
        return found == seen_.replies.end() ? nullptr : &*found;
    }

    /// "step 2 (RCPT TO:<x>)", counted as the author wrote them, and whose step where there are
    /// several clients.
    std::string describe(const step& s, std::size_t index) const {
        const auto ours = std::count_if(steps_.begin(),
                                        steps_.begin() + static_cast<std::ptrdiff_t>(index),
                                        [](const step& before) { return before.added; });
        auto text = "step " + std::to_string(index + 1 - static_cast<std::size_t>(ours));
        if (case_.clients.size() > 1)
            text += " of " + party_of(case_, client_);
        if (!s.line.empty())
            text += " (" + escape(s.line, 100) + ")";
        return text;
    }
    static std::string describe(const step_reply& r) {
        auto text = std::to_string(r.code);
        if (!r.text.empty())
            text += " " + escape(r.text, 300);
        if (r.asked > 1)
            text += " (asked " + std::to_string(r.asked) + " times)";
        return text;
    }

    finding& add(std::string word, std::string expected, std::string seen) {
        finding f;
        f.word = std::move(word);
        f.requirement = case_.requirements.empty() ? "" : case_.requirements.front();
        f.expected = std::move(expected);
        f.seen = std::move(seen);
        findings_.push_back(std::move(f));
        return findings_.back();
    }

    // Command targets state the word themselves; exactly one step has a verdict then.
    void judge_stated() {
        for (const auto& s : steps_) {
            const auto& wanted = s.expect.verdicts;
            if (wanted.empty())
                continue;
            const auto found = std::find(wanted.begin(), wanted.end(), seen_.stated_verdict);
            if (found == wanted.begin())
                continue;
            reading r;
            const auto& stated = seen_.stated_verdict;
            r.klass = stated == "fail" ? 5 : stated == "tempfail" ? 4 : 2;
            auto word = fits(wanted.front(), r) == fit::yes ? "wrong-verdict"
                                                            : derived_word(wanted.front(), r);
            if (found == wanted.end() && !s.expect.finding.empty())
                word = s.expect.finding;
            add(word, "verdict " + join(wanted, " or "), stated).note = found != wanted.end();
        }
    }

    void judge_step(std::size_t index) {
        const auto& s = steps_[index];
        const auto* r = reply_of(index);
        if (s.kind == step_kind::rset || s.kind == step_kind::ehlo || s.kind == step_kind::helo)
            mail_ = nullptr;
        const bool is_mail = s.kind == step_kind::mail ||
                             (s.kind == step_kind::send && to_upper(s.line).starts_with("MAIL"));
        if (is_mail) {
            mail_ = r;
            recipients_ = 0;
        }
        if (s.kind == step_kind::rcpt)
            ++recipients_;
        const bool missing = r == nullptr || r->code == 0;
        if (!missing) {
            verdict_given_ = s.kind == step_kind::rcpt && r->code >= 400;
            said_421_ = said_421_ || r->code == 421;
        }
        if (!asserts(s.expect))
            return;
        // A called host may throttle with 421 (CBV-RESP-003), and then it closes.
        if (missing && said_421_ && case_.needs.contains("called-host"))
            return;
        if (missing) {
            if (!missing_reported_)
                add_missing("a reply to " + describe(s, index));
            missing_reported_ = true;
            return;
        }
        judge_time(s, index, *r);
        if (!judge_verdict(s, index, *r))
            return; // codes and text for another verdict say nothing more
        judge_code(s, index, *r);
        judge_enhanced(s, index, *r);
        judge_text(s, index, *r);
    }

    // A session that the target ended right after a refused RCPT (CBV-RPLY-006) has a word of its
    // own.
    void add_missing(std::string expected) {
        const auto party = party_of(case_, client_);
        const bool closed =
            std::any_of(seen_.timeline.begin(), seen_.timeline.end(), [&](const fakemx::event& e) {
                return e.where == fakemx::leg::client && e.party == party &&
                       e.kind == fakemx::event_kind::peer_closed;
            });
        if (closed && verdict_given_)
            add("session-closed", std::move(expected), "the end of the session");
        else
            add("no-reply", std::move(expected), "none");
    }

    // A server may give its verdict at MAIL (RFC 5321 section 3.3); RCPT then gets 503, which says
    // nothing by itself.
    const step_reply& telling(const step& s, const step_reply& r) const {
        const bool refused = mail_ != nullptr && mail_->code >= 400 && s.kind == step_kind::rcpt;
        return refused && r.code == 503 ? *mail_ : r;
    }

    bool judge_verdict(const step& s, std::size_t index, const step_reply& own) {
        const auto& wanted = s.expect.verdicts;
        if (wanted.empty())
            return true;
        const auto& r = telling(s, own);
        reading seen{r.code / 100, false};
        if (seen.klass == 4 && !target_.definite.empty())
            seen.definite = found_in(target_.definite, std::to_string(r.code) + " " + r.text);
        for (std::size_t i = 0; i < wanted.size(); ++i) {
            const auto how = fits(wanted[i], seen);
            if (how == fit::no)
                continue;
            const auto expected = "verdict " + wanted.front() + " at " + describe(s, index);
            if (seen.definite)
                add("wrong-code-for-fail", "550 at " + describe(s, index), describe(r)).note = true;
            if (i > 0 || how == fit::with_note)
                add(derived_word(wanted.front(), seen), expected, describe(r)).note = true;
            return true;
        }
        const bool named = !s.expect.finding.empty() && s.expect.replies.empty() &&
                           s.expect.text.empty() && !timed(s.expect);
        add(named ? s.expect.finding : derived_word(wanted.front(), seen),
            "verdict " + join(wanted, " or ") + " at " + describe(s, index),
            describe(r));
        return false;
    }

    void judge_code(const step& s, std::size_t index, const step_reply& own) {
        const auto& wanted = s.expect.replies;
        if (wanted.empty())
            return;
        const auto code = telling(s, own).code;
        const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const auto& pattern) {
            return matches_reply(pattern, own.code) || matches_reply(pattern, code);
        });
        if (found == wanted.begin())
            return;
        const auto expected = "reply " + join(wanted, " or ") + " at " + describe(s, index);
        if (found != wanted.end()) {
            add("not-preferred", expected, describe(own)).note = true;
            return;
        }
        const bool named = !s.expect.finding.empty() && s.expect.text.empty() && !timed(s.expect);
        add(named ? s.expect.finding : "wrong-reply", expected, describe(own));
    }

    void judge_enhanced(const step& s, std::size_t index, const step_reply& own) {
        const auto& wanted = s.expect.enhanced;
        if (wanted.empty() || !seen_.enhanced_codes)
            return;
        const auto& r = telling(s, own);
        const auto code = enhanced_code::parse(r.text.substr(0, r.text.find('\n')));
        const auto text = code ? code->to_string() : std::string{};
        const auto found = std::find_if(wanted.begin(), wanted.end(), [&](const auto& pattern) {
            return matches_enhanced(pattern, text);
        });
        if (found == wanted.begin())
            return;
        const bool acceptable = found != wanted.end();
        add(acceptable ? "not-preferred" : "wrong-enhanced-code",
            "enhanced code " + join(wanted, " or ") + " at " + describe(s, index),
            describe(r))
            .note = acceptable;
    }

    void judge_text(const step& s, std::size_t index, const step_reply& own) {
        if (s.expect.text.empty())
            return;
        const auto& r = telling(s, own);
        if (found_in(s.expect.text, r.text))
            return;
        const bool named = !s.expect.finding.empty() && !timed(s.expect);
        add(named ? s.expect.finding : "wrong-reply-text",
            "text matching " + escape(s.expect.text, 200) + " at " + describe(s, index),
            describe(r));
    }

    void judge_time(const step& s, std::size_t index, const step_reply& r) {
        auto took = r.replied_at - r.sent_at;
        // A target may call at MAIL: that time belongs to the verdict at the first RCPT.
        if (s.kind == step_kind::rcpt && mail_ != nullptr && recipients_ == 1)
            took += mail_->replied_at - mail_->sent_at;
        const auto late = [&](const char* derived, const std::string& bound) {
            auto& f = add(s.expect.finding.empty() ? derived : s.expect.finding,
                          "a reply " + bound + " at " + describe(s, index),
                          describe(r) + " after " + in_seconds(took));
            f.timing = true;
        };
        if (s.expect.min && took + target_.slack < *s.expect.min)
            late("answered-early", "not before " + in_seconds(*s.expect.min));
        if (s.expect.max && took > *s.expect.max + target_.slack)
            late("answered-late", "within " + in_seconds(*s.expect.max));
    }

    // `finding` names the most particular thing a step asks for: its time, else its text, else its
    // code, else its verdict.
    static bool timed(const step_expectation& e) { return e.min || e.max; }

    const conformance_case& case_;
    unsigned client_;
    const std::vector<step>& steps_;
    const target& target_;
    const observation& seen_;
    std::vector<finding>& findings_;
    const step_reply* mail_ = nullptr; // the reply to the transaction's MAIL
    unsigned recipients_ = 0;          // of the transaction so far
    bool verdict_given_ = false;       // the last reply refused or deferred a recipient
    bool missing_reported_ = false;
    bool said_421_ = false;
};

} // namespace

void judge_replies(const conformance_case& c,
                   const target& t,
                   const observation& seen,
                   std::vector<finding>& findings) {
    for (unsigned i = 0; i < c.clients.size(); ++i)
        reply_judge{c, i, t, seen, findings}.run();
}

} // namespace cbv::engine
