// Whom a manager calls for no more: clients that cause too much, domains that have proved
// themselves, paths that SPF disowns, and domains of which nothing can be found out (CBV-LOAD-011
// to CBV-LOAD-013, CBV-ELIG-015 to CBV-ELIG-017, CBV-CACHE-011).
#include "../../src/core/client_limits.hpp"
#include "../../src/core/proven_domains.hpp"
#include "../../src/core/tempfail_patience.hpp"
#include "manager_desk.hpp"

namespace {

using namespace std::chrono_literals;
using cbv::call_manager_options;
using cbv::cause;
using cbv::instant;
using cbv::request_facts;
using cbv::spf_result;
using cbv::verdict;
using cbv::verdict_kind;
using cbv::test::desk;
using cbv::test::make_verdict;

const verdict accepted = make_verdict(verdict_kind::pass, cause::accepted);
const verdict refused = make_verdict(verdict_kind::fail, cause::mailbox_refused);
const verdict timed_out = make_verdict(verdict_kind::tempfail, cause::timeout);

request_facts of(const char* client, std::optional<spf_result> spf = std::nullopt) {
    request_facts f;
    f.client = cbv::ip_address::parse(client);
    f.spf = spf;
    return f;
}

/// What a request for a path gets; a call for it ends with `v`.
std::string
told(desk& d, const std::string& path, const request_facts& facts, const verdict& v = accepted) {
    const auto calls = d.started.size();
    const auto client = d.ask(path, facts);
    if (d.started.size() > calls)
        d.give(d.started.back(), v);
    return d.told(client);
}

std::string path(unsigned n) {
    return "u" + std::to_string(n) + "@d" + std::to_string(n % 10) + ".example";
}

TEST(CallManagerLimits, AClientThatCausesTooManyFails) { // CBV-LOAD-011
    call_manager_options o;
    desk d{o};
    const auto forger = of("198.51.100.1");
    for (unsigned n = 0; n <= o.fails_per_client; ++n)
        ASSERT_EQ(told(d, path(n), forger, refused), "fail/mailbox-refused") << n;
    EXPECT_EQ(told(d, path(50), forger), "tempfail/limit");
    EXPECT_EQ(d.answers.rbegin()->second.requirement, "CBV-LOAD-011");
    EXPECT_EQ(told(d, path(3), forger), "fail/mailbox-refused") << "that is known";
    EXPECT_EQ(told(d, path(51), of("198.51.100.2")), "pass/accepted") << "another client";
    EXPECT_EQ(told(d, path(52), {}), "pass/accepted") << "a client that is not known";
    d.now += o.rate_window;
    EXPECT_EQ(told(d, path(53), forger), "pass/accepted");
}

TEST(CallManagerLimits, AClientThatCausesTooManyCalls) { // CBV-LOAD-012
    call_manager_options o;
    desk d{o};
    const auto sender = of("2001:db8:1:2::1");
    for (unsigned n = 0; n <= o.calls_per_client; ++n)
        ASSERT_EQ(told(d, path(n), sender), "pass/accepted") << n;
    EXPECT_EQ(told(d, path(50), of("2001:db8:1:2::ffff")), "none/limit") << "of one network";
    EXPECT_EQ(d.answers.rbegin()->second.requirement, "CBV-LOAD-012");
    EXPECT_EQ(told(d, path(51), of("2001:db8:1:3::1")), "pass/accepted");
    d.now += o.rate_window;
    EXPECT_EQ(told(d, path(52), sender), "pass/accepted");
}

// A good path now and then does not turn a forger into a mere sender of much.
TEST(CallManagerLimits, CallsThatFailedCountAsFailsOnly) { // CBV-LOAD-011, CBV-LOAD-012
    call_manager_options o;
    o.fails_per_client = o.calls_per_client = 3;
    desk d{o};
    const auto forger = of("198.51.100.1");
    EXPECT_EQ(told(d, path(0), forger), "pass/accepted");
    for (unsigned n = 1; n <= 4; ++n)
        EXPECT_EQ(told(d, path(n), forger, refused), "fail/mailbox-refused");
    EXPECT_EQ(told(d, path(5), forger), "tempfail/limit");
}

TEST(CallManagerLimits, ADomainThatHasProvedItself) { // CBV-LOAD-013
    call_manager_options o;
    desk d{o};
    const auto own = of("198.51.100.1", spf_result::pass);
    for (unsigned n = 0; n < o.proving_paths; ++n)
        ASSERT_EQ(told(d, "u" + std::to_string(n) + "@d.example", own), "pass/accepted");
    EXPECT_EQ(told(d, "x@D.example", own), "none/exempt");
    EXPECT_EQ(d.answers.rbegin()->second.requirement, "CBV-LOAD-013");
    EXPECT_EQ(told(d, "y@d.example", of("198.51.100.2")), "pass/accepted") << "without SPF";
    EXPECT_EQ(told(d, "x@e.example", own), "pass/accepted") << "another domain";
    EXPECT_EQ(told(d, "bad@d.example", of("198.51.100.2"), refused), "fail/mailbox-refused");
    EXPECT_EQ(told(d, "z@d.example", own), "pass/accepted") << "one of its paths failed";
}

TEST(CallManagerLimits, OnePathManyTimesProvesNothing) { // CBV-LOAD-013
    call_manager_options o;
    o.cache.enabled = false;
    desk d{o};
    const auto own = of("198.51.100.1", spf_result::pass);
    for (unsigned n = 0; n < o.proving_paths; ++n)
        EXPECT_EQ(told(d, "u@d.example", own), "pass/accepted");
    EXPECT_EQ(told(d, "x@d.example", own), "pass/accepted");
}

TEST(CallManagerLimits, WhatSpfDisownsIsNotCalledAbout) { // CBV-ELIG-015, CBV-ELIG-016
    for (const auto spf : {spf_result::fail, spf_result::softfail}) {
        desk d;
        const auto forger = of("198.51.100.1", spf);
        EXPECT_EQ(told(d, "a@d.example", forger), "none/exempt");
        EXPECT_TRUE(d.started.empty());
        EXPECT_EQ(told(d, "a@d.example", of("198.51.100.2"), refused), "fail/mailbox-refused");
        EXPECT_EQ(told(d, "a@d.example", forger), "fail/mailbox-refused") << "CBV-ELIG-017";
    }
    for (const auto spf : {spf_result::none,
                           spf_result::neutral,
                           spf_result::temperror,
                           spf_result::permerror,
                           spf_result::pass}) {
        desk d;
        EXPECT_EQ(told(d, "a@d.example", of("198.51.100.1", spf)), "pass/accepted");
    }
    call_manager_options o;
    o.call_on_softfail = true;
    desk d{o};
    EXPECT_EQ(told(d, "a@d.example", of("198.51.100.1", spf_result::softfail)), "pass/accepted");
    EXPECT_EQ(told(d, "b@d.example", of("198.51.100.1", spf_result::fail)), "none/exempt");
}

TEST(CallManagerLimits, NoCallIsJoinedThatSpfForbids) { // CBV-ELIG-015
    desk d;
    const auto first = d.ask("a@d.example", of("198.51.100.1"));
    const auto forged = d.ask("a@d.example", of("198.51.100.2", spf_result::fail));
    EXPECT_EQ(d.told(forged), "none/exempt");
    EXPECT_EQ(d.told(first), "-");
}

TEST(CallManagerLimits, FormsOfADomainAreOneDomain) { // CBV-CACHE-009
    call_manager_options o;
    o.uncalled_domains = {"xn--exmple-cua.test", "[IPv6:2001:DB8::1]"};
    o.to_ascii = [](std::string_view domain) -> std::optional<std::string> {
        if (domain.starts_with("ex"))
            return "xn--exmple-cua.test";
        return std::nullopt;
    };
    desk d{o};
    EXPECT_EQ(told(d, "a@ex\xC3\xA4mple.test", {}), "none/exempt");
    EXPECT_EQ(told(d, "a@XN--exmple-cua.test", {}), "none/exempt");
    EXPECT_EQ(told(d, "a@[IPv6:2001:db8:0::1]", {}), "none/exempt");
}

/// A manager that has called a domain at these times, in vain.
desk in_vain(std::initializer_list<cbv::duration> times, call_manager_options o = {}) {
    o.cache.tempfail_hold_off = {};
    desk d{o};
    const auto start = d.now;
    for (const auto at : times) {
        d.now = start + at;
        (void)told(d, "a@d.example", {}, timed_out);
    }
    return d;
}

TEST(Patience, EndsAfterHoursOfNothingElse) { // CBV-CACHE-011
    auto d = in_vain({0h, 2h, 4h});
    EXPECT_EQ(told(d, "b@d.example", {}, timed_out), "none/timeout");
    EXPECT_EQ(d.answers.rbegin()->second.requirement, "CBV-CACHE-011");
    EXPECT_EQ(told(d, "b@e.example", {}, timed_out), "tempfail/timeout") << "another domain";
}

TEST(Patience, GoesOnBeforeThat) { // CBV-CACHE-011
    auto early = in_vain({0h, 1h, 4h - 1us});
    early.now -= 1us;
    EXPECT_EQ(told(early, "b@d.example", {}, timed_out), "tempfail/timeout");
    auto few = in_vain({0h});
    few.now += 4h;
    EXPECT_EQ(told(few, "b@d.example", {}, timed_out), "tempfail/timeout") << "two calls";
    call_manager_options off;
    off.patience = {};
    auto never = in_vain({0h, 2h, 4h, 5h}, off);
    EXPECT_EQ(told(never, "b@d.example", {}, timed_out), "tempfail/timeout");
}

TEST(Patience, BeginsAnewWithAnotherVerdict) { // CBV-CACHE-011
    for (const auto& other :
         {accepted, refused, make_verdict(verdict_kind::unverifiable, cause::prober_refused)}) {
        auto d = in_vain({0h, 2h, 4h});
        (void)told(d, "b@d.example", {}, other);
        EXPECT_EQ(told(d, "c@d.example", {}, timed_out), "tempfail/timeout");
    }
    auto ours = in_vain({0h, 2h});
    ours.now += 2h;
    (void)told(ours, "b@d.example", {}, make_verdict(verdict_kind::tempfail, cause::limit));
    EXPECT_EQ(told(ours, "c@d.example", {}), "pass/accepted") << "our own limit says nothing";
}

TEST(Patience, BeginsAnewAfterFiveDays) { // CBV-CACHE-011
    auto d = in_vain({0h, 2h, 4h});
    d.now += 5 * 24h - 1us;
    EXPECT_EQ(told(d, "b@d.example", {}, timed_out), "none/timeout");
    d.now += 1us;
    EXPECT_EQ(told(d, "c@d.example", {}, timed_out), "tempfail/timeout");
}

TEST(Patience, HoldOffsAreIncluded) { // CBV-CACHE-011
    desk d;
    const auto start = d.now;
    for (const auto at : {0h, 2h, 4h}) {
        d.now = start + at;
        (void)told(d, "a@d.example", {}, timed_out);
    }
    EXPECT_EQ(told(d, "a@d.example", {}), "none/hold-off");
}

TEST(CallManagerLimits, EveryMemoryIsBounded) {
    cbv::client_limits clients{3, 3, 60s, 10};
    cbv::proven_domains domains{3, 24h, 10};
    cbv::tempfail_patience patience{4h, 10};
    for (unsigned n = 0; n < 100; ++n) {
        const auto name = "d" + std::to_string(n);
        clients.began(cbv::ip_address::v4({10, 0, 0, static_cast<std::uint8_t>(n)}), instant{1s});
        domains.passed(name, "a@" + name, instant{1s});
        patience.note(name, instant{1s});
    }
    EXPECT_EQ(clients.size(), 10U);
    EXPECT_EQ(domains.size(), 10U);
    EXPECT_EQ(patience.size(), 10U);
}

} // namespace
