// Tests of cbv/reply.hpp. Every input goes through every segmentation and must give the same
// (CBV-DLG-011..013); no reply is ever looked for anywhere but at the start of a line.
#include "cbv/reply.hpp"
#include "split_stream.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::string_literals;
using cbv::reply;
using cbv::reply_fault;
using cbv::reply_limits;
using cbv::reply_parser;
using status = cbv::reply_parser::status;

struct outcome {
    std::vector<reply> replies;
    reply_fault fault = reply_fault::none;
    bool in_progress = false;
    friend bool operator==(const outcome&, const outcome&) = default;
};

outcome run(const std::vector<std::string>& segments, reply_limits limits) {
    reply_parser parser(limits);
    outcome out;
    for (const std::string& segment : segments) {
        std::string_view bytes = segment;
        for (status s = parser.feed(bytes); s == status::complete; s = parser.feed(bytes))
            out.replies.push_back(parser.take());
        if (parser.fault() == reply_fault::none) {
            EXPECT_TRUE(bytes.empty());
        }
    }
    out.fault = parser.fault();
    out.in_progress = parser.in_progress();
    return out;
}

/// The outcome of `text`, checked to be the same however it is cut.
outcome parse(const std::string& text, reply_limits limits = {}) {
    const auto all = cbv::test::segmentations(text);
    const outcome whole = run(all.front(), limits);
    for (const auto& segments : all)
        EXPECT_EQ(run(segments, limits), whole) << text << " in " << segments.size();
    return whole;
}

outcome replies(std::vector<reply> good) {
    return {std::move(good), reply_fault::none, false};
}

// CBV-DLG-011
TEST(reply_parser, reads_single_and_multi_line_replies) {
    EXPECT_EQ(parse("250 ok\r\n"), replies({{250, {"ok"}}}));
    EXPECT_EQ(parse("250-a\r\n250-b c\r\n250 d\r\n"), replies({{250, {"a", "b c", "d"}}}));
    EXPECT_EQ(parse("354 go ahead\r\n"), replies({{354, {"go ahead"}}}));
    EXPECT_EQ(parse("599 odd\r\n"), replies({{599, {"odd"}}}));
    EXPECT_EQ(parse("299 odd\r\n"), replies({{299, {"odd"}}}));
}

// CBV-DLG-011
TEST(reply_parser, reads_bare_codes_and_missing_spaces) {
    EXPECT_EQ(parse("250\r\n"), replies({{250, {""}}}));
    EXPECT_EQ(parse("250 \r\n"), replies({{250, {""}}}));
    EXPECT_EQ(parse("250-\r\n250\r\n"), replies({{250, {"", ""}}}));
    EXPECT_EQ(parse("250-a\r\n250\r\n"), replies({{250, {"a", ""}}}));
    EXPECT_EQ(parse("250-\r\n250-\r\n250 \r\n"), replies({{250, {"", "", ""}}}));
}

TEST(reply_parser, ends_lines_at_lf_and_keeps_other_octets) {
    EXPECT_EQ(parse("250-a\n250 b\n"), replies({{250, {"a", "b"}}}));
    EXPECT_EQ(parse("250\n"), replies({{250, {""}}}));
    EXPECT_EQ(parse("250 a\rb\r\r\n"), replies({{250, {"a\rb\r"}}}));
    EXPECT_EQ(parse("250 a\0b\xFF\r\n"s), replies({{250, {"a\0b\xFF"s}}}));
    EXPECT_EQ(parse("250  two spaces -\r\n"), replies({{250, {" two spaces -"}}}));
}

TEST(reply_parser, takes_the_code_from_the_start_of_the_line_only) {
    EXPECT_EQ(parse("550 your 250 is bad\r\n"), replies({{550, {"your 250 is bad"}}}));
    EXPECT_EQ(parse("550-250 ok\r\n550 250 ok\r\n"), replies({{550, {"250 ok", "250 ok"}}}));
    EXPECT_EQ(parse("550 no\r250 ok\r\n"), replies({{550, {"no\r250 ok"}}}));
}

