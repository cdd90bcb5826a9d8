// The draft, loaded once for all tests of this directory. It is the one the build knows, or the
// copy that the environment names: draft/tests/table_mutation_test.py runs these tests on wrong
// drafts.
#pragma once

#include "cbv/draft/document.hpp"

#include <cstdlib>
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

/// Whether the sentence of a requirement contains this text; not for an unknown requirement.
inline bool says(std::string_view requirement, std::string_view text) {
    const auto* found = the_draft().find(requirement);
    return found != nullptr && found->sentence.find(text) != std::string::npos;
}

/// How a sentence refers to a table: "Table 3".
inline std::string reference_to(const cbv::draft::table& table) {
    return "Table " + std::to_string(table.number);
}

} // namespace cbv_test
