// Tests of fakemx/dns_message.hpp: queries good and hostile, and the octets of responses.
#include "fakemx/dns_message.hpp"
#include "wire.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace cbv::fakemx;
using namespace cbv::fakemx::test;
using namespace std::string_literals;

TEST(dns_message, reads_a_query) {
    dns_query q;
    ASSERT_EQ(read_query(query("MX1.Case1.Test", 15, 4096), q), query_fault::none);
    EXPECT_EQ(q.id, 0x1234);
    EXPECT_TRUE(q.recursion_desired);
    EXPECT_EQ(q.name, "mx1.case1.test");
    EXPECT_EQ(q.type, rr_type::mx);
    EXPECT_EQ(q.klass, 1);
    EXPECT_EQ(q.edns_size, 4096);
    EXPECT_EQ(q.question, wire_name("MX1.Case1.Test") + u16(15) + u16(1));
    ASSERT_EQ(read_query(query("", 2), q), query_fault::none);
    EXPECT_EQ(q.name, "");
    EXPECT_FALSE(q.edns_size);
    ASSERT_EQ(read_query(u16(1) + u16(0) + u16(1) + u16(0) + u16(0) + u16(0) + "\3a.b\1\\\0"s +
                             u16(1) + u16(1),
                         q),
              query_fault::none);
    EXPECT_EQ(q.name, "a\\.b.\\\\");
}

TEST(dns_message, follows_compression_backwards_only) {
    dns_query q;
    // The OPT owner points to the question's name; nothing forbids it.
    auto good = query("a.test", 1) + "\xC0\x0C"s + u16(41) + u16(1400) + u16(0) + u16(0) + u16(0);
    good[11] = 1;
    EXPECT_EQ(read_query(good, q), query_fault::none);
    EXPECT_EQ(q.edns_size, 1400);
    const std::string head = query("", 1).substr(0, 12);
    for (const auto& name : {"\xC0\x0C"s,
                             "\xC0\xFF"s,
                             "\xC0\x00"s,
                             "\x01"
                             "a\xC0\x0E"s,
                             "\x40x"s,
                             "\x3F"s,
                             "\x01"s})
        EXPECT_EQ(read_query(head + name + u16(1) + u16(1), q), query_fault::malformed);
    std::string long_name;
    for (int i = 0; i < 5; ++i)
        long_name += '\x3F' + std::string(63, 'a');
    EXPECT_EQ(read_query(head + long_name + '\0' + u16(1) + u16(1), q), query_fault::malformed);
}

TEST(dns_message, tells_what_is_no_query) {
    dns_query q;
    EXPECT_EQ(read_query("", q), query_fault::no_query);
    EXPECT_EQ(read_query("12345678901", q), query_fault::no_query);
    auto response = query("a", 1);
    response[2] = '\x81';
    EXPECT_EQ(read_query(response, q), query_fault::no_query);
    auto two = query("a", 1);
    two[5] = 2;
    EXPECT_EQ(read_query(two, q), query_fault::malformed);
    EXPECT_EQ(q.id, 0x1234);
    for (std::size_t n = 12; n < query("a.test", 1, 512).size(); ++n)
        EXPECT_NE(read_query(query("a.test", 1, 512).substr(0, n), q), query_fault::none) << n;
    auto notify = query("a", 1);
    notify[2] = '\x20';
    EXPECT_EQ(read_query(notify, q), query_fault::none);
    EXPECT_EQ(q.opcode, 4);
}

TEST(dns_message, writes_compressed_records) {
    dns_query q;
    (void)read_query(query("Case1.test", 15, 1232), q);
    dns_reply r;
    record mx;
    mx.name = "case1.test";
    mx.type = rr_type::mx;
    mx.ttl = 300;
    mx.preference = 10;
    mx.target = "mx1.case1.test";
    r.answers.push_back(mx);
    const auto octets = write_reply(q, r, 512);
    EXPECT_EQ(octets,
              u16(0x1234) + u16(0x8180) + u16(1) + u16(1) + u16(0) + u16(1) +
                  wire_name("Case1.test") + u16(15) + u16(1) + "\xC0\x0C"s + u16(15) + u16(1) +
                  u16(0) + u16(300) + u16(8) + u16(10) + "\3mx1\xC0\x0C"s + "\0"s + u16(41) +
                  u16(1232) + u16(0) + u16(0) + u16(0));
}

TEST(dns_message, writes_every_type_and_a_negative_answer) {
    dns_query q;
    (void)read_query(query("x.test", 16), q);
    dns_reply r;
    record txt;
    txt.name = "x.test";
    txt.type = rr_type::txt;
    txt.target = std::string(300, 't');
    record root = txt;
    root.type = rr_type::mx;
    root.target = "";
    record six = txt;
    six.type = rr_type::aaaa;
    six.address = cbv::ip_address::parse("2001:db8::1");
    r.answers = {txt, root, six};
    auto octets = write_reply(q, r, 65535);
    EXPECT_NE(
        octets.find(u16(302) + '\xFF' + std::string(255, 't') + '\x2D' + std::string(45, 't')),
        octets.npos);
    EXPECT_NE(octets.find(u16(3) + u16(0) + '\0'), octets.npos);
    EXPECT_NE(octets.find(u16(16) + u16(0x2001) + u16(0xDB8)), octets.npos);

    dns_reply no;
    no.code = rcode::name_error;
    no.negative_zone = "test";
    no.negative_ttl = 60;
    octets = write_reply(q, no, 512);
    EXPECT_EQ(header(octets, 1), 0x8183U);
    EXPECT_EQ(header(octets, 4), 1U);
    EXPECT_EQ(octets.substr(octets.size() - 4), u16(0) + u16(60));
}

TEST(dns_message, truncates_what_does_not_fit) {
    dns_query q;
    (void)read_query(query("x.test", 16), q);
    dns_reply r;
    record txt;
    txt.name = "x.test";
    txt.type = rr_type::txt;
    txt.target = std::string(600, 't');
    r.answers = {txt};
    const auto cut = write_reply(q, r, 512);
    EXPECT_EQ(header(cut, 1), 0x8380U);
    EXPECT_EQ(header(cut, 3), 0U);
    EXPECT_LE(cut.size(), 512U);
    EXPECT_EQ(header(write_reply(q, r, 1232), 3), 1U);
}

TEST(dns_message, has_words) {
    EXPECT_EQ(rcode_text(0), "NOERROR");
    EXPECT_EQ(rcode_text(5), "REFUSED");
    EXPECT_EQ(rcode_text(9), "RCODE9");
    EXPECT_EQ(type_text(rr_type::aaaa), "AAAA");
    EXPECT_EQ(type_text(rr_type::any), "*");
    EXPECT_EQ(type_text(static_cast<rr_type>(33)), "TYPE33");
}

} // namespace
