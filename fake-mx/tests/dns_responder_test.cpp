// Tests of fakemx/dns_responder.hpp: what names mean, faults and counters, and that no octets from
// outside can do harm.
#include "fakemx/dns_responder.hpp"
#include "load_text.hpp"
#include "wire.hpp"

#include <gtest/gtest.h>

#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using namespace cbv::fakemx::test;

/// "NOERROR case1.test>mx1.case1.test 198.18.0.1": the chain and the data, for comparing.
std::string text(const dns_lookup& found) {
    std::string out = rcode_text(found.code);
    for (const auto& r : found.records) {
        out += " " + (r.address ? r.address->to_string() : r.target);
    }
    return out;
}

TEST(dns_responder, answers_from_many_worlds) {
    const auto one =
        load(R"(<world><host id="mx1" mx="10"/><cname name="far" target="mx1.two.test."/>
                             <cname name="loop" target="loop"/><cname name="dead" target="none"/>
                             <mx name="out.example." preference="1" exchange="mx1"/></world>)",
             "one");
    const auto two = load(R"(<world><host id="mx1" address="198.18.9.9"/></world>)", "two");
    dns_responder dns;
    dns.add(one);
    dns.add(two);
    EXPECT_EQ(text(dns.lookup("one.test", rr_type::mx)), "NOERROR mx1.one.test");
    EXPECT_EQ(text(dns.lookup("MX1.one.TEST.", rr_type::a)), "NOERROR 198.18.0.1");
    EXPECT_EQ(text(dns.lookup("far.one.test", rr_type::a)), "NOERROR mx1.two.test 198.18.9.9");
    EXPECT_EQ(text(dns.lookup("far.one.test", rr_type::aaaa)), "NOERROR mx1.two.test");
    EXPECT_EQ(text(dns.lookup("far.one.test", rr_type::cname)), "NOERROR mx1.two.test");
    EXPECT_EQ(text(dns.lookup("loop.one.test", rr_type::a)), "SERVFAIL");
    EXPECT_EQ(text(dns.lookup("dead.one.test", rr_type::a)), "NXDOMAIN none.one.test");
    EXPECT_EQ(text(dns.lookup("one.test", rr_type::any)), "NOERROR mx1.one.test");
    EXPECT_EQ(dns.lookup("x.y.two.test", rr_type::a).world_id, "two");
    EXPECT_EQ(dns.lookup("out.example", rr_type::mx).world_id, "one");
    EXPECT_EQ(dns.lookup("out.example", rr_type::mx).records.size(), 1U);
    EXPECT_THROW(dns.add(two), std::logic_error);
}

TEST(dns_responder, leaves_a_chain_open_where_told_to) {
    const auto w = load(R"(<world><cname name="a" target="b"/><cname name="b" target="a"/>
                             <cname name="c" target="h"/><host id="h"/>
                             <answer name="a" type="*" fault="open-chain"/>
                             <answer name="c" type="*" fault="open-chain"/></world>)");
    dns_responder dns;
    dns.add(w);
    EXPECT_EQ(text(dns.lookup("a.case1.test", rr_type::mx)), "NOERROR b.case1.test a.case1.test");
    EXPECT_EQ(text(dns.lookup("b.case1.test", rr_type::mx)), "SERVFAIL");
    EXPECT_EQ(text(dns.lookup("c.case1.test", rr_type::a)), "NOERROR h.case1.test 198.18.0.1")
        << "one with an end is as ever";
}

TEST(dns_responder, gives_a_record_another_owner) {
    const auto w = load(R"(<world><mx name="@" owner="other" preference="5" exchange="evil"/>
                             <a name="many" address="192.0.2.1 192.0.2.2  192.0.2.3"/></world>)");
    dns_responder dns;
    dns.add(w);
    ASSERT_EQ(dns.lookup("case1.test", rr_type::mx).records.size(), 1U);
    const auto response = dns.respond(query("case1.test", 15), false).at(0);
    EXPECT_NE(response.octets->find("\5other"), std::string::npos);
    EXPECT_EQ(dns.lookup("many.case1.test", rr_type::a).records.size(), 3U);
}

