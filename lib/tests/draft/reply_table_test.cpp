// The library's replies against the draft's reply table, in both directions (CBV-RPLY-004).
#include "cbv/reply_policy.hpp"
#include "the_draft.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace cbv_test;
using cbv::cause;
using cbv::verdict_kind;

std::string in_words(const cbv::reply_codes& codes) {
    return std::to_string(codes.code) + " " + codes.enhanced.to_string();
}

verdict_kind kind_for(const std::string& basic) {
    return basic[0] == '5' ? verdict_kind::fail : verdict_kind::tempfail;
}

// Causes of verdicts that have no effect on the reply; all others have a row.
const std::set<std::string, std::less<>> unanswered{"accepted",
                                                    "cached",
                                                    "prober-refused",
                                                    "command-refused",
                                                    "no-standing",
                                                    "own-host",
                                                    "invalid-address",
                                                    "null-reverse-path",
                                                    "exempt"};

TEST(draft_reply_table, every_row_is_the_librarys) {
    const auto& table = the_draft().table("reply-table");
    expect_unique_rows(table, {"cause"});
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        EXPECT_FALSE(unanswered.contains(table.cell(i, "cause")))
            << table.describe(i) << "\n  has a cause that is never answered";
        const auto why = cbv::cause_from(table.cell(i, "cause"));
        ASSERT_TRUE(why) << table.describe(i) << "\n  the library has no such cause";
        const std::string& basic = table.cell(i, "basic code");
        const auto got = cbv::codes_for(kind_for(basic), *why);
        EXPECT_EQ(in_words(got), basic + " " + table.cell(i, "enhanced code")) << table.describe(i);
    }
}

// A cause without a row of the verdict's class gets X.1.0, as the draft says of softened causes.
TEST(draft_reply_table, the_library_has_no_row_of_its_own) {
    const auto& table = the_draft().table("reply-table");
    int causes = 0;
    for (int n = 0; n < 256; ++n) {
        const auto word = to_string(static_cast<cause>(n));
        if (cbv::cause_from(word) != static_cast<cause>(n))
            break;
        ++causes;
        EXPECT_TRUE(unanswered.contains(word) || find_row(table, "cause", word) < table.rows.size())
            << "reply-table has no row for " << word;
        for (const auto& [kind, basic] :
             {std::pair{verdict_kind::fail, "550"}, std::pair{verdict_kind::tempfail, "451"}}) {
            bool row = false;
            for (std::size_t i = 0; i < table.rows.size(); ++i)
                row =
                    row || (table.cell(i, "cause") == word && table.cell(i, "basic code") == basic);
            if (!row) {
                EXPECT_EQ(in_words(cbv::codes_for(kind, static_cast<cause>(n))),
                          std::string(basic) + " " + basic[0] + ".1.0")
                    << "reply-table has no row for " << word << " with " << basic;
            }
        }
        // CBV-RPLY-003
        for (const verdict_kind kind :
             {verdict_kind::pass, verdict_kind::none, verdict_kind::unverifiable})
            EXPECT_EQ(cbv::codes_for(kind, static_cast<cause>(n)).code, 0) << word;
    }
    EXPECT_EQ(causes, static_cast<int>(cause::exempt) + 1);
}

} // namespace
