// Callouts without these rules; see the header.
#include "callout_verifier.hpp"

#include <algorithm>

namespace simulation {
namespace {

using std::chrono::hours;
using std::chrono::seconds;

std::string key_of(const message& m) {
    return m.local + "@" + std::to_string(m.domain);
}

} // namespace

outcome call_out(desk& d,
                 std::uint32_t caller,
                 const domain& to,
                 const std::string& local,
                 const manners& how,
                 instant now) {
    outcome o;
    o.took = std::chrono::milliseconds{60}; // the DNS, as for the library
    std::size_t tried = 0;
    for (const auto& [preference, number] : to.exchanges) {
        if (tried++ >= how.most_hosts || o.took > how.no_new_host_after)
            break;
        d.connects(number, now + o.took);
        if (!d.here().answers(number)) {
            o.took += how.connect_timeout;
            continue;
        }
        o.took += d.here().round_trip();
        for (const point p : {point::greeting, point::ehlo, point::mail, point::rcpt}) {
            if (p == point::rcpt)
                d.asks_recipient(number);
            const utterance u = d.here().says(
                number, p, caller, local + "@" + to.name, now + o.took, how.null_sender);
            if (u.after > how.reply_timeout) {
                o.took += how.reply_timeout;
                break;
            }
            o.took += u.after;
            const char first = u.octets.front();
            if (first == '5' && (p != point::greeting || how.greeting_condemns)) {
                o.found = finding::bad;
                o.before_rcpt = p != point::rcpt;
                return o;
            }
            if (first != '2')
                break;
            if (p == point::rcpt) {
                o.found = finding::good;
                return o;
            }
        }
    }
    return o;
}

void plain_verifier::ask(std::uint32_t letter, instant now) {
    const message& m = desk_.letter(letter);
    if (const auto f = known(m, now))
        return say(letter, *f, now);
    const outcome o = call_out(desk_, who_, desk_.here().domains()[m.domain], m.local, how_, now);
    waiting_.emplace(++last_, waiting{letter, o});
    desk_.plan().add({now + o.took, 0, event_kind::concluded, who_, last_, 0});
}

void plain_verifier::on(const event& e) {
    const auto w = waiting_.extract(e.call);
    note(desk_.letter(w.mapped().letter), w.mapped().what, e.at);
    say(w.mapped().letter, w.mapped().what.found, e.at);
}

void plain_verifier::say(std::uint32_t letter, finding f, instant now) {
    if (f == finding::good)
        desk_.decide(letter, answer::accept, cbv::verdict_kind::pass, now);
    else if (f == finding::bad)
        desk_.decide(letter, answer::refuse, cbv::verdict_kind::fail, now);
    else
        desk_.decide(letter, answer::defer, cbv::verdict_kind::tempfail, now);
}

exim_verifier::exim_verifier(desk& d, std::uint32_t who) : plain_verifier(d, who) {
    how_.no_new_host_after = seconds{120}; // maxwait: four times the callout's 30 s
}

std::optional<finding> exim_verifier::known(const message& m, instant now) {
    if (const auto at = refusing_domains_.find(m.domain);
        at != refusing_domains_.end() && now < at->second)
        return finding::bad;
    if (const auto at = paths_.find(key_of(m)); at != paths_.end() && now < at->second.until)
        return at->second.found;
    return std::nullopt;
}

void exim_verifier::note(const message& m, const outcome& o, instant now) {
    if (o.found == finding::unclear)
        return;
    if (o.before_rcpt)
        refusing_domains_[m.domain] = now + hours{3}; // callout_domain_negative_expire
    else // callout_positive_expire, callout_negative_expire
        paths_[key_of(m)] = {o.found, now + (o.found == finding::good ? hours{24} : hours{2})};
}

postfix_verifier::postfix_verifier(desk& d, std::uint32_t who, bool refuses)
    : desk_(d), who_(who), refuses_(refuses) {
    how_.reply_timeout = seconds{300}; // smtp_helo_timeout and its like
    how_.null_sender = false;          // address_verify_sender = double-bounce
    how_.greeting_condemns = false;    // smtp_skip_5xx_greeting
}

// verify(8): what a query finds, and when it sends a probe.
void postfix_verifier::ask(std::uint32_t letter, instant now) {
    const message& m = desk_.letter(letter);
    const std::string key = key_of(m);
    record& r = records_[key];
    take_in(r, now);
    const bool good = r.found == finding::good;
    const duration age = now - r.updated;
    if (r.found && age > (good ? hours{31 * 24} : hours{3 * 24})) // address_verify_*_expire_time
        r.found.reset();
    const bool stale = r.found && age > (good ? hours{7 * 24} : hours{3}); // *_refresh_time
    if ((!r.found || stale) && (r.probed == instant{} || now - r.probed > seconds{1000}))
        probe(r, m, key, now);
    if (r.found)
        return say(letter, r.found, now);
    // address_verify_poll_count 3, address_verify_poll_delay 3 s: the last look is after 6 s.
    constexpr duration delay = seconds{3};
    const instant last = now + 2 * delay;
    instant look = now + delay;
    if (r.comes > look)
        look = last;
    waiting_.emplace(++last_, waiting{letter, key});
    desk_.plan().add({look, 0, event_kind::concluded, who_, last_, 0});
}

void postfix_verifier::probe(record& r, const message& m, const std::string&, instant now) {
    const outcome o = call_out(desk_, who_, desk_.here().domains()[m.domain], m.local, how_, now);
    r.probed = now;
    r.coming = o.found;
    r.comes = now + o.took;
}

// A failed probe does not overwrite a good address.
void postfix_verifier::take_in(record& r, instant now) {
    if (r.probed == instant{} || r.comes > now)
        return;
    if (r.coming == finding::good || r.found != finding::good) {
        r.found = r.coming;
        r.updated = r.comes;
    }
    r.probed = instant{};
}

void postfix_verifier::on(const event& e) {
    const auto w = waiting_.extract(e.call);
    record& r = records_[w.mapped().key];
    take_in(r, e.at);
    say(w.mapped().letter, r.found, e.at);
}

void postfix_verifier::say(std::uint32_t letter, std::optional<finding> f, instant now) {
    if (f == finding::good)
        desk_.decide(letter, answer::accept, cbv::verdict_kind::pass, now);
    else if (f == finding::bad)
        desk_.decide(
            letter, refuses_ ? answer::refuse : answer::defer, cbv::verdict_kind::fail, now);
    else
        desk_.decide(letter, answer::defer, cbv::verdict_kind::tempfail, now);
}

} // namespace simulation
