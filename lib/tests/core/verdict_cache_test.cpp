// What the cache keeps, under which key, and how long. Numbers come from the options; the draft's
// cache table is compared with them in tests/draft.
#include "cbv/verdict_cache.hpp"
#include "verdicts.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::duration;
using cbv::instant;
using cbv::mailbox;
using cbv::verdict;
using cbv::verdict_cache;
using cbv::verdict_kind;
using cbv::test::make_verdict;

constexpr instant start{1000s};

mailbox box(const std::string& text) {
    auto parsed = cbv::parse_mailbox(text);
    EXPECT_TRUE(parsed) << text;
    return *parsed;
}

const verdict accepted = make_verdict(verdict_kind::pass, cause::accepted);
const verdict refused = make_verdict(verdict_kind::fail, cause::mailbox_refused);
const verdict greylisted = make_verdict(verdict_kind::tempfail, cause::temporary_reply);

/// The word for what is known of `path` at `when`.
std::string known(verdict_cache& cache, const std::string& path, instant when) {
    const auto hit = cache.find(box(path), when);
    if (!hit)
        return "-";
    EXPECT_TRUE(hit->known.cached);
    return std::string{to_string(hit->known.kind)} + "/" + std::string{to_string(hit->known.why)};
}

TEST(VerdictCacheKey, LocalPartAsItIsDomainInLowerCase) { // CBV-CACHE-001
    EXPECT_EQ(cbv::cache_key(box("Ann@Sender.EXAMPLE")), cbv::cache_key(box("Ann@sender.example")));
    EXPECT_NE(cbv::cache_key(box("Ann@sender.example")), cbv::cache_key(box("ann@sender.example")));
    EXPECT_EQ(cbv::cache_key(box("\"ann\"@d.example")), cbv::cache_key(box("ann@d.example")));
    EXPECT_EQ(cbv::cache_key(box("\"a\\nn\"@d.example")), cbv::cache_key(box("ann@d.example")));
    EXPECT_NE(cbv::cache_key(box("ab@c.example")), cbv::cache_key(box("a@bc.example")));
}

TEST(VerdictCache, KeepsPassAndRefusalForTheirLifetimes) { // CBV-CACHE-001, 002, 005
    cbv::cache_options options;
    for (const auto& [v, lifetime, word] :
         {std::tuple{accepted, options.pass_lifetime, "pass/accepted"},
          std::tuple{refused, options.fail_lifetime, "fail/mailbox-refused"}}) {
        verdict_cache cache{options};
        cache.keep(box("a@d.example"), v, start);
        EXPECT_EQ(known(cache, "a@d.example", start), word);
        EXPECT_EQ(known(cache, "a@D.example", start + lifetime - 1us), word);
        EXPECT_EQ(known(cache, "b@d.example", start), "-"); // CBV-CACHE-006
        EXPECT_EQ(known(cache, "a@d.example", start + lifetime), "-");
        EXPECT_EQ(cache.size(), 0U);
    }
}

TEST(VerdictCache, AHitTellsOfNoAttempt) {
    verdict_cache cache{{}};
    auto v = accepted;
    v.attempts.resize(2);
    v.elapsed = 3s;
    v.mx_count = 2;
    cache.keep(box("a@d.example"), v, start);
    const auto hit = cache.find(box("a@d.example"), start);
    ASSERT_TRUE(hit);
    EXPECT_TRUE(hit->known.attempts.empty());
    EXPECT_EQ(hit->known.elapsed, duration{});
    EXPECT_EQ(hit->known.mx_count, 2U);
}