TEST(reply_parser, leaves_what_belongs_to_the_next_reply) {
    EXPECT_EQ(parse("250 a\r\n550-b\r\n550 c\r\n250\r\n"),
              replies({{250, {"a"}}, {550, {"b", "c"}}, {250, {""}}}));
    std::string_view bytes = "220 hello\r\n250 early";
    reply_parser parser;
    EXPECT_EQ(parser.feed(bytes), status::complete);
    EXPECT_EQ(bytes, "250 early");
    EXPECT_EQ(parser.feed(bytes), status::complete); // nothing is lost before take()
    EXPECT_EQ(bytes, "250 early");
    EXPECT_EQ(parser.take().code, 220);
}

TEST(reply_parser, waits_for_the_end) {
    for (const char* text :
         {"", "2", "250", "250 ", "250 ok", "250 ok\r", "250-ok\r\n", "250-a\r\n250"}) {
        const outcome out = parse(text);
        EXPECT_TRUE(out.replies.empty()) << text;
        EXPECT_EQ(out.fault, reply_fault::none) << text;
        EXPECT_EQ(out.in_progress, *text != '\0') << text;
    }
}

// CBV-DLG-012
TEST(reply_parser, names_what_is_no_reply) {
    const struct {
        std::string text;
        reply_fault fault;
    } table[] = {
        {"\r\n", reply_fault::no_code},
        {"\n", reply_fault::no_code},
        {"abc\r\n", reply_fault::no_code},
        {"25\r\n", reply_fault::no_code},
        {"2\r\n50 ok\r\n", reply_fault::no_code},
        {"2 50 ok\r\n", reply_fault::no_code},
        {"25O ok\r\n", reply_fault::no_code},
        {" 250 ok\r\n", reply_fault::no_code},
        {"-50 ok\r\n", reply_fault::no_code},
        {"+250 ok\r\n", reply_fault::no_code},
        {"\xEF\xBB\xBF"s + "250 ok\r\n", reply_fault::no_code},
        {"\0\0\0 ok\r\n"s, reply_fault::no_code},
        {"HTTP/1.1 400 Bad Request\r\n", reply_fault::no_code},
        {"SSH-2.0-x\r\n", reply_fault::no_code},
        {"050 a\r\n", reply_fault::bad_first_digit},
        {"150 a\r\n", reply_fault::bad_first_digit},
        {"650 a\r\n", reply_fault::bad_first_digit},
        {"850 a\r\n", reply_fault::bad_first_digit},
        {"999\r\n", reply_fault::bad_first_digit},
        {"1500 a\r\n", reply_fault::bad_first_digit},
        {"2500 a\r\n", reply_fault::bad_separator},
        {"250ok\r\n", reply_fault::bad_separator},
        {"250\tok\r\n", reply_fault::bad_separator},
        {"250_ok\r\n", reply_fault::bad_separator},
        {"250\r\r\n", reply_fault::bad_separator},
        {"250\0\r\n"s, reply_fault::bad_separator},
        {"250-a\r\n550 b\r\n", reply_fault::mixed_codes},
        {"550-a\r\n250 b\r\n", reply_fault::mixed_codes},
        {"250-a\r\n251\r\n", reply_fault::mixed_codes},
        {"250-a\r\nb\r\n", reply_fault::no_code},
        {"250-a\r\n\r\n250 b\r\n", reply_fault::no_code},
        {"250-a\r\n250b\r\n", reply_fault::bad_separator},
    };
    for (const auto& row : table) {
        const outcome out = parse(row.text);
        EXPECT_EQ(out.fault, row.fault) << row.text;
        EXPECT_TRUE(out.replies.empty()) << row.text;
        EXPECT_FALSE(out.in_progress) << row.text;
    }
    EXPECT_EQ(parse("250 good\r\nbad\r\n250 never\r\n"),
              (outcome{{{250, {"good"}}}, reply_fault::no_code, false}));
}

