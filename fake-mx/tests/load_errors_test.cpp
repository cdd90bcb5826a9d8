// Tests of the loader's errors: each bad file, where the fault is said to be, and what is said to
// have been expected.
#include "load_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using cbv::fakemx::xml_document;
using cbv::fakemx::xml_error;
using cbv::fakemx::test::load;

struct bad_file {
    std::string text;
    std::size_t line;
    std::size_t column;
    std::string expectation;
};

void expect_error(const bad_file& bad) {
    try {
        (void)load(bad.text);
        ADD_FAILURE() << "taken: " << bad.text;
    } catch (const xml_error& e) {
        EXPECT_EQ(e.file(), "w.xml");
        EXPECT_EQ(e.line(), bad.line) << bad.text << "\n" << e.what();
        EXPECT_EQ(e.column(), bad.column) << bad.text << "\n" << e.what();
        EXPECT_NE(std::string{e.what()}.find(bad.expectation), std::string::npos)
            << bad.text << "\n"
            << e.what();
        const auto place = "w.xml:" + std::to_string(bad.line) + ":" + std::to_string(bad.column);
        EXPECT_TRUE(std::string{e.what()}.starts_with(place + ": ")) << e.what();
    }
}

/// A file with `rule` on a line of its own, after two blanks.
std::string with_rule(const std::string& rule) {
    return "<world>\n<host id=\"mx1\">\n  " + rule + "\n</host></world>";
}

TEST(load_errors, xml) {
    const bad_file files[] = {
        {"", 1, 1, "expected well-formed XML"},
        {"<world>", 1, 7, "expected well-formed XML"},
        {"<world>\n<host id=\"a\"\n</world>", 3, 1, "expected well-formed XML"},
        {"<world/><world/>", 1, 10, "expected one document element"},
        {"<!DOCTYPE world>\n<world/>", 1, 1, "expected no DOCTYPE"},
        {"<world>\n<host id=\"a\" mx='1' id=\"b\"/></world>", 2, 21, "duplicate attribute id"},
        {"<world>\n<txt name=\"@\" text=\"&foo;\"/></world>", 2, 21, "expected &lt;"},
        {"<world>\n<txt name=\"@\" text=\"a<b\"/></world>", 2, 22, "expected &lt; for <"},
        {"<world>\n  text</world>", 1, 8, "expected only elements in <world>"},
        {"<world>\xFF</world>", 1, 1, "expected UTF-8"},
        {std::string{"<wor\0ld/>", 9}, 1, 5, "an octet of zero"},
        {"<case/>", 1, 2, "unexpected <case>; expected <world>"},
    };
    for (const auto& f : files)
        expect_error(f);
}

TEST(load_errors, nesting_is_bounded) {
    std::string text = "<world>";
    for (int i = 0; i < 5000; ++i)
        text += "<a>";
    for (int i = 0; i < 5000; ++i)
        text += "</a>";
    EXPECT_THROW((void)load(text + "</world>"), xml_error);
}

TEST(load_errors, hosts) {
    const bad_file files[] = {
        {"<world x=\"1\"/>", 1, 8, "unknown attribute x of <world>; expected: none"},
        {"<world>\n <hots/></world>", 2, 3, "unknown element <hots> in <world>; expected: host"},
        {"<world>\n <host/></world>", 2, 3, "missing attribute id of <host>"},
        {"<world>\n <host id=\"A\"/></world>", 2, 8, "expected [a-z0-9-]{1,50}"},
        {"<world>\n <host id=\"a\"/>\n <host id=\"a\"/></world>",
         3,
         8,
         "duplicate host id \"a\"; the first is in line 2"},
        {"<world><host id=\"a\" mx=\"70000\"/></world>", 1, 21, "whole number from 0 to 65535"},
        {"<world><host id=\"a\" mx=\"1x\"/></world>", 1, 21, "mx=\"1x\": expected a whole number"},
        {"<world><host id=\"a\" mx=\"-1\"/></world>", 1, 21, "expected a whole number"},
        {"<world><host id=\"a\" mx=\"\"/></world>", 1, 21, "expected a whole number"},
        {"<world><host id=\"a\" reach=\"no\"/></world>",
         1,
         21,
         "reach=\"no\": expected one of: listen, refuse, blackhole"},
        {"<world><host id=\"a\" family=\"ip\"/></world>", 1, 21, "ipv4, ipv6, both"},
        {"<world><host id=\"a\" dns=\"false\"/></world>", 1, 21, "expected one of: yes, no"},
        {"<world><host id=\"a\" address=\"1.2.3\"/></world>", 1, 21, "expected IP addresses"},
        {"<world><host id=\"a\" address=\"\"/></world>", 1, 21, "at least one IP address"},
        {"<world><host id=\"a\" address=\"::1\" family=\"ipv6\"/></world>", 1, 35, "not both"},
        {"<world><host id=\"a\" name=\"x..y\"/></world>", 1, 21, "expected a DNS name"},
        {"<world><host id=\"a\"><mx/></host></world>", 1, 22, "expected: rule"},
    };
    for (const auto& f : files)
        expect_error(f);
}

