// Tests of cbv/resolver.hpp where the server misbehaves: whatever is no clear answer is "not known
// now" (CBV-MX-010), and comes within the bounds of timeout and tries.
#include "fake_dns.hpp"

namespace {

using namespace cbv::test;
using namespace std::chrono_literals;
using cbv::dns_status;
using cbv::record_type;
using cbv::resolver;
using cbv::fakemx::dns_fault;

void fill_zone(cbv::fakemx::world& w) {
    w.records = {mx("z.test", 10, "mx.z.test")};
    for (const char* name :
         {"silent", "truncated", "wrong-id", "garbage", "empty", "slow", "late", "once", "quick"})
        w.records.push_back(address(std::string(name) + ".z.test", "198.18.0.1"));
    w.records.push_back(cname("loop.z.test", "again.z.test"));
    w.records.push_back(cname("again.z.test", "loop.z.test"));
    w.records.push_back(mx("foreign.z.test", 10, "mx.z.test"));
    w.records.push_back(mx("foreign.z.test", 5, "evil.z.test"));
    w.records.back().owner = "other.z.test";
    auto slow = broken("slow.z.test", dns_fault::none);
    slow.delay = 50ms;
    auto late = broken("late.z.test", dns_fault::none);
    late.delay = 400ms;
    w.answers = {
        coded("servfail.z.test", cbv::fakemx::rcode::server_failure),
        coded("refused.z.test", cbv::fakemx::rcode::refused),
        coded("notimp.z.test", cbv::fakemx::rcode::not_implemented),
        coded("formerr.z.test", cbv::fakemx::rcode::format_error),
        broken("silent.z.test", dns_fault::silent),
        broken("truncated.z.test", dns_fault::truncate),
        broken("cut.z.test", dns_fault::truncate_always),
        broken("loop.z.test", dns_fault::open_chain),
        broken("wrong-id.z.test", dns_fault::wrong_id),
        broken("garbage.z.test", dns_fault::garbage),
        broken("empty.z.test", dns_fault::empty),
        broken("once.z.test", dns_fault::silent, 1),
        slow,
        late,
    };
}

class resolver_faults : public ::testing::Test {
protected:
    boost::asio::io_context io_{1};
    fake_dns server_{io_, fill_zone};
    resolver dns_{io_.get_executor(), ask(server_, 1)};

