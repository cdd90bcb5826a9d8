// Mutants of section "Dialogue": how the replies of a called host are read.
#include "blocks.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <string>

namespace cbv::mutants {
namespace {

/// Every line of a reply gets the code of the first one.
dialogue_edits first_code_for_all() {
    return {.line = [first = std::string()](stage, std::string& line) mutable {
        if (line.size() < 4)
            return true;
        if (first.empty())
            first = line.substr(0, 3);
        line.replace(0, 3, first);
        if (line[3] != '-')
            first.clear();
        return true;
    }};
}

} // namespace

void add_dlg_reading(collection& all) {
    all.add({"dlg-line-by-line", "DLG-011", "takes each line for a reply", {"reply-misread"}},
            edit_dialogue({.each_line_is_a_reply = true}));
    all.add({"dlg-first-line-of-refusal",
             "DLG-011",
             "loses the reply to RCPT when it has several lines",
             {"reply-misread"}},
            edit_dialogue({.reply = [](stage at, reply& r) {
                return at == stage::rcpt && r.lines.size() > 1 ? heard::closed : heard::reply;
            }}));
    all.add({"dlg-long-greeting-lost",
             "DLG-011",
             "gives up on a greeting of more than ten lines",
             {"reply-misread"}},
            edit_dialogue({.reply = [](stage at, reply& r) {
                return at == stage::greeting && r.lines.size() > 10 ? heard::closed : heard::reply;
            }}));
    all.add({"dlg-text-required", "DLG-011", "gives up on a code without text", {"reply-misread"}},
            edit_dialogue({.reply = [](stage, reply& r) {
                return r.lines.size() == 1 && r.lines[0].empty() ? heard::closed : heard::reply;
            }}));
    all.add({"dlg-strict-ehlo-lines",
             "DLG-011",
             "gives up on an EHLO reply with a line it cannot parse",
             {"reply-misread"}},
            edit_dialogue({.reply = [](stage at, reply& r) {
                const bool odd = std::any_of(r.lines.begin(), r.lines.end(), [](const auto& line) {
                    return line.empty() || !is_ascii(line);
                });
                return at == stage::ehlo && odd ? heard::closed : heard::reply;
            }}));
    all.add({"dlg-first-digit-8",
             "DLG-012",
             "takes 850 and 999 for refusals",
             {"permanent-on-temporary"}},
            with_standing(standing_mode::off) +
                edit_dialogue({.line = [](stage at, std::string& line) {
                    if (at != stage::quit && (line.starts_with("8") || line.starts_with("9")))
                        line[0] = '5';
                    return true;
                }}));
    all.add({"dlg-3yz-good",
             "DLG-012",
             "takes 3yz for consent",
             {"accepted-on-temporary", "reply-misread"}},
            rewrite_received([](stage, reply& r) {
                if (r.klass() == 3)
                    r.code = 250;
            }));
    all.add({"dlg-3yz-refused", "DLG-012", "takes 3yz for a refusal", {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (!v.attempts.empty() && v.attempts.back().reply &&
                    v.attempts.back().reply->klass() == 3)
                    give(v, verdict_kind::fail);
            }));
    all.add({"dlg-1yz-awaited", "DLG-012", "takes 1yz for consent", {"accepted-on-temporary"}},
            edit_dialogue({.line = [](stage, std::string& line) {
                if (line.starts_with("1"))
                    line[0] = '2';
                return true;
            }}));
    all.add({"dlg-last-line-counts",
             "DLG-012",
             "reads the code of the last line of a reply",
             {"accepted-on-temporary", "permanent-on-temporary"}},
            edit_dialogue({.line = [](stage, std::string& line) {
                return line.size() < 4 || line[3] != '-';
            }}));
    all.add({"dlg-first-line-counts",
             "DLG-017",
             "reads the code of the first line of a reply, as Exim does",
             {"accepted-on-temporary", "permanent-on-temporary"}},
            edit_each_dialogue(first_code_for_all));
    all.add(
        {"dlg-noise-skipped", "DLG-012", "skips lines without a code", {"accepted-on-temporary"}},
        edit_dialogue({.line = [](stage, std::string& line) {
            return !line.empty() && line[0] >= '0' && line[0] <= '9';
        }}));
    all.add({"dlg-empty-line-unread",
             "DLG-016",
             "takes an empty line between replies for a protocol error",
             {"reply-misread"}},
            edit_dialogue({.line = [](stage, std::string& line) {
                if (line.empty())
                    line = "?";
                return true;
            }}));
    all.add({"dlg-empty-line-consents",
             "DLG-016",
             "takes an empty line for consent",
             {"accepted-on-temporary", "reply-misread"}},
            edit_dialogue({.line = [](stage, std::string& line) {
                if (line.empty())
                    line = "250 ";
                return true;
            }}));
    all.add({"dlg-no-code-refused",
             "DLG-012",
             "takes a line without a code for a refusal",
             {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::protocol_error)
                    give(v, verdict_kind::fail);
            }));
    all.add({"dlg-ssh-greeting", "DLG-012", "takes any line for a greeting", {"reply-misread"}},
            edit_dialogue({.line = [](stage at, std::string& line) {
                if (at == stage::greeting && !line.starts_with("2"))
                    line = "220 " + line;
                return true;
            }}));
    all.add({"dlg-short-lines", "DLG-013", "reads 100 octets of a line", {"reply-misread"}},
            edit_dialogue({.reply = [](stage, reply& r) {
                const bool longer = std::any_of(
                    r.lines.begin(), r.lines.end(), [](const auto& l) { return l.size() > 100; });
                return longer ? heard::closed : heard::reply;
            }}));
    all.add({"dlg-no-bounds",
             "DLG-013",
             "reads an endless reply to the end of its timer",
             {"endless-reply-read"}},
            with_verification([](verification_options& o) {
                o.dialogue.limits = {.max_lines = 100000000, .max_octets = 1000000000};
            }));
}

} // namespace cbv::mutants
