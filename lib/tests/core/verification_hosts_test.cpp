// Tests of cbv/verification.hpp: which hosts a whole call asks, in which order, and which it leaves
// alone. The rules themselves are tested with host_selection and decision.
#include "cbv/verification.hpp"
#include "virtual_world.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::dns_status;
using cbv::record_type;
using cbv::stage;
using cbv::verdict_kind;
using cbv::test::course;
using cbv::test::entry;
using cbv::test::host;
using cbv::test::virtual_world;

/// example.org with `count` hosts; preferences by `step`; addresses 198.18.0.1 and on, all up.
virtual_world hosts(int count, int step = 10) {
    virtual_world w;
    std::vector<cbv::mx_record> records;
    for (int i = 1; i <= count; ++i) {
        const std::string name = "mx" + std::to_string(i) + ".example.org";
        const std::string address = "198.18.0." + std::to_string(i);
        records.push_back({static_cast<std::uint16_t>(10 + step * i), name});
        w.address(name, {address});
        w.at(address);
    }
    w.mx("example.org", records);
    return w;
}

// CBV-MX-007, CBV-MX-009, CBV-MX-010: decided by the MX query alone; no address is asked for.
TEST(verification_hosts, decides_by_the_mx_answer_without_asking_on) {
    virtual_world null_mx;
    null_mx.mx("example.org", {{0, "."}});
    null_mx.address("example.org", {"198.18.0.1"});
    const course a = null_mx.run("joe@example.org");
    expect(a, verdict_kind::fail, cause::null_mx, "CBV-MX-007");
    EXPECT_EQ(a.log,
              (std::vector<entry>{{0ms, "query MX example.org"}, {0ms, "done fail null-mx"}}));
    EXPECT_EQ(a.result->at, stage::mx_lookup);
    EXPECT_EQ(a.result->mx_count, 1U);

    virtual_world gone;
    const course b = gone.run("joe@example.org");
    expect(b, verdict_kind::fail, cause::domain_not_found, "CBV-MX-009");
    EXPECT_EQ(b.count("query"), 1U);
    gone.options.selection.soft_nxdomain = true;
    expect(
        gone.run("joe@example.org"), verdict_kind::tempfail, cause::domain_not_found, "CBV-MX-009");

    virtual_world broken;
    broken.address("example.org", {"198.18.0.1"});
    broken.status("example.org", record_type::mx, dns_status::temporary);
    const course c = broken.run("joe@example.org");
    expect(c, verdict_kind::tempfail, cause::dns_failure, "CBV-MX-010");
    EXPECT_EQ(c.count("query"), 1U);
}

// CBV-MX-001, CBV-MX-002
TEST(verification_hosts, uses_the_domain_itself_only_without_mx) {
    virtual_world w;
    w.address("example.org", {"198.18.0.1"});
    w.at("198.18.0.1");
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.result->host, "example.org");
    EXPECT_EQ(c.result->attempts[0].preference, 0U);
    EXPECT_EQ(c.result->mx_count, 0U);

    w.mx("example.org", {{10, "mx.example.org"}});
    w.address("mx.example.org", {"198.18.0.2"});
    const course d = w.run("joe@example.org");
    expect(d, verdict_kind::tempfail, cause::connection_refused, "CBV-INT-010");
    EXPECT_EQ(d.count("connect 198.18.0.1"), 0U);

    virtual_world empty;
    empty.mx("example.org", {});
    const course e = empty.run("joe@example.org");
    expect(e, verdict_kind::fail, cause::no_address, "CBV-MX-009");
    EXPECT_EQ(e.result->at, stage::address_lookup);
    empty.options.selection.soft_nxdomain = true;
    expect(empty.run("joe@example.org"), verdict_kind::tempfail, cause::no_address, "CBV-MX-009");
}

