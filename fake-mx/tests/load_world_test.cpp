// Tests of fakemx/load_world.hpp: what good files mean. Bad ones are in load_errors_test.cpp.
#include "fakemx/load_world.hpp"
#include "load_text.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using cbv::fakemx::test::load;

TEST(load_world, gives_hosts_names_addresses_and_records) {
    const auto w = load(R"(<world>
        <host id="mx1" mx="10" keywords="PIPELINING; SIZE 1000;"/>
        <host id="mx2" mx="20" family="both" name="mail.example.test."/>
        <host id="web" dns="no"/>
        <host id="dead" reach="blackhole" family="ipv6"/>
        <host id="fix" address="127.0.0.1 ::1" reach="refuse"/>
    </world>)");
    EXPECT_EQ(w.id, "case1");
    EXPECT_EQ(w.domain, "case1.test");
    ASSERT_EQ(w.hosts.size(), 5U);
    EXPECT_EQ(w.hosts[0].name, "mx1.case1.test");
    EXPECT_EQ(w.hosts[0].keywords, (std::vector<std::string>{"PIPELINING", "SIZE 1000"}));
    EXPECT_EQ(w.hosts[0].addresses[0].to_string(), "198.18.0.1");
    EXPECT_EQ(w.hosts[1].name, "mail.example.test");
    ASSERT_EQ(w.hosts[1].addresses.size(), 2U);
    EXPECT_EQ(w.hosts[1].addresses[1].to_string(), "2001:db8:0:1::1");
    EXPECT_EQ(w.hosts[2].addresses[0].to_string(), "198.18.0.3");
    EXPECT_EQ(w.hosts[3].addresses[0].to_string(), "2001:db8:dead::1");
    EXPECT_EQ(w.hosts[3].how, reach::blackhole);
    EXPECT_EQ(w.hosts[4].how, reach::refuse);
    EXPECT_EQ(w.find("mx2"), &w.hosts[1]);
    EXPECT_EQ(w.find("mx9"), nullptr);

    std::vector<std::string> seen;
    for (const auto& r : w.records)
        seen.push_back(
            r.name + " " + std::to_string(static_cast<int>(r.type)) + " " +
            (r.address ? r.address->to_string() : std::to_string(r.preference) + " " + r.target));
    EXPECT_EQ(seen,
              (std::vector<std::string>{"case1.test 15 10 mx1.case1.test",
                                        "mx1.case1.test 1 198.18.0.1",
                                        "case1.test 15 20 mail.example.test",
                                        "mail.example.test 1 198.18.0.2",
                                        "mail.example.test 28 2001:db8:0:1::1",
                                        "dead.case1.test 28 2001:db8:dead::1",
                                        "fix.case1.test 1 127.0.0.1",
                                        "fix.case1.test 28 ::1"}));
}

TEST(load_world, reads_records_before_and_after_the_hosts_they_name) {
    const auto w = load(R"(<world>
        <a name="@" host="late" ttl="7"/>
        <mx name="@" preference="0" exchange="."/>
        <mx name="sub" preference="5" exchange="{host:late}"/>
        <cname name="ALIAS" target="mx.other.test."/>
        <txt name="@" text="v=spf1 ip4:{address:late} {{x}"/>
        <ptr name="1.0.18.198.in-addr.arpa." target="late"/>
        <aaaa name="late" address="2001:db8::5" times="3" after="1"/>
        <host id="late" dns="no"/>
    </world>)");
    ASSERT_EQ(w.records.size(), 7U);
    EXPECT_EQ(w.records[0].address->to_string(), "198.18.0.1");
    EXPECT_EQ(w.records[0].ttl, 7U);
    EXPECT_EQ(w.records[1].target, "");
    EXPECT_EQ(w.records[2].name, "sub.case1.test");
    EXPECT_EQ(w.records[2].target, "late.case1.test");
    EXPECT_EQ(w.records[3].name, "alias.case1.test");
    EXPECT_EQ(w.records[3].target, "mx.other.test");
    EXPECT_EQ(w.records[4].target, "v=spf1 ip4:198.18.0.1 {x}");
    EXPECT_EQ(w.records[5].name, "1.0.18.198.in-addr.arpa");
    EXPECT_EQ(w.records[5].target, "late.case1.test");
    EXPECT_EQ(w.records[6].times, 3U);
    EXPECT_EQ(w.records[6].after, 1U);
}

