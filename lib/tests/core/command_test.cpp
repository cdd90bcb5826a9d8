// Tests of cbv/command.hpp: verbs, the arguments of MAIL and RCPT, and the line reader in every
// segmentation.
#include "cbv/command.hpp"
#include "cbv/text.hpp"
#include "split_stream.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::string_literals;
using cbv::verb;
using kind = cbv::argument_error::kind;
using parameters = std::vector<cbv::esmtp_parameter>;

TEST(parse_command, knows_every_verb_in_any_case) {
    for (int i = 0; i < static_cast<int>(verb::unknown); ++i) {
        const auto v = static_cast<verb>(i);
        const std::string name(cbv::to_string(v));
        EXPECT_EQ(cbv::parse_command(name).v, v);
        EXPECT_EQ(cbv::parse_command(cbv::to_lower(name) + " x").v, v);
        EXPECT_EQ(cbv::parse_command(name + "X").v, verb::unknown);
        EXPECT_EQ(cbv::parse_command(name.substr(1)).v, verb::unknown);
    }
    EXPECT_EQ(cbv::to_string(verb::unknown), "?");
}

TEST(parse_command, splits_at_the_first_space) {
    const auto mail = cbv::parse_command("mAiL FROM:<a@b> SIZE=1 \t ");
    EXPECT_EQ(mail.v, verb::mail);
    EXPECT_EQ(mail.name, "mAiL");
    EXPECT_EQ(mail.argument, "FROM:<a@b> SIZE=1");
    EXPECT_EQ(cbv::parse_command("NOOP  a b").argument, " a b");
    EXPECT_EQ(cbv::parse_command("QUIT \t").v, verb::quit);
    EXPECT_EQ(cbv::parse_command("QUIT ").argument, "");
}

TEST(parse_command, has_unknown_for_the_rest) {
    for (const auto& line : {""s,
                             " "s,
                             " QUIT"s,
                             "GET / HTTP/1.1"s,
                             "QUIT\0"s,
                             "MAIL\tFROM:<>"s,
                             "\xFF\xFE"s,
                             "BDATA"s,
                             std::string(10000, 'A')})
        EXPECT_EQ(cbv::parse_command(line).v, verb::unknown) << cbv::escape(line);
}

TEST(parse_mail_argument, reads_paths_and_parameters) {
    const auto null = cbv::parse_mail_argument("FROM:<>");
    ASSERT_TRUE(null.has_value());
    EXPECT_TRUE(null->path.is_null());
    EXPECT_EQ(null->path_text, "<>");
    EXPECT_TRUE(null->parameters.empty());
    EXPECT_FALSE(null->space_after_colon);

    const auto full =
        cbv::parse_mail_argument("from:<@a:U@x.org> size=12 BODY=8BitMime smtputf8 X-1=a,b:+3D");
    ASSERT_TRUE(full.has_value());
    EXPECT_EQ(full->path.box->to_string(), "U@x.org");
    EXPECT_TRUE(full->path.had_source_route);
    EXPECT_EQ(full->path_text, "<@a:U@x.org>");
    EXPECT_EQ(
        full->parameters,
        (parameters{
            {"SIZE", "12"}, {"BODY", "8BitMime"}, {"SMTPUTF8", std::nullopt}, {"X-1", "a,b:+3D"}}));
}

TEST(parse_mail_argument, finds_the_end_of_a_quoted_path) {
    const auto quoted = cbv::parse_mail_argument("FROM:<\"a>b \\\"> c\"@x.org> SIZE=1");
    ASSERT_TRUE(quoted.has_value());
    EXPECT_EQ(quoted->path_text, "<\"a>b \\\"> c\"@x.org>");
    EXPECT_EQ(quoted->parameters, (parameters{{"SIZE", "1"}}));
}

TEST(parse_mail_argument, tolerates_spaces_and_says_so) {
    for (const char* text : {"FROM: <a@b> SIZE=1", "FROM:   <a@b>  SIZE=1  "}) {
        const auto parsed = cbv::parse_mail_argument(text);
        ASSERT_TRUE(parsed.has_value()) << text;
        EXPECT_TRUE(parsed->space_after_colon);
        EXPECT_EQ(parsed->parameters.size(), 1U);
    }
}

