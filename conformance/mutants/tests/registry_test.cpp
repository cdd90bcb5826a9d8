// The registry itself: every mutant names things that exist, and every rule that can be tested has
// one.
#include "cbv/draft/document.hpp"
#include "mutants/mutant.hpp"
#include "vocabulary.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

namespace cbv::mutants {
namespace {

const draft::document& the_draft() {
    static const auto document = draft::load(CBV_DRAFT_XML);
    return document;
}

TEST(registry, an_id_is_short_unique_and_a_word) {
    std::set<std::string> ids;
    for (const auto& m : registry()) {
        EXPECT_TRUE(ids.insert(m.id).second) << m.id << " twice";
        EXPECT_LE(m.id.size(), 60U) << m.id;
        EXPECT_EQ(m.id.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
                  std::string::npos)
            << m.id;
    }
}

TEST(registry, a_mutant_breaks_a_rule_of_the_draft) {
    for (const auto& m : registry())
        EXPECT_NE(the_draft().find(m.requirement), nullptr) << m.id << ": " << m.requirement;
}

TEST(registry, expected_words_are_in_the_vocabulary) {
    const engine::vocabulary words{CBV_CONFORMANCE_DIR "/vocabulary.toml"};
    for (const auto& m : registry()) {
        EXPECT_FALSE(m.expected.empty()) << m.id;
        for (const auto& word : m.expected)
            EXPECT_TRUE(words.contains(word)) << m.id << ": " << word;
    }
}

TEST(registry, a_sentence_says_what_it_does_wrong) {
    std::set<std::string> sentences;
    for (const auto& m : registry()) {
        EXPECT_GT(m.sentence.size(), 10U) << m.id;
        EXPECT_FALSE(m.sentence.ends_with('.')) << m.id;
        EXPECT_TRUE(sentences.insert(m.requirement + m.sentence).second)
            << m.id << ": another one does the same: " << m.sentence;
    }
}

TEST(registry, a_mutant_changes_something) {
    for (const auto& m : registry())
        EXPECT_TRUE(m.hooks.verifier || m.hooks.receiver || m.hooks.manager || m.hooks.options)
            << m.id;
}

TEST(registry, a_mutant_is_found_by_its_id) {
    const auto* m = find("dlg-double-bounce");
    ASSERT_NE(m, nullptr);
    EXPECT_EQ(m->requirement, "CBV-DLG-005");
    EXPECT_EQ(find("no-such-mutant"), nullptr);
}

TEST(registry, what_is_a_setting_or_a_verdict_runs_as_a_server) {
    EXPECT_TRUE(find("host-no-bound")->live());
    EXPECT_TRUE(find("mx-null-accepted")->live());
    EXPECT_FALSE(find("dlg-double-bounce")->live());
}

// CBV-TIME-005 and the like: each rule that shows on the wire and must be followed has a mutant.
TEST(registry, every_rule_seen_from_outside_has_a_mutant) {
    const auto& index = the_draft().table("requirement-index");
    for (std::size_t i = 0; i < index.rows.size(); ++i) {
        const auto& level = index.cell(i, "level");
        const auto& seen_by = index.cell(i, "seen by");
        if (!level.starts_with("must") || seen_by == "bindings")
            continue;
        const auto& id = index.cell(i, "requirement");
        EXPECT_TRUE(std::any_of(registry().begin(),
                                registry().end(),
                                [&](const mutant& m) { return m.requirement == id; }))
            << "no mutant breaks " << id;
    }
}

} // namespace
} // namespace cbv::mutants
