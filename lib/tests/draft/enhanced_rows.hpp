// Rows of the draft's table of enhanced codes: which one has a code, and what it says. It knows no
// row of the table itself.
#pragma once

#include "cbv/verdict.hpp"
#include "the_draft.hpp"

#include <charconv>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace cbv_test {

/// Row `row` of the table.
struct enhanced_row {
    const cbv::draft::table* table;
    std::size_t row;

    /// "no effect", "tempfail", "unverifiable"
    [[nodiscard]] const std::string& effect(cbv::stage at) const {
        return table->cell(row, at == cbv::stage::mail ? "at MAIL" : "at RCPT");
    }
    /// The cause of that effect; "-" for none. A cell with two has that of MAIL first.
    [[nodiscard]] std::string cause(cbv::stage at) const {
        if (effect(at) == "no effect")
            return "-";
        const auto& cell = table->cell(row, "cause");
        const auto comma = cell.find(", ");
        if (comma == cell.npos)
            return cell;
        return at == cbv::stage::mail ? cell.substr(0, comma) : cell.substr(comma + 2);
    }
    [[nodiscard]] std::string describe() const { return table->describe(row); }
};

namespace enhanced_cells {

inline unsigned number(std::string_view text) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size())
        throw std::invalid_argument("enhanced-table: \"" + std::string(text) + "\" is no number");
    return value;
}

/// "X.4.2" as subject and detail; no detail for "X.2.z".
inline std::pair<unsigned, std::optional<unsigned>> code(std::string_view text) {
    const auto dot = text.find('.', 2);
    if (!text.starts_with("X.") || dot == text.npos)
        throw std::invalid_argument("enhanced-table: \"" + std::string(text) + "\" is no code");
    const auto detail = text.substr(dot + 1);
    return {number(text.substr(2, dot - 2)),
            detail == "z" ? std::nullopt : std::optional(number(detail))};
}

/// Whether a cell "X.1.6", "X.1.0-X.1.4", "X.2.z" or "other" has this code.
inline bool has(std::string_view cell, unsigned subject, unsigned detail) {
    if (cell == "other")
        return true;
    const auto dash = cell.find('-');
    const auto first = code(cell.substr(0, dash));
    if (!first.second && dash == cell.npos)
        return first.first == subject;
    const auto last = dash == cell.npos ? first : code(cell.substr(dash + 1));
    if (!first.second || !last.second || last.first != first.first || *last.second < *first.second)
        throw std::invalid_argument("enhanced-table: \"" + std::string(cell) + "\" is no range");
    return subject == first.first && detail >= *first.second && detail <= *last.second;
}

} // namespace enhanced_cells

/// The first row that has X.subject.detail; throws when there is none.
inline enhanced_row enhanced_row_of(unsigned subject, unsigned detail) {
    const auto& table = the_draft().table("enhanced-table");
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        if (enhanced_cells::has(table.cell(i, "enhanced code"), subject, detail))
            return {&table, i};
    }
    throw std::out_of_range("enhanced-table has no row for X." + std::to_string(subject) + "." +
                            std::to_string(detail) + ", and none for any other code");
}

} // namespace cbv_test
