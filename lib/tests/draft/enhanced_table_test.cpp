// The draft's table of enhanced codes against softens() and decide(): every subject and detail that
// a row may name, and more. It reads the table as the draft says: the first row that has the code.
#include "cbv/decision.hpp"
#include "cbv/softening.hpp"
#include "enhanced_rows.hpp"

#include <gtest/gtest.h>

#include <set>

namespace {

using namespace cbv_test;
using cbv::stage;

constexpr unsigned most_subject = 12, most_detail = 40;

// The table's words for what decide() makes of a refusal with this code, and its cause.
std::pair<std::string, std::string> decided(stage at, const std::string& code) {
    const auto plain = cbv::decide(at, cbv::reply{550, {"text"}});
    const auto r = cbv::decide(at, cbv::reply{550, {"5." + code + " text"}});
    if (r.kind == plain.kind && r.why == plain.why)
        return {"no effect", "-"};
    return {std::string(to_string(r.kind.value())), std::string(to_string(r.why))};
}

// The causes that the columns of a row use, in the cell's words.
std::string causes(const enhanced_row& row) {
    std::string cell = row.cause(stage::mail);
    const auto at_rcpt = row.cause(stage::rcpt);
    if (cell == "-")
        return at_rcpt;
    return at_rcpt == "-" || at_rcpt == cell ? cell : cell + ", " + at_rcpt;
}

// The code, and the rows that begin with its subject: where one had to stand that does not.
std::string beside(unsigned subject, const std::string& code) {
    std::string text = "\n  X." + code + "; of its subject are";
    const auto& table = the_draft().table("enhanced-table");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        if (table.cell(i, "enhanced code").starts_with("X." + std::to_string(subject) + "."))
            text += "\n    " + table.describe(i);
    }
    return text;
}

TEST(draft_enhanced_table, every_row_can_be_read) {
    const auto& table = the_draft().table("enhanced-table");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        EXPECT_NO_THROW((void)enhanced_cells::has(table.cell(i, "enhanced code"), 0, 0))
            << table.describe(i);
        EXPECT_EQ(table.cell(i, "cause"), causes({&table, i})) << table.describe(i);
    }
}

TEST(draft_enhanced_table, every_code_does_what_its_row_says) {
    std::set<std::size_t> used;
    for (unsigned subject = 0; subject <= most_subject; ++subject) {
        for (unsigned detail = 0; detail <= most_detail; ++detail) {
            const auto row = enhanced_row_of(subject, detail);
            used.insert(row.row);
            const auto code = std::to_string(subject) + "." + std::to_string(detail);
            for (const stage at : {stage::mail, stage::rcpt}) {
                const auto [effect, why] = decided(at, code);
                EXPECT_EQ(effect, row.effect(at)) << row.describe() << beside(subject, code);
                EXPECT_EQ(why, row.cause(at)) << row.describe() << beside(subject, code);
            }
        }
    }
    const auto& table = the_draft().table("enhanced-table");
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        EXPECT_TRUE(used.contains(i)) << table.describe(i) << "\n  never decides";
}

TEST(draft_enhanced_table, rows_are_unique) {
    expect_unique_rows(the_draft().table("enhanced-table"), {"enhanced code"});
}

// Only the rows for what is left of a subject, and of all, may have what another row has.
TEST(draft_enhanced_table, no_code_stands_in_two_rows) {
    const auto& table = the_draft().table("enhanced-table");
    for (unsigned subject = 0; subject <= most_subject; ++subject) {
        for (unsigned detail = 0; detail <= most_detail; ++detail) {
            std::string rows;
            unsigned count = 0;
            for (std::size_t i = 0; i < table.rows.size(); ++i) {
                const auto& cell = table.cell(i, "enhanced code");
                if (cell == "other" || cell.ends_with(".z") ||
                    !enhanced_cells::has(cell, subject, detail))
                    continue;
                ++count;
                rows += "\n  " + table.describe(i);
            }
            EXPECT_LE(count, 1U) << "X." << subject << '.' << detail << rows;
        }
    }
}

} // namespace
