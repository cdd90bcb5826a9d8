// Mutants of section "Dialogue": what is said to a called host, and when. How its replies are read
// is dlg_reading.cpp's.
#include "blocks.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <map>
#include <memory>
#include <utility>
#include <vector>

namespace cbv::mutants {
namespace {

/// Takes what comes first for the whole greeting.
class takes_first_octets : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        auto& l = links_[id];
        if (l.greeted)
            return inner_->on_bytes(id, bytes, now);
        if (!std::exchange(l.begun, true))
            inner_->on_bytes(id, "220 whatever\r\n", now);
        l.greeted = l.rest.feed(bytes) != reply_parser::status::need_more;
        if (l.greeted && !bytes.empty())
            inner_->on_bytes(id, bytes, now);
    }

private:
    struct link {
        reply_parser rest;
        bool begun = false, greeted = false;
    };
    std::map<unsigned, link> links_;
};

/// Closes where QUIT is due; `refused`: only after a refusal.
class closes_for_quit : public engine::forwarding_verifier {
public:
    explicit closes_for_quit(inner_ptr inner, bool refused = false)
        : forwarding_verifier(std::move(inner)), refused_(refused) {}
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a)
            if (const auto* s = std::get_if<act::send>(&*a);
                s != nullptr && s->octets.starts_with("QUIT") && (!refused_ || last_ >= '4'))
                return act::close{s->id};
        return a;
    }
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        last_ = bytes.empty() ? last_ : bytes.front();
        inner_->on_bytes(id, bytes, now);
    }

private:
    bool refused_;
    char last_ = '2';
};

dialogue_edits other_sender_later() {
    return {.sent = [said = 0](std::string& octets, const mailbox&) mutable {
        if (octets.starts_with("MAIL") && ++said > 1)
            replace_all(octets, "FROM:<>", "FROM:<postmaster@verifier.target.test>");
    }};
}

/// After one of these replies to RCPT `more` goes out with QUIT.
dialogue_edits asks_more_after(std::vector<int> codes, const std::string& more) {
    const auto due = std::make_shared<bool>(false);
    return {.sent =
                [due, more](std::string& octets, const mailbox&) {
                    if (octets.starts_with("QUIT") && *due)
                        octets = more + octets;
                },
            .reply =
                [due, codes](stage at, reply& r) {
                    if (at == stage::rcpt &&
                        std::find(codes.begin(), codes.end(), r.code) != codes.end())
                        *due = true;
                    return heard::reply;
                }};
}

/// MAIL seems to be accepted, and RCPT to be answered as MAIL was.
dialogue_edits hears_mail_refusal_at_rcpt() {
    const auto refusal = std::make_shared<std::optional<reply>>();
    return {.reply = [refusal](stage at, reply& r) {
        if (at == stage::mail && r.klass() == 5)
            *refusal = std::exchange(r, reply{250, {"Ok"}});
        else if (at == stage::rcpt && *refusal)
            r = **refusal;
        return heard::reply;
    }};
}

