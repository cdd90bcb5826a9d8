// Rows of the draft's limit table, and what every check of one needs: the default, the bound, the
// requirement. It knows no limit itself.
#pragma once

#include "the_draft.hpp"

#include <gtest/gtest.h>

#include <functional>
#include <map>
#include <optional>
#include <string>

namespace cbv_test {

inline const cbv::draft::table& limit_table() {
    return the_draft().table("limit-table");
}

/// One row; messages begin with its text.
struct limit_row {
    std::size_t row;

    [[nodiscard]] const std::string& name() const { return limit_table().cell(row, "limit"); }
    [[nodiscard]] unsigned by_default() const { return number_in(limit_table(), row, "default"); }
    [[nodiscard]] const std::string& bound() const { return limit_table().cell(row, "bound"); }
    [[nodiscard]] const std::string& requirement() const {
        return limit_table().cell(row, "requirement");
    }
    [[nodiscard]] std::string describe() const { return limit_table().describe(row); }

    /// The number of a bound that begins with these words ("at least ").
    [[nodiscard]] unsigned bound_after(std::string_view words) const {
        return number_in(limit_table(), row, "bound", words);
    }
    void expect_default(unsigned library) const { EXPECT_EQ(library, by_default()) << describe(); }
    /// The table has no bound for what the library does not bound.
    void expect_no_bound() const { EXPECT_EQ(bound(), "none") << describe(); }
    /// What the library says with a limit names the row's requirement.
    void expect_requirement(std::string_view library) const {
        EXPECT_NE(library.find(requirement()), std::string_view::npos)
            << describe() << "\n  library: " << library;
    }
    /// The library is silent, but the requirement's sentence has this text.
    void expect_sentence(const std::string& text) const {
        EXPECT_TRUE(says(requirement(), text))
            << describe() << "\n  the requirement does not say \"" << text << '"';
    }
};

/// Tells what is wrong when an option has this value; nothing when it is usable.
using problem_with = std::function<std::optional<std::string>(unsigned)>;

/// "at least N" of an option: usable at N and well above, not below.
inline void expect_at_least(const limit_row& row, const problem_with& problem) {
    const unsigned least = row.bound_after("at least ");
    EXPECT_FALSE(problem(least)) << row.describe();
    EXPECT_FALSE(problem(least + 100'000)) << row.describe();
    ASSERT_GT(least, 0U) << row.describe();
    const auto below = problem(least - 1);
    ASSERT_TRUE(below) << row.describe() << "\n  the library allows less";
    row.expect_requirement(*below);
}

using limit_checks = std::map<std::string, std::function<void(const limit_row&)>>;

/// Runs the checks of the limits in `checks`, each on its row.
inline void check_limits(const limit_checks& checks) {
    for (const auto& [name, check] : checks) {
        const std::size_t row = find_row(limit_table(), "limit", name);
        if (row == limit_table().rows.size())
            ADD_FAILURE() << "limit-table has no row " << name;
        else
            check({row});
    }
}

/// The limits on calls, lookups and text, each compared in its own file.
const limit_checks& limits_of_calls();
const limit_checks& limits_of_lookups();
const limit_checks& limits_of_text();

} // namespace cbv_test