// CBV-MX-011
TEST(verification_hosts, fails_without_candidates_only_when_every_lookup_was_definite) {
    virtual_world w;
    w.mx("example.org", {{10, "mx1.example.org"}, {20, "mx2.example.org"}});
    expect(w.run("joe@example.org"), verdict_kind::fail, cause::no_address, "CBV-MX-011");
    w.status("mx2.example.org", record_type::a, dns_status::temporary);
    expect(w.run("joe@example.org"), verdict_kind::tempfail, cause::dns_failure, "CBV-MX-011");
}

// CBV-MX-003
TEST(verification_hosts, asks_in_the_order_of_preference) {
    auto w = hosts(3, -3); // the last is the best
    w.at("198.18.0.3").reachable = host::reach::refused;
    w.at("198.18.0.2").drop("greeting");
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_LT(c.when("connect 198.18.0.3"), c.when("connect 198.18.0.2"));
    EXPECT_LT(c.when("connect 198.18.0.2"), c.when("connect 198.18.0.1"));
    EXPECT_EQ(c.result->host, "mx1.example.org");
}

// CBV-MX-004
TEST(verification_hosts, shuffles_hosts_of_equal_preference) {
    auto w = hosts(2, 0);
    std::set<std::string> first;
    for (std::uint64_t seed = 0; seed < 40; ++seed) {
        w.options.selection.seed = seed;
        const course c = w.run("joe@example.org");
        expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
        EXPECT_EQ(c.count("connect"), 1U);
        first.insert(c.result->host);
        EXPECT_EQ(w.run("joe@example.org").log, c.log); // the same seed, the same call
    }
    EXPECT_EQ(first.size(), 2U);
}

// CBV-HOST-008
TEST(verification_hosts, bounds_the_attempts_at_dead_hosts) {
    for (const int step : {0, 1}) {
        auto w = hosts(20, step);
        for (int i = 1; i <= 20; ++i)
            w.at("198.18.0." + std::to_string(i)).reachable = host::reach::refused;
        const course c = w.run("joe@example.org");
        EXPECT_EQ(c.result->kind, verdict_kind::tempfail);
        EXPECT_EQ(c.result->why, cause::connection_refused);
        EXPECT_EQ(c.count("connect"), 4U);
        EXPECT_EQ(c.result->attempts.size(), 4U);
        EXPECT_EQ(c.result->mx_count, 20U);
        w.options.max_attempts = 2;
        EXPECT_EQ(w.run("joe@example.org").count("connect"), 2U);
    }
}

// CBV-HOST-007: one lookup, and the call goes to the very address that was tested.
TEST(verification_hosts, looks_every_name_up_once) {
    auto w = hosts(1);
    w.address("mx1.example.org", {"198.18.0.1", "198.18.0.2"});
    w.address("mx1.example.org", {"2001:db8::1"}, {}, record_type::aaaa);
    const course c = w.run("joe@example.org");
    EXPECT_EQ(c.count("query MX example.org"), 1U);
    EXPECT_EQ(c.count("query A mx1.example.org"), 1U);
    EXPECT_EQ(c.count("query AAAA mx1.example.org"), 1U);
    EXPECT_EQ(c.count("query"), 3U);
    EXPECT_EQ(c.count("connect 198.18.0.1 mx1.example.org"), 1U);

    w.at("198.18.0.1").reachable = host::reach::refused;
    const course all = w.run("joe@example.org"); // the order of the answers does not matter
    EXPECT_EQ(all.count("query"), 3U);
    EXPECT_EQ(all.count("connect"), 3U);
    w.address("mx1.example.org", {"198.18.0.1", "198.18.0.2"}, 1s);
    EXPECT_LT(w.run("joe@example.org").when("connect 198.18.0.2"),
              w.run("joe@example.org").when("connect 2001:db8::1"));
}

