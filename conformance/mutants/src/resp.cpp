// Mutants of section "Being Verifiable": servers that treat a verifier badly.
#include "blocks.hpp"

namespace cbv::mutants {
namespace {

bool null_transaction(const session& s) {
    return begins(s.mail, "MAIL FROM:<>");
}

change at_rcpt(std::function<void(reply&, session&)> f) {
    return rewrite_reply([f](const std::string& command, reply& r, session& s) {
        if (begins(command, "RCPT"))
            f(r, s);
    });
}

bool is_unknown(const reply& r) {
    return r.code == 550 && r.lines[0].starts_with("5.1.1");
}

bool is_policy(const reply& r) {
    return r.klass() == 5 && r.lines[0].starts_with("5.7.");
}

} // namespace

void add_resp(collection& all) {
    all.add(
        {"resp-null-sender-refused", "RESP-001", "refuses MAIL FROM:<>", {"null-sender-refused"}},
        rewrite_reply([](const std::string& command, reply& r, session&) {
            if (begins(command, "MAIL FROM:<>"))
                r = {550, {"5.7.1 Null senders are not accepted here"}};
        }));
    all.add(
        {"resp-null-sender-deferred", "RESP-001", "defers MAIL FROM:<>", {"null-sender-refused"}},
        rewrite_reply([](const std::string& command, reply& r, session&) {
            if (begins(command, "MAIL FROM:<>"))
                r = {451, {"4.7.1 Try later"}};
        }));
    all.add({"resp-null-sender-refused-at-rcpt",
             "RESP-001",
             "refuses every recipient of the null reverse-path",
             {"null-sender-refused", "null-sender-tested-early", "recipient-refused"}},
            at_rcpt([](reply& r, session& s) {
                if (null_transaction(s) && r.code == 250)
                    r = {550, {"5.7.1 No bounces for this address"}};
            }));
    all.add({"resp-unknown-accepted",
             "RESP-002",
             "accepts unknown mailboxes, and would bounce",
             {"unknown-recipient-accepted"}},
            at_rcpt([](reply& r, session&) {
                if (is_unknown(r))
                    r = {250, {"2.1.5 Ok"}};
            }));
    all.add({"resp-unknown-deferred",
             "RESP-002",
             "defers unknown mailboxes",
             {"wrong-recipient-reply"}},
            at_rcpt([](reply& r, session&) {
                if (is_unknown(r))
                    r = {450, {"4.1.1 Unknown for now"}};
            }));
    all.add({"resp-unknown-554",
             "RESP-002",
             "refuses unknown mailboxes with 554",
             {"wrong-recipient-reply"}},
            at_rcpt([](reply& r, session&) {
                if (is_unknown(r))
                    r.code = 554;
            }));
    all.add({"resp-unknown-other-enhanced-code",
             "RESP-002",
             "refuses unknown mailboxes with 5.0.0",
             {"wrong-recipient-reply"}},
            at_rcpt([](reply& r, session&) {
                if (is_unknown(r))
                    r.lines = {"5.0.0 No"};
            }));
    all.add({"resp-unknown-to-null-accepted",
             "RESP-002",
             "accepts unknown mailboxes when the reverse-path is null",
             {"unknown-recipient-accepted"}},
            at_rcpt([](reply& r, session& s) {
                if (is_unknown(r) && null_transaction(s))
                    r = {250, {"2.1.5 Ok"}};
            }));
    all.add({"resp-slow", "RESP-003", "answers RCPT after 40 seconds", {"answered-slowly"}},
            at_rcpt([](reply&, session& s) { s.delay = std::chrono::seconds{40}; }));
    all.add({"resp-slow-to-unknown",
             "RESP-003",
             "delays the refusal of unknown mailboxes by 40 seconds, against harvesting",
             {"answered-slowly"}},
            at_rcpt([](reply& r, session& s) {
                if (is_unknown(r))
                    s.delay = std::chrono::seconds{40};
            }));
    all.add({"resp-throttles-with-5yz",
             "RESP-003",
             "refuses everything after a few unknown mailboxes",
             {"throttled-for-good"}},
            at_rcpt([](reply& r, session& s) {
                if (is_unknown(r))
                    s.notes["unknown"] += '.';
                else if (s.notes["unknown"].size() >= 2)
                    r = {550, {"5.1.1 Too many unknown mailboxes"}};
            }));
    all.add({"resp-policy-unmarked",
             "RESP-004",
             "refuses by policy without X.7.z",
             {"policy-refusal-unmarked"}},
            at_rcpt([](reply& r, session&) {
                if (is_policy(r))
                    r.lines = {"5.0.0 Not for you"};
            }));
    all.add({"resp-policy-as-unknown",
             "RESP-004",
             "calls a refusal by policy 5.1.1",
             {"policy-refusal-unmarked"}},
            at_rcpt([](reply& r, session&) {
                if (is_policy(r))
                    r.lines = {"5.1.1 No such mailbox"};
            }));
    all.add({"resp-enhanced-codes-unadvertised",
             "RESP-004",
             "gives enhanced codes and does not advertise them",
             {"no-enhanced-codes"}},
            rewrite_reply([](const std::string& command, reply& r, session&) {
                if (begins(command, "EHLO"))
                    std::erase(r.lines, "ENHANCEDSTATUSCODES");
            }));
    all.add({"resp-null-sender-tested-at-rcpt",
             "RESP-004",
             "tests the null reverse-path at RCPT, and not at DATA",
             {"null-sender-tested-early"}},
            at_rcpt([](reply& r, session& s) {
                if (null_transaction(s) && r.code == 250)
                    r = {554, {"5.5.0 Bounces for this address are not expected"}};
            }));
}

} // namespace cbv::mutants
