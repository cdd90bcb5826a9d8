// Tests of cbv/resolver.hpp where the server answers: records, chains, absence, sizes, several
// servers. Faults and lifetime have files of their own.
#include "fake_dns.hpp"

#include <algorithm>

namespace {

using namespace cbv::test;
using namespace std::chrono_literals;
using cbv::dns_status;
using cbv::record_type;
using cbv::resolver;

void fill_zone(cbv::fakemx::world& w) {
    w.records = {
        mx("z.test", 20, "mx2.z.test"),
        mx("z.test", 10, "mx1.z.test"),
        mx("null.z.test", 0, "", 45),
        mx("cased.z.test", 5, "mx1.z.test"),
        address("mx1.z.test", "198.18.0.1", 120),
        address("mx1.z.test", "198.18.0.2", 60),
        address("mx1.z.test", "2001:db8::1", 90),
        cname("alias.z.test", "alias2.z.test", 30),
        cname("alias2.z.test", "mx1.z.test"),
        cname("mailalias.z.test", "z.test"),
        cname("dangling.z.test", "nowhere.z.test"),
        cname("empty-end.z.test", "null.z.test", 30),
    };
    w.answers = {coded("brief.z.test", cbv::fakemx::rcode::name_error, 7),
                 coded("broken.z.test", cbv::fakemx::rcode::server_failure)};
    for (int i = 0; i < 100; ++i) {
        const auto n = std::to_string(i);
        w.records.push_back(
            mx("many.z.test", 10, "a-rather-long-name-of-an-exchange-" + n + ".z.test"));
        w.records.push_back(address("crowd.z.test", "198.18.1." + n));
    }
}

class resolver_answers : public ::testing::Test {
protected:
    boost::asio::io_context io_{1};
    fake_dns server_{io_, fill_zone};
    resolver dns_{io_.get_executor(), ask(server_)};

