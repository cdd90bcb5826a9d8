// The library's default timers against the draft's timeout table (CBV-TIME-002).
#include "cbv/timeouts.hpp"
#include "the_draft.hpp"

#include <map>

namespace {

using namespace cbv_test;
using std::chrono::duration_cast;
using std::chrono::seconds;

cbv::duration timer_of(const cbv::timeouts& t, const std::string& command) {
    const std::map<std::string, cbv::duration> timers{{"DNS", t.dns},
                                                      {"connect", t.connect},
                                                      {"greeting", t.greeting},
                                                      {"EHLO", t.ehlo},
                                                      {"HELO", t.ehlo},
                                                      {"STARTTLS", t.starttls},
                                                      {"MAIL", t.mail},
                                                      {"RCPT", t.rcpt},
                                                      {"QUIT", t.quit},
                                                      {"budget", t.budget}};
    const auto found = timers.find(command);
    return found == timers.end() ? cbv::duration{-1} : found->second;
}

TEST(draft_timeout_table, defaults) {
    const auto& table = the_draft().table("timeout-table");
    EXPECT_EQ(table.rows.size(), 10U);
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto wanted = cbv::draft::duration_of(table.cell(i, "default seconds"));
        const auto got = timer_of({}, table.cell(i, "command"));
        EXPECT_EQ(got, wanted) << table.describe(i)
                               << "\n  library: " << duration_cast<seconds>(got).count() << " s";
        EXPECT_NE(the_draft().find(table.cell(i, "requirement")), nullptr) << table.describe(i);
    }
}

TEST(draft_timeout_table, limits) {
    const auto& table = the_draft().table("timeout-table");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const std::string& limit = table.cell(i, "limit");
        if (limit.starts_with("at most ")) {
            ASSERT_EQ(table.cell(i, "command"), "budget") << table.describe(i);
            const cbv::duration most = cbv::draft::duration_of(limit.substr(8));
            EXPECT_EQ(cbv::timeouts::max_budget, most) << table.describe(i);
            cbv::timeouts timers;
            timers.budget = most;
            EXPECT_FALSE(timers.problem()) << table.describe(i);
            timers.budget = most + seconds{1};
            EXPECT_TRUE(timers.problem()) << table.describe(i);
        } else if (limit.starts_with("at least ")) {
            EXPECT_GE(timer_of({}, table.cell(i, "command")),
                      cbv::draft::duration_of(limit.substr(9)))
                << table.describe(i);
        }
    }
}

} // namespace