TEST(parse_mail_argument, takes_utf8_in_values) {
    const auto parsed = cbv::parse_mail_argument("FROM:<a@b> X=\xC3\xBC");
    ASSERT_TRUE(parsed.has_value());
    EXPECT_EQ(parsed->parameters, (parameters{{"X", "\xC3\xBC"}}));
}

TEST(parse_rcpt_argument, reads_forward_paths) {
    EXPECT_EQ(cbv::parse_rcpt_argument("To:<u@x.org>")->path.box->to_string(), "u@x.org");
    EXPECT_EQ(cbv::parse_rcpt_argument("TO:<postmaster> NOTIFY=NEVER")->path.box->local_part,
              "postmaster");
    const auto null = cbv::parse_rcpt_argument("TO:<>");
    ASSERT_FALSE(null.has_value());
    EXPECT_EQ(null.error().what, kind::path);
    EXPECT_EQ(cbv::parse_rcpt_argument("FROM:<u@x.org>").error().what, kind::syntax);
}

TEST(parse_mail_argument, refuses_and_points_at_the_place) {
    const struct {
        std::string text;
        kind what;
        std::size_t offset;
        cbv::path_fault fault = cbv::path_fault::syntax;
    } table[] = {
        {"", kind::syntax, 0},
        {"FROM", kind::syntax, 0},
        {"FROM <a@b>", kind::syntax, 0},
        {"FROM :<a@b>", kind::syntax, 0},
        {" FROM:<a@b>", kind::syntax, 0},
        {"TO:<a@b>", kind::syntax, 0},
        {"<a@b>", kind::syntax, 0},
        {"FROM:", kind::path, 5},
        {"FROM:  ", kind::path, 5},
        {"FROM:a@b", kind::path, 5},
        {"FROM:\t<a@b>", kind::path, 5},
        {"FROM: a@b", kind::path, 6},
        {"FROM:<a@b", kind::path, 9},
        {"FROM:<a@b SIZE=1", kind::path, 9},
        {"FROM:<a b@c>", kind::path, 7},
        {"FROM: <a b@c>", kind::path, 8},
        {"FROM:<\"a@b> SIZE=1", kind::path, 18},
        {"FROM:<\"a\x01\"@b>", kind::path, 8, cbv::path_fault::control_octet},
        {"FROM:<a@\xFF>", kind::path, 8, cbv::path_fault::not_utf8},
        {"FROM:<a@b>>", kind::parameter, 10},
        {"FROM:<a@b>SIZE=1", kind::parameter, 10},
        {"FROM:<a@b>\tSIZE=1", kind::parameter, 10},
        {"FROM:<a@b> =1", kind::parameter, 11},
        {"FROM:<a@b> -A=1", kind::parameter, 11},
        {"FROM:<a@b> A_B=1", kind::parameter, 11},
        {"FROM:<a@b> SIZE=", kind::parameter, 16},
        {"FROM:<a@b> SIZE= 1", kind::parameter, 16},
        {"FROM:<a@b> A=b=c", kind::parameter, 13},
        {"FROM:<a@b> A=\x01", kind::parameter, 13},
        {"FROM:<a@b> A=\xFF", kind::parameter, 13},
        {"FROM:<a@b> \xC3\xBC=1", kind::parameter, 11},
        {"FROM:<a@b> OK=1 <c@d>", kind::parameter, 16},
    };
    for (const auto& row : table) {
        const auto parsed = cbv::parse_mail_argument(row.text);
        ASSERT_FALSE(parsed.has_value()) << cbv::escape(row.text);
        EXPECT_EQ(parsed.error().what, row.what) << cbv::escape(row.text);
        EXPECT_EQ(parsed.error().detail.offset, row.offset) << cbv::escape(row.text);
        EXPECT_EQ(parsed.error().detail.fault, row.fault) << cbv::escape(row.text);
    }
}

struct seen {
    std::string text;
    bool too_long = false;
    bool bare_lf = false;
    friend bool operator==(const seen&, const seen&) = default;
};

