// Tests of cbv/text.hpp: escaping must hold against any octet, UTF-8 at every edge of RFC 3629.
#include "cbv/text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::string_literals;

TEST(escape, leaves_printable_ascii) {
    EXPECT_EQ(cbv::escape("250 <a@b> \"x\" ~"), "250 <a@b> \"x\" ~");
}

// CBV-TRC-002
TEST(escape, cannot_forge_a_line) {
    EXPECT_EQ(cbv::escape("no\r\nresult : pass\t\\"), "no\\r\\nresult : pass\\t\\\\");
    EXPECT_EQ(cbv::escape("\0\x1b\x7f\x80\xff"s), "\\x00\\x1b\\x7f\\x80\\xff");
}

TEST(escape, every_octet_becomes_printable_ascii) {
    for (int octet = 0; octet < 256; ++octet) {
        const std::string out = cbv::escape(std::string(1, static_cast<char>(octet)));
        for (const char c : out)
            EXPECT_TRUE(c >= 0x20 && c <= 0x7E) << octet;
        EXPECT_FALSE(out.empty());
    }
}

TEST(escape, cuts_at_the_limit_and_shows_it) {
    EXPECT_EQ(cbv::escape("12345678", 8), "12345678");
    EXPECT_EQ(cbv::escape("123456789", 8), "12345...");
    EXPECT_EQ(cbv::escape(std::string(2000, 'x')).size(), 1024U);
    EXPECT_EQ(cbv::escape("12345", 2), "..");
    EXPECT_EQ(cbv::escape("1", 0), "");
    EXPECT_EQ(cbv::escape("", 0), "");
}

TEST(escape, never_cuts_inside_an_escape) {
    EXPECT_EQ(cbv::escape("12\x01\x02", 10), "12\\x01\\x02");
    EXPECT_EQ(cbv::escape("123\x01\x02", 10), "123\\x01...");
    EXPECT_EQ(cbv::escape("1234\x01\x02", 10), "1234...");
    for (std::size_t limit = 3; limit < 40; ++limit) {
        const std::string out = cbv::escape(std::string(20, '\x01'), limit);
        EXPECT_LE(out.size(), limit);
        EXPECT_EQ((out.size() - 3) % 4, 0U) << out;
    }
}

TEST(ascii_case, touches_letters_only) {
    EXPECT_EQ(cbv::to_lower("AZ@[az\xC3\x84"), "az@[az\xC3\x84");
    EXPECT_EQ(cbv::to_upper("az`{AZ\xC3\xA4"), "AZ`{AZ\xC3\xA4");
    EXPECT_TRUE(cbv::iequals("StartTLS", "STARTTLS"));
    EXPECT_FALSE(cbv::iequals("a", "ab"));
    EXPECT_FALSE(cbv::iequals("@", "`")); // 0x20 apart, as letters are
    EXPECT_TRUE(cbv::iequals("", ""));
}

TEST(is_ascii, ends_at_0x7f) {
    EXPECT_TRUE(cbv::is_ascii("\0\x7f"s));
    EXPECT_FALSE(cbv::is_ascii("a\x80"));
}

TEST(is_utf8, accepts_the_first_and_last_of_every_length) {
    for (const auto& good : {""s,
                             "\0"s,
                             "\x7F"s,
                             "\xC2\x80"s,
                             "\xDF\xBF"s,
                             "\xE0\xA0\x80"s,
                             "\xED\x9F\xBF"s,
                             "\xEE\x80\x80"s,
                             "\xEF\xBF\xBF"s,
                             "\xF0\x90\x80\x80"s,
                             "\xF4\x8F\xBF\xBF"s,
                             "a\xC3\xA4\xE2\x82\xAC\xF0\x9F\x93\xA7z"s})
        EXPECT_TRUE(cbv::is_utf8(good)) << cbv::escape(good);
}

TEST(is_utf8, refuses_what_rfc_3629_refuses) {
    for (const auto& bad : {"\x80"s,
                            "\xBF"s,
                            "\xC0\x80"s,
                            "\xC1\xBF"s,
                            "\xC2"s,
                            "\xC2\x41"s,
                            "\xE0\x9F\xBF"s,
                            "\xE0\xA0"s,
                            "\xED\xA0\x80"s,
                            "\xED\xBF\xBF"s,
                            "\xE2\x82"s,
                            "\xE2\x82\x41"s,
                            "\xF0\x8F\xBF\xBF"s,
                            "\xF4\x90\x80\x80"s,
                            "\xF5\x80\x80\x80"s,
                            "\xF0\x9F\x93"s,
                            "\xFE"s,
                            "\xFF"s,
                            "a\xC3\xA4\x80"s})
        EXPECT_FALSE(cbv::is_utf8(bad)) << cbv::escape(bad);
}

} // namespace
