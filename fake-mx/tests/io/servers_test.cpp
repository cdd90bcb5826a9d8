// Tests of fakemx/servers.hpp on loopback addresses: real exchanges over TCP and UDP, ends of
// connections as the kernel tells them, and what goes wrong at opening.
#include "fakemx/servers.hpp"
#include "live_servers.hpp"
#include "load_text.hpp"
#include "wire.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using namespace cbv::fakemx::test;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsSupersetOf;
using ::testing::Not;

world one_host(const std::string& rules, const std::string& attributes = "") {
    return load("<world><host id=\"mx1\" address=\"127.0.0.21\"" + attributes + ">" + rules +
                "</host></world>");
}

TEST(servers, hold_a_dialogue) {
    live_servers live{{one_host(R"(<rule at="rcpt" reply="550 5.1.1 No {path}"/>)")}};
    auto c = live.connect("127.0.0.21");
    EXPECT_EQ(c.read_to("\r\n"), "220 mx1.case1.test ESMTP fake-mx\r\n");
    c.send("HELO x\r\n");
    EXPECT_EQ(c.read_to("\r\n"), "250 mx1.case1.test\r\n");
    c.send("RCPT TO:<a@b>\r\n");
    EXPECT_EQ(c.read_to("\r\n"), "550 5.1.1 No a@b\r\n");
    c.send("QUIT\r\n");
    EXPECT_EQ(c.read_to("\r\n"), "221 Bye\r\n");
    EXPECT_EQ(c.read_to("\r\n"), "");
    EXPECT_EQ(c.error, asio::error::eof);
    c.close();
    EXPECT_TRUE(live.becomes_idle());
    live.stop();
    EXPECT_THAT(live.events(),
                ElementsAre("case1 mx1#1 connected",
                            "case1 mx1#1 sent 220 mx1.case1.test ESMTP fake-mx",
                            "case1 mx1#1 greeting-done",
                            "case1 mx1#1 received HELO x",
                            "case1 mx1#1 sent 250 mx1.case1.test",
                            "case1 mx1#1 received RCPT TO:<a@b>",
                            "case1 mx1#1 sent 550 5.1.1 No a@b",
                            "case1 mx1#1 received QUIT",
                            "case1 mx1#1 sent 221 Bye",
                            "case1 mx1#1 closed",
                            "case1 mx1#1 peer-closed"));
}