TEST(dns_responder, tells_nodata_from_nxdomain) {
    const auto w = load(R"(<world><host id="mx1" mx="10"/></world>)");
    dns_responder dns;
    dns.add(w);
    const auto nodata = dns.lookup("case1.test", rr_type::a);
    EXPECT_EQ(text(nodata), "NOERROR");
    EXPECT_EQ(nodata.zone, "case1.test");
    EXPECT_EQ(nodata.negative_ttl, dns_responder::negative_ttl);
    const auto none = dns.lookup("nope.case1.test", rr_type::a);
    EXPECT_EQ(text(none), "NXDOMAIN");
    EXPECT_EQ(none.zone, "case1.test");
    EXPECT_EQ(dns.lookup("mx1.case1.test", rr_type::a).zone, "");
    for (const auto* name : {"unknown.test", "test", "", "1.2.0.192.in-addr.arpa", "example.org"}) {
        const auto found = dns.lookup(name, rr_type::a);
        EXPECT_EQ(text(found), "NXDOMAIN") << name;
        EXPECT_EQ(found.world_id, "") << name;
    }
    EXPECT_EQ(dns.lookup("unknown.test", rr_type::a).zone, "test");
    EXPECT_EQ(dns.lookup("example.org", rr_type::a).zone, "");
}

TEST(dns_responder, tells_how_long_nothing_holds) { // RFC 2308 section 5
    const auto w = load(R"(<world><host id="mx1" mx="10"/>
        <answer name="short" type="MX" rcode="NXDOMAIN" ttl="7"/>
        <answer name="gone" type="MX" rcode="NXDOMAIN"/>
        <answer name="bad" type="MX" rcode="SERVFAIL"/></world>)");
    dns_responder dns;
    dns.add(w);
    const auto ttl = [&](const std::string& name) {
        return dns.lookup(name + "case1.test", rr_type::mx).negative_ttl;
    };
    EXPECT_EQ(ttl("short."), 7U);
    EXPECT_EQ(ttl("gone."), 300U);
    EXPECT_EQ(ttl("nope."), 300U);
    EXPECT_EQ(ttl("mx1."), 300U) << "NODATA";
    EXPECT_EQ(ttl("bad."), 0U);
    const auto octets = dns.respond(query("short.case1.test", 15), false).at(0).octets.value();
    EXPECT_EQ(header(octets, 4), 1U) << "a SOA in the authority section";
    EXPECT_EQ(octets.substr(octets.size() - 4), u16(0) + u16(7)) << "MINIMUM";
}

TEST(dns_responder, has_static_records_of_nobody) {
    dns_responder dns;
    record r;
    r.name = "Target.Test.";
    r.address = cbv::ip_address::parse("192.0.2.25");
    dns.add_static(r);
    EXPECT_EQ(text(dns.lookup("target.test", rr_type::a)), "NOERROR 192.0.2.25");
    EXPECT_EQ(text(dns.lookup("target.test", rr_type::mx)), "NOERROR");
    EXPECT_EQ(dns.lookup("target.test", rr_type::a).world_id, "");
}

TEST(dns_responder, counts_answers_and_queries) {
    const auto w = load(R"(<world>
        <a name="@" address="192.0.2.1" times="2"/><a name="@" address="192.0.2.2" after="1"/>
        <txt name="once" text="x" times="1"/>
        <answer name="t" type="A" rcode="SERVFAIL" times="1"/><a name="t" address="192.0.2.9"/>
    </world>)");
    dns_responder dns;
    dns.add(w);
    EXPECT_EQ(text(dns.lookup("case1.test", rr_type::a)), "NOERROR 192.0.2.1");
    EXPECT_EQ(text(dns.lookup("case1.test", rr_type::mx)), "NOERROR"); // another count
    EXPECT_EQ(text(dns.lookup("case1.test", rr_type::a)), "NOERROR 192.0.2.1 192.0.2.2");
    EXPECT_EQ(text(dns.lookup("case1.test", rr_type::a)), "NOERROR 192.0.2.2");
    EXPECT_EQ(text(dns.lookup("once.case1.test", rr_type::txt)), "NOERROR x");
    EXPECT_EQ(text(dns.lookup("once.case1.test", rr_type::txt)), "NOERROR");
    EXPECT_EQ(text(dns.lookup("t.case1.test", rr_type::a)), "SERVFAIL");
    EXPECT_EQ(text(dns.lookup("t.case1.test", rr_type::a)), "NOERROR 192.0.2.9");
}

