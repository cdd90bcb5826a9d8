// Tests of fakemx/demo/sites.hpp: reading labels, and the worlds made of them.
#include "fakemx/demo/sites.hpp"
#include "fakemx/dns_message.hpp"
#include "fakemx/dns_responder.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using namespace cbv::fakemx::demo;

surroundings on_loopback() {
    return {"demo.test", {*cbv::ip_address::parse("127.0.0.1")}, true};
}

world made(std::string_view labels, const surroundings& where = on_loopback()) {
    const auto s = read_site(labels);
    EXPECT_EQ(s.problem, "") << labels;
    address_ranges ranges;
    ranges.v4 = *cbv::ip_prefix::parse("127.0.0.0/8");
    ranges.first_v4 = 2;
    address_allocator addresses{ranges};
    return site_world(s, where, addresses);
}

/// "NOERROR 10 mx.x.demo.test; ..." for a lookup in the world of `labels`.
std::string look_up(const world& w, rr_type type, const std::string& name = {}) {
    dns_responder names;
    names.add(w);
    const auto found = names.lookup(name.empty() ? w.domain : name, type);
    std::string text = rcode_text(found.code);
    for (const auto& r : found.records)
        text += r.type == rr_type::mx ? " " + std::to_string(r.preference) + " " + r.target
                                      : " " + (r.address ? r.address->to_string() : r.target);
    return text;
}

TEST(demo_sites, words_are_read) {
    EXPECT_EQ(read_site("nxdomain").what, site_fault::nxdomain);
    EXPECT_EQ(read_site("NXDOMAIN").words, "nxdomain");
    EXPECT_EQ(read_site("dns-slow-2s").dns_delay, 2s);
    EXPECT_EQ(read_site("dns-slow").dns_delay, 5s);
    EXPECT_EQ(read_site("no-smtputf8").without, std::vector<std::string>{"SMTPUTF8"});
    EXPECT_TRUE(read_site("catch-all").catch_all);
    const auto two = read_site("banner-slow-1s.mail-550-5.7.1");
    ASSERT_EQ(two.faults.size(), 2U);
    EXPECT_EQ(two.faults[0].what.where, at::banner);
    EXPECT_EQ(two.faults[1].what.octets, "550 5.7.1 Mailbox unavailable (mail-550-5.7.1)\r\n");
    EXPECT_EQ(read_site("451").faults.front().what.where, at::rcpt);
    const auto first = read_site("first-banner-421");
    EXPECT_EQ(first.what, site_fault::first);
    EXPECT_EQ(first.first, site_fault::none);
    EXPECT_EQ(first.faults.size(), 1U);
    EXPECT_EQ(read_site("first-refused").first, site_fault::refused);
    EXPECT_EQ(read_site("dns-slow-1s.nullmx").what, site_fault::null_mx);
}