TEST(load_world, reads_rules) {
    const auto w = load(R"(<world><host id="mx1">
        <rule at="rcpt" match="bad@{domain}" times="1" connection="2" delay="rcpt-timeout * 1.5"
              reply="550-5.1.1 {recipient}\n550 5.1.1 {path} {{n} \x7Bname}"/>
        <rule at="banner" bytes="220 \x00\\\t{name}\r\n" segments="3" gap="1s"/>
        <rule at="any" drip="20ms" reply="250 x"/>
        <rule at="ehlo" endless="yes" reply="250-x" gap="5ms"/>
        <rule at="mail" then="close"/>
        <rule at="quit" delay="1s"/>
        <rule at="data" reply="" then="reset"/>
    </host></world>)");
    const auto& r = w.hosts[0].rules;
    ASSERT_EQ(r.size(), 7U);
    EXPECT_EQ(r[0].where, at::rcpt);
    EXPECT_EQ(r[0].match, "bad@case1.test");
    EXPECT_EQ(r[0].times, 1U);
    EXPECT_EQ(r[0].connection, 2U);
    EXPECT_EQ(r[0].delay, 15s);
    EXPECT_EQ(*r[0].octets, "550-5.1.1 user@local.test\r\n550 5.1.1 {path} {{n} {{name}\r\n");
    EXPECT_FALSE(r[0].default_reply);
    EXPECT_EQ(*r[1].octets, (std::string{"220 \0\\\t{name}\r\n", 15}));
    EXPECT_EQ(r[1].segments, 3U);
    EXPECT_EQ(r[1].gap, 1s);
    EXPECT_TRUE(r[2].drip);
    EXPECT_EQ(r[2].gap, 20ms);
    EXPECT_TRUE(r[3].endless);
    EXPECT_FALSE(r[4].octets);
    EXPECT_FALSE(r[4].default_reply);
    EXPECT_EQ(r[4].after, then::close);
    EXPECT_TRUE(r[5].default_reply);
    EXPECT_EQ(*r[6].octets, "\r\n");
}

TEST(load_world, reads_answers) {
    const auto w = load(R"(<world>
        <answer name="@" type="MX" rcode="SERVFAIL" times="2"/>
        <answer name="*" type="*" fault="wrong-id" delay="2s"/>
        <answer name="x.y.test." type="AAAA" fault="silent"/>
    </world>)");
    ASSERT_EQ(w.answers.size(), 3U);
    EXPECT_EQ(w.answers[0].name, "case1.test");
    EXPECT_EQ(w.answers[0].type, rr_type::mx);
    EXPECT_EQ(w.answers[0].rcode, 2);
    EXPECT_EQ(w.answers[0].times, 2U);
    EXPECT_EQ(w.answers[1].name, "*");
    EXPECT_EQ(w.answers[1].type, rr_type::any);
    EXPECT_EQ(w.answers[1].fault, dns_fault::wrong_id);
    EXPECT_EQ(w.answers[1].delay, 2s);
    EXPECT_EQ(w.answers[2].name, "x.y.test");
}

TEST(load_world, what_a_placeholder_stands_for_is_taken_as_it_is) {
    address_allocator addresses;
    const xml_document document{
        R"(<world><host id="mx1"><rule at="rcpt" reply="250 {recipient}"/></host></world>)", "w"};
    load_options options;
    options.placeholders["recipient"] = R"("a\n{name}"@x.test)";
    const auto w = load_world(document.root(), "c", options, addresses);
    EXPECT_EQ(*w.hosts[0].rules[0].octets, "250 \"a\\n{{name}\"@x.test\r\n");
}

TEST(load_world, names_dns_names) {
    const auto w = load("<world/>");
    EXPECT_EQ(absolute_name(w, "@"), "case1.test");
    EXPECT_EQ(absolute_name(w, "."), "");
    EXPECT_EQ(absolute_name(w, "Mx1"), "mx1.case1.test");
    EXPECT_EQ(absolute_name(w, "a.b"), "a.b.case1.test");
    EXPECT_EQ(absolute_name(w, "Org.Test."), "org.test");
    EXPECT_EQ(absolute_name(w, "x.case1.test"), "x.case1.test");
    EXPECT_TRUE(is_dns_name(""));
    EXPECT_TRUE(is_dns_name(std::string(63, 'a') + ".b"));
    EXPECT_FALSE(is_dns_name(std::string(64, 'a')));
    EXPECT_FALSE(is_dns_name("a..b"));
    EXPECT_FALSE(is_dns_name(".a"));
    EXPECT_FALSE(is_dns_name("a."));
    EXPECT_FALSE(is_dns_name(std::string(127, 'a').replace(63, 1, ".") + "." +
                             std::string(127, 'b').replace(63, 1, ".")));
}

} // namespace
