// Tests of the Asio verifier where hosts behave: verdicts, what goes over the wire, order of hosts,
// observer, source address, IPv6, load. What a reply means is tested with the decision table.
#include "lab_world.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <thread>
#include <utility>

namespace {

using namespace cbv;
using namespace cbv::test;
using namespace std::chrono_literals;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

class verdicts : public lab_test {};

const std::string host1 = "198.18.0.1";
const std::string host2 = "198.18.0.2";

TEST_F(verdicts, pass) {
    add_host("mx1", host1);
    open(options());
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::pass, cause::accepted, stage::rcpt);
    EXPECT_EQ(v.host, "mx1.w.test");
    EXPECT_EQ(v.address, ip_address::parse(host1));
    ASSERT_TRUE(v.reply);
    EXPECT_EQ(v.reply->code, 250);
    EXPECT_EQ(v.attempts.size(), 1U);
    EXPECT_EQ(v.mx_count, 1U);
    EXPECT_GT(v.elapsed, 0us);
    EXPECT_LT(v.elapsed, slack);
    expect_all_closed();
    EXPECT_THAT(
        received(),
        ElementsAre("EHLO verifier.example.net", "MAIL FROM:<>", "RCPT TO:<joe@w.test>", "QUIT"));
}

TEST_F(verdicts, fail) {
    add_host("mx1", host1, {say(at::rcpt, "550-no\r\n550 such user")});
    add_host("mx2", host2);
    open(options());
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::fail, cause::mailbox_refused, stage::rcpt);
    ASSERT_TRUE(v.reply);
    EXPECT_THAT(v.reply->lines, ElementsAre("no", "such user"));
    expect_all_closed();
    EXPECT_EQ(count(event_kind::connected), 1U) << "a refusal is not shopped round";
}

TEST_F(verdicts, tempfail) {
    add_host("mx1", host1, {say(at::rcpt, "450 later")});
    open(options());
    expect_verdict(verify_one(), verdict_kind::tempfail, cause::temporary_reply, stage::rcpt);
}

TEST_F(verdicts, nothing_is_sent_to_a_loopback_address) {
    add_address("w.test", "127.0.0.1");
    add_address("w.test", "::1");
    bool connecting = false;
    open(options());
    verify_request request{box(), {}, [&](const trace_event& e) {
                               connecting = connecting || e.kind == trace_kind::connecting;
                           }};
    const auto v = verify_one(std::move(request));
    expect_verdict(v, verdict_kind::fail, cause::hosts_prohibited, stage::address_lookup);
    EXPECT_FALSE(connecting);
}

TEST_F(verdicts, a_domain_that_does_not_exist) {
    open(options());
    const auto v = verify_one("joe@nowhere.w.test");
    expect_verdict(v, verdict_kind::fail, cause::domain_not_found, stage::mx_lookup);
    EXPECT_EQ(verifier_->active(), 0U);
}

TEST_F(verdicts, the_next_host_when_the_first_refuses_the_connection) {
    add_host("mx1", host1, {}, fakemx::reach::refuse);
    add_host("mx2", host2);
    open(options());
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::pass, cause::accepted, stage::rcpt);
    ASSERT_EQ(v.attempts.size(), 2U);
    EXPECT_EQ(v.attempts[0].why, cause::connection_refused);
    EXPECT_EQ(v.attempts[1].host, "mx2.w.test");
}

TEST_F(verdicts, the_verdict_does_not_wait_for_the_reply_to_quit) {
    add_host("mx1", host1, {do_only(at::quit, then::silent)});
    auto o = options();
    o.verification.dialogue.timers.quit = 300ms;
    open(o);
    expect_verdict(verify_one(), verdict_kind::pass, cause::accepted, stage::rcpt);
    EXPECT_EQ(verifier_->active(), 1U) << "the connection waits for 221";
    const auto begin = std::chrono::steady_clock::now();
    expect_all_closed();
    const auto waited = std::chrono::steady_clock::now() - begin;
    EXPECT_GT(waited, 200ms);
    EXPECT_LT(waited, 300ms + slack);
}

TEST_F(verdicts, the_next_host_is_called_while_the_first_holds_its_quit) {
    add_host("mx1", host1, {say(at::mail, "451 not now"), do_only(at::quit, then::silent)});
    add_host("mx2", host2);
    auto o = options();
    o.verification.dialogue.timers.quit = patience;
    open(o);
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::pass, cause::accepted, stage::rcpt);
    EXPECT_LT(v.elapsed, slack);
}

