// How long a verdict of a whole call may be kept: the least time to live of what the DNS said, for
// `fail` by the DNS alone (CBV-CACHE-002).
#include "cbv/verification.hpp"
#include "virtual_world.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::dns_answer;
using cbv::dns_status;
using cbv::record_type;
using cbv::verdict_kind;
using cbv::test::virtual_world;

using ttl = std::optional<std::uint32_t>;

dns_answer nxdomain(std::uint32_t seconds) {
    dns_answer a;
    a.status = dns_status::nxdomain;
    a.ttl = seconds;
    return a;
}

dns_answer nodata(std::uint32_t seconds) {
    auto a = nxdomain(seconds);
    a.status = dns_status::ok;
    return a;
}

dns_answer mx(std::uint32_t seconds, const std::vector<std::string>& exchanges) {
    auto a = nodata(seconds);
    std::uint16_t preference = 0;
    for (const auto& e : exchanges)
        a.mx.push_back({preference = static_cast<std::uint16_t>(preference + 10), e});
    return a;
}

dns_answer at(std::uint32_t seconds, const std::string& address) {
    auto a = nodata(seconds);
    a.addresses.push_back(cbv::ip_address::parse(address).value());
    return a;
}

struct zone_entry {
    std::string name;
    record_type type;
    dns_answer answer;
};

struct row {
    const char* what;
    std::vector<zone_entry> zone;
    cause why;
    ttl expected;
    verdict_kind kind = verdict_kind::fail;
};

constexpr auto MX = record_type::mx;
constexpr auto A = record_type::a;
constexpr auto AAAA = record_type::aaaa;

const std::vector<row>& rows() {
    static const std::vector<row> all{
        {"null MX", {{"d.test", MX, mx(300, {"."})}}, cause::null_mx, 300},
        {"NXDOMAIN", {{"d.test", MX, nxdomain(60)}}, cause::domain_not_found, 60},
        {"NXDOMAIN without SOA", {{"d.test", MX, nxdomain(0)}}, cause::domain_not_found, {}},
        {"no data at all: the least of three",
         {{"d.test", MX, nodata(100)}, {"d.test", A, nodata(90)}, {"d.test", AAAA, nodata(80)}},
         cause::no_address,
         80},
        {"no data at all: the MX answer is the least",
         {{"d.test", MX, nodata(10)}, {"d.test", A, nodata(90)}, {"d.test", AAAA, nodata(80)}},
         cause::no_address,
         10},
        {"no data: one does not say",
         {{"d.test", MX, nodata(100)}, {"d.test", A, nodata(0)}, {"d.test", AAAA, nodata(80)}},
         cause::no_address,
         {}},
        {"exchanges that do not exist",
         {{"d.test", MX, mx(500, {"a.test", "b.test"})},
          {"a.test", A, nxdomain(400)},
          {"a.test", AAAA, nxdomain(400)},
          {"b.test", A, nxdomain(200)},
          {"b.test", AAAA, nodata(350)}},
         cause::no_address,
         200},
        {"an exchange that is a number", // CBV-MX-012
         {{"d.test", MX, mx(70, {"127.0.0.1"})}},
         cause::no_address,
         70},
        {"only prohibited addresses",
         {{"d.test", MX, mx(500, {"a.test"})},
          {"a.test", A, at(30, "127.0.0.1")},
          {"a.test", AAAA, at(40, "::1")}},
         cause::hosts_prohibited,
         30},
        {"only ourselves: no fail", // CBV-ELIG-018
         {{"d.test", MX, mx(45, {"v.test"})}},
         cause::own_host,
         {},
         verdict_kind::unverifiable},
        {"a host that refuses: not by the DNS",
         {{"d.test", MX, mx(500, {"a.test"})},
          {"a.test", A, at(30, "198.18.0.1")},
          {"a.test", AAAA, nodata(30)}},
         cause::mailbox_refused,
         {}},
        {"a lookup that failed: no fail",
         {{"d.test", MX, mx(500, {"a.test"})},
          {"a.test", A, nxdomain(30)},
          {"a.test", AAAA, dns_answer{}}},
         cause::dns_failure,
         {},
         verdict_kind::tempfail},
    };
    return all;
}

TEST(verification_lifetime, the_least_time_to_live_of_the_answers) { // CBV-CACHE-002
    for (const row& r : rows()) {
        virtual_world w;
        w.options.selection.own_names = {"V.Test."};
        w.at("198.18.0.1").say("RCPT", "550 no");
        for (const auto& e : r.zone)
            w.answer(e.name, e.type, e.answer);
        const auto c = w.run("joe@d.test");
        ASSERT_TRUE(c.result) << r.what;
        EXPECT_EQ(c.result->kind, r.kind) << r.what;
        EXPECT_EQ(to_string(c.result->why), to_string(r.why)) << r.what;
        EXPECT_EQ(c.result->ttl, r.expected) << r.what;
        EXPECT_FALSE(c.result->cached) << r.what;
    }
}

TEST(verification_lifetime, none_where_the_dns_was_not_asked) { // CBV-ADDR-010
    virtual_world w;
    const auto c = w.run("joe@[127.0.0.1]");
    ASSERT_TRUE(c.result);
    EXPECT_EQ(c.result->why, cause::hosts_prohibited);
    EXPECT_FALSE(c.result->ttl);
}

// CBV-HOST-004: names are compared without case and final dot.
TEST(verification_lifetime, own_names_in_any_form_are_not_called) {
    for (const char* own : {"v.test", "V.TEST", "v.test.", "V.test."})
        for (const char* exchange : {"v.test", "V.Test", "v.TEST."}) {
            virtual_world w;
            w.options.selection.own_names = {own};
            w.at("198.18.0.1");
            w.mx("d.test", {{10, "good.test"}, {20, exchange}, {30, "worse.test"}});
            w.address("good.test", {"203.0.113.1"}); // refuses connections
            w.options.addresses.permit(*cbv::ip_prefix::parse("203.0.113.0/24"));
            w.address(exchange, {"198.18.0.1"});
            w.address("worse.test", {"198.18.0.1"});
            const auto c = w.run("joe@d.test");
            EXPECT_EQ(c.count("connect 203.0.113.1"), 1U) << own << " " << exchange;
            EXPECT_EQ(c.count("connect 198.18.0.1"), 0U) << own << " " << exchange;
            ASSERT_TRUE(c.result);
            EXPECT_EQ(c.result->kind, verdict_kind::tempfail);
        }
}

} // namespace
