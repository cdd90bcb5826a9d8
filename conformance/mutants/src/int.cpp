// Mutants of section "Interpretation of Replies" that are no single cell of the decision table:
// codes, texts and enhanced codes misread, and contributions of several hosts added up wrongly.
#include "blocks.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace cbv::mutants {
namespace {

/// At MAIL and RCPT a reply for which `f` is true has another code.
change reads(std::function<bool(const reply&)> f, int code) {
    return with_standing(standing_mode::off) + rewrite_received([f, code](stage at, reply& r) {
               if ((at == stage::mail || at == stage::rcpt) && f(r)) {
                   r.code = code;
                   r.lines = {"read so"};
               }
           });
}

bool says(const reply& r, std::string_view word) {
    return std::any_of(r.lines.begin(), r.lines.end(), [&](const std::string& line) {
        return line.find(word) != line.npos;
    });
}

/// Takes the enhanced code out of the reply.
void strip(reply& r) {
    r.lines = {"read without a code"};
}

/// Heeds enhanced codes of a host only if it advertised them.
change heeds_advertised_codes_only() {
    return edit_each_dialogue([] {
        auto offered = std::make_shared<bool>(false);
        return dialogue_edits{.reply = [offered](stage at, reply& r) {
            if (at == stage::ehlo)
                *offered = std::any_of(r.lines.begin(), r.lines.end(), [](const auto& line) {
                    return begins(line, "ENHANCEDSTATUSCODES");
                });
            else if ((at == stage::mail || at == stage::rcpt) && r.klass() == 5 && !*offered)
                strip(r);
            return heard::reply;
        }};
    });
}

/// With these outcomes of several hosts the verdict is `kind`.
change adds_up(std::function<bool(const verdict&)> f, verdict_kind kind) {
    return rewrite_verdict([f, kind](verdict& v) {
        if (f(v))
            give(v, kind);
    });
}

bool any(const verdict& v, verdict_kind kind) {
    return std::any_of(
        v.attempts.begin(), v.attempts.end(), [kind](const attempt& a) { return a.kind == kind; });
}

bool any_code(const verdict& v, int code) {
    return std::any_of(v.attempts.begin(), v.attempts.end(), [code](const attempt& a) {
        return a.reply && a.reply->code == code;
    });
}

/// Looks at a reply a moment later, and not at all when the connection has ended by then.
class reads_late : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        late_[id].text += bytes;
        late_[id].due = now + std::chrono::milliseconds{5};
    }
    void on_eof(unsigned id, instant now) override {
        late_.erase(id);
        inner_->on_eof(id, now);
    }
    void on_time(instant now) override {
        for (auto& [id, l] : late_)
            if (!l.text.empty() && l.due <= now)
                inner_->on_bytes(id, std::exchange(l.text, {}), now);
        inner_->on_time(now);
    }
    std::optional<instant> deadline() const override {
        auto first = inner_->deadline();
        for (const auto& [id, l] : late_)
            if (!l.text.empty() && (!first || l.due < *first))
                first = l.due;
        return first;
    }

private:
    struct late {
        std::string text;
        instant due{};
    };
    std::map<unsigned, late> late_;
};

/// Ends an unfinished reply for a host that closes.
class reads_cut_lines : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        auto& text = said_[id];
        text += bytes;
        while (text.size() > 3 && text[3] == ' ' && text.find('\n') != text.npos)
            text.erase(0, text.find('\n') + 1);
        inner_->on_bytes(id, bytes, now);
    }
    void on_eof(unsigned id, instant now) override {
        const auto& text = said_[id];
        if (text.size() > 3)
            inner_->on_bytes(
                id, text.ends_with('\n') ? text.substr(0, 3) + " cut\r\n" : "\r\n", now);
        inner_->on_eof(id, now);
    }

private:
    std::map<unsigned, std::string> said_;
};