    cbv::dns_answer get(const std::string& name, record_type type = record_type::a) {
        const auto begin = std::chrono::steady_clock::now();
        auto found = lookup(io_, dns_, name, type);
        took_ = std::chrono::steady_clock::now() - begin;
        return found;
    }
    void expect_temporary(const std::string& name) {
        for (const auto type : {record_type::a, record_type::aaaa, record_type::mx}) {
            const auto found = get(name, type);
            EXPECT_EQ(found.status, dns_status::temporary) << name << ' ' << to_string(type);
            EXPECT_FALSE(found.detail.empty());
            EXPECT_TRUE(found.addresses.empty());
            EXPECT_TRUE(found.mx.empty());
            // One try of 200 ms; the rest is slack for a busy machine.
            EXPECT_LT(took_, 2s) << name;
        }
    }
    std::chrono::steady_clock::duration took_{};
};

TEST_F(resolver_faults, codes_that_mean_failure) {
    for (const char* name : {"servfail.z.test", "refused.z.test", "notimp.z.test"})
        expect_temporary(name);
}

TEST_F(resolver_faults, a_format_error) {
    expect_temporary("formerr.z.test");
}

TEST_F(resolver_faults, no_answer) {
    const auto found = get("silent.z.test");
    EXPECT_EQ(found.status, dns_status::temporary);
    EXPECT_GE(took_, 200ms);
    EXPECT_LT(took_, 2s);
}

TEST_F(resolver_faults, one_lost_query_is_sent_again) {
    resolver twice(io_.get_executor(), ask(server_, 2));
    const auto begin = std::chrono::steady_clock::now();
    EXPECT_EQ(texts(lookup(io_, twice, "once.z.test")), (std::vector<std::string>{"198.18.0.1"}));
    const auto took = std::chrono::steady_clock::now() - begin;
    EXPECT_GE(took, 190ms);
    EXPECT_LT(took, 2s);
}

TEST_F(resolver_faults, a_late_answer_counts) {
    EXPECT_EQ(texts(get("slow.z.test")), (std::vector<std::string>{"198.18.0.1"}));
    EXPECT_GE(took_, 40ms);
    EXPECT_LT(took_, 2s);
}

TEST_F(resolver_faults, a_truncated_answer_is_asked_for_by_tcp) {
    EXPECT_EQ(texts(get("truncated.z.test")), (std::vector<std::string>{"198.18.0.1"}));
}

// CBV-MX-010: nobody knows what such an answer lacks.
TEST_F(resolver_faults, truncated_over_tcp_is_temporary) {
    expect_temporary("cut.z.test");
}

// CBV-MX-014: without an error code it looks like the absence of records.
TEST_F(resolver_faults, a_chain_without_an_end_is_told) {
    for (const auto type : {record_type::a, record_type::aaaa, record_type::mx}) {
        const auto found = get("loop.z.test", type);
        EXPECT_EQ(found.status, dns_status::ok);
        EXPECT_EQ(found.aliases, cbv::endless_chain);
    }
}

// CBV-MX-015
TEST_F(resolver_faults, a_record_of_another_name_is_left_out) {
    const auto found = get("foreign.z.test", record_type::mx);
    ASSERT_EQ(found.mx.size(), 1U);
    EXPECT_EQ(found.mx[0].exchange, "mx.z.test");
    EXPECT_EQ(found.foreign_mx.size(), 1U);
}

TEST_F(resolver_faults, an_answer_with_another_id_is_none) {
    expect_temporary("wrong-id.z.test");
}

TEST_F(resolver_faults, garbage_is_no_answer) {
    expect_temporary("garbage.z.test");
}

TEST_F(resolver_faults, an_empty_datagram_is_no_answer) {
    const auto found = get("empty.z.test");
    EXPECT_NE(found.status, dns_status::nxdomain);
    EXPECT_TRUE(found.addresses.empty());
    EXPECT_LT(took_, 2s);
}

TEST_F(resolver_faults, nothing_of_it_spoils_the_next_query) {
    static_cast<void>(get("garbage.z.test"));
    static_cast<void>(get("empty.z.test"));
    static_cast<void>(get("servfail.z.test"));
    EXPECT_EQ(get("z.test", record_type::mx).mx.size(), 1U);
}

// One broken domain may not use up the tries of others (c-ares drops a socket after garbage).
TEST_F(resolver_faults, nothing_of_it_spoils_a_query_under_way) {
    std::optional<cbv::dns_answer> slow;
    dns_.query("slow.z.test", record_type::a, [&](cbv::dns_answer a) { slow = std::move(a); });
    static_cast<void>(get("garbage.z.test"));
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!slow && std::chrono::steady_clock::now() < end)
        io_.run_one_until(end);
    ASSERT_TRUE(slow);
    EXPECT_EQ(texts(*slow), (std::vector<std::string>{"198.18.0.1"})) << slow->detail;
}

// The timeout is the one that was asked for, not one learnt from quick answers (c-ares has 250 ms).
TEST_F(resolver_faults, quick_answers_do_not_shorten_the_timeout) {
    auto options = ask(server_, 1);
    options.timeout = 2s;
    resolver patient(io_.get_executor(), options);
    for (int i = 0; i < 20; ++i)
        static_cast<void>(lookup(io_, patient, "quick.z.test"));
    EXPECT_EQ(texts(lookup(io_, patient, "late.z.test")), (std::vector<std::string>{"198.18.0.1"}));
}

TEST_F(resolver_faults, a_server_that_does_not_listen) {
    server_.stop();
    expect_temporary("z.test");
}

} // namespace