TEST(dns_responder, puts_faults_on_the_wire) {
    const auto w = load(R"(<world>
        <host id="h"/>
        <answer name="silent" type="A" fault="silent"/>
        <answer name="garbage" type="*" fault="garbage"/>
        <answer name="empty" type="A" fault="empty" delay="1s"/>
        <answer name="h" type="A" fault="wrong-id" times="1"/>
        <answer name="h" type="A" fault="truncate"/>
        <answer name="cut" type="A" fault="truncate-always"/>
        <answer name="refused" type="MX" rcode="REFUSED"/>
        <answer name="gone" type="*" rcode="NXDOMAIN"/>
    </world>)");
    dns_responder dns;
    dns.add(w);
    const auto ask = [&](const std::string& name, unsigned type, bool tcp = false) {
        auto all = dns.respond(query(name + ".case1.test", type), tcp);
        EXPECT_EQ(all.size(), 1U);
        EXPECT_EQ(all.at(0).world_id, "case1");
        return all.at(0);
    };
    EXPECT_FALSE(ask("silent", 1).octets);
    EXPECT_EQ(ask("silent", 1).query, "A silent.case1.test");
    EXPECT_EQ(ask("silent", 1).answer, "A silent.case1.test (no answer)");
    EXPECT_LT(ask("garbage", 99).octets->size(), 12U);
    EXPECT_EQ(*ask("empty", 1).octets, "");
    EXPECT_EQ(ask("empty", 1).delay, 1s);
    const auto wrong = ask("h", 1);
    EXPECT_EQ(header(*wrong.octets, 0), 0x1234U ^ 0xFFFFU);
    EXPECT_EQ(wrong.answer, "A h.case1.test NOERROR 1 record (wrong id)");
    const auto cut = ask("h", 1);
    EXPECT_EQ(header(*cut.octets, 1), 0x8380U);
    EXPECT_EQ(header(*cut.octets, 3), 0U);
    const auto whole = ask("h", 1, true);
    EXPECT_EQ(header(*whole.octets, 1), 0x8180U);
    EXPECT_EQ(header(*whole.octets, 3), 1U);
    EXPECT_EQ(whole.answer, "A h.case1.test NOERROR 1 record");
    for (const bool tcp : {false, true})
        EXPECT_EQ(header(*ask("cut", 1, tcp).octets, 1), 0x8380U);
    EXPECT_EQ(header(*ask("refused", 15).octets, 1), 0x8185U);
    EXPECT_EQ(header(*ask("gone", 1).octets, 4), 1U);
}

TEST(dns_responder, refuses_what_it_does_not_do) {
    dns_responder dns;
    auto notify = query("a.test", 1);
    notify[2] = '\x20';
    EXPECT_EQ(header(*dns.respond(notify, false).at(0).octets, 1) & 0xFU, 4U);
    auto chaos = query("a.test", 16);
    chaos.back() = 3;
    EXPECT_EQ(header(*dns.respond(chaos, false).at(0).octets, 1) & 0xFU, 4U);
    auto two = query("a.test", 1);
    two[5] = 2;
    EXPECT_EQ(header(*dns.respond(two, false).at(0).octets, 1) & 0xFU, 1U);
    EXPECT_TRUE(dns.respond("short", false).empty());
}

TEST(dns_responder, survives_any_octets) {
    const auto w = load(R"(<world><host id="mx1" mx="10"/><cname name="c" target="mx1"/></world>)");
    dns_responder dns;
    dns.add(w);
    const std::string seeds[] = {query("case1.test", 15, 4096), query("c.case1.test", 1)};
    std::uint32_t state = 1; // a linear congruence: the same mutations each time
    const auto next = [&] { return (state = state * 1664525U + 1013904223U) >> 8U; };
    std::size_t answered = 0;
    for (int round = 0; round < 40'000; ++round) {
        auto octets = seeds[round % 2];
        for (std::uint32_t n = next() % 4 + 1; n > 0; --n)
            octets[next() % octets.size()] = static_cast<char>(next());
        if (next() % 4 == 0)
            octets.resize(next() % octets.size());
        for (const auto& r : dns.respond(octets, round % 3 == 0)) {
            ++answered;
            ASSERT_TRUE(r.octets.has_value());
            ASSERT_GE(r.octets->size(), 12U);
            ASSERT_EQ(r.octets->substr(0, 2), octets.substr(0, 2));
        }
    }
    EXPECT_GT(answered, 1000U);
}

} // namespace
