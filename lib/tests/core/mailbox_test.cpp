// Tests of cbv/mailbox.hpp and its grammar: RFC 5321 section 4.1.2 rule by rule, RFC 6531, limits
// at the bound and one past it, and what must come through untouched (CBV-ADDR-001..006).
#include "cbv/mailbox.hpp"
#include "cbv/text.hpp"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::string_literals;
using cbv::path_fault;

struct refusal {
    std::string text;
    path_fault fault;
    std::size_t offset;
};

const auto as_mailbox = [](std::string_view text) { return cbv::parse_mailbox(text); };
const auto as_reverse_path = [](std::string_view text) { return cbv::parse_reverse_path(text); };

template <class Parser>
void expect_refused(Parser parse, const std::vector<refusal>& table) {
    for (const refusal& row : table) {
        const auto parsed = parse(row.text);
        ASSERT_FALSE(parsed.has_value()) << cbv::escape(row.text);
        EXPECT_EQ(parsed.error().fault, row.fault) << cbv::escape(row.text);
        EXPECT_EQ(parsed.error().offset, row.offset) << cbv::escape(row.text);
        EXPECT_FALSE(parsed.error().message.empty());
        EXPECT_EQ(parsed.error().message, cbv::escape(parsed.error().message));
    }
}

std::string labels(std::size_t octets) { // a domain of exactly that many octets
    std::string out;
    while (octets - out.size() > 63)
        out += std::string(octets - out.size() == 64 ? 61 : 62, 'd') + '.';
    return out + std::string(octets - out.size(), 'd');
}

// CBV-ADDR-001, CBV-ADDR-002
TEST(parse_mailbox, keeps_every_octet) {
    for (const std::string text : {"user@example.org",
                                   "Ok@Example.ORG",
                                   "a@b",
                                   "a.b.c@d.e",
                                   "prvs=0891a9abd5=u@example.org",
                                   "SRS0=HHH=TT=orig.example=user@example.org",
                                   "u+tag@example.org",
                                   "!#$%&'*+-/=?^_`{|}~@x.y",
                                   "\"\"@example.org",
                                   "\"a b\"@example.org",
                                   "\"Joe\\,S\"@example.org",
                                   "\"a\\\"b\"@x.org",
                                   "\"a\\\\\"@x.org",
                                   "\"<>@,:;\"@x.org",
                                   "\"..\"@x.org",
                                   "1@2.3",
                                   "u@a-b.c--d.e",
                                   "u@123",
                                   "m\xC3\xBCller@example.org",
                                   "\"m\xC3\xBCl ler\"@example.org",
                                   "u@b\xC3\xBC\x63her.example",
                                   "\xE7\x94\xA8\xE6\x88\xB7@\xE4\xBE\x8B\xE5\xAD\x90.example"}) {
        const auto box = cbv::parse_mailbox(text);
        ASSERT_TRUE(box.has_value()) << text << ": " << box.error().message;
        EXPECT_EQ(box->to_string(), text);
        EXPECT_FALSE(box->literal);
    }
}

// CBV-ADDR-011
TEST(parse_mailbox, takes_underscores_in_a_domain) {
    for (const char* text : {"u@a_b.org", "u@_x.org", "u@x_.org", "u@_", "u@_dmarc.a-_b.org"}) {
        const auto box = cbv::parse_mailbox(text);
        ASSERT_TRUE(box.has_value()) << text << ": " << box.error().message;
        EXPECT_EQ(box->to_string(), text);
        EXPECT_TRUE(cbv::is_domain(box->domain));
    }
    expect_refused(as_mailbox,
                   {
                       {"u@-_x.org", path_fault::syntax, 2},
                       {"u@x_-.org", path_fault::syntax, 4},
                   });
}

// CBV-ADDR-006: a local-part and a path of any length, but no domain that cannot exist.
TEST(parse_mailbox, takes_any_length_where_asked) {
    const auto any = cbv::lengths::any;
    const auto box = cbv::parse_mailbox(std::string(65, 'a') + "@x.org", any);
    ASSERT_TRUE(box.has_value());
    EXPECT_TRUE(box->is_over_long());
    EXPECT_FALSE(cbv::parse_mailbox(std::string(64, 'a') + "@x.org", any)->is_over_long());
    const auto path =
        cbv::parse_reverse_path("<" + std::string(64, 'a') + "@" + labels(190) + ">", any);
    ASSERT_TRUE(path.has_value());
    EXPECT_TRUE(path->box->is_over_long()); // 257 octets with its brackets
    const auto shorter =
        cbv::parse_reverse_path("<" + std::string(63, 'a') + "@" + labels(190) + ">", any);
    ASSERT_TRUE(shorter.has_value());
    EXPECT_FALSE(shorter->box->is_over_long());
    EXPECT_FALSE(cbv::parse_mailbox("a@" + labels(256), any).has_value());
    EXPECT_FALSE(cbv::parse_mailbox("a@" + std::string(64, 'd') + ".org", any).has_value());
}