void add_reading(collection& all) {
    all.add({"int-enhanced-only-advertised",
             "INT-006",
             "heeds an enhanced code only of a host that advertised them",
             {"permanent-on-policy"}},
            with_standing(standing_mode::off) + heeds_advertised_codes_only());
    all.add({"int-code-anywhere",
             "INT-001",
             "finds an enhanced code anywhere in a text",
             {"bad-path-accepted"}},
            rewrite_received([](stage, reply& r) {
                if (r.klass() == 5 && says(r, "5.7.1"))
                    r.lines = {"5.7.1 found"};
            }));
    all.add({"int-address-is-code",
             "INT-001",
             "takes the beginning of an address for an enhanced code",
             {"bad-path-accepted"}},
            rewrite_received([](stage, reply& r) {
                for (auto& line : r.lines)
                    if (line.starts_with("5.7.1."))
                        line = "5.7.1 found";
            }));
    all.add({"int-regular-codes-only",
             "INT-012",
             "knows an enhanced code in its regular place only",
             {"permanent-on-policy"}},
            with_standing(standing_mode::off) + rewrite_received([](stage, reply& r) {
                if (r.klass() == 5 && !r.enhanced())
                    strip(r);
            }));
    all.add({"int-regular-keyword-only",
             "INT-012",
             "knows SMTPUTF8 only where it is written regularly",
             {"good-path-refused"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::ehlo)
                    for (std::size_t i = 0; i < r.lines.size(); ++i)
                        if (i == 0 || !iequals(r.lines[i], "SMTPUTF8"))
                            r.lines[i] = "x";
            }));
    all.add({"int-rcpt-after-refused-mail",
             "INT-013",
             "sends RCPT after MAIL was refused",
             {"extra-recipient"}},
            reads([](const reply& r) { return r.lines[0] == "No bounces here"; }, 250));
    all.add({"int-enhanced-hardens",
             "INT-001",
             "takes 5.1.1 for an unknown mailbox whatever the basic code",
             {"good-path-refused", "permanent-on-temporary"}},
            reads([](const reply& r) { return r.lines[0].starts_with("5.1.1"); }, 550));
    all.add({"int-text-unknown",
             "INT-001",
             "takes \"unknown\" in a text for an unknown mailbox",
             {"permanent-on-temporary", "reply-misread"}},
            reads([](const reply& r) { return says(r, "nknown"); }, 550));
    all.add({"int-text-greylisted",
             "INT-001",
             "takes \"Greylisted\" in a text for a deferral",
             {"bad-path-deferred"}},
            reads([](const reply& r) { return says(r, "reylist"); }, 450));
    all.add({"int-text-policy",
             "INT-001",
             "takes \"policy\" in a text for a refusal of itself",
             {"bad-path-accepted"}},
            reads([](const reply& r) { return says(r, "policy"); }, 530));
    all.add(
        {"int-text-250", "INT-001", "finds the digits 250 anywhere in a reply", {"reply-misread"}},
        reads([](const reply& r) { return says(r, "250"); }, 250));
    all.add({"int-unknown-2yz",
             "INT-001",
             "knows 250 to 252 as the only consent",
             {"good-path-deferred"}},
            reads([](const reply& r) { return r.klass() == 2 && r.code > 252; }, 451));
    all.add({"int-unknown-4yz",
             "INT-001",
             "takes an unknown 4yz code for a refusal",
             {"permanent-on-temporary"}},
            reads([](const reply& r) { return r.klass() == 4 && r.code > 459; }, 550));
    all.add({"int-unknown-5yz",
             "INT-001",
             "takes an unknown 5yz code for a deferral",
             {"bad-path-deferred"}},
            reads([](const reply& r) { return r.code > 556; }, 451));
    all.add(
        {"int-no-enhanced-codes", "INT-006", "looks at no enhanced code", {"permanent-on-policy"}},
        with_standing(standing_mode::off) + rewrite_received([](stage, reply& r) {
            if (r.klass() == 5)
                strip(r);
        }));
    all.add({"int-policy-codes-only",
             "INT-006",
             "softens for X.7.z and X.2.2 alone",
             {"permanent-on-policy"}},
            with_standing(standing_mode::off) + rewrite_received([](stage, reply& r) {
                const auto code = r.enhanced();
                if (r.klass() == 5 && code && code->subject != 7 &&
                    !(code->subject == 2 && code->detail == 2))
                    strip(r);
            }));
    all.add(
        {"int-only-571", "INT-006", "knows 5.7.1 as the only policy code", {"permanent-on-policy"}},
        with_standing(standing_mode::off) + rewrite_received([](stage, reply& r) {
            if (r.lines[0].starts_with("5.7.") && !r.lines[0].starts_with("5.7.1 "))
                r.lines = {"5.0.0 refused"};
        }));
    all.add({"int-enhanced-on-every-line",
             "INT-006",
             "believes an enhanced code only if it stands on every line",
             {"permanent-on-policy"}},
            with_standing(standing_mode::off) + rewrite_received([](stage, reply& r) {
                const bool on_all =
                    std::all_of(r.lines.begin(), r.lines.end(), [&](const std::string& line) {
                        return enhanced_code::parse(line) == r.enhanced();
                    });
                if (r.klass() == 5 && !on_all)
                    r.lines = {"no code"};
            }));
    all.add({"int-disabled-is-unknown",
             "INT-005",
             "takes X.2.1, a disabled mailbox, for an unknown one",
             {"permanent-on-temporary"}},
            with_standing(standing_mode::off) + rewrite_received([](stage, reply& r) {
                if (r.lines[0].starts_with("5.2.1 "))
                    strip(r);
            }));
    all.add({"int-541-is-soft",
             "INT-003",
             "takes 550 5.4.1 for trouble on the way",
             {"bad-path-deferred"}},
            reads([](const reply& r) { return r.lines[0].starts_with("5.4.1 "); }, 451));
    for (const int code : {251, 252})
        all.add({"int-" + std::to_string(code) + "-refused",
                 "INT-002",
                 "does not take " + std::to_string(code) + " for consent",
                 {"good-path-deferred"}},
                reads([code](const reply& r) { return r.code == code; }, 451));
    for (const int code : {521, 551, 553, 554, 556})
        all.add({"int-" + std::to_string(code) + "-no-refusal",
                 "INT-003",
                 "does not take " + std::to_string(code) + " to RCPT for a refusal",
                 {"bad-path-deferred"}},
                rewrite_received([code](stage at, reply& r) {
                    if (at == stage::rcpt && r.code == code)
                        r.code = 451;
                }));
    const std::vector<std::pair<stage, std::vector<int>>> deferrals{
        {stage::greeting, {421, 450, 451}},
        {stage::ehlo, {421, 451, 452}},
        {stage::helo, {421, 451}},
        {stage::mail, {421, 450, 451, 452, 455}},
        {stage::rcpt, {421, 450, 451, 452}}};
    for (const auto& [at, codes] : deferrals)
        for (const int code : codes)
            all.add(
                {"int-" + std::to_string(code) + "-at-" + std::string(to_string(at)) + "-refused",
                 code == 421 ? "INT-010" : "INT-004",
                 "refuses a path for " + std::to_string(code) + " at " + std::string(to_string(at)),
                 {"permanent-on-temporary"}},
                rewrite_verdict([code, at = at](verdict& v) {
                    if (!v.attempts.empty() && v.attempts.back().last_stage == at &&
                        v.attempts.back().reply && v.attempts.back().reply->code == code)
                        give(v, verdict_kind::fail);
                }));
}

