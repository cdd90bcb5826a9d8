// Tests of fakemx/glob.hpp.
#include "fakemx/glob.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using cbv::fakemx::glob_match;

TEST(glob, matches_the_whole_text_in_any_case) {
    const std::pair<const char*, const char*> good[] = {
        {"", ""},
        {"*", ""},
        {"*", "abc"},
        {"bad@*", "BAD@example.test"},
        {"*@a.test", "x@a.test"},
        {"a?c", "abc"},
        {"a*b*c", "aXbYbZc"},
        {"**a", "ba"},
        {"?*", "x"},
        {"*.*.", "a.b."},
    };
    for (const auto& [pattern, text] : good)
        EXPECT_TRUE(glob_match(pattern, text)) << pattern << " " << text;
    const std::pair<const char*, const char*> bad[] = {{"", "a"},
                                                       {"a", ""},
                                                       {"a?c", "ac"},
                                                       {"bad@*", "xbad@y"},
                                                       {"*a", "ab"},
                                                       {"a*b*c", "acb"},
                                                       {"[a]", "a"}};
    for (const auto& [pattern, text] : bad)
        EXPECT_FALSE(glob_match(pattern, text)) << pattern << " " << text;
}

TEST(glob, is_not_exponential) {
    std::string pattern;
    for (int i = 0; i < 50; ++i)
        pattern += "a*";
    EXPECT_FALSE(glob_match(pattern + "b", std::string(5000, 'a')));
}

} // namespace
