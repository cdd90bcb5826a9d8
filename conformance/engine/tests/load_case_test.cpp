// The loader on whole files: what a good case becomes, and a table of faults with their places.
#include "case_files.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <string>

namespace cbv::engine {
namespace {

namespace fs = std::filesystem;

class load_case : public testing::case_files {};

using testing::plain;
using testing::whole;

TEST_F(load_case, reads_a_plain_case) {
    const auto c = load(whole(plain, "<never host=\"*\" command=\"data bdat\"/>"));
    EXPECT_EQ(c.id, "dlg-x");
    EXPECT_EQ(c.area, "dlg");
    EXPECT_EQ(c.requirements, (std::vector<std::string>{"CBV-DLG-005", "CBV-INT-001"}));
    EXPECT_EQ(c.title, "A title");
    EXPECT_EQ(c.needs, (std::set<std::string>{"verifier"}));
    ASSERT_EQ(c.clients[0].steps.size(), 4U);
    EXPECT_EQ(c.clients[0].steps[0].line, "EHLO client.dlg-x.test");
    EXPECT_EQ(c.clients[0].steps[1].line, "MAIL FROM:<a@dlg-x.test>");
    EXPECT_EQ(c.clients[0].steps[2].line, "RCPT TO:<user@target.test>");
    EXPECT_EQ(c.clients[0].steps[3].line, "QUIT");
    ASSERT_EQ(c.expect.size(), 1U);
    EXPECT_EQ(c.expect[0].commands, (std::vector<std::string>{"DATA", "BDAT"}));
}

TEST_F(load_case, implies_transactions_where_a_command_could_not_run_it) {
    const std::string transactions[] = {
        "<mail from=\"a@b.test\"/><rcpt reply=\"250\"/>",
        "<mail from=\"a@b.test\" reply=\"250\"/><rcpt verdict=\"pass\"/>",
        "<mail from=\"a@b.test\" params=\"SIZE=10\"/><rcpt verdict=\"pass\"/>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\" max=\"1s\"/>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><rcpt/>",
        "<mail from=\"a@b.test\"/><pause for=\"1s\"/><rcpt verdict=\"pass\"/>",
        "<mail from=\"a@b.test\"/><rcpt to=\"x@y.test\" verdict=\"pass\"/>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><data/><rset/><noop/>",
        "<helo/><mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><disconnect/>",
        "<repeat times=\"2\"><mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><rset/></repeat>",
    };
    for (const auto& steps : transactions)
        EXPECT_EQ(load(whole(steps)).needs, (std::set<std::string>{"transactions", "verifier"}))
            << steps;
}

TEST_F(load_case, implies_a_session_where_only_the_targets_own_shows_it) {
    const std::string sessions[] = {
        "<ehlo reply=\"250\"/><mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><noop reply=\"250\"/>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><rset max=\"1s\"/>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><data reply=\"not-354\"/>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><quit reply=\"221\"/>",
        "<group><mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/></group>",
        "<mail from=\"a@b.test\"/><rcpt verdict=\"pass\"/><rcpt await=\"no\"/>",
        "<send line=\"MAIL FROM:&lt;a@b.test>\"/><rcpt verdict=\"pass\"/>",
    };
    for (const auto& steps : sessions)
        EXPECT_EQ(load(whole(steps)).needs, (std::set<std::string>{"session", "verifier"}))
            << steps;
    EXPECT_EQ(load(whole(plain, "", "needs=\"transactions\"")).needs,
              (std::set<std::string>{"transactions", "verifier"}));
    EXPECT_EQ(load(whole(plain, "", "needs=\"transactions session\"")).needs,
              (std::set<std::string>{"session", "verifier"}));
}

TEST_F(load_case, unrolls_repeats_and_numbers_groups) {
    const auto c = load(whole("<repeat times=\"2\"><group><mail from=\"u{n}@{domain}\"/>"
                              "<rcpt verdict=\"pass\"/></group></repeat>"));
    ASSERT_EQ(c.clients[0].steps.size(), 6U);
    EXPECT_EQ(c.clients[0].steps[1].argument, "u1@dlg-x.test");
    EXPECT_EQ(c.clients[0].steps[3].argument, "u2@dlg-x.test");
    EXPECT_EQ(c.clients[0].steps[1].group, c.clients[0].steps[2].group);
    EXPECT_NE(c.clients[0].steps[2].group, c.clients[0].steps[3].group);
    EXPECT_EQ(c.clients[0].steps[5].group, 0U);
}

TEST_F(load_case, evaluates_times_with_the_targets_scale) {
    auto t = library_target();
    t.timeouts["rcpt-timeout"] = 2;
    t.scale = 2;
    const auto c = load(whole("<mail from=\"a@b.test\"/><rcpt max=\"rcpt-timeout * 1.5\"/>"), t);
    EXPECT_EQ(c.clients[0].steps[2].expect.max, duration{std::chrono::seconds{6}});
}

TEST_F(load_case, fills_raw_lines_and_credentials) {
    const auto c = load(whole("<auth reply=\"235\"/><send line=\"MAIL FROM:&lt;a\\x01@b&gt;\" "
                              "reply=\"5yz\"/><ehlo name=\"x.test\"/>"));
    ASSERT_EQ(c.clients[0].steps.size(), 5U);
    EXPECT_EQ(c.clients[0].steps[1].line, "AUTH PLAIN AHVzZXIAc2VjcmV0");
    EXPECT_EQ(c.clients[0].steps[2].line, "MAIL FROM:<a\x01@b>");
    EXPECT_EQ(c.clients[0].steps[3].line, "EHLO x.test");
    EXPECT_TRUE(c.needs.contains("auth"));
}

TEST_F(load_case, an_identity_the_target_lacks_is_a_need) {
    target t;
    t.identities["recipient"] = "user@target.test";
    const auto text = whole("<mail from=\"a@b.test\"/><rcpt to=\"{unknown-recipient}\" "
                            "reply=\"550\"/>");
    EXPECT_TRUE(load(text, t).needs.contains("unknown-recipient"));
    EXPECT_FALSE(load(text).needs.contains("unknown-recipient"));
}

TEST_F(load_case, says_what_is_wrong_and_where) {
    const struct {
        std::string text;
        std::string fault;
    } rows[] = {
        {whole(plain, "", "color=\"red\""), "1: "},
        {whole("<mial from=\"a\"/>"), "5: unknown element <mial>"},
        {whole("<mail/>"), "5: "},
        {whole("<mail from=\"a@{nowhere}\"/>"), "5: "},
        {whole("<mail from=\"a@b\"/><rcpt verdict=\"maybe\"/>"), "5: verdict=\"maybe\""},
        {whole("<mail from=\"a@b\"/><rcpt reply=\"25\"/>"), "5: reply=\"25\""},
        {whole("<mail from=\"a@b\"/><rcpt reply=\"4y0\"/>"), "5: reply=\"4y0\""},
        {whole("<mail from=\"a@b\"/><rcpt enhanced=\"3.1.1\"/>"), "5: enhanced=\"3.1.1\""},
        {whole("<mail from=\"a@b\"/><rcpt text=\"(\"/>"), "5: text="},
        {whole("<mail from=\"a@b\"/><rcpt finding=\"oops\"/>"), "5: finding=\"oops\""},
        {whole("<mail from=\"a@b\"/><rcpt min=\"2s\" max=\"1s\"/>"), "5: min is greater"},
        {whole("<mail from=\"a@b\"/><rcpt max=\"soon\"/>"), "5: "},
        {whole("<repeat times=\"0\"><rset/></repeat>"), "5: times=\"0\""},
        {whole("<group><pause for=\"1s\"/></group>"), "5: <pause> cannot"},
        {whole("<rcpt/>"), "1: the case expects nothing"},
        {whole(""), "4: <client> is empty"},
        {whole(plain, "<never host=\"mx9\"/>"), "8: host=\"mx9\""},
        {whole(plain, "<command host=\"mx1\"/>"), "8: <command> needs"},
        {whole(plain, "<command host=\"mx1\" matches=\"[\"/>"), "8: matches="},
        {whole(plain, "<connections host=\"mx1\" min=\"-1\"/>"), "8: min=\"-1\""},
        {whole(plain, "<order hosts=\"mx1\"/>"), "8: hosts: expected at least two"},
        {whole(plain, "<hang-up host=\"mx1\"/>"), "8: "},
        {whole(plain, "<query type=\"NS\" name=\"@\"/>"), "8: type=\"NS\""},
        {whole(plain, "<never host=\"*\" requirement=\"X\"/>"), "8: requirement=\"X\""},
        {whole(plain, "<nothing/>"), "8: unknown element <nothing>"},
        {whole(plain, "", "needs=\"wings\""), "1: needs=\"wings\""},
        {"<case id=\"dlg-x\" requirement=\"CBV-DLG-005\" level=\"WILL\"/>", "1: level=\"WILL\""},
        {"<case id=\"dlg-x\" requirement=\"DLG-5\" level=\"MUST\"/>", "1: requirement=\"DLG-5\""},
        {"<case id=\"dlg-y\" requirement=\"CBV-DLG-005\" level=\"MUST\"/>",
         "1: id=\"dlg-y\": expected the file's stem"},
        {"<case id=\"dlg-x\" requirement=\"CBV-MX-001\" level=\"MUST\"/>",
         "1: requirement CBV-MX-001 belongs into the directory mx"},
        {"<case id=\"dlg-x\" requirement=\"CBV-DLG-005\" level=\"MUST\">\n<title>T</title>\n"
         "<client/>\n</case>",
         "1: <world> is missing"},
        {"<world/>", "1: unexpected <world>"},
    };
    for (const auto& row : rows)
        EXPECT_TRUE(fault(row.text).starts_with(row.fault)) << row.fault << "\n" << fault(row.text);
}

TEST_F(load_case, loads_a_directory_in_order_and_refuses_a_second_use_of_an_id) {
    write(whole(plain));
    auto other = whole(plain);
    other.replace(other.find("dlg-x"), 5, "dlg-a");
    write(other, "dlg/dlg-a.xml");
    auto cases = load_cases(root_ / "cases", library_target());
    ASSERT_EQ(cases.size(), 2U);
    EXPECT_EQ(cases[0].id, "dlg-a");
    EXPECT_NE(cases[0].world.hosts[0].addresses, cases[1].world.hosts[0].addresses);
    auto twin = whole(plain);
    twin.replace(twin.find("CBV-DLG-005 CBV-INT-001"), 23, "CBV-MX-001");
    write(twin, "mx/dlg-x.xml");
    try {
        (void)load_cases(root_ / "cases", library_target());
        FAIL() << "expected an error";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string{e.what()}.find("mx/dlg-x.xml: duplicate id dlg-x"),
                  std::string::npos);
        EXPECT_NE(std::string{e.what()}.find("dlg/dlg-x.xml"), std::string::npos);
    }
    EXPECT_THROW((void)load_cases(root_ / "none", library_target()), std::runtime_error);
}

TEST(load_cases, the_suite_itself_is_well_formed) {
    EXPECT_FALSE(
        load_cases(std::filesystem::path{CBV_CONFORMANCE_DIR} / "cases", library_target()).empty());
}

} // namespace
} // namespace cbv::engine