void add_sums(collection& all) {
    all.add({"int-521-once-enough",
             "INT-008",
             "refuses when any host greeted with 521",
             {"permanent-on-policy", "permanent-on-temporary", "good-path-refused"}},
            adds_up([](const verdict& v) { return any_code(v, 521); }, verdict_kind::fail));
    all.add({"int-521-by-those-asked",
             "INT-008",
             "refuses when every host it asked greeted with 521, though there are others",
             {"permanent-on-policy", "permanent-on-temporary"}},
            adds_up(
                [](const verdict& v) {
                    return !v.attempts.empty() &&
                           std::all_of(v.attempts.begin(), v.attempts.end(), [](const attempt& a) {
                               return a.reply && a.reply->code == 521;
                           });
                },
                verdict_kind::fail));
    all.add({"int-failed-lookup-forgotten",
             "INT-019",
             "forgets a failed lookup when the hosts it found refuse the verifier",
             {"accepted-on-temporary"}},
            adds_up(
                [](const verdict& v) {
                    return v.why == cause::dns_failure && any(v, verdict_kind::unverifiable);
                },
                verdict_kind::unverifiable));
    all.add({"int-refusals-add-up",
             "INT-018",
             "refuses when every host refused the verifier",
             {"permanent-on-policy"}},
            adds_up(
                [](const verdict& v) {
                    return v.kind == verdict_kind::unverifiable && v.attempts.size() > 1;
                },
                verdict_kind::fail));
    all.add({"int-unverifiable-beats-tempfail",
             "INT-019",
             "accepts when one host refused the verifier and the others are down",
             {"accepted-on-temporary"}},
            adds_up(
                [](const verdict& v) {
                    return v.kind == verdict_kind::tempfail && any(v, verdict_kind::unverifiable);
                },
                verdict_kind::unverifiable));
    all.add({"int-shops-on",
             "INT-011",
             "asks every host, and believes the best answer",
             {"shopped-for-verdict"}},
            edit_dialogue({.shopped = [](stage at, const reply& r) {
                return at == stage::rcpt && r.klass() == 5 ? std::optional(verdict_kind::fail)
                                                           : std::nullopt;
            }}));
    all.add(
        {"int-equal-is-less",
         "INT-003",
         "takes a host of equal preference for a backup",
         {"bad-path-deferred"}},
        adds_up(
            [](const verdict& v) { return v.kind == verdict_kind::fail && v.attempts.size() > 1; },
            verdict_kind::tempfail));
    all.add({"int-closed-after-refusal",
             "INT-003",
             "forgets a refusal when the host closes after it",
             {"bad-path-deferred", "good-path-deferred"}},
            layer<reads_late>());
    all.add({"int-half-line-counts",
             "INT-010",
             "reads the code of a line that was cut off",
             {"permanent-on-temporary"}},
            with_standing(standing_mode::off) + layer<reads_cut_lines>());
}

} // namespace

void add_int(collection& all) {
    add_reading(all);
    add_sums(all);
}

} // namespace cbv::mutants
