// The draft, loaded once for all tests of this directory. It is the one the build knows, or the
// copy that the environment names: draft/tests/table_mutation_test.py runs these tests on wrong
// drafts.
#pragma once

#include "cbv/draft/document.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <cstdlib>
#include <initializer_list>
#include <map>
#include <stdexcept>
#include <string>
#include <string_view>

namespace cbv_test {

inline const cbv::draft::document& the_draft() {
    static const auto loaded = [] {
        const char* other = std::getenv("CBV_DRAFT_UNDER_TEST");
        return cbv::draft::load(other != nullptr ? other : CBV_DRAFT_XML);
    }();
    return loaded;
}

/// The row with this text in this column, or the number of rows.
inline std::size_t
find_row(const cbv::draft::table& table, std::string_view column, std::string_view text) {
    std::size_t row = 0;
    while (row < table.rows.size() && table.cell(row, column) != text)
        ++row;
    return row;
}

/// No two rows of a table have the same text in all of these columns; names both.
inline void expect_unique_rows(const cbv::draft::table& table,
                               std::initializer_list<std::string_view> columns) {
    std::map<std::string, std::size_t> seen;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        std::string key;
        for (const std::string_view column : columns)
            key += table.cell(i, column) + '|';
        const auto [first, fresh] = seen.emplace(key, i);
        EXPECT_TRUE(fresh) << table.describe(first->second) << "\n"
                           << table.describe(i) << "\n  are rows for the same";
    }
}

/// The number in a cell that is nothing else, but for the words before it; throws with the row.
inline unsigned number_in(const cbv::draft::table& table,
                          std::size_t row,
                          std::string_view column,
                          std::string_view words_before = {}) {
    const std::string& cell = table.cell(row, column);
    const std::string digits =
        cell.starts_with(words_before) ? cell.substr(words_before.size()) : std::string();
    if (digits.empty() || digits.size() > 9 ||
        digits.find_first_not_of("0123456789") != digits.npos)
        throw std::invalid_argument(table.describe(row) + "\n  needs \"" +
                                    std::string(words_before) + "NUMBER\" in the column \"" +
                                    std::string(column) + "\"");
    return static_cast<unsigned>(std::stoul(digits));
}

/// Whether the sentence of a requirement contains this text; not for an unknown requirement.
inline bool says(std::string_view requirement, std::string_view text) {
    const auto* found = the_draft().find(requirement);
    return found != nullptr && found->sentence.find(text) != std::string::npos;
}

/// A time as the draft's sentences have it: "24 hours", "1 hour", "5 minutes", "90 seconds".
inline std::string in_words(std::chrono::seconds time) {
    const auto count = time.count();
    const auto words = [](auto number, const std::string& unit) {
        return std::to_string(number) + " " + unit + (number == 1 ? "" : "s");
    };
    if (count % 3600 == 0)
        return words(count / 3600, "hour");
    return count % 60 == 0 ? words(count / 60, "minute") : words(count, "second");
}

/// How a sentence refers to a table: "Table 3".
inline std::string reference_to(const cbv::draft::table& table) {
    return "Table " + std::to_string(table.number);
}

} // namespace cbv_test