// CBV-HOST-001, CBV-HOST-005, CBV-HOST-006
TEST(verification_hosts, skips_prohibited_addresses) {
    auto w = hosts(1);
    w.address("mx1.example.org", {"127.0.0.1", "198.18.0.1"});
    const course mixed = w.run("joe@example.org");
    expect(mixed, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(mixed.count("connect"), 1U);

    w.at("198.18.0.1").reachable = host::reach::refused;
    EXPECT_EQ(w.run("joe@example.org").result->kind, verdict_kind::tempfail);

    w.address("mx1.example.org", {"127.0.0.1", "10.1.2.3"});
    w.address("mx1.example.org", {"::ffff:127.0.0.1"}, {}, record_type::aaaa);
    const course all = w.run("joe@example.org");
    expect(all, verdict_kind::fail, cause::hosts_prohibited, "CBV-HOST-006");
    EXPECT_EQ(all.count("connect"), 0U);
}

// CBV-HOST-004: MX 5 another host, 10 we, 20 a third one.
TEST(verification_hosts, drops_itself_and_all_that_is_not_better) {
    for (const bool by_name : {true, false}) {
        virtual_world w;
        w.mx("example.org", {{5, "a.example"}, {10, "us.example"}, {20, "c.example"}});
        w.address("a.example", {"198.18.0.1"});
        w.address("us.example", {"198.18.0.2"});
        w.address("c.example", {"198.18.0.3"});
        w.at("198.18.0.3");
        if (by_name)
            w.options.selection.own_names = {"us.example"};
        else
            w.options.addresses.add_own(*cbv::ip_address::parse("198.18.0.2"));
        const course c = w.run("joe@example.org");
        expect(c, verdict_kind::tempfail, cause::connection_refused, "CBV-INT-010");
        EXPECT_EQ(c.count("connect 198.18.0.1"), 1U);
        EXPECT_EQ(c.count("connect"), 1U);
        EXPECT_EQ(c.count("query A c.example"), 0U);

        w.mx("example.org", {{10, "us.example"}, {20, "c.example"}}); // we are the best
        const course best = w.run("joe@example.org");
        expect(best, verdict_kind::unverifiable, cause::own_host, "CBV-ELIG-018");
        EXPECT_EQ(best.count("connect"), 0U);
    }
}

// CBV-GREY-001: no other host of that preference, but the next preference.
TEST(verification_hosts, asks_no_host_of_a_greylisting_preference_again) {
    auto w = hosts(2, 0);
    for (const char* address : {"198.18.0.1", "198.18.0.2"})
        w.at(address).say("RCPT", "450 greylisted");
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::tempfail, cause::temporary_reply, "CBV-GREY-001");
    EXPECT_EQ(c.count("connect"), 1U);

    w.mx("example.org",
         {{10, "mx1.example.org"}, {10, "mx2.example.org"}, {20, "mx3.example.org"}});
    w.address("mx3.example.org", {"198.18.0.3"});
    w.at("198.18.0.3");
    const course next = w.run("joe@example.org");
    expect(next, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(next.count("connect"), 2U);
    EXPECT_EQ(next.result->host, "mx3.example.org");
}

// CBV-SMX-001, CBV-SMX-002
TEST(verification_hosts, lets_a_secondary_acquit_but_not_condemn) {
    for (const char* point : {"greeting", "EHLO", "MAIL", "RCPT"}) {
        auto w = hosts(2);
        w.at("198.18.0.1").say(point, "450 not now");
        expect(w.run("joe@example.org"), verdict_kind::pass, cause::accepted, "CBV-INT-002");
        w.at("198.18.0.2").say("RCPT", "550 no");
        const course c = w.run("joe@example.org");
        expect(c, verdict_kind::tempfail, cause::temporary_reply, "CBV-SMX-002");
        EXPECT_EQ(c.result->host, "mx2.example.org");
        EXPECT_EQ(c.result->reply, (cbv::reply{550, {"no"}}));
    }
    auto lookup = hosts(2);
    lookup.status("mx1.example.org", record_type::a, dns_status::temporary);
    lookup.at("198.18.0.2").say("RCPT", "550 no");
    expect(
        lookup.run("joe@example.org"), verdict_kind::tempfail, cause::dns_failure, "CBV-SMX-002");
}

// An exchange whose other addresses were called is not unknown for an AAAA lookup that failed.
TEST(verification_hosts, takes_one_family_for_the_host) {
    auto w = hosts(2);
    w.status("mx1.example.org", record_type::aaaa, dns_status::temporary);
    w.at("198.18.0.1").say("RCPT", "550 no");
    expect(w.run("joe@example.org"), verdict_kind::fail, cause::mailbox_refused, "CBV-INT-003");
}

// CBV-INT-011: a refusal is not shopped round.
TEST(verification_hosts, ends_at_a_refusal) {
    for (const char* line : {"550 no", "550 5.7.1 no", "552 full", "503 sequence"}) {
        auto w = hosts(2);
        w.at("198.18.0.1").script["EHLO"] = {{"250-mx\r\n250 ENHANCEDSTATUSCODES\r\n"}};
        w.at("198.18.0.1").say("RCPT", line);
        EXPECT_EQ(w.run("joe@example.org").count("connect"), 1U) << line;
    }
}

// CBV-INT-008: hosts greet listed clients so.
TEST(verification_hosts, takes_521_everywhere_for_refusals_of_us) {
    auto w = hosts(2);
    w.at("198.18.0.1").say("greeting", "521 no mail");
    w.at("198.18.0.2").say("greeting", "521 no mail");
    const course c = w.run("joe@example.org");
    expect(c, verdict_kind::unverifiable, cause::prober_refused, "CBV-INT-008");
    EXPECT_EQ(c.count("connect"), 2U);
}

// CBV-ADDR-010
TEST(verification_hosts, calls_a_literal_without_dns) {
    virtual_world w;
    w.at("198.18.0.1");
    const course c = w.run("joe@[198.18.0.1]");
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.count("query"), 0U);
    EXPECT_EQ(c.count("send 198.18.0.1 RCPT TO:<joe@[198.18.0.1]>\r\n"), 1U);
    EXPECT_EQ(c.result->host, "[198.18.0.1]");
    EXPECT_EQ(c.result->attempts[0].preference, 0U);

    for (const char* box :
         {"joe@[127.0.0.1]", "joe@[IPv6:::1]", "joe@[10.0.0.1]", "joe@[IPv6:::ffff:127.0.0.1]"}) {
        const course p = w.run(box);
        expect(p, verdict_kind::fail, cause::hosts_prohibited, "CBV-HOST-006");
        EXPECT_EQ(p.log.size(), 1U) << box;
    }
    w.options.addresses.add_own(*cbv::ip_address::parse("198.18.0.1"));
    const course own = w.run("joe@[198.18.0.1]");
    expect(own, verdict_kind::unverifiable, cause::own_host, "CBV-ELIG-018");
    EXPECT_EQ(own.log.size(), 1U);
}