TEST_F(verdicts, ipv6) {
    add_host("mx1", "2001:db8::1:25");
    open(options());
    const auto v = verify_one();
    expect_verdict(v, verdict_kind::pass, cause::accepted, stage::rcpt);
    EXPECT_EQ(v.address, ip_address::parse("2001:db8::1:25"));
    expect_verdict(
        verify_one("joe@[IPv6:2001:db8::1:25]"), verdict_kind::pass, cause::accepted, stage::rcpt);
}

TEST_F(verdicts, an_international_domain) {
    open(options());
    const auto v = verify_one("joe@b\xC3\xBC"
                              "cher.w.test");
    expect_verdict(v, verdict_kind::fail, cause::domain_not_found, stage::mx_lookup);
    std::vector<std::string> queries;
    for (const auto& e : events_)
        if (e.kind == event_kind::query)
            queries.push_back(e.text);
    EXPECT_THAT(queries, ElementsAre("MX xn--bcher-kva.w.test"));
}

// CBV-GREY-002. A server of our own, since the fake hosts do not say who called.
TEST_F(verdicts, calls_leave_from_the_source_address) {
    for (const auto& [host, source] :
         {std::pair{"198.18.3.1", "198.51.100.9"}, {"2001:db8::3:1", "2001:db8::99"}}) {
        auto o = options();
        o.verification.port = 2525;
        (std::string(host).find(':') == std::string::npos ? o.source_v4 : o.source_v6) =
            ip_address::parse(source);
        asio::ip::tcp::acceptor acceptor(io_, {asio::ip::make_address(host), 2525});
        asio::ip::tcp::endpoint caller;
        acceptor.async_accept([&](error_code e, asio::ip::tcp::socket peer) {
            if (!e)
                caller = peer.remote_endpoint(e);
        }); // and closes
        verifier_.emplace(io_.get_executor(), o);
        const std::string literal = (o.source_v6 ? "IPv6:" : "") + std::string(host);
        const auto v = verify_one("joe@[" + literal + "]");
        expect_verdict(v, verdict_kind::tempfail, cause::connection_lost, stage::greeting);
        EXPECT_EQ(caller.address(), asio::ip::make_address(source));
    }
}

TEST_F(verdicts, a_source_address_that_is_not_ours_is_no_fail) {
    add_host("mx1", host1);
    auto o = options();
    o.source_v4 = ip_address::parse("8.8.8.8");
    open(o);
    std::string trace;
    verify_request request{box(), {}, [&](const trace_event& e) {
                               if (e.kind == trace_kind::failed)
                                   trace = e.text;
                           }};
    const auto v = verify_one(std::move(request));
    expect_verdict(v, verdict_kind::tempfail, cause::limit, stage::connect);
    EXPECT_THAT(trace, HasSubstr("ssign")) << "Cannot assign requested address";
    EXPECT_EQ(count(event_kind::connected), 0U);
}

TEST_F(verdicts, the_observer_sees_everything_in_order) {
    add_host("mx1", host1);
    open(options());
    std::vector<std::string> seen;
    std::string octets;
    duration last{};
    verify_request request{box(), {}, [&](const trace_event& e) {
                               EXPECT_GE(e.at, last);
                               last = e.at;
                               seen.emplace_back(to_string(e.kind));
                               if (e.kind == trace_kind::sent)
                                   octets += e.text;
                               if (e.kind == trace_kind::query)
                                   seen.back() += ' ' + std::string(e.text);
                               if (e.kind == trace_kind::connecting) {
                                   EXPECT_EQ(e.text, "mx1.w.test 198.18.0.1");
                               }
                               if (e.kind == trace_kind::answer && e.id == 1) {
                                   EXPECT_THAT(std::string(e.text), HasSubstr("10 mx1.w.test"));
                               }
                           }};
    static_cast<void>(verify_one(std::move(request)));
    expect_all_closed();
    EXPECT_THAT(seen,
                ElementsAre("query MX w.test",
                            "answer",
                            "query A mx1.w.test",
                            "query AAAA mx1.w.test",
                            "answer",
                            "answer",
                            "connecting",
                            "connected",
                            "received",
                            "sent",
                            "received",
                            "sent",
                            "received",
                            "sent",
                            "received",
                            "sent",
                            "received",
                            "closed"));
    EXPECT_EQ(octets,
              "EHLO verifier.example.net\r\nMAIL FROM:<>\r\nRCPT TO:<joe@w.test>\r\nQUIT\r\n");
}