    cbv::dns_answer get(const std::string& name, record_type type) {
        return lookup(io_, dns_, name, type);
    }
};

TEST_F(resolver_answers, mx_records) {
    auto found = get("z.test", record_type::mx);
    EXPECT_EQ(found.status, dns_status::ok);
    std::sort(found.mx.begin(), found.mx.end(), [](const auto& a, const auto& b) {
        return a.preference < b.preference;
    });
    const std::vector<cbv::mx_record> expected{{10, "mx1.z.test"}, {20, "mx2.z.test"}};
    EXPECT_EQ(found.mx, expected);
    EXPECT_TRUE(found.addresses.empty());
}

TEST_F(resolver_answers, a_and_aaaa_records_with_the_least_ttl) {
    const auto v4 = get("mx1.z.test", record_type::a);
    EXPECT_EQ(v4.status, dns_status::ok);
    auto sorted = texts(v4);
    std::sort(sorted.begin(), sorted.end());
    EXPECT_EQ(sorted, (std::vector<std::string>{"198.18.0.1", "198.18.0.2"}));
    EXPECT_EQ(v4.ttl, 60U);
    const auto v6 = get("mx1.z.test", record_type::aaaa);
    EXPECT_EQ(texts(v6), (std::vector<std::string>{"2001:db8::1"}));
    EXPECT_EQ(v6.ttl, 90U);
}

TEST_F(resolver_answers, the_ttl_of_mx_records_and_of_the_aliases_before_them) {
    EXPECT_EQ(get("null.z.test", record_type::mx).ttl, 45U);
    EXPECT_EQ(get("alias.z.test", record_type::aaaa).ttl, 30U);
}

// RFC 2308 section 5
TEST_F(resolver_answers, the_ttl_of_nothing) {
    EXPECT_EQ(get("nowhere.z.test", record_type::mx).ttl, 300U) << "NXDOMAIN";
    EXPECT_EQ(get("mx1.z.test", record_type::mx).ttl, 300U) << "NODATA";
    EXPECT_EQ(get("brief.z.test", record_type::mx).ttl, 7U);
    EXPECT_EQ(get("empty-end.z.test", record_type::a).ttl, 30U) << "the alias is kept less long";
    EXPECT_EQ(get("example.org", record_type::a).ttl, 0U) << "no SOA";
    EXPECT_EQ(get("broken.z.test", record_type::a).ttl, 0U);
}

TEST_F(resolver_answers, names_in_any_case) {
    EXPECT_EQ(get("CASED.Z.Test", record_type::mx).mx.size(), 1U);
}

// CBV-MX-005
TEST_F(resolver_answers, the_end_of_a_chain_of_aliases) {
    EXPECT_EQ(texts(get("alias.z.test", record_type::aaaa)),
              (std::vector<std::string>{"2001:db8::1"}));
    EXPECT_EQ(get("mailalias.z.test", record_type::mx).mx.size(), 2U);
}

TEST_F(resolver_answers, an_alias_of_nothing_is_nxdomain) {
    EXPECT_EQ(get("dangling.z.test", record_type::a).status, dns_status::nxdomain);
    EXPECT_EQ(get("dangling.z.test", record_type::mx).status, dns_status::nxdomain);
}

TEST_F(resolver_answers, an_alias_of_a_name_without_the_type_is_no_data) {
    for (const auto type : {record_type::a, record_type::aaaa}) {
        const auto found = get("empty-end.z.test", type);
        EXPECT_EQ(found.status, dns_status::ok);
        EXPECT_TRUE(found.addresses.empty());
    }
}

TEST_F(resolver_answers, nxdomain) {
    for (const auto type : {record_type::mx, record_type::a, record_type::aaaa}) {
        const auto found = get("nowhere.z.test", type);
        EXPECT_EQ(found.status, dns_status::nxdomain);
        EXPECT_FALSE(found.detail.empty());
    }
}

TEST_F(resolver_answers, no_data_is_ok_and_empty) {
    const auto addresses = get("null.z.test", record_type::a);
    EXPECT_EQ(addresses.status, dns_status::ok);
    EXPECT_TRUE(addresses.addresses.empty());
    const auto exchanges = get("mx1.z.test", record_type::mx);
    EXPECT_EQ(exchanges.status, dns_status::ok);
    EXPECT_TRUE(exchanges.mx.empty());
}

// RFC 7505: the root as exchange.
TEST_F(resolver_answers, null_mx) {
    const auto found = get("null.z.test", record_type::mx);
    EXPECT_EQ(found.status, dns_status::ok);
    EXPECT_EQ(found.mx, (std::vector<cbv::mx_record>{{0, ""}}));
}

// 100 records do not fit a datagram: the resolver asks again by TCP.
TEST_F(resolver_answers, an_answer_too_large_for_a_datagram) {
    EXPECT_EQ(get("many.z.test", record_type::mx).mx.size(), 100U);
    const auto crowd = get("crowd.z.test", record_type::a);
    EXPECT_EQ(crowd.status, dns_status::ok);
    EXPECT_EQ(crowd.addresses.size(), 100U) << "what is too much is the verification's affair";
}

TEST_F(resolver_answers, many_queries_at_once) {
    auto unhurried = ask(server_);
    unhurried.timeout = 5s; // on a busy machine asking takes longer than an answer
    resolver dns(io_.get_executor(), unhurried);
    int right = 0;
    for (int i = 0; i < 500; ++i) {
        if (i % 2 == 0)
            dns.query("z.test", record_type::mx, [&](const cbv::dns_answer& a) {
                right += a.mx.size() == 2 ? 1 : 0;
            });
        else
            dns.query("nowhere.z.test", record_type::a, [&](const cbv::dns_answer& a) {
                right += a.status == dns_status::nxdomain ? 1 : 0;
            });
    }
    const auto end = std::chrono::steady_clock::now() + patience;
    while (right < 500 && std::chrono::steady_clock::now() < end)
        io_.run_one_until(end);
    EXPECT_EQ(right, 500);
}

TEST_F(resolver_answers, a_name_that_cannot_be_asked_for_is_temporary) {
    const std::string long_label(70, 'a');
    for (const auto& name : {long_label + ".test", std::string("a..test")})
        EXPECT_EQ(get(name, record_type::a).status, dns_status::temporary) << name;
}

TEST(resolver_servers, the_second_one_when_the_first_does_not_listen) {
    boost::asio::io_context io(1);
    fake_dns closed(io, fill_zone);
    fake_dns second(io, fill_zone);
    auto options = ask(closed);
    options.servers.push_back(second.server());
    closed.stop();
    resolver dns(io.get_executor(), options);
    EXPECT_EQ(lookup(io, dns, "z.test", record_type::mx).mx.size(), 2U);
}

TEST(resolver_servers, the_second_one_when_the_first_is_silent_or_fails) {
    using cbv::fakemx::dns_fault;
    boost::asio::io_context io(1);
    fake_dns silent(io, [](auto& w) { w.answers = {broken("*", dns_fault::silent)}; });
    fake_dns failing(io,
                     [](auto& w) { w.answers = {coded("*", cbv::fakemx::rcode::server_failure)}; });
    fake_dns good(io, fill_zone);
    auto options = ask(silent);
    options.servers = {silent.server(), failing.server(), good.server()};
    resolver dns(io.get_executor(), options);
    EXPECT_EQ(lookup(io, dns, "z.test", record_type::mx).mx.size(), 2U);
}

TEST(resolver_servers, ipv6) {
    boost::asio::io_context io(1);
    std::optional<fake_dns> server;
    try {
        server.emplace(io, fill_zone, "::1");
    } catch (const std::runtime_error& e) {
        GTEST_SKIP() << "no IPv6 loopback here: " << e.what();
    }
    resolver dns(io.get_executor(), ask(*server));
    EXPECT_EQ(lookup(io, dns, "z.test", record_type::mx).mx.size(), 2U);
}

} // namespace