TEST(VerdictCache, KeepsLittleOfAReply) { // CBV-CACHE-008: a host may say 64 KiB for each path
    auto v = refused;
    v.reply = cbv::reply{550, {"5.1.1 no such user", std::string(60000, 'x'), "more"}};
    verdict_cache cache{{}};
    cache.keep(box("long@d.example"), v, start);
    v.reply->lines.assign(100000, "");
    cache.keep(box("many@d.example"), v, start);
    v.reply = cbv::reply{550, {"5.1.1 no such user", "ask elsewhere"}};
    cache.keep(box("short@d.example"), v, start);
    const auto kept = [&](const char* path) { return cache.find(box(path), start)->known.reply; };
    EXPECT_EQ(kept("long@d.example")->code, 550);
    ASSERT_EQ(kept("long@d.example")->lines.size(), 2U);
    EXPECT_EQ(kept("long@d.example")->lines[0], "5.1.1 no such user");
    EXPECT_LE(kept("long@d.example")->lines[1].size(), 512U);
    EXPECT_LE(kept("many@d.example")->lines.size(), 512U);
    EXPECT_EQ(kept("short@d.example"), v.reply) << "an ordinary one is kept whole";
}

TEST(VerdictCache, ForEverIsALifetime) { // CBV-CACHE-002: as long as the operator likes
    cbv::cache_options options;
    options.pass_lifetime = options.pass_refresh = duration::max();
    verdict_cache cache{options};
    cache.keep(box("a@d.example"), accepted, start);
    const auto hit = cache.find(box("a@d.example"), start + 24h * 36500);
    ASSERT_TRUE(hit);
    EXPECT_FALSE(hit->refresh_due);
}

TEST(VerdictCache, AVerdictOfTheDnsHoldsForTheDomainWhileItsDataDo) { // CBV-CACHE-002
    cbv::cache_options options;
    for (const auto why :
         {cause::null_mx, cause::domain_not_found, cause::no_address, cause::hosts_prohibited}) {
        verdict_cache cache{options};
        auto v = make_verdict(verdict_kind::fail, why);
        cache.keep(box("a@d.example"), v, start);
        EXPECT_EQ(known(cache, "a@d.example", start), "-") << "no time to live is known";
        v.ttl = 60;
        cache.keep(box("a@d.example"), v, start);
        const auto word = "fail/" + std::string{to_string(why)};
        EXPECT_EQ(known(cache, "b@D.example", start + 60s - 1us), word);
        EXPECT_EQ(known(cache, "b@sub.d.example", start), "-");
        EXPECT_EQ(known(cache, "b@d.example", start + 60s), "-");
        v.ttl = UINT32_MAX;
        cache.keep(box("a@d.example"), v, start);
        EXPECT_EQ(known(cache, "a@d.example", start + options.max_dns_lifetime - 1us), word);
        EXPECT_EQ(known(cache, "a@d.example", start + options.max_dns_lifetime), "-");
    }
}

TEST(VerdictCache, AnEmptyLocalPartIsNoDomain) {
    verdict_cache cache{{}};
    cache.keep(box("\"\"@d.example"), refused, start);
    EXPECT_EQ(known(cache, "\"\"@d.example", start), "fail/mailbox-refused");
    EXPECT_EQ(known(cache, "a@d.example", start), "-");
}

TEST(VerdictCache, DoubtIsHeldOffOnly) { // CBV-CACHE-003
    cbv::cache_options options;
    for (const auto& [v, lifetime, word] :
         {std::tuple{greylisted, options.tempfail_hold_off, "tempfail/hold-off"},
          std::tuple{make_verdict(verdict_kind::unverifiable, cause::prober_refused),
                     options.unverifiable_hold_off,
                     "unverifiable/hold-off"}}) {
        verdict_cache cache{options};
        cache.keep(box("a@d.example"), v, start);
        EXPECT_EQ(known(cache, "a@d.example", start + lifetime - 1us), word);
        EXPECT_EQ(known(cache, "a@d.example", start + lifetime), "-");
        EXPECT_EQ(known(cache, "b@d.example", start), "-");
    }
    options.tempfail_hold_off = {};
    options.unverifiable_hold_off = {};
    verdict_cache cache{options};
    cache.keep(box("a@d.example"), greylisted, start);
    cache.keep(box("a@d.example"),
               make_verdict(verdict_kind::unverifiable, cause::command_refused),
               start);
    EXPECT_EQ(cache.size(), 0U);
}

