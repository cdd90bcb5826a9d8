// The live world with a toy policy server and a toy milter as the target, each behind the MTA that
// the engine plays.
#include "live_rig.hpp"
#include "toy_filters.hpp"

#include <algorithm>

namespace cbv::engine {
namespace {

using testing::ms;
using testing::words;

/// The parameter says which of the two is the target.
class live_front : public testing::live_rig, public ::testing::WithParamInterface<target_kind> {
protected:
    live_front() {
        declared_.kind = GetParam();
        declared_.port = filter().port();
    }
    testing::toy_filter& filter() {
        if (GetParam() == target_kind::policy)
            return policy_;
        return milter_;
    }
    /// Whether the client's leg of the time line has a note with this in it.
    static bool noted(const case_result& r, std::string_view text) {
        return std::any_of(r.seen.timeline.begin(), r.seen.timeline.end(), [&](const auto& e) {
            return e.where == fakemx::leg::client && e.kind == fakemx::event_kind::note &&
                   e.text.find(text) != std::string::npos;
        });
    }

    testing::toy_policy policy_{toy_};
    testing::toy_milter milter_{toy_};
};

TEST_P(live_front, runs_all_cases_at_once) {
    for (const auto* name : {"int/l-good", "int/l-bad", "time/l-stall", "int/l-transactions"})
        add(name);
    const auto results = run();
    for (const auto& [id, r] : results) {
        EXPECT_EQ(words(r), "") << id;
        EXPECT_EQ(r.result, status::pass) << id << ": " << r.reason;
    }
    EXPECT_EQ(filter().connections(), 4U); // one a session
    EXPECT_TRUE(toy_.peers().empty());     // nobody spoke SMTP with it
    const auto& r = results.at("l-transactions");
    if (GetParam() == target_kind::policy) {
        EXPECT_TRUE(noted(r, "client_address=127.0.9.77 "));
        EXPECT_TRUE(noted(r, "helo_name=mx.example sender=bad@l-transactions.test"));
        EXPECT_TRUE(noted(r, "the policy server answers: action=550 5.1.8 no"));
    } else {
        EXPECT_TRUE(noted(r, "to the milter: MAIL <bad@l-transactions.test> SIZE=10"));
        EXPECT_TRUE(noted(r, "the milter answers: REPLYCODE 550 5.1.8 no"));
    }
}

TEST_P(live_front, finds_what_the_target_does_wrong) {
    add("int/l-good");
    add("int/l-bad");
    // The toy calls the wrong host for each domain: good is refused, bad accepted.
    for (std::size_t i = 0; i < 2; ++i)
        toy_.add_host(cases_[i].world.domain,
                      cases_[1 - i].world.hosts.front().addresses.front().to_string(),
                      settings_.mx_port);
    const auto results = run();
    EXPECT_TRUE(words(results.at("l-good")).starts_with("!good-path-refused"));
    EXPECT_EQ(words(results.at("l-bad")), "!bad-path-accepted");
}

TEST_P(live_front, a_target_that_hangs_up_defers) {
    filter().hang_up = true;
    add("int/l-bad");
    const auto r = run().at("l-bad");
    EXPECT_EQ(words(r), "!bad-path-deferred");
    EXPECT_TRUE(noted(r, "closed the connection"));
    EXPECT_EQ(filter().connections(), GetParam() == target_kind::policy ? 2U : 1U);
}

TEST_P(live_front, a_target_that_babbles_is_an_error) {
    filter().babble = true;
    add("int/l-bad");
    const auto r = run().at("l-bad");
    EXPECT_EQ(r.result, status::error);
    EXPECT_NE(r.reason.find("is not of the protocol"), std::string::npos) << r.reason;
}

TEST_P(live_front, a_silent_target_owes_a_reply) {
    filter().silent = true;
    declared_.client_timeout = ms(300);
    add("int/l-bad");
    const auto r = run().at("l-bad");
    EXPECT_EQ(words(r), "!no-reply");
    EXPECT_EQ(r.result, status::fail);
}

TEST_P(live_front, a_target_that_is_not_there_is_an_error) {
    declared_.port = testing::free_port();
    add("int/l-bad");
    const auto r = run().at("l-bad");
    EXPECT_EQ(r.result, status::error);
    EXPECT_NE(r.reason.find("no connection"), std::string::npos) << r.reason;
}

TEST_P(live_front, what_only_a_session_shows_is_unsupported) {
    add("load/l-several"); // one client does not await its reply
    const auto r = run().at("l-several");
    EXPECT_EQ(r.result, status::unsupported);
    EXPECT_EQ(r.reason, "session");
}

TEST_P(live_front, asks_again_where_the_verdict_is_deferred) {
    declared_.pending = "later|try again";
    declared_.poll_interval = ms(20);
    declared_.poll_limit = ms(1);
    add("time/l-stall");
    const auto r = run().at("l-stall");
    EXPECT_EQ(words(r), "");
    ASSERT_GT(r.seen.replies.size(), 2U);
    EXPECT_EQ(r.seen.replies[2].asked, 2U);
}

INSTANTIATE_TEST_SUITE_P(target,
                         live_front,
                         ::testing::Values(target_kind::policy, target_kind::milter),
                         [](const auto& kind) { return std::string{to_string(kind.param)}; });

} // namespace
} // namespace cbv::engine
