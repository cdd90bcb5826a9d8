// The loader on cases with several clients, with roles, limits and times of a verifier's memory.
#include "case_files.hpp"

#include <gtest/gtest.h>

namespace cbv::engine {
namespace {

class load_clients : public testing::case_files {};

using testing::plain;
using testing::whole;

const std::string between = "</client><client>";

std::string with_client(const std::string& attributes, const std::string& steps = plain) {
    return whole(plain + "</client>\n<client " + attributes + ">" + steps);
}

TEST_F(load_clients, gives_each_an_id) {
    const auto c = load(whole(plain + between + plain + "</client><client times=\"2\">" + plain +
                              "</client><client id=\"x\" helo=\"h.test\">" + plain));
    ASSERT_EQ(c.clients.size(), 5U);
    std::string ids;
    for (const auto& client : c.clients)
        ids += client.id + " ";
    EXPECT_EQ(ids, "client client-2 client-3-1 client-3-2 x ");
    EXPECT_EQ(c.clients[4].steps[0].line, "EHLO h.test");
    EXPECT_EQ(c.clients[3].steps[0].line, "EHLO client.dlg-x.test");
    EXPECT_EQ(c.needs, (std::set<std::string>{"transactions", "verifier"}));
}

TEST_F(load_clients, fills_in_their_number) {
    const auto c = load(with_client("times=\"2\"",
                                    "<mail from=\"u{n}@{domain}\"/><rcpt/>"
                                    "<repeat times=\"2\"><noop/><send line=\"X {n}\"/></repeat>"));
    ASSERT_EQ(c.clients.size(), 3U);
    EXPECT_EQ(c.clients[2].steps[1].argument, "u2@dlg-x.test");
    EXPECT_EQ(c.clients[2].steps[4].line, "X 1");
    EXPECT_EQ(c.clients[2].steps[6].line, "X 2");
}

TEST_F(load_clients, reads_start_and_address) {
    auto t = library_target();
    t.scale = 2;
    const auto c = load(with_client("start=\"rcpt-timeout + 1s\" address=\"{blocked-client}\""), t);
    EXPECT_EQ(c.clients[1].start,
              std::chrono::seconds{1} +
                  std::chrono::duration_cast<duration>(
                      std::chrono::duration<double>{2 * t.timeouts.at("rcpt-timeout")}));
    EXPECT_EQ(c.clients[1].address->to_string(), "198.51.100.251");
    EXPECT_FALSE(c.clients[0].address);
    t.identities.erase("blocked-client");
    EXPECT_TRUE(load(with_client("address=\"{blocked-client}\""), t).needs.contains("local-rule"));
}

TEST_F(load_clients, need_not_await_a_reply) {
    const std::string gone = "<mail from=\"a@{domain}\"/><rcpt await=\"no\"/>";
    const auto c = load(with_client("", gone + "<pause for=\"1s\"/>"));
    const auto& steps = c.clients[1].steps;
    ASSERT_EQ(steps.size(), 5U);
    EXPECT_TRUE(steps[1].awaited);
    EXPECT_FALSE(steps[2].awaited);
    EXPECT_EQ(steps[4].kind, step_kind::disconnect);
    EXPECT_NE(fault(with_client("", gone + "<rset/>")).find("<rset> after await"),
              std::string::npos);
}

TEST_F(load_clients, knows_roles) {
    EXPECT_EQ(load(whole("<rcpt reply=\"250\"/>", "", "role=\"called-host\"")).needs,
              (std::set<std::string>{"called-host", "session"}));
    EXPECT_TRUE(load(whole(plain, "", "role=\"verifier\"")).needs.contains("verifier"));
}

TEST_F(load_clients, takes_limits_from_the_target) {
    auto t = library_target();
    t.limits = {{"attempts-per-address", 5}};
    const auto c = load(whole(plain,
                              "<connections host=\"mx1\" at-once=\"attempts-per-address\"/>"
                              "<connections host=\"*\" min=\"1\" max=\"calls-per-domain\"/>"
                              "<connections host=\"*\" max=\"attempts-per-address + 2\"/>"),
                        t);
    EXPECT_EQ(c.expect[0].at_once, 5U);
    EXPECT_EQ(c.expect[1].max, default_limits().at("calls-per-domain"));
    EXPECT_EQ(c.expect[2].max, 7U);
    EXPECT_EQ(load(with_client("times=\"attempts-per-address + 1\""), t).clients.size(), 7U);
}

TEST_F(load_clients, an_undeclared_time_of_memory_is_a_need) {
    auto t = library_target();
    const auto starting = with_client("start=\"pass-lifetime + 1s\"");
    EXPECT_EQ(load(starting, t).needs.count("timeouts.pass-lifetime"), 0U);
    t.timeouts.erase("pass-lifetime");
    EXPECT_EQ(load(starting, t).needs.count("timeouts.pass-lifetime"), 1U);
    EXPECT_EQ(load(whole(plain, "<never host=\"*\"/>"), t).needs.count("timeouts.pass-lifetime"),
              0U);
}

TEST_F(load_clients, says_what_is_wrong) {
    const std::pair<std::string, std::string> faults[] = {
        {with_client("id=\"client\""), "6: client \"client\" is there already"},
        {with_client("id=\"A b\""), "6: id=\"A b\": expected [a-z0-9-]"},
        {with_client("times=\"0\""), "6: expected at least 1 and at most 200 clients"},
        {with_client("times=\"200\""), "6: expected at least 1 and at most 200 clients"},
        {with_client("times=\"many\""),
         "6: times=\"many\": expected a whole number from 0 to 10000, or"},
        {with_client("times=\"1 + 1\""), "6: times=\"1 + 1\": expected a whole number"},
        {with_client("start=\"soon\""), "6: start=\"soon\", character 1: unknown time"},
        {with_client("address=\"here\""), "6: address=\"here\": expected an IPv4"},
        {with_client("speed=\"1\""), "6: unknown attribute speed"},
        {with_client("", ""), "6: <client> is empty"},
        {whole("<rcpt await=\"yes\"/>"), "5: await=\"yes\": expected no"},
        {whole("<rcpt await=\"no\" reply=\"250\"/>"), "5: await=\"no\" and reply="},
        {whole("<group><rcpt await=\"no\"/></group>"), "5: await=\"no\" cannot be part"},
        {whole("<pause for=\"1s\" await=\"no\"/>"), "5: unknown attribute await"},
        {whole(plain, "<connections host=\"mx1\" at-once=\"0\"/>"), "8: at-once: expected at"},
        {whole(plain, "<connections host=\"mx1\" max=\"few\"/>"), "8: max=\"few\": expected"},
        {whole(plain, "<command host=\"mx1\" is=\"X\" max=\"calls-per-domain\"/>"), "8: max="},
        {whole(plain, "", "role=\"client\""), "1: role=\"client\": expected verifier or"},
    };
    for (const auto& [text, expected] : faults) {
        const auto seen = fault(text);
        EXPECT_TRUE(seen.starts_with(expected)) << seen << "\nfor " << expected;
    }
}

} // namespace
} // namespace cbv::engine
