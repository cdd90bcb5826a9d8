// The draft, loaded once for all tests of this directory, and its words as the library's values.
#pragma once

#include "cbv/decision.hpp"
#include "cbv/draft/document.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <ostream>
#include <string>
#include <string_view>

namespace cbv_test {

inline const cbv::draft::document& the_draft() {
    static const auto loaded = cbv::draft::load(CBV_DRAFT_XML);
    return loaded;
}

/// "MX lookup" as the library's word: "mx-lookup".
inline std::string as_word(std::string_view cell) {
    std::string word(cell);
    std::transform(word.begin(), word.end(), word.begin(), [](char c) {
        if (c == ' ')
            return '-';
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return word;
}

/// Nothing for "budget", which is no stage of the library.
inline std::optional<cbv::stage> stage_of(std::string_view cell) {
    return cbv::stage_from(as_word(cell));
}

/// The kind of an effect; nothing for "go on" and "verdict stands".
inline std::optional<cbv::verdict_kind> kind_of(std::string_view effect) {
    return cbv::verdict_kind_from(effect);
}

inline std::optional<cbv::next_step> step_of(std::string_view then) {
    using enum cbv::next_step;
    if (then == "next stage")
        return next_stage;
    if (then == "HELO")
        return try_helo;
    if (then == "go on in clear")
        return clear;
    if (then == "end")
        return end;
    if (then == "next host")
        return next_host;
    if (then == "next preference")
        return next_preference;
    return std::nullopt;
}

/// Row `row` of the decision table with the draft's words turned into values.
struct decision_row {
    const cbv::draft::table* table;
    std::size_t row;

    [[nodiscard]] const std::string& stage() const { return table->cell(row, "stage"); }
    [[nodiscard]] const std::string& event() const { return table->cell(row, "event"); }
    [[nodiscard]] const std::string& effect() const { return table->cell(row, "effect"); }
    [[nodiscard]] const std::string& then() const { return table->cell(row, "then"); }
    [[nodiscard]] const std::string& cause() const { return table->cell(row, "cause"); }

    /// Compares a kind and a cause with the row.
    void expect_outcome(std::optional<cbv::verdict_kind> kind,
                        cbv::cause why,
                        const std::string& sample = {}) const {
        EXPECT_EQ(kind, kind_of(effect())) << table->describe(row) << "\n  " << sample;
        if (cause() != "-") {
            EXPECT_EQ(to_string(why), cause()) << table->describe(row) << "\n  " << sample;
        }
    }
    /// Compares a whole ruling with the row, and looks its requirement up in the draft.
    void expect(const cbv::ruling& got, const std::string& sample = {}) const {
        expect_outcome(got.kind, got.why, sample);
        EXPECT_EQ(got.then, step_of(then())) << table->describe(row) << "\n  " << sample;
        if (!got.requirement.empty()) {
            EXPECT_NE(the_draft().find(got.requirement), nullptr)
                << table->describe(row) << "\n  cites " << got.requirement;
        }
    }
};

/// All rows of the decision table.
inline std::vector<decision_row> decision_rows() {
    const auto& table = the_draft().table("decision-table");
    std::vector<decision_row> rows;
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        rows.push_back({&table, i});
    return rows;
}

/// The row of this stage and event; throws, which fails the test, when there is none.
inline decision_row row_of(std::string_view stage, std::string_view event) {
    for (const decision_row& row : decision_rows()) {
        if (row.stage() == stage && row.event() == event)
            return row;
    }
    throw std::out_of_range("decision-table has no row " + std::string(stage) + " | " +
                            std::string(event));
}

} // namespace cbv_test

// How GoogleTest shows the library's values: as the draft's words.
namespace cbv {
inline void PrintTo(verdict_kind kind, std::ostream* out) {
    *out << to_string(kind);
}
inline void PrintTo(next_step step, std::ostream* out) {
    static constexpr std::string_view words[] = {
        "next stage", "HELO", "go on in clear", "end", "next host", "next preference"};
    *out << words[static_cast<std::size_t>(step)];
}
} // namespace cbv