TEST(parse_mailbox, refuses_what_the_grammar_does_not_have) {
    expect_refused(as_mailbox,
                   {
                       {"", path_fault::syntax, 0},
                       {"user", path_fault::syntax, 4},
                       {"user@", path_fault::syntax, 5},
                       {"@example.org", path_fault::syntax, 0},
                       {".a@x.org", path_fault::syntax, 0},
                       {"a..b@x.org", path_fault::syntax, 2},
                       {"a.@x.org", path_fault::syntax, 2},
                       {"a b@x.org", path_fault::syntax, 1},
                       {"a@b@c", path_fault::syntax, 3},
                       {"a(c)@x.org", path_fault::syntax, 1},
                       {"<a@x.org>", path_fault::syntax, 0},
                       {"a@x.org>", path_fault::syntax, 7},
                       {"a@x.org ", path_fault::syntax, 7},
                       {" a@x.org", path_fault::syntax, 0},
                       {"\"a@x.org", path_fault::syntax, 8},
                       {"\"a\\\"@x.org", path_fault::syntax, 10},
                       {"\"a\\", path_fault::syntax, 3},
                       {"\"a\"b@x.org", path_fault::syntax, 3},
                       {"a\"b\"@x.org", path_fault::syntax, 1},
                       {"\"a\".b@x.org", path_fault::syntax, 3},
                       {"\"\\\xC3\xBC\"@x.org", path_fault::syntax, 2},
                       {"a\\,b@x.org", path_fault::syntax, 1},
                       {"u@.x", path_fault::syntax, 2},
                       {"u@x.", path_fault::syntax, 4},
                       {"u@x..y", path_fault::syntax, 4},
                       {"u@-x", path_fault::syntax, 2},
                       {"u@x-", path_fault::syntax, 3},
                       {"u@x-.y", path_fault::syntax, 3},
                       {"u@a,b", path_fault::syntax, 3},
                   });
}

// CBV-ADDR-005: a control octet is named as such wherever it stands, inside quotes too.
TEST(parse_mailbox, refuses_control_octets_first) {
    for (int octet = 0; octet < 0x20; ++octet) {
        const std::string c(1, static_cast<char>(octet));
        expect_refused(as_mailbox,
                       {
                           {"\"a" + c + "b\"@x.org", path_fault::control_octet, 2},
                           {"\"a\\" + c + "b\"@x.org", path_fault::control_octet, 3},
                           {"a@x.org" + c, path_fault::control_octet, 7},
                       });
    }
    expect_refused(as_mailbox,
                   {
                       {"a\x7f@x.org", path_fault::control_octet, 1},
                       {"\xFF\"\r\n", path_fault::control_octet, 2},
                   });
}

TEST(parse_mailbox, refuses_bad_utf8) {
    expect_refused(as_mailbox,
                   {
                       {"a\xFF@x.org", path_fault::not_utf8, 1},
                       {"\xC3\xBC\xC3@x.org", path_fault::not_utf8, 2},
                       {"u@\xED\xA0\x80.org", path_fault::not_utf8, 2},
                       {"\"\xC0\xAF\"@x.org", path_fault::not_utf8, 1},
                       {"u@x.org\xE2\x82", path_fault::not_utf8, 7},
                   });
}

// CBV-ADDR-006, RFC 5321 section 4.5.3.1
TEST(parse_mailbox, limits_hold_at_the_bound_and_not_past_it) {
    EXPECT_TRUE(cbv::parse_mailbox(std::string(64, 'u') + "@x.org").has_value());
    EXPECT_TRUE(cbv::parse_mailbox('"' + std::string(62, ' ') + "\"@x.org").has_value());
    EXPECT_TRUE(cbv::parse_mailbox("u@" + std::string(63, 'd') + ".org").has_value());
    EXPECT_TRUE(cbv::parse_mailbox("u@" + labels(252)).has_value()); // 254: 256 with < and >
    expect_refused(as_mailbox,
                   {
                       {std::string(65, 'u') + "@x.org", path_fault::too_long, 64},
                       {'"' + std::string(63, ' ') + "\"@x.org", path_fault::too_long, 64},
                       {"u@" + std::string(64, 'd') + ".org", path_fault::too_long, 65},
                       {"u@" + labels(253), path_fault::too_long, 254},
                       {"u@" + labels(256), path_fault::too_long, 257},
                       {std::string(100000, 'u'), path_fault::too_long, 64},
                   });
}

