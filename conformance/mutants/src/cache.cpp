// Mutants of section "Caching": what is kept, under which key, for how long, and what is believed
// of it.
#include "blocks.hpp"
#include "cbv/text.hpp"

#include <functional>

namespace cbv::mutants {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

change with_cache(std::function<void(cache_options&)> f) {
    return with_manager([f](call_manager_options& m) { f(m.cache); });
}

/// Repeats what `f` says so long.
change remembers(std::function<bool(verdict&)> f, duration lifetime) {
    return edit_manager({.remembers = [f, lifetime](verdict& v) {
        return !v.cached && f(v) ? std::optional(lifetime) : std::nullopt;
    }});
}

bool is(const verdict& v, verdict_kind kind) {
    return v.kind == kind;
}

void add_kept(collection& all) {
    all.add({"cache-none", "CACHE-001", "keeps no verdict", {"verdict-not-kept"}},
            with_cache([](cache_options& c) { c.enabled = false; }));
    all.add(
        {"cache-pass-not-kept", "CACHE-001", "keeps a pass for one second", {"verdict-not-kept"}},
        with_cache([](cache_options& c) { c.pass_lifetime = seconds{1}; }));
    all.add(
        {"cache-fail-not-kept", "CACHE-001", "keeps a fail for one second", {"verdict-not-kept"}},
        with_cache([](cache_options& c) { c.fail_lifetime = seconds{1}; }));
    all.add({"cache-local-part-in-lower-case",
             "CACHE-001",
             "keeps verdicts under the local-part in lower case",
             {"verdict-of-another-path"}},
            edit_manager({.key = [](mailbox& box) { box.local_part = to_lower(box.local_part); }}));
    all.add({"cache-domain-as-it-is",
             "CACHE-001",
             "keeps verdicts under the domain with its case",
             {"verdict-not-kept"}},
            edit_manager({.key = [](mailbox& box) {
                if (to_lower(box.domain) != box.domain)
                    box.local_part += ".other-case";
            }}));
    all.add({"cache-pass-for-domain",
             "CACHE-001",
             "takes a pass for one of the whole domain",
             {"verdict-of-another-path"}},
            edit_manager({.remembers =
                              [](verdict& v) {
                                  return is(v, verdict_kind::pass) ? std::optional(hours{1})
                                                                   : std::nullopt;
                              },
                          .remembers_by_domain = true}));
}

void add_lifetimes(collection& all) {
    all.add({"cache-pass-kept-long",
             "CACHE-002",
             "keeps a pass three times as long as configured",
             {"stale-verdict"}},
            with_cache([](cache_options& c) { c.pass_refresh = c.pass_lifetime *= 3; }));
    all.add({"cache-fail-kept-long",
             "CACHE-002",
             "keeps a fail three times as long as configured",
             {"stale-verdict"}},
            with_cache([](cache_options& c) { c.fail_lifetime *= 3; }));
    all.add({"cache-fail-kept-as-pass",
             "CACHE-002",
             "has one lifetime, that of a pass, for all",
             {"stale-verdict"}},
            with_cache([](cache_options& c) { c.fail_lifetime = c.pass_lifetime; }));
    all.add({"cache-pass-kept-briefly",
             "CACHE-002",
             "keeps a pass a third of the time configured",
             {"verdict-not-kept"}},
            with_cache([](cache_options& c) { c.pass_lifetime /= 3; }));
    all.add({"cache-fail-kept-briefly",
             "CACHE-002",
             "keeps a fail a third of the time configured",
             {"verdict-not-kept"}},
            with_cache([](cache_options& c) { c.fail_lifetime /= 3; }));
    all.add({"cache-ttl-ignored",
             "CACHE-002",
             "keeps a verdict of the DNS beyond the record's time to live",
             {"stale-verdict"}},
            edit_manager({.ended = [](verdict& v) {
                if (v.ttl && *v.ttl > 0)
                    v.ttl = 7200;
            }}));
    all.add({"cache-dns-for-two-hours",
             "CACHE-002",
             "keeps a verdict of the DNS for two hours whatever its time to live, even none",
             {"stale-verdict"}},
            remembers(
                [](verdict& v) {
                    return v.why == cause::null_mx || v.why == cause::domain_not_found ||
                           v.why == cause::no_address;
                },
                hours{2}));
    all.add({"cache-expired-pass-used",
             "CACHE-005",
             "uses an expired pass when the new call gives no verdict",
             {"stale-verdict"}},
            edit_manager({.believes_old = verdict_kind::pass}));
    all.add({"cache-expired-fail-used",
             "CACHE-005",
             "uses an expired fail when the new call gives no verdict",
             {"stale-verdict"}},
            edit_manager({.believes_old = verdict_kind::fail}));
}

void add_doubts(collection& all) {
    all.add(
        {"cache-tempfail-kept", "CACHE-003", "keeps a tempfail for an hour", {"hold-off-exceeded"}},
        remembers([](verdict& v) { return is(v, verdict_kind::tempfail); }, hours{1}));
    all.add({"cache-timeout-kept-as-fail",
             "CACHE-003",
             "keeps a tempfail as fail, as mailfromd does after a hard timeout",
             {"hold-off-exceeded"}},
            remembers(
                [](verdict& v) {
                    if (!is(v, verdict_kind::tempfail))
                        return false;
                    give(v, verdict_kind::fail);
                    return true;
                },
                hours{2}));
    all.add({"cache-unverifiable-kept",
             "CACHE-003",
             "keeps an unverifiable for a day",
             {"hold-off-exceeded"}},
            remembers([](verdict& v) { return is(v, verdict_kind::unverifiable); }, hours{24}));
    all.add({"cache-refused-path-asked-again",
             "CACHE-012",
             "asks again about a path for which it was refused at RCPT",
             {"called-again-after-refusal"}},
            with_cache([](cache_options& c) { c.unverifiable_hold_off = {}; }));
    all.add({"cache-refused-sender-kept",
             "CACHE-004",
             "keeps a refusal of the null reverse-path as fail, as Exim does for the domain",
             {"null-sender-refusal-kept"}},
            edit_manager({.remembers =
                              [](verdict& v) {
                                  return v.why == cause::null_sender_refused
                                             ? std::optional(hours{2})
                                             : std::nullopt;
                              },
                          .remembers_by_domain = true}));
    all.add({"cache-fail-for-domain",
             "CACHE-006",
             "takes a refused mailbox for a refused domain",
             {"verdict-of-another-path"}},
            edit_manager({.remembers =
                              [](verdict& v) {
                                  return v.why == cause::mailbox_refused ? std::optional(hours{2})
                                                                         : std::nullopt;
                              },
                          .remembers_by_domain = true}));
    all.add({"cache-pass-lost-to-tempfail",
             "CACHE-007",
             "renews a pass early, and believes the new call when it gives no verdict",
             {"pass-forgotten"}},
            with_cache([](cache_options& c) { c.pass_refresh = duration{1}; }) +
                edit_manager({.believes_renewal = true}));
}

void add_patience_and_keys(collection& all) {
    all.add({"cache-patience-without-end",
             "CACHE-011",
             "defers the mail of a domain for ever when no call finds out anything",
             {"deferred-for-ever"}},
            with_manager([](call_manager_options& m) { m.patience = {}; }));
    all.add({"cache-patience-at-once",
             "CACHE-011",
             "accepts the mail of a domain after three calls in vain, however close together",
             {"accepted-on-temporary"}},
            with_manager([](call_manager_options& m) { m.patience = duration{1}; }));
    all.add({"cache-idn-two-domains",
             "CACHE-009",
             "takes a domain with U-labels and with A-labels for two",
             {"verdict-not-kept", "called-despite-objection"}},
            with_manager([](call_manager_options& m) { m.to_ascii = {}; }));
    all.add({"cache-literal-as-it-is",
             "CACHE-009",
             "takes each spelling of an address literal for another domain",
             {"verdict-not-kept"}},
            edit_manager({.key = [](mailbox& box) {
                if (box.literal)
                    box.local_part += std::to_string(std::hash<std::string>{}(box.domain));
            }}));
    all.add({"cache-smtputf8-missing-not-kept",
             "CACHE-010",
             "keeps no fail for want of SMTPUTF8",
             {"verdict-not-kept"}},
            edit_manager({.ended = [](verdict& v) {
                if (v.why == cause::smtputf8_missing)
                    v.cached = true;
            }}));
}

} // namespace

void add_cache(collection& all) {
    add_kept(all);
    add_lifetimes(all);
    add_doubts(all);
    add_patience_and_keys(all);
}

} // namespace cbv::mutants