TEST(servers, reset_with_rst_and_close_with_fin) {
    live_servers live{{one_host(R"(<rule at="connect" connection="1" then="reset"/>
                                   <rule at="mail" reply="250 x" then="reset"/>
                                   <rule at="rcpt" then="close"/>)")}};
    auto first = live.connect("127.0.0.21");
    EXPECT_EQ(first.read_to("\n"), "");
    EXPECT_EQ(first.error, asio::error::connection_reset);

    auto second = live.connect("127.0.0.21");
    (void)second.read_to("\n");
    second.send("MAIL FROM:<>\r\n");
    EXPECT_EQ(second.read_to("\n"), "250 x\r\n");
    EXPECT_EQ(second.read_to("\n"), "");
    EXPECT_EQ(second.error, asio::error::connection_reset);

    auto third = live.connect("127.0.0.21");
    (void)third.read_to("\n");
    third.send("RCPT TO:<a>\r\n");
    EXPECT_EQ(third.read_to("\n"), "");
    EXPECT_EQ(third.error, asio::error::eof);
    third.send("QUIT\r\n"); // read and logged after our FIN
    third.close();
    EXPECT_TRUE(live.becomes_idle());
    live.stop();
    EXPECT_THAT(live.events(),
                IsSupersetOf({"case1 mx1#1 reset",
                              "case1 mx1#2 reset",
                              "case1 mx1#3 closed",
                              "case1 mx1#3 received QUIT",
                              "case1 mx1#3 peer-closed"}));
}

TEST(servers, tell_a_reset_of_the_peer) {
    live_servers live{{one_host("")}};
    asio::io_context io;
    asio::ip::tcp::socket s{io};
    s.connect({asio::ip::make_address("127.0.0.21"), live.mx_port("127.0.0.21")});
    ASSERT_TRUE(readable(s.native_handle()));
    char buffer[200];
    (void)s.read_some(asio::buffer(buffer));
    s.set_option(asio::socket_base::linger{true, 0});
    s.close();
    EXPECT_TRUE(live.becomes_idle());
    live.stop();
    EXPECT_EQ(live.events().back(), "case1 mx1#1 peer-reset");
}

TEST(servers, keep_delays_and_gaps) {
    live_servers live{{one_host(R"(<rule at="noop" reply="250 ab" delay="80ms" segments="2"
                                         gap="60ms"/>)")}};
    auto c = live.connect("127.0.0.21");
    (void)c.read_to("\n");
    const auto start = std::chrono::steady_clock::now();
    c.send("NOOP\r\n");
    EXPECT_EQ(c.read_to("\n"), "250 ab\r\n");
    const auto took = std::chrono::steady_clock::now() - start;
    EXPECT_GE(took, 140ms);
    EXPECT_LT(took, 10s);
}

TEST(servers, an_endless_reply_is_bounded_by_its_reader) {
    const std::string big(1000, 'x');
    live_servers live{
        {one_host("<rule at=\"noop\" bytes=\"" + big + "\" endless=\"yes\" gap=\"0s\"/>")}};
    auto c = live.connect("127.0.0.21");
    (void)c.read_to("\n");
    c.send("NOOP\r\n");
    EXPECT_EQ(c.read(5000).size(), 5000U);
    c.close();
    EXPECT_TRUE(live.becomes_idle());
}

TEST(servers, open_no_port_for_hosts_that_refuse_or_are_dead) {
    const auto w = load(R"(<world><host id="r" address="127.0.0.21" reach="refuse"/>
                                  <host id="s" address="127.0.0.21" reach="refuse"/>
                                  <host id="d" reach="blackhole"/></world>)");
    live_servers live{{w}};
    EXPECT_EQ(live.mx_port("127.0.0.21"), 0);
    EXPECT_EQ(live.mx_port("203.0.113.1"), 0);
}

TEST(servers, serve_ipv6) {
    asio::io_context io;
    asio::ip::tcp::acceptor probe{io};
    boost::system::error_code none;
    probe.open(asio::ip::tcp::v6(), none);
    if (!none)
        probe.bind({asio::ip::make_address("::1"), 0}, none);
    if (none)
        GTEST_SKIP() << "this machine has no IPv6";
    live_servers live{{load(R"(<world><host id="mx1" address="::1"/></world>)")}};
    auto c = live.connect("::1");
    EXPECT_EQ(c.read_to("\n"), "220 mx1.case1.test ESMTP fake-mx\r\n");
}

TEST(servers, hold_many_connections_at_once) {
    live_servers live{{one_host(R"(<rule at="banner" delay="10s"/>)")}};
    (void)raise_file_limit();
    asio::io_context io;
    std::vector<asio::ip::tcp::socket> clients;
    for (int i = 0; i < 300; ++i) {
        clients.emplace_back(io);
        clients.back().connect({asio::ip::make_address("127.0.0.21"), live.mx_port("127.0.0.21")});
    }
    for (int i = 0; i < 2000 && live.connections() < 300; ++i)
        std::this_thread::sleep_for(5ms);
    EXPECT_EQ(live.connections(), 300U);
    live.stop();
    ASSERT_TRUE(readable(clients[0].native_handle()));
    char octet = 0;
    boost::system::error_code e;
    (void)clients[0].read_some(asio::buffer(&octet, 1), e);
    EXPECT_EQ(e, asio::error::connection_reset);
}

TEST(servers, answer_dns_over_udp_and_tcp) {
    const auto w = load(R"(<world><host id="mx1" mx="10" address="127.0.0.21"/>
        <answer name="cut" type="TXT" fault="truncate"/><txt name="cut" text="long"/>
        <answer name="slow" type="A" delay="100ms"/><a name="slow" address="192.0.2.1"/>
        <answer name="void" type="A" fault="empty"/></world>)");
    live_servers live{{w}};
    const auto port = live.dns_port();
    EXPECT_EQ(header(ask(port, query("case1.test", 15)), 3), 1U);
    EXPECT_EQ(header(ask(port, query("target.test", 1)), 3), 1U);
    EXPECT_EQ(header(ask(port, query("nobody.test", 1)), 1) & 0xFU, 3U);
    EXPECT_EQ(header(ask(port, query("cut.case1.test", 16)), 1) & 0x200U, 0x200U);
    EXPECT_EQ(ask(port, query("void.case1.test", 1)), "");
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(header(ask(port, query("slow.case1.test", 1)), 3), 1U);
    EXPECT_GE(std::chrono::steady_clock::now() - start, 100ms);

    live_client tcp{"127.0.0.1", port};
    const auto q = query("cut.case1.test", 16);
    const auto framed = u16(static_cast<unsigned>(q.size())) + q;
    tcp.send(framed + framed.substr(0, 5));
    tcp.send(framed.substr(5));
    for (int i = 0; i < 2; ++i) {
        const auto size = header(tcp.read(2), 0);
        const auto answer = tcp.read(size);
        ASSERT_EQ(answer.size(), size);
        EXPECT_EQ(header(answer, 3), 1U);
    }
    tcp.close();
    live.stop();
    EXPECT_THAT(live.events(),
                IsSupersetOf({"case1 dns query MX case1.test",
                              "case1 dns answer MX case1.test NOERROR 1 record",
                              "case1 dns answer TXT cut.case1.test (truncated)",
                              "case1 dns answer TXT cut.case1.test NOERROR 1 record"}));
    for (const auto& e : live.events())
        EXPECT_THAT(e, ::testing::Not(HasSubstr("target.test")));
    for (const auto& e : live.raw_events())
        EXPECT_EQ(e.where, leg::dns);
}

TEST(servers, a_silent_name_holds_up_nobody) {
    live_servers live{{load(R"(<world><a name="@" address="192.0.2.1"/>
                                      <answer name="x" type="*" fault="silent"/></world>)")}};
    EXPECT_EQ(ask(live.dns_port(), query("x.case1.test", 1), 100ms), "(nothing)");
    EXPECT_EQ(header(ask(live.dns_port(), query("case1.test", 1)), 3), 1U);
    live.stop();
    EXPECT_THAT(live.events(), IsSupersetOf({"case1 dns note A x.case1.test (no answer)"}));
}

/// What open() or add() says.
template <class F>
std::string complaint(F what) {
    try {
        what();
        return "(none)";
    } catch (const std::runtime_error& e) {
        return e.what();
    }
}

TEST(servers, say_what_is_wrong_at_opening) {
    live_servers live{{one_host("")}};
    asio::io_context io;
    server_settings s;
    s.dns_address.clear();
    s.mx_port = live.mx_port("127.0.0.21");
    servers second{io, s, {}};
    second.add(one_host(""));
    EXPECT_EQ(complaint([&] { second.open(); }),
              "127.0.0.21 port " + std::to_string(s.mx_port) + ": address in use");
    EXPECT_EQ(second.mx_port(*cbv::ip_address::parse("127.0.0.21")), 0);

    s.dns_address = "127.0.0.1";
    s.dns_port = live.dns_port();
    servers third{io, s, {}};
    EXPECT_EQ(complaint([&] { third.open(); }),
              "127.0.0.1 port " + std::to_string(s.dns_port) + ": address in use");
    s.dns_address = "localhost";
    servers fourth{io, s, {}};
    EXPECT_EQ(complaint([&] { fourth.open(); }), "DNS address 'localhost': expected an IP address");
    s.static_addresses = {{"a.test", "x"}};
    servers fifth{io, s, {}};
    EXPECT_EQ(complaint([&] { fifth.open(); }), "address 'x' of a.test: expected an IP address");
}

TEST(servers, an_address_belongs_to_one_host) {
    asio::io_context io;
    servers s{io, {}, {}};
    s.add(one_host(""));
    const auto other =
        load(R"(<world><host id="m" address="127.0.0.21" reach="refuse"/></world>)", "case2");
    EXPECT_EQ(complaint([&] { s.add(other); }),
              "address 127.0.0.21 belongs to case case1 (host mx1) and to case case2 (host m)");
    EXPECT_EQ(complaint([&] { s.add(load("<world/>")); }), "two worlds have the domain case1.test");
    const auto scripted = load(
        R"(<world><host id="m" address="127.0.0.21"><rule at="rcpt" reply="550 no"/></host></world>)",
        "case2");
    EXPECT_EQ(complaint([&] { s.add(scripted); }),
              "address 127.0.0.21 belongs to case case1 (host mx1) and to case case2 (host m)");
}

// Several cases watch whether the local host itself is called.
TEST(servers, a_connection_at_a_common_address_is_of_the_case_it_names) {
    const std::string plain = R"(<world><host id="self" address="127.0.0.22"/></world>)";
    live_servers all{{load(plain, "mx-null"), load(plain, "mx-null-other"), load(plain, "third")}};
    auto nobodys = all.connect("127.0.0.22");
    EXPECT_EQ(nobodys.read_to("\n"), "220 localhost ESMTP fake-mx\r\n");
    nobodys.send("EHLO x-mx-null.test\r\nMAIL FROM:<>\r\n");
    auto one = all.connect("127.0.0.22");
    one.send("EHLO verifier.test\r\nRCPT TO:<any@MX-Null-Other.test>\r\n");
    EXPECT_THAT(one.read_to("Recipient OK\r\n"), HasSubstr("250 localhost greets you\r\n"));
    auto two = all.connect("127.0.0.22");
    two.send("HELO mx-null.test\r\n");
    EXPECT_THAT(two.read_to("\n250 localhost\r\n"), HasSubstr("220 localhost ESMTP fake-mx"));
    nobodys.close();
    one.close();
    two.close();
    ASSERT_TRUE(all.becomes_idle());
    const auto events = all.events();
    EXPECT_THAT(events, Contains("mx-null-other self#1 received RCPT TO:<any@MX-Null-Other.test>"));
    EXPECT_THAT(events, Contains("mx-null-other self#1 received EHLO verifier.test")); // before it
    EXPECT_THAT(events, Contains("mx-null self#1 received HELO mx-null.test"));
    EXPECT_THAT(events, Not(Contains(HasSubstr("MAIL"))));
    EXPECT_THAT(events, Not(Contains(HasSubstr("third"))));
}

} // namespace