TEST(VerdictCache, ARefusalOfMailIsNeverAFailAgain) { // CBV-CACHE-004
    cbv::cache_options options;
    verdict_cache cache{options};
    cache.keep(
        box("a@d.example"), make_verdict(verdict_kind::fail, cause::null_sender_refused), start);
    EXPECT_EQ(known(cache, "a@d.example", start), "tempfail/hold-off");
    EXPECT_EQ(cache.find(box("a@d.example"), start)->known.requirement, "CBV-CACHE-004");
    EXPECT_EQ(known(cache, "b@d.example", start), "-");
    EXPECT_EQ(known(cache, "a@d.example", start + options.null_sender_hold_off - 1us),
              "tempfail/hold-off");
    EXPECT_EQ(known(cache, "a@d.example", start + options.null_sender_hold_off), "-");
}

TEST(VerdictCache, ATempfailLeavesAPassAlone) { // CBV-CACHE-007
    cbv::cache_options options;
    verdict_cache cache{options};
    cache.keep(box("a@d.example"), accepted, start);
    cache.keep(box("a@d.example"), greylisted, start + 1s);
    cache.keep(box("a@d.example"),
               make_verdict(verdict_kind::unverifiable, cause::prober_refused),
               start + 2s);
    EXPECT_EQ(known(cache, "a@d.example", start + options.pass_lifetime - 1us), "pass/accepted");
    EXPECT_EQ(known(cache, "a@d.example", start + options.pass_lifetime), "-");
}

TEST(VerdictCache, ALaterVerdictReplacesAnEarlierOne) {
    cbv::cache_options options;
    verdict_cache cache{options};
    cache.keep(box("a@d.example"), accepted, start);
    cache.keep(box("a@d.example"), refused, start + 1s);
    EXPECT_EQ(known(cache, "a@d.example", start + 2s), "fail/mailbox-refused");
    EXPECT_EQ(known(cache, "a@d.example", start + 1s + options.fail_lifetime), "-");
    EXPECT_EQ(cache.size(), 0U);
}

TEST(VerdictCache, WhatIsNotAboutThePathIsNotKept) {
    verdict_cache cache{{}};
    for (const auto kind : {verdict_kind::tempfail, verdict_kind::none, verdict_kind::fail})
        for (const auto why : {cause::cancelled,
                               cause::limit,
                               cause::hold_off,
                               cause::in_progress,
                               cause::invalid_address})
            cache.keep(box("a@d.example"), make_verdict(kind, why), start);
    cache.keep(box("a@d.example"), make_verdict(verdict_kind::none, cause::exempt), start);
    auto old = accepted;
    old.cached = true;
    cache.keep(box("a@d.example"), old, start); // would renew itself for ever
    EXPECT_EQ(cache.size(), 0U);
    cbv::cache_options off;
    off.enabled = false;
    verdict_cache none{off};
    none.keep(box("a@d.example"), accepted, start);
    EXPECT_EQ(none.size(), 0U);
}

TEST(VerdictCache, AFailForWantOfSmtputf8IsKeptByPath) { // CBV-CACHE-010
    verdict_cache cache{{}};
    const auto wanting = make_verdict(verdict_kind::fail, cause::smtputf8_missing);
    cache.keep(box("\xC3\xA4@d.example"), wanting, start);
    const auto end = start + cbv::cache_options{}.fail_lifetime;
    EXPECT_EQ(known(cache, "\xC3\xA4@d.example", end - 1us), "fail/smtputf8-missing");
    EXPECT_EQ(known(cache, "\xC3\xB6@d.example", end - 1us), "-");
    EXPECT_EQ(known(cache, "\xC3\xA4@d.example", end), "-");
}

TEST(VerdictCache, FormsOfADomainAreOneKey) { // CBV-CACHE-009
    const auto to_ascii = [](std::string_view domain) -> std::optional<std::string> {
        if (domain == "b\xC3\xBC"
                      "cher.test")
            return "xn--bcher-kva.test";
        return std::nullopt;
    };
    verdict_cache cache{{}, to_ascii};
    cache.keep(box("a@b\xC3\xBC"
                   "cher.test"),
               accepted,
               start);
    EXPECT_EQ(known(cache, "a@XN--bcher-kva.test", start), "pass/accepted");
    cache.keep(box("a@[IPv6:2001:DB8::1]"), refused, start);
    EXPECT_EQ(known(cache, "a@[IPv6:2001:db8:0:0:0:0:0:1]", start), "fail/mailbox-refused");
    EXPECT_EQ(known(cache, "a@[IPv6:2001:db8::2]", start), "-");
}