// CBV-ADDR-007
TEST(verification_hosts, fails_without_smtputf8_only_when_every_host_lacks_it) {
    auto w = hosts(2);
    const std::string box = "j\xC3\xB6@example.org";
    const course c = w.run(box);
    expect(c, verdict_kind::fail, cause::smtputf8_missing, "CBV-ADDR-007");
    EXPECT_EQ(c.count("connect"), 2U);
    EXPECT_EQ(c.count("send 198.18.0.1 MAIL"), 0U);
    EXPECT_EQ(c.count("send 198.18.0.1 QUIT"), 1U);
    EXPECT_EQ(c.count("send 198.18.0.2 RCPT"), 0U);

    w.at("198.18.0.2").reachable = host::reach::refused;
    EXPECT_EQ(w.run(box).result->kind, verdict_kind::tempfail);
    w.at("198.18.0.2").reachable = host::reach::up;
    w.at("198.18.0.2").script["EHLO"] = {{"250-mx\r\n250 SMTPUTF8\r\n"}};
    const course has = w.run(box);
    expect(has, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(has.count("send 198.18.0.2 MAIL FROM:<> SMTPUTF8\r\n"), 1U);
}

// CBV-ADDR-009, and CBV-ADDR-008: an ASCII local-part needs no SMTPUTF8.
TEST(verification_hosts, looks_a_non_ascii_domain_up_as_a_labels) {
    virtual_world w;
    w.mx("xn--bcher-kva.example", {{10, "mx.example.org"}});
    w.address("mx.example.org", {"198.18.0.1"});
    w.at("198.18.0.1");
    const std::string box = "joe@b\xC3\xBC"
                            "cher.example";
    w.options.to_ascii = [](std::string_view name) -> std::optional<std::string> {
        if (name == "b\xC3\xBC"
                    "cher.example")
            return "xn--bcher-kva.example";
        return std::nullopt;
    };
    const course c = w.run(box);
    expect(c, verdict_kind::pass, cause::accepted, "CBV-INT-002");
    EXPECT_EQ(c.count("query MX xn--bcher-kva.example"), 1U);
    EXPECT_EQ(c.count("send 198.18.0.1 MAIL FROM:<>\r\n"), 1U);
    EXPECT_EQ(c.count("send 198.18.0.1 RCPT TO:<joe@xn--bcher-kva.example>\r\n"), 1U);

    const course impossible = w.run("joe@\xC3\xA4.example");
    expect(impossible, verdict_kind::none, cause::invalid_address, "CBV-ADDR-009");
    EXPECT_EQ(impossible.log.size(), 1U);

    w.options.to_ascii = nullptr;
    expect(w.run(box), verdict_kind::unverifiable, cause::limit, "CBV-ADDR-009");
}

// CBV-ADDR-005, CBV-ADDR-006, CBV-ELIG-009: also when no parser made the mailbox.
TEST(verification_hosts, makes_no_call_for_a_mailbox_the_parser_would_refuse) {
    virtual_world w;
    const auto refused = [&w](cbv::mailbox box, std::string_view requirement) {
        const course c = w.run(std::move(box));
        expect(c, verdict_kind::none, cause::invalid_address, requirement);
        EXPECT_EQ(c.result->at, stage::eligibility);
        EXPECT_EQ(c.log.size(), 1U);
    };
    refused({"\"a\rb\"", "example.org", {}}, "CBV-ADDR-005");
    refused({"a b", "example.org", {}}, "CBV-ELIG-009");
    refused({"a", "", {}}, "CBV-ELIG-009");
    refused({"a", "[198.18.0.1]", cbv::ip_address::parse("198.18.0.2")}, "CBV-ELIG-009");
    refused({"a", "example.org", cbv::ip_address::parse("198.18.0.2")}, "CBV-ELIG-009");
}

// CBV-ADDR-006: a path that is only too long may be good.
TEST(verification_hosts, does_not_call_about_an_overlong_path) {
    virtual_world w;
    const course c = w.run(cbv::mailbox{std::string(65, 'a'), "example.org", {}});
    expect(c, verdict_kind::none, cause::exempt, "CBV-ADDR-006");
    EXPECT_EQ(c.result->at, stage::eligibility);
    EXPECT_EQ(c.log.size(), 1U);
}

// CBV-HOST-008: the same address behind two exchanges, of one preference and of two.
TEST(verification_hosts, attempts_no_address_twice) {
    for (const int step : {0, 10}) {
        virtual_world w = hosts(3, step);
        w.address("mx2.example.org", {"198.18.0.1"});
        for (const char* address : {"198.18.0.1", "198.18.0.3"})
            w.at(address).reachable = host::reach::refused;
        const course c = w.run("joe@example.org");
        expect(c, verdict_kind::tempfail, cause::connection_refused, "CBV-INT-010");
        EXPECT_EQ(c.result->attempts.size(), 2U) << step;
        EXPECT_NE(c.result->attempts[0].address, c.result->attempts[1].address);
    }
}

} // namespace