TEST(reply_parser, stays_malformed_until_reset) {
    reply_parser parser;
    std::string_view bytes = "what?\r\n250 ok\r\n";
    EXPECT_EQ(parser.feed(bytes), status::malformed);
    EXPECT_EQ(bytes, "250 ok\r\n");
    EXPECT_EQ(parser.feed(bytes), status::malformed);
    EXPECT_EQ(bytes, "250 ok\r\n");
    EXPECT_THROW((void)parser.take(), std::logic_error);
    parser.reset();
    EXPECT_EQ(parser.fault(), reply_fault::none);
    EXPECT_EQ(parser.feed(bytes), status::complete);
}

TEST(reply_parser, take_without_a_reply_is_misuse) {
    reply_parser parser;
    EXPECT_THROW((void)parser.take(), std::logic_error);
    std::string_view bytes = "250 ok";
    EXPECT_EQ(parser.feed(bytes), status::need_more);
    EXPECT_THROW((void)parser.take(), std::logic_error);
    bytes = "\r\n";
    EXPECT_EQ(parser.feed(bytes), status::complete);
    (void)parser.take();
    EXPECT_THROW((void)parser.take(), std::logic_error);
}

TEST(reply_parser, reset_forgets_a_half_reply) {
    reply_parser parser;
    std::string_view bytes = "250-a\r\n25";
    EXPECT_EQ(parser.feed(bytes), status::need_more);
    EXPECT_TRUE(parser.in_progress());
    parser.reset();
    EXPECT_FALSE(parser.in_progress());
    bytes = "550 b\r\n";
    EXPECT_EQ(parser.feed(bytes), status::complete);
    EXPECT_EQ(parser.take(), (reply{550, {"b"}}));
}

// CBV-DLG-013
TEST(reply_parser, bounds_the_lines_at_the_bound_exactly) {
    const reply_limits limits{3, 65536};
    EXPECT_EQ(parse("250-a\r\n250-b\r\n250 c\r\n", limits).replies.size(), 1U);
    EXPECT_EQ(parse("250-a\r\n250-b\r\n250-c\r\n250 d\r\n", limits).fault,
              reply_fault::too_many_lines);
    EXPECT_EQ(parse("250-a\r\n250-b\r\n250-c\r\n?\r\n", limits).fault, reply_fault::too_many_lines);
    std::string many;
    for (int i = 0; i < 99; ++i)
        many += "250-\r\n";
    EXPECT_EQ(parse(many + "250 \r\n").replies.size(), 1U);
    EXPECT_EQ(parse(many + "250-\r\n250 \r\n").fault, reply_fault::too_many_lines);
}

// CBV-DLG-013
TEST(reply_parser, bounds_the_octets_at_the_bound_exactly) {
    const reply_limits limits{100, 16};
    EXPECT_EQ(parse("250 " + std::string(10, 'x') + "\r\n", limits).replies.size(), 1U);
    EXPECT_EQ(parse("250 " + std::string(11, 'x') + "\r\n", limits).fault, reply_fault::too_long);
    EXPECT_EQ(parse("250-ab\r\n250 cd\r\n", limits).replies.size(), 1U);
    EXPECT_EQ(parse("250-ab\r\n250 cde\r\n", limits).fault, reply_fault::too_long);
    EXPECT_EQ(parse("250 " + std::string(12, 'x'), limits).fault, reply_fault::none);
    EXPECT_EQ(parse("250 " + std::string(13, 'x'), limits).fault, reply_fault::too_long);
    // the bound is one reply's, not the connection's
    EXPECT_EQ(parse("250 12345678\r\n250 12345678\r\n", limits).replies.size(), 2U);
}