TEST(demo_sites, what_is_no_word_has_a_problem) {
    for (const auto* const labels : {"www",
                                     "",
                                     "nxdomain.servfail",
                                     "nxdomain-5",
                                     "first",
                                     "first-x",
                                     "first-refused.mail-451",
                                     "first-banner-421.banner-slow",
                                     "no-foo",
                                     "dns-slow-11m",
                                     "refused.banner-421",
                                     "banner",
                                     "user.banner-421",
                                     "banner-421.banner-554",
                                     "a..b",
                                     "catch-all-x"})
        EXPECT_NE(read_site(labels).problem, "") << labels;
    EXPECT_EQ(read_site("nxdomian").problem, "nxdomian is no word for a domain; near: nxdomain");
    EXPECT_EQ(read_site("dns-sielnt").problem,
              "dns-sielnt is no word for a domain; near: dns-silent");
    EXPECT_EQ(read_site("slwo-5s").problem, "slwo-5s is no word for a domain; near: slow");
    EXPECT_NE(read_site(std::string(100'000, 'a')).problem, "");
    EXPECT_EQ(read_site("\x01\xFF").problem.find('\x01'), std::string::npos);
}

TEST(demo_sites, labels_are_those_before_the_domain) {
    EXPECT_EQ(labels_before("demo.test", "demo.test"), "");
    EXPECT_EQ(labels_before("Banner-554.Demo.TEST.", "demo.test"), "banner-554");
    EXPECT_EQ(labels_before("mx.banner-554.demo.test", "demo.test"), "banner-554");
    EXPECT_EQ(labels_before("mx2.banner-554.demo.test", "demo.test"), "banner-554");
    EXPECT_EQ(labels_before("mx-alias.demo.test", "demo.test"), "mx-alias");
    EXPECT_EQ(labels_before("mx.demo.test", "demo.test"), "");
    EXPECT_EQ(labels_before("xdemo.test", "demo.test"), std::nullopt);
    EXPECT_EQ(labels_before("example.org", "demo.test"), std::nullopt);
    EXPECT_EQ(labels_before("", "demo.test"), std::nullopt);
}

TEST(demo_sites, worlds_have_the_records_of_their_words) {
    EXPECT_EQ(look_up(made("banner-554"), rr_type::mx), "NOERROR 10 mx.banner-554.demo.test");
    EXPECT_EQ(look_up(made("banner-554"), rr_type::a, "mx.banner-554.demo.test"),
              "NOERROR 127.0.0.2");
    EXPECT_EQ(look_up(made("nxdomain"), rr_type::mx), "NXDOMAIN");
    EXPECT_EQ(look_up(made("servfail"), rr_type::a), "SERVFAIL");
    EXPECT_EQ(look_up(made("nullmx"), rr_type::mx), "NOERROR 0 ");
    EXPECT_EQ(look_up(made("no-mx"), rr_type::mx), "NOERROR");
    EXPECT_EQ(look_up(made("no-mx"), rr_type::a), "NOERROR 127.0.0.2");
    EXPECT_EQ(look_up(made("no-address"), rr_type::a, "mx.no-address.demo.test"), "NOERROR");
    EXPECT_EQ(look_up(made("mx-nxdomain"), rr_type::a, "mx.mx-nxdomain.demo.test"), "NXDOMAIN");
    EXPECT_EQ(look_up(made("mx-servfail"), rr_type::mx), "NOERROR 10 mx.mx-servfail.demo.test");
    EXPECT_EQ(look_up(made("mx-servfail"), rr_type::a, "mx.mx-servfail.demo.test"), "SERVFAIL");
    EXPECT_EQ(look_up(made("mx-literal"), rr_type::mx), "NOERROR 10 127.0.0.2");
    EXPECT_EQ(look_up(made("alias"), rr_type::mx),
              "NOERROR real.alias.demo.test 10 mx.alias.demo.test");
    EXPECT_EQ(look_up(made("first-refused"), rr_type::mx),
              "NOERROR 10 mx1.first-refused.demo.test 20 mx2.first-refused.demo.test");
    EXPECT_EQ(look_up(made("v6only"), rr_type::a, "mx.v6only.demo.test"), "NOERROR");
    EXPECT_EQ(look_up(made("v6only"), rr_type::aaaa, "mx.v6only.demo.test"), "NOERROR ::1");
}

TEST(demo_sites, worlds_have_the_hosts_of_their_words) {
    EXPECT_EQ(made("refused").hosts.front().how, reach::refuse);
    EXPECT_EQ(made("blackhole").hosts.front().how, reach::blackhole);
    EXPECT_EQ(made("many-refused").hosts.size(), 10U);
    EXPECT_TRUE(made("nxdomain").hosts.empty());
    EXPECT_TRUE(made("v6only").hosts.empty()); // the main host has the address
    auto lab = on_loopback();
    lab.on_loopback = false;
    EXPECT_TRUE(made("v6only", lab).hosts.front().addresses.front().is_v6());
    EXPECT_TRUE(cbv::ip_prefix::parse("203.0.113.0/24")
                    ->contains(made("blackhole", lab).hosts.front().addresses.front()));
    const auto without = made("no-smtputf8.no-size").hosts.front().keywords;
    EXPECT_EQ(without.size() + 2, usual_keywords().size());
    EXPECT_EQ(made("dns-slow-1s.mx-servfail").answers.size(), 2U);
    for (const auto& a : made("dns-slow-1s.mx-servfail").answers)
        EXPECT_EQ(a.delay, 1s);
}

TEST(demo_sites, the_main_world_has_one_host_at_all_its_addresses) {
    auto where = on_loopback();
    where.main.push_back(*cbv::ip_address::parse("::1"));
    const auto w = main_world(where);
    EXPECT_EQ(look_up(w, rr_type::mx), "NOERROR 10 mx.demo.test");
    EXPECT_EQ(look_up(w, rr_type::aaaa, "mx.demo.test"), "NOERROR ::1");
    EXPECT_EQ(w.hosts.front().addresses.size(), 2U);
    where.main = {*cbv::ip_address::parse("0.0.0.0")};
    EXPECT_EQ(look_up(main_world(where), rr_type::a, "mx.demo.test"), "NOERROR 127.0.0.1");
}

} // namespace