void add_greeting_and_hello(collection& all) {
    all.add({"dlg-speaks-first",
             "DLG-001",
             "sends EHLO as soon as it is connected",
             {"spoke-before-greeting"}},
            speaks_first());
    all.add({"dlg-first-greeting-line",
             "DLG-001",
             "sends EHLO after the first line of the greeting",
             {"spoke-before-greeting"}},
            edit_dialogue({.line = [](stage at, std::string& line) {
                if (at == stage::greeting && line.size() > 3 && line[3] == '-')
                    line[3] = ' ';
                return true;
            }}));
    all.add({"dlg-first-octets",
             "DLG-001",
             "takes the first octets of the greeting for all of it",
             {"spoke-before-greeting", "reply-misread"}},
            layer<takes_first_octets>());
    all.add(
        {"dlg-helo-only", "DLG-002", "sends HELO without a try of EHLO, as in 2004", {"no-ehlo"}},
        rewrite_sent([](std::string& octets) {
            if (octets.starts_with("EHLO"))
                octets.replace(0, 4, "HELO");
        }));
    all.add({"dlg-no-helo",
             "DLG-002",
             "takes every refusal of EHLO for one of itself",
             {"no-helo-fallback", "bad-path-accepted"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::ehlo && r.klass() == 5)
                    r.code = 550;
            }));
    all.add({"dlg-helo-twice", "DLG-002", "sends HELO twice", {"no-helo-fallback"}},
            edit_dialogue({.before = "HELO", .inserted = "HELO verifier.invalid\r\n"}));
    all.add({"dlg-helo-on-new-connection",
             "DLG-002",
             "opens another connection for HELO",
             {"no-helo-fallback", "missing-connection"}},
            edit_dialogue({.reply = [](stage at, reply& r) {
                return at == stage::ehlo && r.klass() == 5 ? heard::closed : heard::reply;
            }}));
    all.add({"dlg-localhost", "DLG-003", "greets as localhost", {"wrong-helo-name"}},
            rewrite_sent([](std::string& octets) {
                if (octets.starts_with("EHLO"))
                    octets = "EHLO localhost\r\n";
            }));
    all.add({"dlg-helo-localhost", "DLG-003", "gives another name in HELO", {"wrong-helo-name"}},
            rewrite_sent([](std::string& octets) {
                if (octets.starts_with("HELO"))
                    octets = "HELO localhost\r\n";
            }));
    all.add(
        {"dlg-borrowed-name", "DLG-003", "greets with the domain of the path", {"wrong-helo-name"}},
        edit_dialogue({.sent = [](std::string& octets, const mailbox& box) {
            if (octets.starts_with("EHLO"))
                octets = "EHLO " + box.domain + "\r\n";
        }}));
}

void add_mail_and_rcpt(collection& all) {
    all.add({"dlg-size", "DLG-004", "gives SIZE with MAIL", {"parameter-sent"}},
            rewrite_sent([](std::string& octets) {
                replace_all(octets, "MAIL FROM:<>", "MAIL FROM:<> SIZE=2560");
            }));
    all.add({"dlg-body", "DLG-004", "gives BODY=8BITMIME", {"parameter-sent"}},
            rewrite_sent([](std::string& octets) {
                replace_all(octets, "MAIL FROM:<>", "MAIL FROM:<> BODY=8BITMIME");
            }));
    all.add({"dlg-double-bounce",
             "DLG-005",
             "probes from double-bounce@ its own name, as Postfix does",
             {"null-sender-violated"}},
            rewrite_sent([](std::string& octets) {
                replace_all(octets, "FROM:<>", "FROM:<double-bounce@verifier.target.test>");
            }));
    all.add({"dlg-postmaster-second-attempt",
             "DLG-005",
             "probes from postmaster once a host has deferred the null reverse-path",
             {"null-sender-violated"}},
            edit_each_dialogue(other_sender_later));
    all.add({"dlg-target-as-sender",
             "DLG-005",
             "uses the path itself as the probe's sender, as some npm packages do",
             {"null-sender-violated"}},
            edit_dialogue({.sent = [](std::string& octets, const mailbox& box) {
                replace_all(octets, "FROM:<>", "FROM:<" + box.to_string() + ">");
            }}));
    all.add({"dlg-random-name-too",
             "DLG-006",
             "asks for a made-up name as well, to find catch-all domains",
             {"extra-recipient"}},
            insert_before("QUIT", "RCPT TO:<nobody-8c1f@verifier.invalid>\r\n"));
    all.add({"dlg-postmaster-too", "DLG-006", "asks for the postmaster first", {"extra-recipient"}},
            insert_before("RCPT", "RCPT TO:<postmaster>\r\n"));
    all.add(
        {"dlg-rcpt-twice", "DLG-006", "repeats RCPT when it is refused", {"extra-recipient"}},
        edit_each_dialogue([] {
            return asks_more_after({550, 551, 553, 554}, "RCPT TO:<again@verifier.invalid>\r\n");
        }));
    all.add({"dlg-data", "DLG-007", "begins DATA before it leaves", {"data-sent"}},
            insert_before("QUIT", "DATA\r\n"));
    all.add({"dlg-vrfy", "DLG-007", "tries VRFY before MAIL", {"data-sent"}},
            insert_before("MAIL", "VRFY postmaster\r\n"));
    all.add({"dlg-vrfy-after-252",
             "DLG-007",
             "asks by VRFY when RCPT was answered with 252",
             {"data-sent"}},
            edit_each_dialogue([] { return asks_more_after({252}, "VRFY postmaster\r\n"); }));
    all.add({"dlg-rcpt-after-refused-mail",
             "INT-007",
             "sends RCPT although MAIL was refused",
             {"extra-recipient"}},
            edit_each_dialogue(hears_mail_refusal_at_rcpt));
}