TEST(VerdictCache, TheLeastRecentlyUsedGoesFirst) { // CBV-CACHE-008
    cbv::cache_options options;
    options.max_entries = 2;
    verdict_cache cache{options};
    cache.keep(box("a@d.example"), accepted, start);
    cache.keep(box("b@d.example"), accepted, start);
    EXPECT_EQ(known(cache, "a@d.example", start), "pass/accepted");
    cache.keep(box("c@d.example"), accepted, start);
    EXPECT_EQ(known(cache, "b@d.example", start), "-");
    EXPECT_EQ(known(cache, "a@d.example", start), "pass/accepted");
    for (int i = 0; i < 1000; ++i) {
        cache.keep(box("u" + std::to_string(i) + "@d.example"), refused, start);
        ASSERT_LE(cache.size(), 2U);
    }
}

TEST(VerdictCache, SaysWhenAPassIsDueForRenewal) {
    cbv::cache_options options;
    options.pass_refresh = 1h;
    verdict_cache cache{options};
    cache.keep(box("a@d.example"), accepted, start);
    EXPECT_FALSE(cache.find(box("a@d.example"), start + 1h - 1us)->refresh_due);
    EXPECT_TRUE(cache.find(box("a@d.example"), start + 1h)->refresh_due);
    cache.keep(box("a@d.example"), greylisted, start + 1h); // the renewal gave no verdict
    const auto held = start + 1h + options.tempfail_hold_off;
    EXPECT_FALSE(cache.find(box("a@d.example"), held - 1us)->refresh_due) << "held off";
    EXPECT_TRUE(cache.find(box("a@d.example"), held)->refresh_due);
    cache.keep(box("a@d.example"), accepted, held);
    EXPECT_FALSE(cache.find(box("a@d.example"), held + 1h - 1us)->refresh_due);
    EXPECT_TRUE(cache.find(box("a@d.example"), held + 1h)->refresh_due);
    EXPECT_EQ(known(cache, "a@d.example", held + options.pass_lifetime - 1us), "pass/accepted");
    EXPECT_EQ(known(cache, "a@d.example", held + options.pass_lifetime), "-");
}

TEST(VerdictCache, DoubtAboutAPassDoesNotHastenItsRenewal) { // CBV-CACHE-007
    cbv::cache_options options;
    options.pass_refresh = 1h;
    verdict_cache cache{options};
    cache.keep(box("a@d.example"), accepted, start);
    cache.keep(box("a@d.example"), greylisted, start + 1s);
    EXPECT_FALSE(cache.find(box("a@d.example"), start + 1h - 1us)->refresh_due);
    EXPECT_TRUE(cache.find(box("a@d.example"), start + 1h)->refresh_due);
}

TEST(VerdictCache, RefusesUnusableOptions) {
    const auto text = [](auto change) {
        cbv::cache_options o;
        change(o);
        const auto problem = o.problem();
        if (problem) {
            EXPECT_THROW(verdict_cache{o}, std::invalid_argument);
        }
        return problem.value_or("");
    };
    using o = cbv::cache_options;
    EXPECT_EQ(text([](o&) {}), "");
    EXPECT_NE(text([](o& x) { x.max_entries = 0; }).find("max_entries"), std::string::npos);
    EXPECT_NE(text([](o& x) { x.pass_lifetime = -1s; }).find("pass_lifetime"), std::string::npos);
    EXPECT_NE(text([](o& x) { x.pass_refresh = -1s; }).find("pass_refresh"), std::string::npos);
    EXPECT_NE(text([](o& x) { x.tempfail_hold_off += 5min; }).find("CBV-CACHE-003"),
              std::string::npos);
    EXPECT_NE(text([](o& x) { x.unverifiable_hold_off += 1us; }).find("CBV-CACHE-003"),
              std::string::npos);
    EXPECT_NE(text([](o& x) { x.null_sender_hold_off += 1us; }).find("CBV-CACHE-004"),
              std::string::npos);
}

} // namespace