std::vector<seen> run(const std::vector<std::string>& segments, std::size_t limit) {
    cbv::line_reader reader(limit);
    std::vector<seen> out;
    for (const std::string& segment : segments) {
        std::string_view bytes = segment;
        while (const auto line = reader.feed(bytes))
            out.push_back({line->text, line->too_long, line->bare_lf});
        EXPECT_TRUE(bytes.empty());
    }
    return out;
}

/// The lines of `text`, checked to be the same however it is cut.
std::vector<seen> lines(const std::string& text, std::size_t limit = 2048) {
    const auto all = cbv::test::segmentations(text);
    const auto whole = run(all.front(), limit);
    for (const auto& segments : all)
        EXPECT_EQ(run(segments, limit), whole) << cbv::escape(text) << " in " << segments.size();
    return whole;
}

using expected = std::vector<seen>;

TEST(line_reader, cuts_lines_in_any_segmentation) {
    EXPECT_EQ(lines("EHLO a\r\nQUIT\r\n"), (expected{{"EHLO a"}, {"QUIT"}}));
    EXPECT_EQ(lines("\r\n\r\n"), (expected{{""}, {""}}));
    EXPECT_EQ(lines("NOOP\r\nQUI"), (expected{{"NOOP"}}));
    EXPECT_EQ(lines("a\0b\r\n"s), (expected{{"a\0b"s}}));
    EXPECT_EQ(lines(""), expected{});
}

TEST(line_reader, reports_a_bare_lf_and_keeps_a_bare_cr) {
    EXPECT_EQ(lines("a\nb\r\n"), (expected{{"a", false, true}, {"b"}}));
    EXPECT_EQ(lines("\n"), (expected{{"", false, true}}));
    EXPECT_EQ(lines("a\rb\r\r\n"), (expected{{"a\rb\r"}}));
    EXPECT_EQ(lines("a\r\n\nb\r\n"), (expected{{"a"}, {"", false, true}, {"b"}}));
}

TEST(line_reader, limits_a_line_at_the_bound_exactly) {
    EXPECT_EQ(lines("123456\r\nx\r\n", 8), (expected{{"123456"}, {"x"}}));
    EXPECT_EQ(lines("1234567\r\nx\r\n", 8), (expected{{"1234567", true}, {"x"}}));
    EXPECT_EQ(lines("12345678\r\nx\r\n", 8), (expected{{"12345678", true}, {"x"}}));
    EXPECT_EQ(lines("1234567890\r\nx\r\n", 8), (expected{{"12345678", true}, {"x"}}));
    EXPECT_EQ(lines("1234567\n", 8), (expected{{"1234567", false, true}}));
    EXPECT_EQ(lines("12345678\n", 8), (expected{{"12345678", true, true}}));
    EXPECT_EQ(lines("1234567\r8\r\n", 8), (expected{{"1234567\r", true}}));
    EXPECT_EQ(lines("a\r\n", 0), (expected{{"", true}}));
    EXPECT_EQ(lines("\n", 0), (expected{{"", true, true}}));
}

TEST(line_reader, an_endless_line_is_reported_once) {
    cbv::line_reader reader(16);
    const std::string block(4096, 'x');
    for (int i = 0; i < 64; ++i) {
        std::string_view bytes = block;
        EXPECT_FALSE(reader.feed(bytes));
        EXPECT_TRUE(bytes.empty());
    }
    std::string_view bytes = "\r\nQUIT\r\n";
    const auto line = reader.feed(bytes);
    ASSERT_TRUE(line);
    EXPECT_TRUE(line->too_long);
    EXPECT_EQ(line->text, std::string(16, 'x'));
    EXPECT_EQ(reader.feed(bytes)->text, "QUIT");
}

TEST(line_reader, reset_forgets_half_a_line) {
    cbv::line_reader reader;
    std::string_view bytes = "STARTTLS\rinjec";
    EXPECT_FALSE(reader.feed(bytes));
    reader.reset();
    bytes = "\nEHLO\r\n";
    const auto line = reader.feed(bytes);
    ASSERT_TRUE(line);
    EXPECT_EQ(line->text, "");
    EXPECT_TRUE(line->bare_lf); // the CR before the reset is forgotten as well
}

} // namespace
