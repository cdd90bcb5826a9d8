// Mutants of section "Eligibility": calls that are not due, calls too early or too many, verdicts
// that move between transactions.
#include "blocks.hpp"
#include "cbv/text.hpp"

namespace cbv::mutants {
namespace {

std::string domain_of(std::string_view helo) {
    const auto dot = helo.find('.');
    return std::string(dot == helo.npos ? helo : helo.substr(dot + 1));
}

/// A call of one's own, for `box`, once the reply to a command is known.
change
calls_after(std::function<std::optional<mailbox>(const std::string&, const reply&, session&)> f) {
    return rewrite_reply(
        [f](const std::string& command, reply& r, session& s) { s.call = f(command, r, s); });
}

constexpr std::string_view judged_domain = "judged.invalid";

/// Both commands' paths are in one domain.
bool same_domain(const std::string& a, const std::string& b) {
    const auto x = careless_mailbox(path_in(a));
    const auto y = careless_mailbox(path_in(b));
    return x && y && iequals(x->domain, y->domain);
}

bool accepts_malformed(const std::string& command, const reply& r) {
    return begins(command, "MAIL") && r.code >= 500 && r.code != 503 && r.code != 555;
}

void add_relays_and_spf(collection& all) {
    all.add({"elig-relayed-domain-called",
             "ELIG-012",
             "calls about domains that it relays by its own configuration",
             {"unexpected-connection", "call-not-due"}},
            with_receiver([](receiver_options& r) { r.eligibility.relayed_domains.clear(); }));
    all.add({"elig-relayed-unknown-accepted",
             "ELIG-013",
             "does not ask its own data about a relayed domain",
             {"bad-path-accepted"}},
            with_receiver([](receiver_options& r) { r.relayed_mailbox_exists = {}; }));
    all.add({"elig-relay-client-called",
             "ELIG-014",
             "calls for mail from its own relays",
             {"unexpected-connection", "call-not-due"}},
            with_receiver([](receiver_options& r) { r.eligibility.relay_clients.clear(); }));
    all.add({"elig-spf-fail-called",
             "ELIG-015",
             "calls although SPF gave fail",
             {"unexpected-connection", "call-not-due"}},
            edit_manager({.facts = [](request_facts& f) {
                if (f.spf == spf_result::fail)
                    f.spf.reset();
            }}));
    all.add({"elig-spf-softfail-called",
             "ELIG-016",
             "calls although SPF gave softfail",
             {"unexpected-connection", "call-not-due"}},
            with_manager([](call_manager_options& m) { m.call_on_softfail = true; }));
    all.add({"elig-own-host-refused",
             "ELIG-018",
             "refuses a domain whose best exchange is the verifier itself",
             {"permanent-on-policy"}},
            rewrite_verdict([](verdict& v) {
                if (v.why != cause::own_host)
                    return;
                v.kind = verdict_kind::fail;
                v.why = cause::hosts_prohibited;
            }));
}

} // namespace

void add_elig(collection& all) {
    add_relays_and_spf(all);
    all.add({"elig-null-path-postmaster",
             "ELIG-001",
             "calls about the postmaster of the client's domain when the reverse-path is null",
             {"unexpected-connection", "call-not-due"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (begins(command, "EHLO"))
                    s.notes["helo"] = command.substr(5);
                if (!begins(command, "RCPT") || !path_in(s.mail).empty() || r.code != 250)
                    return;
                s.call = mailbox{"postmaster", s.notes["helo"], {}};
            }}));
    all.add({"elig-null-path-domain",
             "ELIG-001",
             "calls about the postmaster of the domain above the client's name for a bounce",
             {"unexpected-connection", "call-not-due"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (begins(command, "EHLO"))
                    s.notes["helo"] = command.substr(5);
                if (begins(command, "RCPT") && path_in(s.mail).empty() && r.code == 250)
                    s.call = mailbox{"postmaster", domain_of(s.notes["helo"]), {}};
            }}));
    all.add({"elig-null-path-refused",
             "ELIG-001",
             "defers bounces, since their sender cannot be verified",
             {"call-not-due"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (begins(command, "RCPT") && path_in(s.mail).empty() && r.code == 250)
                    r = {450, {"4.1.7 Sender address not verified"}};
            }));
    all.add({"elig-auth-ignored",
             "ELIG-002",
             "calls for a client that has authenticated",
             {"unexpected-connection", "call-not-due"}},
            edit_receiver({.command =
                               [](std::string& line, session& s) {
                                   if (begins(line, "AUTH ")) {
                                       s.notes["auth"] = "asked";
                                       line = "NOOP";
                                   }
                                   return true;
                               },
                           .reply =
                               [](const std::string& command, reply& r, session& s) {
                                   if (command == "NOOP" && s.notes.erase("auth") > 0)
                                       r = {235, {"2.7.0 Welcome"}};
                               }}));
    all.add({"elig-auth-offer-enough",
             "ELIG-002",
             "makes no call for any client because AUTH is offered",
             {"bad-path-accepted"}},
            with_receiver([](receiver_options& r) {
                if (r.authenticate)
                    r.verify = false;
            }));
    all.add({"elig-allow-client-ignored",
             "ELIG-003",
             "heeds no allow list of clients",
             {"unexpected-connection", "call-not-due"}},
            with_receiver([](receiver_options& r) { r.eligibility.clients.clear(); }));
    all.add({"elig-allow-domain-ignored",
             "ELIG-003",
             "heeds no allow list of domains",
             {"unexpected-connection", "call-not-due"}},
            with_receiver([](receiver_options& r) { r.eligibility.domains.clear(); }));
    all.add({"elig-allow-path-ignored",
             "ELIG-003",
             "heeds no allow list of paths",
             {"unexpected-connection", "call-not-due"}},
            with_receiver([](receiver_options& r) { r.eligibility.paths.clear(); }));
    all.add({"elig-allow-domain-case",
             "ELIG-003",
             "compares listed domains with regard to case",
             {"unexpected-connection", "call-not-due"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (!begins(command, "RCPT") || r.code != 250)
                    return;
                const auto box = careless_mailbox(path_in(s.mail));
                if (box && to_lower(box->domain) != box->domain)
                    s.call = box;
            }}));
    all.add({"elig-allow-path-domain",
             "ELIG-003",
             "exempts the whole domain of a listed path",
             {"bad-path-accepted", "missing-connection"}},
            with_receiver([](receiver_options& r) {
                for (const auto& path : r.eligibility.paths)
                    r.eligibility.domains.push_back(path.substr(path.rfind('@') + 1));
            }));
    all.add({"elig-local-unknown-accepted",
             "ELIG-004",
             "takes every path in a local domain for good",
             {"bad-path-accepted"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (begins(command, "RCPT") && r.code == 550 && same_domain(command, s.mail))
                    r = {250, {"2.1.5 Ok"}};
            }));
    all.add({"elig-local-deferred",
             "ELIG-004",
             "defers an unknown path in a local domain instead of asking its own user data",
             {"bad-path-deferred"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (begins(command, "RCPT") && r.code == 550 && same_domain(command, s.mail))
                    r = {450, {"4.1.0 Return path not verified"}};
            }));
    all.add({"elig-local-refused",
             "ELIG-005",
             "refuses its own domain as reverse-path of mail from outside",
             {"call-not-due"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (begins(command, "RCPT") && r.code == 250 && same_domain(command, s.mail))
                    r = {550, {"5.7.1 You are not one of us"}};
            }));
    all.add({"elig-at-mail",
             "ELIG-006",
             "calls at MAIL, before a recipient is known",
             {"called-before-due"}},
            calls_after([](const std::string& command, const reply& r, session&) {
                return begins(command, "MAIL") && r.code == 250 ? careless_mailbox(path_in(command))
                                                                : std::nullopt;
            }));
    all.add({"elig-before-recipient",
             "ELIG-006",
             "calls before it looks whether it takes mail for the recipient",
             {"called-before-due"}},
            calls_after([](const std::string& command, const reply& r, session& s) {
                return begins(command, "RCPT") && r.code >= 500 && !s.last
                           ? careless_mailbox(path_in(s.mail))
                           : std::nullopt;
            }));
    all.add({"elig-each-recipient",
             "ELIG-007",
             "calls again for each further recipient",
             {"several-calls"}},
            calls_after([](const std::string& command, const reply& r, session& s) {
                if (begins(command, "MAIL"))
                    s.notes.erase("judged");
                if (!begins(command, "RCPT") || r.code == 503)
                    return std::optional<mailbox>();
                return s.notes.emplace("judged", "").second ? std::nullopt
                                                            : careless_mailbox(path_in(s.mail));
            }));
    all.add({"elig-again-while-undecided",
             "ELIG-007",
             "calls again for a further recipient when the first call gave no verdict",
             {"several-calls"}},
            calls_after([](const std::string& command, const reply& r, session& s) {
                if (begins(command, "MAIL"))
                    s.notes.erase("judged");
                if (!begins(command, "RCPT") || r.klass() != 4)
                    return std::optional<mailbox>();
                return s.notes.emplace("judged", "").second ? std::nullopt
                                                            : careless_mailbox(path_in(s.mail));
            }));
    all.add({"elig-malformed-called",
             "ELIG-009",
             "accepts a malformed reverse-path and calls what it can read of it",
             {"wrong-reply", "bad-path-accepted", "unexpected-connection", "control-octet-sent"}},
            edit_receiver({.reply = [](const std::string& command, reply& r, session& s) {
                if (!accepts_malformed(command, r))
                    return;
                r = {250, {"2.1.0 Ok"}};
                auto path = path_in(command);
                if (const auto route = path.rfind(':'); route != path.npos)
                    path.erase(0, route + 1);
                s.call = careless_mailbox(path);
                if (s.call) // a resolver's view of it
                    replace_all(s.call->domain, "..", ".");
            }}));
    all.add({"elig-malformed-deferred",
             "ELIG-009",
             "answers a malformed reverse-path with 451",
             {"wrong-reply", "bad-path-accepted"}},
            rewrite_reply([](const std::string& command, reply& r, session&) {
                if (accepts_malformed(command, r))
                    r = {451, {"4.1.7 Try again"}};
            }));
    all.add({"elig-postmaster-judged",
             "ELIG-010",
             "applies the verdict to mail for the postmaster",
             {"postmaster-refused"}},
            with_receiver([](receiver_options& r) {
                r.eligibility.local_domains.emplace_back(judged_domain);
                r.mailbox_exists = [exists = r.mailbox_exists](const mailbox& box) {
                    return box.domain == judged_domain || !exists || exists(box);
                };
            }) + rewrite_command([](std::string& line, session&) {
                if (begins(line, "RCPT TO:<postmaster"))
                    line = "RCPT TO:<judged@" + std::string(judged_domain) + ">";
            }));
    all.add({"elig-postmaster-case",
             "ELIG-010",
             "knows the postmaster in lower case only",
             {"postmaster-refused"}},
            rewrite_reply([](const std::string& command, reply& r, session& s) {
                if (begins(command, "RCPT TO:<postmaster") &&
                    command.find("postmaster") == command.npos && r.code == 250 &&
                    !path_in(s.mail).empty())
                    r = {550, {"5.1.1 No such mailbox"}};
            }));
    // A verdict kept for the session, but for the commands that make it forgotten.
    const auto stale = [](std::vector<std::string> forgets) {
        return edit_receiver({.command =
                                  [forgets](std::string& line, session& s) {
                                      for (const auto& verb : forgets)
                                          if (begins(line, verb))
                                              s.last.reset();
                                      return true;
                                  },
                              .verify = [](const mailbox&, session& s) { return s.last; }});
    };
    all.add({"elig-stale-after-rset",
             "ELIG-011",
             "keeps the first verdict for the whole session",
             {"state-leak"}},
            stale({}));
    all.add({"elig-stale-after-ehlo",
             "ELIG-011",
             "forgets a verdict at RSET and after DATA, and not at EHLO",
             {"state-leak"}},
            stale({"RSET", "DATA"}));
    all.add({"elig-stale-after-data",
             "ELIG-011",
             "forgets a verdict at RSET and at EHLO, and not after DATA",
             {"state-leak"}},
            stale({"RSET", "EHLO"}));
}

} // namespace cbv::mutants
