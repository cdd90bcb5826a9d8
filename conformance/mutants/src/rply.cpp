// Mutants of section "Reply to the Client": codes, enhanced codes and texts, and what becomes of
// the session after a verdict.
#include "blocks.hpp"
#include "cbv/draft/document.hpp"

#include <algorithm>

namespace cbv::mutants {
namespace {

bool refuses_rcpt(const std::string& command, const reply& r) {
    return begins(command, "RCPT") && (r.klass() == 4 || r.klass() == 5) && r.code != 503;
}

/// Changes the reply to RCPT that a verdict of this cause gave.
change for_cause(cause why, std::function<void(reply&)> f) {
    return rewrite_reply([why, f](const std::string& command, reply& r, session& s) {
        if (refuses_rcpt(command, r) && s.last && s.last->why == why)
            f(r);
    });
}

change refusals(std::function<void(reply&)> f) {
    return rewrite_reply([f](const std::string& command, reply& r, session& s) {
        if (refuses_rcpt(command, r) && s.last)
            f(r);
    });
}

/// "5.1.8 text" -> "5.0.0 text"
void blur(reply& r) {
    for (auto& line : r.lines) {
        const auto space = line.find(' ');
        if (space != line.npos && line.size() > 1 && line[1] == '.')
            line.replace(0, space, std::to_string(r.klass()) + ".0.0");
    }
}

change unverifiable_gets(int code) {
    return edit_receiver({.reply = [code](const std::string& command, reply& r, session& s) {
        if (begins(command, "RCPT") && r.code == 250 && s.last &&
            s.last->kind == verdict_kind::unverifiable)
            r = {code, {"5.7.1 Return path not verifiable"}};
    }});
}

// One mutant for each enhanced code of the draft's reply table.
void add_table(collection& all) {
    const auto draft = draft::load(CBV_DRAFT_XML);
    const auto& table = draft.table("reply-table");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto& word = table.cell(i, "cause");
        const auto why = cause_from(word);
        // What is refused without a call has no verdict here, and what is cancelled no client.
        if (!why || *why == cause::cancelled || *why == cause::invalid_address ||
            *why == cause::tls_failure)
            continue;
        all.add({"rply-code-" + word,
                 "RPLY-011",
                 "does not give " + table.cell(i, "enhanced code") + " for " + word,
                 {"wrong-enhanced-code"}},
                for_cause(*why, blur));
    }
}

void add_codes(collection& all) {
    all.add({"rply-552", "RPLY-001", "refuses with 552, as in 2004", {"wrong-code-for-fail"}},
            refusals([](reply& r) {
                if (r.code == 550)
                    r.code = 552;
            }));
    all.add({"rply-554", "RPLY-001", "refuses with 554", {"wrong-code-for-fail"}},
            refusals([](reply& r) {
                if (r.code == 550)
                    r.code = 554;
            }));
    all.add({"rply-code-of-the-host",
             "RPLY-001",
             "hands on the code of the called host",
             {"wrong-code-for-fail", "permanent-on-temporary"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (refuses_rcpt(command, r) && s.last && s.last->reply)
                    r.code = s.last->reply->code;
            }));
    for (const auto& [word, why] : {std::pair{"null-mx", cause::null_mx},
                                    std::pair{"domain-not-found", cause::domain_not_found},
                                    std::pair{"null-sender-refused", cause::null_sender_refused},
                                    std::pair{"hosts-prohibited", cause::hosts_prohibited}})
        all.add({std::string("rply-556-for-") + word,
                 "RPLY-001",
                 std::string("refuses with 556 for ") + word,
                 {"wrong-code-for-fail"}},
                for_cause(why, [](reply& r) { r.code = 556; }));
    all.add({"rply-421", "RPLY-002", "defers with 421", {"wrong-reply"}}, refusals([](reply& r) {
                if (r.klass() == 4)
                    r.code = 421;
            }));
    all.add({"rply-code-of-the-deferral",
             "RPLY-002",
             "hands on a 421 of the called host",
             {"wrong-reply"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (refuses_rcpt(command, r) && s.last && s.last->reply &&
                    s.last->reply->code == 421)
                    r.code = 421;
            }));
    all.add({"rply-471", "RPLY-002", "defers with 471 when the DNS fails", {"wrong-reply"}},
            for_cause(cause::dns_failure, [](reply& r) { r.code = 471; }));
    all.add({"rply-unverifiable-refused",
             "RPLY-003",
             "refuses a path whose host refused the verifier",
             {"permanent-on-policy"}},
            unverifiable_gets(550));
    for (const auto why : {cause::command_refused, cause::prober_refused})
        all.add({"rply-unverifiable-" + std::string(to_string(why)) + "-refused",
                 "RPLY-003",
                 "refuses a path after " + std::string(to_string(why)),
                 {"permanent-on-policy"}},
                rewrite_verdict([why](verdict& v) {
                    if (v.kind == verdict_kind::unverifiable && v.why == why)
                        give(v, verdict_kind::fail);
                }));
    all.add({"rply-enhanced-class",
             "RPLY-004",
             "gives an enhanced code of another class than the basic code",
             {"wrong-enhanced-code"}},
            refusals([](reply& r) {
                if (r.klass() == 4)
                    r.lines[0][0] = '5';
            }));
    all.add(
        {"rply-at-mail", "RPLY-005", "defers at MAIL until it knows the verdict", {"wrong-reply"}},
        rewrite_reply([](const std::string& command, reply& r, session&) {
            if (begins(command, "MAIL") && r.code == 250 && !path_in(command).empty())
                r = {451, {"4.1.0 Return path not yet checked"}};
        }));
}

void add_session_and_text(collection& all) {
    all.add({"rply-closes-after-refusal",
             "RPLY-006",
             "closes the session with a refusal",
             {"session-closed"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                s.close = refuses_rcpt(command, r) && r.klass() == 5 && s.last;
            }));
    all.add({"rply-closes-after-deferral",
             "RPLY-006",
             "closes the session with a deferral",
             {"session-closed"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                s.close = refuses_rcpt(command, r) && r.klass() == 4 && s.last;
            }));
    all.add({"rply-refuses-all-after-refusal",
             "RPLY-006",
             "answers 421 to whatever follows a refusal",
             {"session-closed"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (s.notes.contains("refused"))
                    r = {421, {"4.7.0 Go away"}};
                if (refuses_rcpt(command, r) && s.last)
                    s.notes["refused"] = "yes";
            }));
    all.add({"rply-second-recipient-accepted",
             "RPLY-007",
             "judges the first recipient only",
             {"bad-path-accepted", "accepted-on-temporary"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (begins(command, "MAIL"))
                    s.notes.erase("judged");
                if (refuses_rcpt(command, r) && s.last && !s.notes.emplace("judged", "").second)
                    r = {250, {"2.1.5 Ok"}};
            }));
    all.add({"rply-data-accepted",
             "RPLY-007",
             "accepts DATA without an accepted recipient",
             {"wrong-reply"}},
            rewrite_reply([](const std::string& command, reply& r, session&) {
                if (begins(command, "DATA") && r.code == 503)
                    r = {250, {"2.0.0 Ok"}};
            }));
    const auto quoting = [](std::function<std::vector<std::string>(const reply&)> lines) {
        return rewrite_reply([lines](const std::string& command, reply& r, session& s) {
            if (!refuses_rcpt(command, r) || !s.last || !s.last->reply)
                return;
            for (auto& line : lines(*s.last->reply))
                r.lines.push_back(line);
        });
    };
    all.add({"rply-quotes-raw",
             "RPLY-008",
             "quotes the called host's text as it is",
             {"unclean-reply"}},
            quoting([](const reply& r) { return r.lines; }));
    all.add({"rply-quotes-in-one-line",
             "RPLY-008",
             "quotes the called host's text in one line, however long",
             {"unclean-reply"}},
            quoting([](const reply& r) {
                std::string all_lines;
                for (const auto& line : r.lines)
                    all_lines += line + " ";
                return std::vector{all_lines};
            }));
    all.add(
        {"rply-quotes", "RPLY-009", "quotes the called host's text unasked", {"wrong-reply-text"}},
        with_receiver([](receiver_options& r) { r.replies.quote_called_host = true; }));
    all.add({"rply-no-text", "RPLY-009", "says no more than \"Denied\"", {"wrong-reply-text"}},
            refusals([](reply& r) { r.lines = {std::to_string(r.klass()) + ".0.0 Denied"}; }));
    all.add({"rply-no-cause",
             "RPLY-009",
             "says that the return path was checked and not why it fell through",
             {"wrong-reply-text"}},
            refusals([](reply& r) {
                r.lines = {std::to_string(r.klass()) + ".1.0 Return path checked"};
            }));
}

} // namespace

void add_rply(collection& all) {
    add_table(all);
    add_codes(all);
    add_session_and_text(all);
}

} // namespace cbv::mutants
