// The check of a set of timers, and the defaults of CBV-TIME-002. The comparison with the draft's
// table lives with the draft.
#include "cbv/timeouts.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::duration;
using cbv::timeouts;
using testing::HasSubstr;

TEST(timeouts, defaults_are_usable_and_the_drafts) {
    const timeouts t;
    EXPECT_EQ(t.problem(), std::nullopt);
    EXPECT_EQ(t.dns, 20s);
    EXPECT_EQ(t.connect, 30s);
    EXPECT_EQ(t.greeting, 60s);
    EXPECT_EQ(t.ehlo, 30s);
    EXPECT_EQ(t.mail, 30s);
    EXPECT_EQ(t.rcpt, 120s);
    EXPECT_EQ(t.quit, 5s);
    EXPECT_EQ(t.budget, 240s);
    EXPECT_GE(t.rcpt, 60s) << "CBV-TIME-005";
}

TEST(timeouts, every_timer_must_be_above_zero) {
    const struct {
        duration timeouts::*timer;
        const char* name;
    } rows[] = {
        {&timeouts::dns, "dns"},
        {&timeouts::connect, "connect"},
        {&timeouts::greeting, "greeting"},
        {&timeouts::ehlo, "ehlo"},
        {&timeouts::mail, "mail"},
        {&timeouts::rcpt, "rcpt"},
        {&timeouts::quit, "quit"},
        {&timeouts::starttls, "starttls"},
        {&timeouts::budget, "budget"},
    };
    for (const auto& row : rows) {
        for (const duration bad : {duration{0}, duration{-1}}) {
            timeouts t;
            t.*row.timer = bad;
            const auto problem = t.problem();
            ASSERT_TRUE(problem) << row.name;
            EXPECT_THAT(*problem, HasSubstr(row.name));
            EXPECT_THAT(*problem, HasSubstr("above zero"));
        }
        timeouts t;
        t.*row.timer = 1us;
        EXPECT_EQ(t.problem(), std::nullopt) << row.name << ": fractions of a second are usable";
    }
}

TEST(timeouts, budget_has_an_upper_bound) {
    timeouts t;
    t.budget = timeouts::max_budget;
    EXPECT_EQ(t.problem(), std::nullopt);
    t.budget += 1us;
    ASSERT_TRUE(t.problem());
    EXPECT_THAT(*t.problem(), HasSubstr("270 s"));
    EXPECT_THAT(*t.problem(), HasSubstr("271 s"));
    EXPECT_THAT(*t.problem(), HasSubstr("CBV-TIME-003"));
}

} // namespace
