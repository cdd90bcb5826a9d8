// What an enhanced code takes from a 5yz reply, and where one is found. The draft's table itself is
// compared in tests/draft/enhanced_table_test.cpp.
#include "cbv/softening.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using cbv::softening;
using cbv::softens;
using cbv::stage;

softening at_rcpt(std::vector<std::string> lines, int code = 550) {
    return softens(stage::rcpt, cbv::reply{code, std::move(lines)});
}

TEST(softening, finds_a_code_however_carelessly_it_is_written) {
    for (const char* line :
         {"5.7.1 no",       "5.7.1",           "  5.7.1 no",         "\t5.7.1 no",
          "5.7.1\tno",      "5.7.1\r",         "\r5.7.1 no",         "5.7.1: no",
          ": 5.7.1 no",     "#5.7.1 no",       "# 5.7.1 no",         "5.7.1, no",
          "5.7.1. No",      "5.7.1-no",        "5.7.1<u@d.example>", "550 5.7.1 no",
          "550  5.7.1 no",  "550-5.7.1 no",    "550 550 5.7.1 no",   "550 #5.7.1 no",
          "sorry (#5.7.1)", "sorry (#5.7.1) ", "sorry (#5.7.1)\r",   "(#5.7.1)"})
        EXPECT_EQ(at_rcpt({line}), softening::policy) << line;
}

TEST(softening, finds_none_inside_a_text) {
    for (const char* line : {"no such user",
                             "",
                             "no 5.7.1",
                             "host said: 550 5.7.1 no",
                             "5.1.1 host said: 550 5.7.1 no",
                             "sorry (#5.7.1) again",
                             "sorry (5.7.1)",
                             "sorry (#5.7.1",
                             "551 5.7.1 no", // another basic code
                             "5.7 no",
                             "5.7. 1 no",
                             "5.7.1.12 is listed",
                             "5.7.1a no",
                             "5.7.1.example no",
                             "3.7.1 no",
                             "15.7.1 no",
                             "5.7.1234 no",
                             "5.7777.1 no",
                             "550",
                             "550 550",
                             "550.5.7.1"})
        EXPECT_EQ(at_rcpt({line}), softening::none) << line;
}

TEST(softening, takes_the_softest_of_several) {
    EXPECT_EQ(at_rcpt({"5.1.1 no", "5.7.1 no"}), softening::policy);
    EXPECT_EQ(at_rcpt({"5.7.1 no", "5.1.1 no"}), softening::policy);
    EXPECT_EQ(at_rcpt({"no", "5.7.1 no"}), softening::policy);
    EXPECT_EQ(at_rcpt({"5.7.1 no", "ask us"}), softening::policy);
    EXPECT_EQ(at_rcpt({"5.2.2 full", "5.2.1 off"}), softening::storage);
    EXPECT_EQ(at_rcpt({"5.2.2 full", "5.7.1 no"}), softening::policy);
    EXPECT_EQ(at_rcpt({"5.1.1 sorry (#5.7.1)"}), softening::policy);
    EXPECT_EQ(at_rcpt({"5.1.1 no", "5.1.1 no"}), softening::none);
    EXPECT_EQ(at_rcpt({}), softening::none);
}

TEST(softening, a_class_that_contradicts_softens) {
    EXPECT_EQ(at_rcpt({"4.1.1 no"}), softening::temporary);
    EXPECT_EQ(at_rcpt({"4.2.2 full"}), softening::storage);
    EXPECT_EQ(at_rcpt({"4.7.1 no"}), softening::policy);
    EXPECT_EQ(at_rcpt({"2.1.1 ok"}), softening::policy);
}

// A code never makes a reply harder: what is no 5yz is not looked at.
TEST(softening, is_of_5yz_alone) {
    for (const int code : {250, 354, 421, 450, 452})
        EXPECT_EQ(at_rcpt({"5.7.1 no"}, code), softening::none) << code;
}

TEST(softening, reads_numbers_of_any_length_without_harm) {
    EXPECT_EQ(at_rcpt({std::string(100000, '5')}), softening::none);
    EXPECT_EQ(at_rcpt({std::string(100000, ' ') + "5.7.1"}), softening::policy);
    std::string repeated;
    for (int i = 0; i < 20000; ++i)
        repeated += "550 ";
    EXPECT_EQ(at_rcpt({repeated + "5.7.1 no"}), softening::policy);
}

} // namespace
