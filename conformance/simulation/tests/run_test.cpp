// Small runs, each against numbers computed by hand.
#include "small_world.hpp"

#include <gtest/gtest.h>

namespace simulation::test {
namespace {

counts go(values v, const policy& p, std::uint64_t seed = 1) {
    return run(settings(std::move(v)), p, seed);
}

// 30 messages a minute for two minutes, each with another local-part: 60 connections if each is
// asked about, and none is admitted.
TEST(SmallRun, PlainCalloutAsksAboutEachMessage) {
    values v = quiet();
    v["minutes"] = 2.0;
    v["run_per_minute"] = 30.0;
    const counts c = go(v, kind("plain"));
    EXPECT_EQ(sent(c, mail_kind::run), 60U);
    EXPECT_EQ(of(c, mail_kind::run).refused, 60U);
    EXPECT_EQ(c.connections, 60U);
    EXPECT_EQ(c.recipients, 60U);
    EXPECT_EQ(c.victim_peak, 30U);
}

// Without verification all 60 are admitted, and where every one is bounced there are 60 bounces.
TEST(SmallRun, WithoutVerificationEverythingBounces) {
    values v = quiet();
    v["minutes"] = 2.0;
    v["run_per_minute"] = 30.0;
    v["bounce_share"] = 1.0;
    const counts c = go(v, kind("none"));
    EXPECT_EQ(of(c, mail_kind::run).admitted, 60U);
    EXPECT_EQ(c.backscatter, 60U);
    EXPECT_EQ(c.connections, 0U);
}

// One path, 60 messages within an hour: one call, as a pass lasts a day with all that have a cache.
TEST(SmallRun, OneGoodPathIsCalledOnce) {
    values v = quiet();
    v["good_per_hour"] = 60.0;
    for (const char* who : {"rules", "exim", "postfix"}) {
        const counts c = go(v, kind(who));
        EXPECT_EQ(of(c, mail_kind::good).admitted, 60U) << who;
        EXPECT_EQ(c.connections, 1U) << who;
    }
    EXPECT_EQ(go(v, kind("plain")).connections, 60U);
}

// Over the limit of a domain: of 30 messages within a minute 10 are asked about.
TEST(SmallRun, TheDomainLimitHoldsForEachVerifier) {
    values v = quiet();
    v["minutes"] = 1.0;
    v["run_per_minute"] = 30.0;
    v["verifiers"] = 3.0;
    const counts c = go(v, kind("rules", {{"calls_per_domain", 10.0}, {"fails_per_client", 0.0}}));
    EXPECT_EQ(sent(c, mail_kind::run), 90U);
    EXPECT_EQ(c.victim_connections, 30U);
    EXPECT_EQ(of(c, mail_kind::run).refused, 30U);
}

// Greylisting for five minutes and a client that comes again after five: the second attempt passes.
// The DNS takes 3 x 20 ms at most and a dialogue to RCPT 5 x 0.1 s, so the delay is 300 s and one.
TEST(SmallRun, GreylistedMailIsLateByOneRetry) {
    values v = quiet();
    v["minutes"] = 1.0;
    v["good_per_hour"] = 60.0;
    v["good_retry_share"] = 1.0;
    v["greylisting_share"] = 1.0;
    for (const char* who : {"rules", "exim"}) {
        const counts c = go(v, kind(who));
        ASSERT_EQ(of(c, mail_kind::good).delays.size(), 1U) << who;
        EXPECT_EQ(of(c, mail_kind::good).delays.front(), 301U) << who;
        EXPECT_EQ(c.connections, 2U) << who;
    }
}

// verify(8) keeps the deferral and probes again when it is three hours old, answering with the old
// state meanwhile. Attempts come after 5, 15, 35, 75, 142, 209 and 276 minutes, each answered at
// once but the first (3 s): that of 209 probes, that of 276 is accepted.
TEST(SmallRun, PostfixKeepsADeferralForHours) {
    values v = quiet();
    v["minutes"] = 1.0;
    v["good_per_hour"] = 60.0;
    v["good_retry_share"] = 1.0;
    v["greylisting_share"] = 1.0;
    const counts c = go(v, kind("postfix"));
    ASSERT_EQ(of(c, mail_kind::good).delays.size(), 1U);
    EXPECT_EQ(of(c, mail_kind::good).delays.front(), 276U * 60U + 3U);
    EXPECT_EQ(c.connections, 2U);
}

// A client that does not retry loses what is deferred.
TEST(SmallRun, DeferredMailOfAClientWithoutQueueNeverArrives) {
    values v = quiet();
    v["minutes"] = 1.0;
    v["good_per_hour"] = 60.0;
    v["greylisting_share"] = 1.0;
    const counts c = go(v, kind("rules"));
    EXPECT_EQ(of(c, mail_kind::good).never, 1U);
    EXPECT_EQ(of(c, mail_kind::good).admitted, 0U);
}

// Five days of a dead host: the first attempt, four after 5, 15, 35 and 75 minutes, then one every
// 67 minutes as long as 7200 are not over. Each is answered after 30.06 s, which shifts those after
// it.
TEST(SmallRun, ADeadHostIsCalledUntilTheClientGivesUp) {
    values v = quiet();
    v["minutes"] = 1.0;
    v["good_per_hour"] = 60.0;
    v["good_retry_share"] = 1.0;
    v["dead_share"] = 1.0;
    const counts c = go(v, kind("exim"));
    EXPECT_EQ(of(c, mail_kind::good).never, 1U);
    const double last = (7200.0 - 75.0 - 5 * 0.501) / 67.501;
    EXPECT_EQ(c.connections, 5U + static_cast<std::uint64_t>(last));
}

// Every path of a trap is accepted, and the caller is listed from then on.
TEST(SmallRun, ACallToATrapListsTheCaller) {
    values v = quiet();
    v["forged_per_hour"] = 60.0;
    v["trap_share"] = 1.0;
    v["trap_domains"] = 1.0;
    v["verifiers"] = 4.0;
    EXPECT_EQ(go(v, kind("rules")).listed, 4U);
    EXPECT_EQ(go(v, kind("none")).listed, 0U);
}

TEST(SmallRun, ListedVerifiersLoseGoodMailWithExim) {
    values v = quiet();
    v["good_per_hour"] = 60.0;
    v["listed_at_start"] = 1.0;
    v["bare_blocker_share"] = 1.0;
    EXPECT_EQ(of(go(v, kind("exim")), mail_kind::good).refused, 60U);
}

// Refused by SPF before any verifier is asked: nothing is called, nothing is admitted.
TEST(SmallRun, AReceiverMayRefuseBySpfItself) {
    values v = quiet();
    v["minutes"] = 1.0;
    v["run_per_minute"] = 5.0;
    v["victim_spf"] = std::string("fail");
    v["refuses_by_spf"] = 1.0;
    const counts c = go(v, kind("plain"));
    EXPECT_EQ(of(c, mail_kind::run).by_spf, 5U);
    EXPECT_EQ(c.connections, 0U);
}

// A host that blocks with a bare 550 and takes mail to postmaster: a refusal of good mail with the
// control question and without any, none where standing is strict. Where it refuses postmaster as
// well, the question saves the mail.
TEST(SmallRun, StandingDecidesOnABareRefusal) {
    values v = quiet();
    v["good_per_hour"] = 60.0;
    v["minutes"] = 1.0;
    v["listed_at_start"] = 1.0;
    v["bare_blocker_share"] = 1.0;
    v["postmaster_exempt_share"] = 1.0;
    const auto refused = [&](const char* mode) {
        return of(go(v, kind("rules", {{"standing", std::string(mode)}})), mail_kind::good).refused;
    };
    EXPECT_EQ(refused("off"), 1U);
    EXPECT_EQ(refused("strict"), 0U);
    EXPECT_EQ(refused("postmaster"), 1U);
    v["postmaster_exempt_share"] = 0.0;
    EXPECT_EQ(refused("postmaster"), 0U);
    EXPECT_EQ(refused("off"), 1U);
}

TEST(SmallRun, AnOverlongLocalPartGetsPastTheRules) {
    values v = quiet();
    v["minutes"] = 1.0;
    v["run_per_minute"] = 5.0;
    v["forger"] = std::string("overlong");
    EXPECT_EQ(of(go(v, kind("rules")), mail_kind::run).admitted, 5U);
    EXPECT_EQ(of(go(v, kind("exim")), mail_kind::run).refused, 5U);
}

TEST(SmallRun, IsTheSameForOneSeedAndDiffersForAnother) {
    values v = quiet();
    v["forged_per_hour"] = 100.0;
    v["good_per_hour"] = 100.0;
    v["domains"] = 50.0;
    v["users_per_domain"] = 20.0;
    v["greylisting_share"] = 0.3;
    const auto first = go(v, kind("rules"), 1).named();
    EXPECT_EQ(first, go(v, kind("rules"), 1).named());
    EXPECT_NE(first, go(v, kind("rules"), 2).named());
}

TEST(SmallRun, RefusesSettingsThatNobodyKnows) {
    EXPECT_THROW((void)go(quiet(), kind("rules", {{"calls_per_dmain", 10.0}})), std::runtime_error);
    EXPECT_THROW((void)go(quiet(), kind("exim", {{"calls_per_domain", 10.0}})), std::runtime_error);
    values v = quiet();
    v["forger"] = std::string("clever");
    EXPECT_THROW((void)go(v, kind("none")), std::runtime_error);
}

} // namespace
} // namespace simulation::test