// CBV-TIME-003
TEST_F(verdicts, the_time_the_client_has_waited_counts) {
    add_host("mx1", host1);
    auto o = options();
    open(o);
    const auto v =
        verify_one(verify_request{box(), o.verification.dialogue.timers.budget + 1s, {}});
    expect_verdict(v, verdict_kind::tempfail, cause::budget_exhausted, stage::mx_lookup);
    EXPECT_TRUE(events_.empty());
}

TEST_F(verdicts, two_hundred_at_once) {
    add_host("mx1", host1, {[] {
                 auto r = say(at::rcpt, "550 no such user");
                 r.match = "odd*";
                 return r;
             }()});
    add_host("mx2", host2);
    open(options());
    int right = 0;
    for (int i = 0; i < 200; ++i) {
        const bool odd = i % 2 == 1;
        verifier_->async_verify(box((odd ? "odd" : "even") + std::to_string(i) + "@w.test"),
                                [&right, odd](error_code e, const verdict& v) {
                                    const auto expected =
                                        odd ? verdict_kind::fail : verdict_kind::pass;
                                    right += !e && v.kind == expected ? 1 : 0;
                                });
    }
    EXPECT_EQ(verifier_->active(), 200U);
    EXPECT_TRUE(run_until([&] { return right == 200; })) << right;
    expect_all_closed();
    EXPECT_EQ(count(event_kind::connected), 200U);
}

TEST_F(verdicts, the_order_of_equals_varies_from_call_to_call_by_the_seed) {
    for (int i = 1; i <= 4; ++i)
        add_host("mx" + std::to_string(i), "198.18.0." + std::to_string(i));
    for (auto& r : world_.records)
        r.preference = r.type == fakemx::rr_type::mx ? 10 : 0;
    open();
    const auto order = [&](std::uint64_t seed) {
        auto o = options();
        o.verification.selection.seed = seed;
        verifier_.emplace(io_.get_executor(), o);
        std::vector<std::string> hosts;
        for (int i = 0; i < 12; ++i)
            hosts.push_back(verify_one().host);
        return hosts;
    };
    const auto one = order(1);
    EXPECT_EQ(one, order(1)) << "reproducible";
    EXPECT_NE(one, order(2));
    EXPECT_NE(std::count(one.begin(), one.end(), one.front()), 12) << "not always the same";
}

TEST_F(verdicts, the_blocking_call) {
    add_host("mx1", host1, {say(at::rcpt, "550 no")});
    answer_never("silent.w.test");
    open();
    std::thread server([&] { io_.run_for(patience); });
    bool closed = false;
    const auto v = verify(
        {box(), {}, [&](const trace_event& e) { closed = closed || e.kind == trace_kind::closed; }},
        options());
    auto o = options();
    o.verification.dialogue.timers.dns = 100ms;
    const auto begin = std::chrono::steady_clock::now();
    const auto silent = verify({box("joe@silent.w.test"), {}, {}}, o);
    const auto took = std::chrono::steady_clock::now() - begin;
    io_.stop();
    server.join();
    expect_verdict(v, verdict_kind::fail, cause::mailbox_refused, stage::rcpt);
    EXPECT_TRUE(closed) << "QUIT is finished when it returns";
    expect_verdict(silent, verdict_kind::tempfail, cause::dns_failure, stage::mx_lookup);
    EXPECT_LT(took, 100ms + slack) << "it does not wait for an answer that cannot matter";
}

TEST_F(verdicts, options_are_checked_when_the_verifier_is_made) {
    const auto make = [&](auto change) {
        auto o = options();
        change(o);
        const verifier v(io_.get_executor(), o);
    };
    EXPECT_NO_THROW(make([](auto&) {}));
    EXPECT_THROW(make([](auto& o) { o.verification.max_attempts = 1; }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.verification.dialogue.helo_name = "a b"; }),
                 std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.verification.dialogue.timers.rcpt = 0s; }),
                 std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.resolver.servers = {"nonsense"}; }), std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.source_v4 = ip_address::parse("::1"); }),
                 std::invalid_argument);
    EXPECT_THROW(make([](auto& o) { o.source_v6 = ip_address::parse("192.0.2.1"); }),
                 std::invalid_argument);
}

} // namespace