void add_quit_and_noop(collection& all) {
    all.add({"dlg-no-quit", "DLG-008", "closes without QUIT", {"no-quit"}},
            layer<closes_for_quit>());
    all.add({"dlg-no-quit-after-refusal",
             "DLG-008",
             "closes without QUIT when it was refused",
             {"no-quit"}},
            layer<closes_for_quit>(true));
    all.add({"dlg-rset-last", "DLG-008", "says RSET instead of QUIT", {"no-quit"}},
            rewrite_sent([](std::string& octets) {
                if (octets.starts_with("QUIT"))
                    octets = "RSET\r\n";
            }));
    all.add({"dlg-waits-for-quit",
             "DLG-009",
             "answers the client when the called host has answered QUIT",
             {"waited-for-quit"}},
            waits_for_quit());
    all.add({"dlg-noop-before-ehlo",
             "DLG-010",
             "sends NOOP when EHLO has failed already",
             {"noop-misplaced"}},
            insert_before("QUIT", "NOOP cbv\r\n"));
    all.add(
        {"dlg-noop-free-text", "DLG-010", "gives NOOP a free text, as in 2004", {"noop-misplaced"}},
        insert_before("MAIL", "NOOP Return path verification, see our page\r\n"));
    all.add({"dlg-noop-twice", "DLG-010", "sends NOOP twice", {"noop-misplaced"}},
            insert_before("MAIL", "NOOP cbv\r\n") + insert_before("RCPT", "NOOP cbv\r\n"));
    all.add({"dlg-pipelined-unoffered",
             "DLG-014",
             "sends MAIL and RCPT together whether PIPELINING is offered or not",
             {"pipelined-without-offer"}},
            edit_dialogue({.along = "MAIL", .companion = [](const mailbox& box) {
                               return "RCPT TO:<" + box.to_string() + ">\r\n";
                           }}));
    all.add({"dlg-pipelined-quit",
             "DLG-014",
             "sends QUIT with RCPT, as Postfix does",
             {"pipelined-without-offer"}},
            edit_dialogue({.along = "RCPT",
                           .companion = [](const mailbox&) { return std::string("QUIT\r\n"); }}));
    all.add({"dlg-pipelined-group-quit",
             "DLG-014",
             "sends QUIT with MAIL and RCPT where PIPELINING is offered",
             {"pipelined-without-offer"}},
            edit_dialogue({.along = "MAIL FROM:<>\r\nRCPT",
                           .companion = [](const mailbox&) { return std::string("QUIT\r\n"); }}));
    all.add({"dlg-pipelined-rcpt-decides",
             "DLG-014",
             "lets RCPT decide although MAIL was refused",
             {"accepted-on-temporary", "bad-path-accepted", "permanent-on-temporary"}},
            rewrite_received([](stage at, reply& r) {
                if (at == stage::mail && r.klass() >= 4)
                    r = {250, {"2.1.0 Ok"}};
            }));
    all.add({"dlg-starttls-refusal-fatal",
             "DLG-015",
             "refuses a path whose host offers STARTTLS and does not do it",
             {"permanent-on-temporary", "good-path-refused", "good-path-deferred"}},
            edit_dialogue({.shopped = [](stage at, const reply& r) {
                const bool offered =
                    at == stage::ehlo &&
                    std::find(r.lines.begin(), r.lines.end(), "STARTTLS") != r.lines.end();
                return offered ? std::optional(verdict_kind::fail) : std::nullopt;
            }}));
}

} // namespace

void add_dlg(collection& all) {
    add_greeting_and_hello(all);
    add_mail_and_rcpt(all);
    add_quit_and_noop(all);
}

} // namespace cbv::mutants
