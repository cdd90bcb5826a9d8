// The draft's index of requirements against its sentences: ids, order and levels. What "seen by"
// means for the suite, that a testable requirement has a case, is the harness's to check.
#include "the_draft.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace {

using namespace cbv_test;

const cbv::draft::table& index_table() {
    return the_draft().table("requirement-index");
}

std::string in_lower_case(std::string_view key_word) {
    std::string word(key_word);
    std::transform(word.begin(), word.end(), word.begin(), [](char c) {
        return c == ' ' ? c : static_cast<char>(c - 'A' + 'a');
    });
    return word;
}

TEST(draft_requirement_index, has_every_requirement_in_its_place) {
    const auto& requirements = the_draft().requirements();
    for (std::size_t i = 0; i < requirements.size(); ++i) {
        ASSERT_LT(i, index_table().rows.size())
            << "requirement-index has no row " << requirements[i].id;
        ASSERT_EQ(index_table().cell(i, "requirement"), requirements[i].id)
            << index_table().describe(i);
        EXPECT_EQ(index_table().cell(i, "level"), in_lower_case(to_string(requirements[i].level)))
            << index_table().describe(i);
    }
    for (std::size_t i = requirements.size(); i < index_table().rows.size(); ++i)
        ADD_FAILURE() << index_table().describe(i) << "\n  is one row too many";
}

TEST(draft_requirement_index, says_how_each_is_seen) {
    const std::set<std::string> from_outside{"wire", "capability", "target"};
    for (std::size_t i = 0; i < index_table().rows.size(); ++i) {
        const std::string& word = index_table().cell(i, "seen by");
        EXPECT_TRUE(word == "bindings" || from_outside.contains(word)) << index_table().describe(i);
        // A reason stands where nothing can be seen from outside, and only there.
        EXPECT_EQ(index_table().cell(i, "why not from outside").empty(), word != "bindings")
            << index_table().describe(i);
    }
}

} // namespace
