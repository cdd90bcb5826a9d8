// Mutants of sections "Load and Abuse" and "Hook Interface", and of answering early: limits that
// are not kept or turn into refusals, calls nobody awaits, objections not heeded.
#include "blocks.hpp"
#include "cbv/text.hpp"

namespace cbv::mutants {
namespace {

/// Answers with this cause are `kind`.
change answers(cause why, requirement_id rule, verdict_kind kind) {
    return edit_manager({.answer = [why, rule, kind](verdict& v) {
        if (v.why == why && (rule.empty() || v.requirement == rule))
            give(v, kind);
    }});
}

void add_limits(collection& all) {
    all.add({"load-no-shared-call",
             "LOAD-001",
             "makes a call for each of several sessions with one path",
             {"call-not-shared"}},
            edit_manager({.shares_no_call = true}));
    all.add({"load-any-number-at-an-address",
             "LOAD-002",
             "opens any number of attempts at one address",
             {"too-many-at-once"}},
            with_manager([](call_manager_options& m) { m.attempts_per_address = 1000; }));
    all.add({"load-any-number-in-all",
             "LOAD-002",
             "opens any number of attempts in all",
             {"too-many-at-once"}},
            with_manager([](call_manager_options& m) { m.attempts_in_all = 100000; }));
    all.add({"load-no-limit", "LOAD-002", "lets no attempt wait for another", {"too-many-at-once"}},
            edit_manager({.permits_all = true}));
    all.add({"load-limit-refuses",
             "LOAD-014",
             "refuses a path for a limit of its own",
             {"refused-over-limit", "wrong-reply"}},
            answers(cause::limit, "CBV-LOAD-002", verdict_kind::fail));
    all.add(
        {"load-no-rate", "LOAD-003", "makes any number of calls for one domain", {"rate-exceeded"}},
        with_manager([](call_manager_options& m) { m.calls_per_domain = 0; }));
    all.add({"load-rate-refuses",
             "LOAD-003",
             "refuses a path because its domain was called too often",
             {"refused-over-limit"}},
            answers(cause::limit, "CBV-LOAD-003", verdict_kind::fail));
    all.add({"load-rate-defers",
             "LOAD-003",
             "defers a path because its domain was called too often",
             {"deferred-over-limit"}},
            answers(cause::limit, "CBV-LOAD-003", verdict_kind::tempfail));
}

void add_clients(collection& all) {
    all.add({"load-client-fails-unlimited",
             "LOAD-011",
             "calls for a client however many of its paths failed",
             {"unexpected-connection"}},
            with_manager([](call_manager_options& m) { m.fails_per_client = 0; }));
    all.add({"load-client-calls-unlimited",
             "LOAD-012",
             "makes any number of calls for one client",
             {"rate-exceeded"}},
            with_manager([](call_manager_options& m) { m.calls_per_client = 0; }));
    all.add({"load-client-calls-deferred",
             "LOAD-012",
             "defers the mail of a client that causes many calls",
             {"deferred-over-limit"}},
            answers(cause::limit, "CBV-LOAD-012", verdict_kind::tempfail));
    all.add({"load-proven-domain-called",
             "LOAD-013",
             "calls a domain however often it has proved itself",
             {"unexpected-connection"}},
            with_manager([](call_manager_options& m) { m.proving_paths = 0; }));
    all.add({"load-proven-without-spf",
             "LOAD-013",
             "takes a domain for proven whoever sent the paths",
             {"bad-path-accepted"}},
            edit_manager({.facts = [](request_facts& f) {
                if (!f.spf)
                    f.spf = spf_result::pass;
            }}));
}

void add_objections(collection& all) {
    all.add({"load-probe-called-about",
             "LOAD-004",
             "calls about whoever greets it when the reverse-path is null",
             {"mutual-calls"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (begins(command, "EHLO") || begins(command, "HELO"))
                    s.notes["helo"] = command.substr(5);
                if (begins(command, "RCPT") && path_in(s.mail).empty() && r.code == 250)
                    s.call = mailbox{"postmaster", s.notes["helo"], {}};
            }}));
    all.add({"load-objecting-domain-called",
             "LOAD-005",
             "heeds no list of domains that are not to be called",
             {"called-despite-objection"}},
            with_manager([](call_manager_options& m) { m.uncalled_domains.clear(); }));
    all.add({"load-objecting-address-called",
             "LOAD-005",
             "heeds no list of addresses that are not to be called",
             {"called-despite-objection"}},
            with_manager([](call_manager_options& m) { m.uncalled_addresses.clear(); }));
    all.add({"load-objection-refused",
             "LOAD-005",
             "refuses mail from a domain that does not want to be called",
             {"call-not-due"}},
            answers(cause::exempt, "CBV-LOAD-005", verdict_kind::fail));
    all.add({"load-objection-deferred",
             "LOAD-005",
             "defers mail from a domain that does not want to be called",
             {"call-not-due"}},
            answers(cause::exempt, "CBV-LOAD-005", verdict_kind::tempfail));
    all.add({"load-objecting-domain-case",
             "LOAD-005",
             "compares objecting domains with regard to case",
             {"called-despite-objection"}},
            edit_receiver({.reply =
                               [](const std::string& command, reply& r, session& s) {
                                   const auto box = careless_mailbox(path_in(s.mail));
                                   if (begins(command, "RCPT") && r.code == 250 && s.last &&
                                       s.last->requirement == "CBV-LOAD-005" && box &&
                                       to_lower(box->domain) != box->domain) {
                                       s.last.reset();
                                       s.call = box;
                                       s.call->domain = to_lower(box->domain);
                                   }
                               }}) +
                with_manager([](call_manager_options& m) { m.uncalled_domains.clear(); }));
    all.add({"load-called-for-nobody",
             "LOAD-006",
             "goes on with a call when its client has gone",
             {"called-for-nobody"}},
            edit_manager({.ignores_withdrawal = true}));
    all.add({"load-refusal-forgotten",
             "LOAD-007",
             "calls a host again at once that has refused it",
             {"called-again-after-refusal"}},
            with_manager([](call_manager_options& m) { m.refusal_pause = {}; }));
    all.add({"load-refusal-held-against-path",
             "LOAD-007",
             "refuses paths whose host is left alone",
             {"permanent-on-policy"}},
            answers(cause::hold_off, "CBV-LOAD-008", verdict_kind::fail));
    all.add({"load-left-alone-ends-call",
             "LOAD-008",
             "ends the call at a host that is left alone",
             {"next-host-not-tried"}},
            ends_where_left_alone());
    all.add({"load-rcpt-refusals-forgotten",
             "LOAD-009",
             "calls a host about a domain however often it was refused at RCPT",
             {"called-again-after-refusal"}},
            with_manager([](call_manager_options& m) { m.refusals_per_domain = 0; }));
    all.add({"load-acceptance-not-heard",
             "LOAD-009",
             "counts refusals at RCPT that an acceptance lies between",
             {"bad-path-accepted"}},
            edit_manager({.ended = [](verdict& v) {
                for (auto& a : v.attempts)
                    if (a.kind == verdict_kind::pass)
                        a.kind = verdict_kind::unverifiable;
            }}));
    all.add({"load-rcpt-refusal-held-against-host",
             "LOAD-010",
             "leaves a host alone for all its domains after a refusal at RCPT",
             {"bad-path-accepted"}},
            edit_manager({.ended = [](verdict& v) {
                for (auto& a : v.attempts)
                    if (a.why == cause::prober_refused && a.last_stage == stage::rcpt)
                        a.last_stage = stage::mail;
            }}));
}

void add_order(collection& all) {
    all.add({"load-local-rule-after-call",
             "ELIG-008",
             "calls before a local rule refuses the client",
             {"called-before-due"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (begins(command, "RCPT") && r.klass() == 5 && r.code != 503 && !s.last)
                    s.call = careless_mailbox(path_in(s.mail));
            }}));
    all.add({"epv-call-at-mfrom", "EPV-008", "calls at MFROM", {"called-before-due"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (begins(command, "MAIL") && r.code == 250)
                    s.call = careless_mailbox(path_in(command));
            }}));
    all.add({"epv-call-first",
             "EPV-008",
             "calls before the other modules of RCPT have run",
             {"called-before-due"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (begins(command, "RCPT") && r.klass() == 5 && r.code != 503 && !s.last)
                    s.call = careless_mailbox(path_in(s.mail));
            }}));
    all.add({"time-early-answer-drops-call",
             "TIME-008",
             "answers early, and does not finish the call",
             {"call-lost"}},
            edit_manager({.drops_background = true}));
    all.add({"time-early-answer-refuses",
             "TIME-008",
             "refuses while the call goes on",
             {"wrong-reply", "good-path-refused"}},
            answers(cause::in_progress, {}, verdict_kind::fail));
}

} // namespace

void add_load(collection& all) {
    add_limits(all);
    add_clients(all);
    add_objections(all);
    add_order(all);
}

} // namespace cbv::mutants
