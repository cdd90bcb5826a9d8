// The loader on cases that are well formed and say nothing: checks that hold whatever happens, or
// never, and names that nobody knows.
#include "case_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <stdexcept>

namespace cbv::engine {
namespace {

class load_faults : public testing::case_files {
protected:
    void expect_fault(const std::string& text,
                      const std::string& expected,
                      const requirement_levels* draft = nullptr) {
        const auto seen = fault(text, draft);
        EXPECT_NE(seen.find(expected), std::string::npos)
            << "expected " << expected << "\nseen " << seen;
    }

    std::string why_not(const std::filesystem::path& where) {
        try {
            (void)engine::case_files(where);
            return "";
        } catch (const std::runtime_error& e) {
            return e.what();
        }
    }
};

using testing::plain;
using testing::whole;

const std::string mail = "<mail from=\"a@{domain}\"/>";

/// A case with hosts that take no connection beside one that does.
std::string with_dead_hosts(const std::string& expect) {
    auto text = whole(plain, expect);
    const std::string place = "<world>";
    return text.insert(text.find(place) + place.size(),
                       "<host id=\"dead\" reach=\"refuse\"/><host id=\"hole\" "
                       "reach=\"blackhole\"/>");
}

TEST_F(load_faults, ids_and_level_are_the_drafts) {
    const requirement_levels draft{{"CBV-DLG-005", "MUST"}, {"CBV-INT-001", "SHOULD"}};
    EXPECT_EQ(fault(whole(plain), &draft), "");
    expect_fault(whole(plain, "<never host=\"*\" requirement=\"CBV-NONE-999\"/>"),
                 "8: requirement=\"CBV-NONE-999\": expected an id of the draft",
                 &draft);
    auto other = whole(plain);
    other.replace(other.find("CBV-INT-001"), 11, "CBV-NONE-998");
    EXPECT_EQ(fault(other), "");
    expect_fault(other, "1: requirement=\"CBV-NONE-998\": expected an id of the draft", &draft);
    auto may = whole(plain);
    may.replace(may.find("\"MUST\""), 6, "\"MAY\"");
    EXPECT_EQ(fault(may), "");
    expect_fault(may, "1: level=\"MAY\": expected MUST, the level of CBV-DLG-005", &draft);
}

TEST_F(load_faults, a_verdict_is_rcpts) {
    for (const auto* other : {"<mail from=\"a@b\" verdict=\"fail\"/>",
                              "<noop verdict=\"pass\"/>",
                              "<send line=\"RCPT TO:&lt;a@b&gt;\" verdict=\"pass\"/>",
                              "<data verdict=\"pass\"/>"})
        expect_fault(whole(other), "5: verdict= at <");
}

TEST_F(load_faults, a_session_ends_once) {
    expect_fault(whole(plain + "<quit/><noop/>"), "5: <noop> after <quit>");
    expect_fault(whole(plain + "<quit/><pause for=\"1s\"/>"), "5: <pause> after <quit>");
    expect_fault(whole(plain + "<disconnect/><noop/>"), "5: <noop> after <disconnect>");
    expect_fault(whole("<repeat times=\"2\">" + plain + "<quit/></repeat>"), "after <quit>");
    expect_fault(whole(plain + "<noop await=\"no\"/><pause for=\"1s\"/><rset/>"),
                 "5: <rset> after await=\"no\"");
    EXPECT_EQ(fault(whole(plain + "<quit await=\"no\"/><pause for=\"1s\"/><disconnect/>")), "");
    EXPECT_EQ(fault(whole(plain + "<group><rset/><quit/></group>")), "");
}

TEST_F(load_faults, nothing_is_empty) {
    expect_fault(whole(plain + "<group/>"), "5: <group> is empty");
    expect_fault(whole(plain + "<repeat times=\"3\"> </repeat>"), "5: <repeat> is empty");
    expect_fault(whole(plain + "<repeat times=\"3\"><group/></repeat>"), "5: <group> is empty");
    expect_fault(whole(plain + "<noop text=\"\"/>"), "5: text=\"\": expected a regular");
}

TEST_F(load_faults, a_step_is_one_command) {
    expect_fault(whole(plain + "<send line=\"NOOP\\r\\nRSET\"/>"), "5: a CR LF in the line");
    expect_fault(whole(plain + "<mail from=\"a&#13;&#10;b\"/>"), "5: a CR LF in the line");
    EXPECT_EQ(fault(whole(plain + "<send line=\"NOOP\\rRSET\\n\"/>")), "");
}

TEST_F(load_faults, verbs_are_known) {
    expect_fault(whole(plain, "<never host=\"*\" command=\"DATA DTAA\"/>"), "8: command=\"DTAA\"");
    expect_fault(whole(plain, "<one-at-a-time host=\"*\" command=\"X\"/>"), "8: command=\"X\"");
    expect_fault(whole(plain, "<never host=\"*\" command=\"\"/>"), "8: command=\"\"");
}

TEST_F(load_faults, hosts_that_take_no_connection_see_nothing) {
    for (const auto* about : {"<connections host=\"dead\" min=\"1\"/>",
                              "<connections host=\"mx1 hole\" max=\"1\"/>",
                              "<never host=\"hole\"/>",
                              "<last-command host=\"dead\" is=\"QUIT\"/>",
                              "<order hosts=\"dead mx1\"/>"})
        expect_fault(with_dead_hosts(about), "never counts as connected");
    EXPECT_EQ(fault(with_dead_hosts("<connections host=\"*\" min=\"1\"/>")), "");
    auto none = with_dead_hosts("<never host=\"*\"/>");
    const std::string listening = "<host id=\"mx1\" mx=\"10\"/>";
    none.erase(none.find(listening), listening.size());
    expect_fault(none, "8: host=\"*\": expected a <host> in <world> that listens");
}

TEST_F(load_faults, an_order_names_a_host_once) {
    expect_fault(whole(plain, "<order hosts=\"mx1 mx1\"/>"), "8: hosts: mx1 is there twice");
    expect_fault(whole(plain, "<order hosts=\"mx1 *\"/>"), "8: hosts: expected at least two");
}

TEST_F(load_faults, a_least_of_zero_alone_asks_nothing) {
    for (const auto* about : {"<connections host=\"mx1\" min=\"0\"/>",
                              "<command host=\"mx1\" is=\"QUIT\" min=\"0\"/>",
                              "<query type=\"A\" min=\"0\"/>"})
        expect_fault(whole(plain, about), "8: min=\"0\" alone holds always");
    EXPECT_EQ(fault(whole(plain, "<query type=\"A\" min=\"0\" max=\"1\"/>")), "");
}

TEST_F(load_faults, messages_give_reasons_bounds_and_places) {
    const std::pair<std::string, std::string> rows[] = {
        {whole(plain, "<never host=\"*\" matches=\"(\"/>"),
         "8: matches=\"(\": expected a regular expression (ECMAScript, without \\1): Mismatched"},
        {whole(plain + "<noop text=\"(a{{99}){{99}\"/>"), "at most 1000 parts"},
        {whole(plain, "<command host=\"mx1\" is=\"X\" max=\"99999999999999999999\"/>"),
         "expected a whole number from 0 to 1000000"},
        {whole(plain, "<connections host=\"mx1\" max=\"99999999999999999999\"/>"),
         "expected a whole number from 0 to 10000, or"},
        {whole("<repeat times=\"501\"><noop/></repeat>"),
         "5: times=\"501\": expected a whole number from 1 to 500"},
        {whole(mail + "<rcpt max=\"rcpt-timeout * 2 x\"/>"),
         "5: max=\"rcpt-timeout * 2 x\", character 18: expected +, -, *, / or the end"},
        {whole(mail + "<rcpt max=\"8h * 100\"/>"), "character 1: expected a time from 0 to 7 days"},
        {whole(mail + "<rcpt finding=\"oops\"/>"), "vocabulary.toml"},
        {whole(plain, "", "needs=\"wings\""),
         "unknown capability; expected session, transactions, smtputf8,"},
    };
    for (const auto& [text, expected] : rows)
        expect_fault(text, expected);
}

TEST_F(load_faults, files_are_those_of_the_name_xml) {
    const auto file = write(whole(plain));
    const auto cases = root_ / "cases";
    EXPECT_EQ(engine::case_files(cases), std::vector{file});
    EXPECT_EQ(engine::case_files(file), std::vector{file});
    EXPECT_EQ(load_cases(file, library_target()).size(), 1U);
    EXPECT_NE(why_not(root_ / "none").find("none: expected a case or a directory"),
              std::string::npos);
    std::filesystem::create_directory(cases / "x.xml");
    EXPECT_NE(why_not(cases).find("x.xml: expected a file"), std::string::npos);
}

} // namespace
} // namespace cbv::engine