TEST(parse_mailbox, reads_address_literals) {
    const auto literal = [](const std::string& domain) {
        const auto box = cbv::parse_mailbox("u@" + domain);
        EXPECT_TRUE(!box || box->domain == domain);
        return box && box->literal ? box->literal->to_string() : "refused";
    };
    EXPECT_EQ(literal("[192.0.2.1]"), "192.0.2.1");
    EXPECT_EQ(literal("[127.000.0.001]"), "127.0.0.1"); // Snum is 1*3DIGIT, decimal
    EXPECT_EQ(literal("[IPv6:2001:db8::1]"), "2001:db8::1");
    EXPECT_EQ(literal("[ipV6:::1]"), "::1");
    EXPECT_EQ(literal("[IPv6:::]"), "::");
    EXPECT_EQ(literal("[IPv6:1:2:3:4:5:6:7:8]"), "1:2:3:4:5:6:7:8");
    EXPECT_EQ(literal("[IPv6:1:2:3:4:5:6::]"), "1:2:3:4:5:6::");
    EXPECT_EQ(literal("[IPv6:::ffff:127.0.0.01]"), "::ffff:127.0.0.1");
    EXPECT_EQ(literal("[IPv6:1:2:3:4:5:6:192.0.2.1]"), "1:2:3:4:5:6:c000:201");
    for (const char* bad : {"[]",
                            "[",
                            "[192.0.2.1",
                            "[192.0.2]",
                            "[192.0.2.256]",
                            "[192.0.2.1.1]",
                            "[192.0.2.0001]",
                            "[192.0.2.1 ]",
                            "[192.0.2.]",
                            "[.0.2.1]",
                            "[::1]",
                            "[IPv6:]",
                            "[IPv6:192.0.2.1]",
                            "[IPv6:1:2:3:4:5:6:7::]",
                            "[IPv6:1:2:3:4:5::192.0.2.1]",
                            "[IPv6::1]",
                            "[IPv6:1:2]",
                            "[IPv6:fe80::1%lo]",
                            "[IPv6 ::1]",
                            "[tag:content]",
                            "[x]",
                            "[192.0.2.1].org",
                            "[192.0.2.1]]",
                            "[IPv6:::192.0.2]",
                            "x[192.0.2.1]"})
        EXPECT_EQ(literal(bad), "refused") << bad;
}

TEST(mailbox, says_whether_smtputf8_is_needed) {
    EXPECT_TRUE(cbv::parse_mailbox("\xC3\xBC@x.org")->needs_smtputf8());
    EXPECT_FALSE(cbv::parse_mailbox("u@\xC3\xBC.org")->needs_smtputf8()); // A-labels will do
}

TEST(mailbox, unquotes_the_local_part) {
    const auto unquoted = [](std::string local) {
        return cbv::mailbox{std::move(local), "x.org", {}}.unquoted_local_part();
    };
    EXPECT_EQ(unquoted("plain"), "plain");
    EXPECT_EQ(unquoted("\"a\\,b\""), "a,b");
    EXPECT_EQ(unquoted("\"\\\\\\\"\""), "\\\"");
    EXPECT_EQ(unquoted("\"\""), "");
    EXPECT_EQ(unquoted("\""), "\"");
    EXPECT_EQ(unquoted("\"a\\\""), "a\\"); // no mailbox, but no harm either
}

TEST(parse_reverse_path, reads_null_plain_and_routed) {
    EXPECT_TRUE(cbv::parse_reverse_path("<>")->is_null());
    const auto plain = cbv::parse_reverse_path("<u@x.org>");
    ASSERT_TRUE(plain.has_value());
    EXPECT_EQ(plain->box->to_string(), "u@x.org");
    EXPECT_FALSE(plain->had_source_route);
    EXPECT_TRUE(cbv::parse_reverse_path("<\"a>b\"@x.org>").has_value());
    for (const char* text : {"<@a:u@d.org>", "<@a.example,@b.example:u@d.org>"}) { // CBV-ADDR-003
        const auto routed = cbv::parse_reverse_path(text);
        ASSERT_TRUE(routed.has_value()) << text;
        EXPECT_TRUE(routed->had_source_route);
        EXPECT_EQ(routed->box->to_string(), "u@d.org");
    }
}

