// Tests of cbv/idna.hpp: what becomes an A-label, what is left alone, what is refused. The mapping
// itself is libidn2's.
#include "cbv/idna.hpp"

#include <gtest/gtest.h>

#include <string>
#include <string_view>

namespace {

using cbv::idna_to_ascii;

TEST(idna, turns_u_labels_into_a_labels) {
    EXPECT_EQ(idna_to_ascii("b\xC3\xBC"
                            "cher.example"),
              "xn--bcher-kva.example");
    EXPECT_EQ(idna_to_ascii("mail.\xD0\xBF\xD1\x80\xD0\xB8\xD0\xBC\xD0\xB5\xD1\x80.test"),
              "mail.xn--e1afmkfd.test");
}

TEST(idna, lowers_the_case_and_composes) {
    EXPECT_EQ(idna_to_ascii("B\xC3\x9C"
                            "CHER.Example"),
              "xn--bcher-kva.example");
    EXPECT_EQ(idna_to_ascii("bu\xCC\x88"
                            "cher.example"),
              "xn--bcher-kva.example")
        << "u and a combining diaeresis are one letter (NFC)";
}

// Transitional processing would turn it into "ss", which is another domain.
TEST(idna, keeps_sharp_s) {
    EXPECT_EQ(idna_to_ascii("stra\xC3\x9F"
                            "e.example"),
              "xn--strae-oqa.example");
}

TEST(idna, leaves_ascii_as_it_is) {
    for (const char* text : {"example.org", "EXAMPLE.Org", "xn--bcher-kva.example", "_x.y", ""})
        EXPECT_EQ(idna_to_ascii(text), text);
}

TEST(idna, refuses_what_is_no_domain) {
    using namespace std::string_view_literals;
    EXPECT_FALSE(idna_to_ascii("\xFF.example"sv)) << "not UTF-8";
    EXPECT_FALSE(idna_to_ascii("b\xC3.example"sv)) << "not UTF-8";
    EXPECT_FALSE(idna_to_ascii("b\xC3\xBC\0.example"sv)) << "an octet of zero";
    EXPECT_FALSE(idna_to_ascii("\xE2\x80\xAE"
                               "abc.example"sv))
        << "right-to-left override";
    EXPECT_FALSE(idna_to_ascii("\xF0\x9F\x92\xA9.example"sv)) << "no letter (IDNA2008)";
    std::string long_label;
    for (int i = 0; i < 80; ++i)
        long_label += "\xC3\xBC";
    EXPECT_FALSE(idna_to_ascii(long_label + ".example")) << "over 63 octets";
    std::string long_domain;
    for (int i = 0; i < 40; ++i)
        long_domain += "b\xC3\xBC"
                       "cher.";
    EXPECT_FALSE(idna_to_ascii(long_domain + "example")) << "over 255 octets";
}

} // namespace
