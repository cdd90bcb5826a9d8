// The library's default timers against the draft's timeout table (CBV-TIME-002).
#include "cbv/timeouts.hpp"
#include "the_draft.hpp"

#include <gtest/gtest.h>

#include <map>
#include <stdexcept>

namespace {

using namespace cbv_test;
using std::chrono::duration_cast;
using std::chrono::seconds;

const std::map<std::string, cbv::duration cbv::timeouts::*>& timers() {
    static const std::map<std::string, cbv::duration cbv::timeouts::*> all{
        {"DNS", &cbv::timeouts::dns},
        {"connect", &cbv::timeouts::connect},
        {"greeting", &cbv::timeouts::greeting},
        {"EHLO", &cbv::timeouts::ehlo},
        {"HELO", &cbv::timeouts::ehlo},
        {"STARTTLS", &cbv::timeouts::starttls},
        {"MAIL", &cbv::timeouts::mail},
        {"RCPT", &cbv::timeouts::rcpt},
        {"QUIT", &cbv::timeouts::quit},
        {"budget", &cbv::timeouts::budget}};
    return all;
}

const cbv::draft::table& timeout_table() {
    return the_draft().table("timeout-table");
}

cbv::duration timer_of(std::size_t row) {
    const auto found = timers().find(timeout_table().cell(row, "command"));
    if (found == timers().end())
        throw std::invalid_argument(timeout_table().describe(row) +
                                    "\n  the library has no such timer");
    return cbv::timeouts{}.*(found->second);
}

TEST(draft_timeout_table, every_timer_has_one_row) {
    expect_unique_rows(timeout_table(), {"command"});
    for (const auto& [command, timer] : timers())
        EXPECT_LT(find_row(timeout_table(), "command", command), timeout_table().rows.size())
            << "timeout-table has no row " << command;
}

TEST(draft_timeout_table, defaults) {
    for (std::size_t i = 0; i < timeout_table().rows.size(); ++i) {
        const seconds wanted{number_in(timeout_table(), i, "default seconds")};
        const auto got = timer_of(i);
        EXPECT_EQ(got, wanted) << timeout_table().describe(i)
                               << "\n  library: " << duration_cast<seconds>(got).count() << " s";
    }
}

// The requirement is the one that gives the table, or one that states this row's bound itself.
TEST(draft_timeout_table, requirements) {
    for (std::size_t i = 0; i < timeout_table().rows.size(); ++i) {
        const std::string& limit = timeout_table().cell(i, "limit");
        const std::string text = limit == "none" ? reference_to(timeout_table())
                                                 : limit.substr(limit.rfind(' ') + 1) + " seconds";
        EXPECT_TRUE(says(timeout_table().cell(i, "requirement"), text))
            << timeout_table().describe(i) << "\n  the requirement does not say \"" << text << '"';
    }
}

TEST(draft_timeout_table, limits) {
    for (std::size_t i = 0; i < timeout_table().rows.size(); ++i) {
        const std::string& limit = timeout_table().cell(i, "limit");
        cbv::timeouts settings;
        auto& timer = settings.*(timers().at(timeout_table().cell(i, "command")));
        if (limit.starts_with("at most ")) {
            const cbv::duration most = seconds{number_in(timeout_table(), i, "limit", "at most ")};
            timer = most;
            EXPECT_FALSE(settings.problem()) << timeout_table().describe(i);
            timer = most + std::chrono::microseconds{1};
            ASSERT_TRUE(settings.problem()) << timeout_table().describe(i);
            EXPECT_NE(settings.problem()->find(timeout_table().cell(i, "requirement")),
                      std::string::npos)
                << timeout_table().describe(i) << "\n  library: " << *settings.problem();
            continue;
        }
        // No upper bound. A lower one is of the default alone: a test may want less.
        timer = std::chrono::hours{24};
        EXPECT_FALSE(settings.problem()) << timeout_table().describe(i);
        if (limit.starts_with("at least ")) {
            EXPECT_GE(timer_of(i), seconds{number_in(timeout_table(), i, "limit", "at least ")})
                << timeout_table().describe(i);
        } else {
            EXPECT_EQ(limit, "none") << timeout_table().describe(i);
        }
    }
}

} // namespace
