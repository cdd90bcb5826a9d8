// Tests of worlds that are added because of a name (fakemx/servers.hpp: more_worlds), and of the
// port that all addresses share.
#include "fakemx/servers.hpp"
#include "live_servers.hpp"
#include "load_text.hpp"
#include "wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <string_view>

namespace {

using namespace cbv::fakemx;
using namespace cbv::fakemx::test;
using ::testing::ElementsAre;
using ::testing::IsSupersetOf;

constexpr unsigned a = 1;

world named(const std::string& id, const std::string& address) {
    return load("<world><host id=\"mx\" mx=\"10\" address=\"" + address +
                    "\"><rule at=\"noop\" reply=\"250 " + id + "\"/></host></world>",
                id);
}

unsigned rcode_of(const std::string& message) {
    return header(message, 1) & 0xFU;
}

TEST(more_worlds, are_served_from_the_query_on) {
    unsigned asked = 0;
    server_settings s;
    s.one_mx_port = true;
    s.more_worlds = [&](std::string_view name) -> std::optional<world> {
        if (name != "late.test" || asked++ > 0)
            return std::nullopt;
        return named("late", "127.0.0.32");
    };
    live_servers live{{named("early", "127.0.0.31")}, s};
    EXPECT_EQ(rcode_of(ask(live.dns_port(), query("other.test", a))), 3U);
    EXPECT_EQ(live.mx_port("127.0.0.32"), 0);
    EXPECT_EQ(rcode_of(ask(live.dns_port(), query("late.test", a))), 0U);
    EXPECT_EQ(header(ask(live.dns_port(), query("mx.late.test", a)), 3), 1U);
    const auto port = live.in_thread([&] { return live.mx_port("127.0.0.32"); });
    EXPECT_EQ(port, live.mx_port("127.0.0.31"));
    live_client c{"127.0.0.32", port};
    (void)c.read_to("\n");
    c.send("NOOP\r\n");
    EXPECT_EQ(c.read_to("\n"), "250 late\r\n");
}

TEST(more_worlds, that_cannot_be_served_are_servfail_and_told) {
    std::vector<std::string> told;
    server_settings s;
    s.one_mx_port = true;
    s.more_worlds = [](std::string_view name) -> std::optional<world> {
        if (name == "thrown.test")
            throw std::runtime_error{"no more"};
        if (name == "twice.test")
            return named("twice", "127.0.0.31"); // the address of another
        return std::nullopt;
    };
    s.trouble = [&](const std::string& what) { told.push_back(what); };
    live_servers live{{named("early", "127.0.0.31")}, s};
    EXPECT_EQ(rcode_of(ask(live.dns_port(), query("thrown.test", a))), 2U);
    EXPECT_EQ(rcode_of(ask(live.dns_port(), query("twice.test", a))), 2U);
    EXPECT_EQ(rcode_of(ask(live.dns_port(), query("twice.test", a))), 2U); // and stays so
    EXPECT_EQ(rcode_of(ask(live.dns_port(), query("early.test", a))), 0U);
    live.stop();
    const std::string clash = "address 127.0.0.31 belongs to case early (host mx) and to case "
                              "twice (host mx)";
    EXPECT_THAT(told, ElementsAre("no more", clash, clash));
}

} // namespace