TEST(parse_reverse_path, refuses_what_is_no_path) {
    expect_refused(as_reverse_path,
                   {
                       {"", path_fault::syntax, 0},
                       {"<", path_fault::syntax, 1},
                       {">", path_fault::syntax, 0},
                       {"u@x.org", path_fault::syntax, 0},
                       {"<u@x.org", path_fault::syntax, 8},
                       {"<u@x.org> ", path_fault::syntax, 9},
                       {"<u@x.org>>", path_fault::syntax, 9},
                       {"< >", path_fault::syntax, 1},
                       {"<>x", path_fault::syntax, 1},
                       {"< u@x.org>", path_fault::syntax, 1},
                       {"<<u@x.org>>", path_fault::syntax, 1},
                       {"<u@x.org.>", path_fault::syntax, 9},
                       {"<Postmaster>", path_fault::syntax, 11},
                       {"<@a>", path_fault::syntax, 3},
                       {"<@a:>", path_fault::syntax, 4},
                       {"<@a,:u@x>", path_fault::syntax, 4},
                       {"<@a,b:u@x>", path_fault::syntax, 4},
                       {"<@a@b:u@x>", path_fault::syntax, 3},
                       {"<@:u@x>", path_fault::syntax, 2},
                       {"<@[192.0.2.1]:u@x>", path_fault::syntax, 2},
                       {"<u@x.org\r\n>", path_fault::control_octet, 8},
                       {"<\xC3@x.org>", path_fault::not_utf8, 1},
                   });
}

TEST(parse_reverse_path, limits_the_whole_path) {
    EXPECT_TRUE(cbv::parse_reverse_path("<u@" + labels(252) + ">").has_value());
    EXPECT_TRUE(cbv::parse_reverse_path("<@" + labels(200) + ":u@" + labels(50) + ">").has_value());
    expect_refused(as_reverse_path,
                   {
                       {"<u@" + labels(253) + ">", path_fault::too_long, 256},
                       {"<@" + labels(200) + ":u@" + labels(51) + ">", path_fault::too_long, 256},
                       {"<" + std::string(65, 'u') + "@x.org>", path_fault::too_long, 65},
                   });
}

TEST(parse_forward_path, reads_postmaster_and_refuses_null) {
    const auto postmaster = cbv::parse_forward_path("<PostMaster>");
    ASSERT_TRUE(postmaster.has_value());
    EXPECT_EQ(postmaster->box->to_string(), "PostMaster");
    EXPECT_TRUE(postmaster->box->domain.empty());
    EXPECT_EQ(cbv::parse_forward_path("<@a:u@x.org>")->box->to_string(), "u@x.org");
    expect_refused(cbv::parse_forward_path,
                   {
                       {"<>", path_fault::syntax, 1},
                       {"<postmaster@>", path_fault::syntax, 12},
                       {"<@a:Postmaster>", path_fault::syntax, 14},
                       {"<root>", path_fault::syntax, 5},
                   });
}

TEST(is_domain, follows_the_grammar) {
    for (const auto& good : {"a"s,
                             "a.b"s,
                             "1.2"s,
                             "xn--bcher-kva.example"s,
                             "b\xC3\xBC\x63her.example"s,
                             std::string(63, 'a'),
                             labels(255)})
        EXPECT_TRUE(cbv::is_domain(good)) << good;
    // 66 octets of UTF-8 whose A-label is shorter than 63
    std::string long_u_label;
    for (int i = 0; i < 22; ++i)
        long_u_label += "\xE4\xBE\x8B";
    EXPECT_TRUE(cbv::is_domain(long_u_label));
    for (const auto& bad : {""s,
                            "."s,
                            "a."s,
                            ".a"s,
                            "a..b"s,
                            "-a"s,
                            "a-"s,
                            "a b"s,
                            "a\0b"s,
                            "[192.0.2.1]"s,
                            "a\xFF"s,
                            std::string(64, 'a'),
                            labels(256)})
        EXPECT_FALSE(cbv::is_domain(bad)) << cbv::escape(bad);
}

// No front of a good path is itself good, and no octet put anywhere makes a parser misbehave.
TEST(paths, survive_cuts_and_intruders) {
    const std::string good = "<@a.example,@b:\"q\\\"> \xC3\xBC\"@[IPv6:2001:db8::192.0.2.1]>";
    ASSERT_TRUE(cbv::parse_reverse_path(good).has_value());
    for (std::size_t size = 0; size < good.size(); ++size)
        EXPECT_FALSE(cbv::parse_reverse_path(good.substr(0, size)).has_value()) << size;
    for (std::size_t at = 0; at <= good.size(); ++at) {
        for (int octet = 0; octet < 256; ++octet) {
            std::string text = good;
            text.insert(at, 1, static_cast<char>(octet));
            const auto parsed = cbv::parse_reverse_path(text);
            const bool control = octet < 0x20 || octet == 0x7F;
            EXPECT_FALSE(control && parsed.has_value());
            if (parsed)
                continue;
            EXPECT_EQ(parsed.error().fault == path_fault::control_octet, control);
            EXPECT_LE(parsed.error().offset, text.size());
        }
    }
}

} // namespace