TEST(reply_parser, the_default_bound_is_64_kib) {
    const auto of_size = [](std::size_t octets) {
        return "250 " + std::string(octets - 6, 'x') + "\r\n";
    };
    EXPECT_EQ(run({of_size(65536)}, {}).replies.size(), 1U);
    EXPECT_EQ(run({of_size(65537)}, {}).fault, reply_fault::too_long);
    EXPECT_EQ(run({std::string(1 << 20, '2')}, {}).fault, reply_fault::too_long);
    EXPECT_EQ(parse("250 " + std::string(512, 'x') + "\r\n").replies.size(), 1U);
}

TEST(reply_parser, a_fault_has_a_word) {
    EXPECT_EQ(cbv::to_string(reply_fault::mixed_codes), "mixed-codes");
    EXPECT_EQ(cbv::to_string(reply_fault::none), "none");
    EXPECT_EQ(cbv::to_string(reply_fault::too_long), "too-long");
}

TEST(enhanced_code, reads_rfc_3463_codes) {
    const auto text = [](std::string_view from) {
        const auto code = cbv::enhanced_code::parse(from);
        return code ? code->to_string() : "none";
    };
    EXPECT_EQ(text("5.1.1 no such user"), "5.1.1");
    EXPECT_EQ(text("2.0.0"), "2.0.0");
    EXPECT_EQ(text("4.999.999 x"), "4.999.999");
    for (const char* bad : {"",
                            "5",
                            "5.",
                            "5.1",
                            "5.1.",
                            "5.1.1.",
                            "5.1.1x",
                            "3.1.1",
                            "1.1.1",
                            "55.1.1",
                            "5.1000.1",
                            "5.1.1000",
                            "5.01.1",
                            "5..1",
                            " 5.1.1",
                            "5.1.1\t",
                            "5 1 1",
                            "-5.1.1",
                            "5.-1.1"})
        EXPECT_EQ(text(bad), "none") << bad;
}

TEST(reply, has_an_enhanced_code_only_of_its_own_class) {
    EXPECT_EQ((reply{550, {"5.7.1 no"}}).enhanced(), (cbv::enhanced_code{5, 7, 1}));
    EXPECT_FALSE((reply{250, {"5.1.1 odd"}}).enhanced()); // RFC 2034 section 4
    EXPECT_FALSE((reply{550, {"no", "no 5.7.1"}}).enhanced());
    EXPECT_FALSE((reply{550, {}}).enhanced());
}

// RFC 2034 section 4 has the same code on every line; the first counts where a host does otherwise.
TEST(reply, has_the_first_enhanced_code_of_its_lines) {
    const cbv::enhanced_code policy{5, 7, 1};
    EXPECT_EQ((reply{550, {"5.7.1 no", "5.7.1", "5.7.1 ask us"}}).enhanced(), policy);
    EXPECT_EQ((reply{550, {"5.7.1 no", "ask us"}}).enhanced(), policy);
    EXPECT_EQ((reply{550, {"no", "5.7.1 no"}}).enhanced(), policy);
    EXPECT_EQ((reply{550, {"5.7.1 no", "5.1.1 no"}}).enhanced(), policy);
    EXPECT_EQ((reply{550, {"4.7.1 no", "5.7.1 no"}}).enhanced(), policy);
    EXPECT_FALSE((reply{550, {"4.7.1 no", "no 5.7.1"}}).enhanced());
    EXPECT_EQ((reply{451, {}}).klass(), 4);
}

TEST(reply, shows_itself_escaped) {
    EXPECT_EQ((reply{550, {"no", "such user"}}).to_string(), "550 no / such user");
    EXPECT_EQ((reply{250, {""}}).to_string(), "250");
    EXPECT_EQ((reply{250, {"", "x"}}).to_string(), "250 / x");
    EXPECT_EQ((reply{550, {"a\r\033[2J"}}).to_string(), "550 a\\r\\x1b[2J");
}

} // namespace
