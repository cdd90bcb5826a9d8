// The policy delegation protocol's lines: requests, answers in any segmentation, and what is none.
#include "policy_codec.hpp"

#include <gtest/gtest.h>

namespace cbv::engine::policy {
namespace {

using status = answer_reader::status;

TEST(policy_codec, writes_a_request) {
    EXPECT_EQ(encode({{"request", "smtpd_access_policy"}, {"sender", ""}}),
              "request=smtpd_access_policy\nsender=\n\n");
    EXPECT_TRUE(is_speakable("a=b \t\x80"));
    for (const std::string& bad :
         {std::string{"a\nb"}, std::string{"a\rb"}, std::string("a\0b", 3)})
        EXPECT_FALSE(is_speakable(bad));
}

TEST(policy_codec, reads_answers_in_any_segmentation) {
    answer_reader reader;
    std::string_view two = "x=y\naction=DUNNO\n\naction=REJECT a=b\n\n";
    EXPECT_EQ(reader.feed(two), status::complete);
    EXPECT_EQ(reader.take(), "DUNNO");
    EXPECT_FALSE(reader.in_progress());
    EXPECT_EQ(reader.feed(two), status::complete);
    EXPECT_EQ(reader.take(), "REJECT a=b");
    EXPECT_TRUE(two.empty());
    for (const char c : std::string_view{"action=\n"}) {
        std::string_view one{&c, 1};
        EXPECT_EQ(reader.feed(one), status::need_more);
        EXPECT_TRUE(reader.in_progress());
    }
    std::string_view end = "\n";
    EXPECT_EQ(reader.feed(end), status::complete);
    EXPECT_EQ(reader.take(), "");
}

TEST(policy_codec, says_what_is_no_answer) {
    const std::pair<std::string, std::string> faults[] = {
        {"DUNNO\n\n", "the line \"DUNNO\" without ="},
        {"\n", "no action="},
        {"x=y\n\n", "no action="},
        {"Action=DUNNO\n\n", "no action="},
        {"action=OK\naction=OK\n\n", "a second action="},
        {std::string("action=\0\n\n", 10), "a NUL"},
        {"caf\xC3\xA9\n", "the line \"caf\\xc3\\xa9\" without ="},
        {"action=" + std::string(max_answer, 'x'), "more than 65536 octets"},
    };
    for (const auto& [octets, fault] : faults) {
        answer_reader reader;
        std::string_view rest = octets;
        EXPECT_EQ(reader.feed(rest), status::malformed) << fault;
        EXPECT_EQ(reader.fault(), fault);
        std::string_view more = "action=OK\n\n";
        EXPECT_EQ(reader.feed(more), status::malformed);
    }
    std::string lines;
    for (std::size_t i = 0; i <= max_lines; ++i)
        lines += "x=y\n";
    answer_reader reader;
    std::string_view rest = lines;
    EXPECT_EQ(reader.feed(rest), status::malformed);
    EXPECT_EQ(reader.fault(), "more than 64 lines");
}

} // namespace
} // namespace cbv::engine::policy
