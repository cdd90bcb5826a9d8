// Regular expressions of cases: what they match, what is refused, and that no pattern and no line
// makes them run without end.
#include "regular.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace cbv::engine {
namespace {

TEST(regular, matches_the_whole_or_a_part) {
    EXPECT_TRUE(matches_whole("[Mm]ail .*", "mail x"));
    EXPECT_FALSE(matches_whole("ail", "mail x"));
    EXPECT_TRUE(found_in("ail|z", "mail x"));
    EXPECT_FALSE(found_in("^ail", "mail x"));
    EXPECT_TRUE(found_in("x$", "mail\nx"));
    EXPECT_TRUE(found_in("(^|\n)x(\n|$)", "mail\nx"));
    EXPECT_FALSE(found_in("l.x", "mail\nx"));
    EXPECT_TRUE(matches_whole("HELO (?!a$).*", "HELO ab"));
    EXPECT_FALSE(matches_whole("HELO (?!a$).*", "HELO a"));
    EXPECT_TRUE(found_in("", ""));
}

TEST(regular, nested_repetitions_take_no_exponential_time) {
    const std::string line(most_matched, 'a');
    for (const auto* pattern :
         {"(.*)*$x", "(a|aa)*x", "(a*)*(a*)*x", ".*.*.*.*.*x", "(a?){300}x"}) {
        EXPECT_EQ(regular_fault(pattern), std::nullopt) << pattern;
        EXPECT_FALSE(matches_whole(pattern, line)) << pattern;
        EXPECT_FALSE(found_in(pattern, line)) << pattern;
    }
}

TEST(regular, looks_at_the_first_octets_of_a_long_line) {
    const std::string line = std::string(10'000'000, 'a') + "b";
    EXPECT_TRUE(matches_whole("a*", line));
    EXPECT_FALSE(found_in("b", line));
    EXPECT_TRUE(found_in("b", std::string(most_matched - 1, 'a') + "b"));
}

TEST(regular, takes_patterns_of_a_bounded_size) {
    for (const auto* good : {"a{999}", "(a{10}){10}", "[^\\n]{507}", "[{5000}]", "\\{a{3}"})
        EXPECT_EQ(regular_fault(good).value_or(""), "") << good;
    for (const auto* bad : {"a{1001}",
                            "(a{100}){100}",
                            "(a?){1,2000}",
                            "a{2000,}",
                            "(ab){99999999999999999999999}",
                            "((((a{9}){9}){9}){9}",
                            "(a{900})*{9}",
                            "[[:alpha:]]{1001}"})
        EXPECT_NE(regular_fault(bad).value_or("").find("at most 1000 parts"), std::string::npos)
            << bad << " " << regular_fault(bad).value_or("");
    EXPECT_NE(regular_fault(std::string(1200, 'a')), std::nullopt);
    EXPECT_NE(regular_fault(std::string(100'000, '(')), std::nullopt);
}

TEST(regular, takes_few_lookaheads_and_none_in_another) {
    EXPECT_EQ(regular_fault("(?!a)(?=b)(?!c)(?=d)b"), std::nullopt);
    EXPECT_NE(regular_fault("(?!a)(?=b)(?!c)(?=d)(?!e)b"), std::nullopt);
    EXPECT_EQ(regular_fault("(?!a(?=b))").value_or(""), "expected no lookahead inside a lookahead");
    EXPECT_NE(regular_fault("(?!(a|(b(?=c))))"), std::nullopt);
}

TEST(regular, says_why_a_pattern_is_refused) {
    EXPECT_EQ(regular_fault("[").value_or(""),
              "expected a regular expression (ECMAScript, without \\1): Unexpected character "
              "within '[...]' in regular expression");
    for (const auto* bad : {"(", ")", "*a", "a{", "\\", "(a)\\1", "(?<=a)b", "[z-a]", ")("})
        EXPECT_NE(regular_fault(bad).value_or("").find("ECMAScript"), std::string::npos) << bad;
    EXPECT_THROW((void)matches_whole("(", "x"), std::runtime_error);
    EXPECT_THROW((void)found_in("a{5000}", "x"), std::runtime_error);
}

} // namespace
} // namespace cbv::engine