TEST(load_errors, rules) {
    const bad_file files[] = {
        {with_rule("<rule/>"), 3, 4, "missing attribute at of <rule>"},
        {with_rule("<rule at=\"lunch\"/>"), 3, 9, "at=\"lunch\": expected one of: connect, banner"},
        {with_rule("<rule at=\"rcpt\" replay=\"x\"/>"),
         3,
         19,
         "unknown attribute replay of <rule>"},
        {with_rule("<rule at=\"rcpt\"\n  times=\"0\"/>"), 4, 3, "from 1 to 1000000"},
        {with_rule("<rule at=\"rcpt\" delay=\"2\"/>"), 3, 19, "character 1: expected a time"},
        {with_rule("<rule at=\"rcpt\" delay=\"quit * 2\"/>"), 3, 19, "unknown time \"quit\""},
        {with_rule("<rule at=\"rcpt\" reply=\"x\" bytes=\"y\"/>"), 3, 29, "not both"},
        {with_rule("<rule at=\"rcpt\" reply=\"{who}\"/>"), 3, 4, "unknown placeholder {who}"},
        {with_rule("<rule at=\"rcpt\" reply=\"{name\"/>"), 3, 4, "expected } after {"},
        {with_rule("<rule at=\"rcpt\" reply=\"{host:mx9}\"/>"), 3, 4, "{host:mx9}"},
        {with_rule("<rule at=\"rcpt\" reply=\"\\q\"/>"), 3, 4, "after a backslash"},
        {with_rule("<rule at=\"rcpt\" bytes=\"\\x4\"/>"), 3, 4, "after a backslash"},
        {with_rule("<rule at=\"rcpt\" reply=\"x\" gap=\"1s\"/>"), 3, 29, "only with segments="},
        {with_rule("<rule at=\"rcpt\" drip=\"1s\" segments=\"2\"/>"), 3, 29, "segments= or drip="},
        {with_rule("<rule at=\"rcpt\" drip=\"1s\" gap=\"1s\"/>"), 3, 29, "gap= or drip="},
        {with_rule("<rule at=\"rcpt\" bytes=\"\" endless=\"yes\"/>"), 3, 28, "to repeat"},
        {with_rule("<rule at=\"rcpt\" reply=\"x\" endless=\"yes\" then=\"close\"/>"),
         3,
         43,
         "never ends"},
        {with_rule("<rule at=\"rcpt\" then=\"stop\"/>"), 3, 19, "keep, close, reset, silent"},
        {with_rule("<rule at=\"rcpt\">text</rule>"), 3, 19, "expected nothing in <rule>"},
    };
    for (const auto& f : files)
        expect_error(f);
}

TEST(load_errors, records_and_answers) {
    const bad_file files[] = {
        {"<world><mx name=\"@\" exchange=\"a\"/></world>", 1, 9, "missing attribute preference"},
        {"<world><a name=\"@\"/></world>", 1, 9, "either address= or host="},
        {"<world><a name=\"@\" address=\"::1\"/></world>", 1, 20, "expected an IPv4 address"},
        {"<world><aaaa name=\"@\" address=\"1.2.3.4\"/></world>", 1, 23, "an IPv6 address"},
        {"<world><a name=\"@\" host=\"mx1\"/></world>", 1, 20, "expected the id of a <host>"},
        {"<world><host id=\"h\"/><aaaa name=\"@\" host=\"h\"/></world>",
         1,
         37,
         "a host with an IPv6 address"},
        {"<world><cname name=\"@\"/></world>", 1, 9, "missing attribute target"},
        {"<world><txt name=\"\" text=\"\"/></world>", 1, 13, "expected a DNS name"},
        {"<world><txt name=\"@\" text=\"\" ttl=\"9999999999\"/></world>", 1, 30, "whole number"},
        {"<world><txt name=\"@\" text=\"\" times=\"1\" after=\"1\"/></world>",
         1,
         40,
         "below times="},
        {"<world><mx name=\"@\" preference=\"1\" exchange=\"a\" weight=\"1\"/></world>",
         1,
         49,
         "unknown attribute weight"},
        {"<world><answer name=\"@\" type=\"MX\"/></world>", 1, 9, "rcode=, fault= or delay="},
        {"<world><answer name=\"@\" rcode=\"REFUSED\"/></world>", 1, 9, "missing attribute type"},
        {"<world><answer name=\"@\" type=\"SOA\" delay=\"1s\"/></world>", 1, 25, "A, AAAA, MX"},
        {"<world><answer name=\"@\" type=\"A\" rcode=\"NO\"/></world>",
         1,
         34,
         "NXDOMAIN, SERVFAIL"},
        {"<world><answer name=\"@\" type=\"A\" fault=\"x\"/></world>", 1, 34, "silent, truncate"},
        {"<world><answer name=\"@\" type=\"A\" rcode=\"REFUSED\" fault=\"empty\"/></world>",
         1,
         50,
         "not both"},
        {"<world><answer name=\"@\" type=\"A\" rcode=\"REFUSED\" ttl=\"5\"/></world>",
         1,
         50,
         "NXDOMAIN\" only"},
    };
    for (const auto& f : files)
        expect_error(f);
}

TEST(load_errors, used_up_addresses_and_unreadable_files) {
    std::string text = "<world>";
    for (int i = 0; i < 256; ++i)
        text += "\n<host id=\"h" + std::to_string(i) + "\" reach=\"blackhole\"/>";
    expect_error({text + "</world>", 257, 2, "no address is left in 203.0.113.0/24"});
    try {
        const xml_document none{std::filesystem::path{"no/such.xml"}};
        ADD_FAILURE();
    } catch (const xml_error& e) {
        EXPECT_STREQ(e.what(), "no/such.xml: expected a readable file");
        EXPECT_EQ(e.line(), 0U);
    }
}

} // namespace
