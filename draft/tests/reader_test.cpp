// The reader on the draft itself and on small broken drafts. It does not compare the draft with the
// library: lib/tests/draft does.
#include "cbv/draft/document.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>
#include <set>

namespace {

using cbv::draft::draft_error;
using cbv::draft::requirement_level;
using testing::ElementsAre;
using testing::HasSubstr;

const cbv::draft::document& the_draft() {
    static const auto loaded = cbv::draft::load(CBV_DRAFT_XML);
    return loaded;
}

// A file of this test's own, removed at the end.
class broken_draft : public testing::Test {
protected:
    ~broken_draft() override { std::remove(path().c_str()); }
    static std::string path() {
        const auto* info = testing::UnitTest::GetInstance()->current_test_info();
        return testing::TempDir() + "cbv_draft_" + info->name() + ".xml";
    }
    // The error of loading a draft whose only section has this content.
    static draft_error error_of(const std::string& content) {
        return error_of_file("<rfc docName=\"d\"><middle><section>\n" + content +
                             "\n</section></middle></rfc>");
    }
    static draft_error error_of_file(const std::string& text) {
        std::ofstream(path()) << text;
        try {
            (void)cbv::draft::load(path());
        } catch (const draft_error& error) {
            return error;
        }
        ADD_FAILURE() << "loaded: " << text;
        return {"", 0, 0, ""};
    }
};

TEST(draft_reader, finds_every_requirement_once) {
    std::set<std::string> ids;
    for (const auto& r : the_draft().requirements()) {
        EXPECT_TRUE(ids.insert(r.id).second) << r.id;
        EXPECT_THAT(r.sentence, HasSubstr(std::string(to_string(r.level)))) << r.id;
        EXPECT_EQ(r.sentence.back(), '.') << r.id;
        EXPECT_FALSE(r.section_number.empty()) << r.id;
    }
    EXPECT_EQ(ids.size(), 169U);
}

TEST(draft_reader, flattens_a_sentence) {
    const auto* r = the_draft().find("CBV-ADDR-004");
    ASSERT_NE(r, nullptr);
    EXPECT_EQ(r->level, requirement_level::must);
    EXPECT_EQ(r->sentence,
              "The probe's commands MUST be MAIL FROM:<> and RCPT TO:<path> with no "
              "space on either side of the colon.");
    EXPECT_EQ(r->section_number, "6");
    EXPECT_EQ(r->section_title, "Address Handling");
    EXPECT_EQ(r->digest, cbv::draft::digest_of(r->sentence));
}

TEST(draft_reader, numbers_tables_in_sentences_but_not_in_digests) {
    const auto* r = the_draft().find("CBV-TIME-002");
    ASSERT_NE(r, nullptr);
    EXPECT_EQ(r->sentence, "The timers SHOULD have the default values of Table 2.");
    EXPECT_EQ(r->digest,
              cbv::draft::digest_of("The timers SHOULD have the default values of "
                                    "<timeout-table>."));
    EXPECT_EQ(the_draft().find("CBV-NONE-001"), nullptr);
}

TEST(draft_reader, digests_as_fnv_1a) {
    EXPECT_EQ(cbv::draft::digest_of(""), "cbf29ce484222325");
    EXPECT_EQ(cbv::draft::digest_of("a"), "af63dc4c8601ec8c");
}

TEST(draft_reader, reads_tables) {
    const auto& t = the_draft().table("timeout-table");
    EXPECT_THAT(t.header, ElementsAre("command", "default seconds", "requirement", "limit"));
    EXPECT_EQ(t.cell(0, "command"), "DNS");
    EXPECT_EQ(cbv::draft::duration_of(t.cell(0, "default seconds")), std::chrono::seconds{20});
    EXPECT_THAT(t.describe(0), HasSubstr("timeout-table line "));
    EXPECT_THAT(t.describe(0), HasSubstr(": DNS | 20 | CBV-TIME-002 | none"));
    EXPECT_THROW((void)t.cell(0, "colour"), std::out_of_range);
    EXPECT_THROW((void)t.cell(99, "command"), std::out_of_range);
    EXPECT_THROW((void)the_draft().table("no-table"), std::out_of_range);
    EXPECT_THROW((void)cbv::draft::duration_of("2 min"), std::invalid_argument);
    EXPECT_THROW((void)cbv::draft::duration_of(""), std::invalid_argument);
}

TEST_F(broken_draft, names_the_place_of_a_syntax_error) {
    const auto error = error_of_file("<rfc docName=\"d\">\n <middle>\n  </wrong>\n</rfc>");
    EXPECT_EQ(error.line, 3U);
    EXPECT_GT(error.column, 1U);
    EXPECT_THAT(error.what(), HasSubstr(path() + ":3:"));
    EXPECT_THAT(error.expected, HasSubstr("well-formed XML"));
}

TEST_F(broken_draft, names_a_file_that_is_not_there) {
    try {
        (void)cbv::draft::load("no/such/draft.xml");
        FAIL();
    } catch (const draft_error& error) {
        EXPECT_STREQ(error.what(), "no/such/draft.xml: expected a readable file");
    }
}

TEST_F(broken_draft, refuses_another_root) {
    EXPECT_THAT(error_of_file("<case/>").expected, HasSubstr("root element <rfc>"));
}

TEST_F(broken_draft, refuses_a_requirement_without_key_word) {
    const auto error = error_of("<t anchor=\"CBV-A-001\">It may be so.</t>");
    EXPECT_EQ(error.line, 2U);
    EXPECT_EQ(error.column, 2U);
    EXPECT_THAT(error.expected, HasSubstr("in a <bcp14>"));
}

TEST_F(broken_draft, refuses_an_unknown_key_word) {
    const auto error = error_of("<t anchor=\"CBV-A-001\">It <bcp14>CAN</bcp14> be so.</t>");
    EXPECT_EQ(error.column, 27U);
}

TEST_F(broken_draft, refuses_a_malformed_or_repeated_id) {
    EXPECT_THAT(error_of("<t anchor=\"CBV-a-1\"><bcp14>MAY</bcp14></t>").expected,
                HasSubstr("not \"CBV-a-1\""));
    const std::string one = "<t anchor=\"CBV-A-001\"><bcp14>MAY</bcp14></t>\n";
    EXPECT_EQ(error_of(one + one).line, 3U);
}

TEST_F(broken_draft, refuses_a_dangling_reference_and_an_unknown_element) {
    EXPECT_THAT(
        error_of("<t anchor=\"CBV-A-001\"><bcp14>MAY</bcp14> <xref target=\"x\"/></t>").expected,
        HasSubstr("not to \"x\""));
    EXPECT_THAT(error_of("<t anchor=\"CBV-A-001\"><bcp14>MAY</bcp14> <em>x</em></t>").expected,
                HasSubstr("not <em>"));
}

TEST_F(broken_draft, refuses_a_ragged_table) {
    const auto error = error_of("<table anchor=\"t\"><thead><tr><th>a</th><th>b</th></tr></thead>\n"
                                "<tbody><tr><td>1</td></tr></tbody></table>");
    EXPECT_EQ(error.line, 3U);
    EXPECT_THAT(error.expected, HasSubstr("2 cells in table t, not 1"));
    EXPECT_THAT(error_of("<table anchor=\"t\"><tbody/></table>").expected, HasSubstr("header row"));
    EXPECT_THAT(error_of("<table><tbody/></table>").expected, HasSubstr("anchor on the table"));
}

} // namespace
