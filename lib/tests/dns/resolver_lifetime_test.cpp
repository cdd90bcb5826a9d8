// Tests of the lifetime of a resolver and its queries: destroying, cancelling, and that nothing
// keeps an io_context running without need.
#include "fake_dns.hpp"

#include <memory>
#include <vector>

namespace {

using namespace cbv::test;
using namespace std::chrono_literals;
using cbv::record_type;
using cbv::resolver;
using cbv::fakemx::dns_fault;

void fill_zone(cbv::fakemx::world& w) {
    w.records = {address("a.z.test", "198.18.0.1")};
    w.answers = {broken("silent.z.test", dns_fault::silent)};
}

/// Asks with time to spare, so that only an answer or a cancellation ends a query.
cbv::resolver_options patient(const fake_dns& server) {
    auto o = ask(server);
    o.timeout = 60s;
    return o;
}

class resolver_lifetime : public ::testing::Test {
protected:
    /// Lets everything run that can within a moment.
    void run_a_moment() {
        io_.restart();
        io_.run_for(20ms);
    }
    /// The io_context runs out of work (the server has its own) well within the query's timeout.
    void expect_out_of_work() {
        const auto begin = std::chrono::steady_clock::now();
        io_.restart();
        io_.run_for(patience);
        EXPECT_LT(std::chrono::steady_clock::now() - begin, 2s);
    }

    boost::asio::io_context io_{1};
    boost::asio::io_context server_io_{1};
    fake_dns server_{server_io_, fill_zone}; // nobody runs it: a server that never answers
    int called_ = 0;
    std::shared_ptr<int> held_ = std::make_shared<int>(0);

    resolver::handler counting() {
        return [this, keep = held_](const cbv::dns_answer&) { ++called_; };
    }
};

TEST_F(resolver_lifetime, destroying_it_drops_pending_handlers) {
    {
        resolver dns(io_.get_executor(), patient(server_));
        for (int i = 0; i < 10; ++i)
            dns.query("a.z.test", record_type::a, counting());
        run_a_moment();
    }
    EXPECT_EQ(held_.use_count(), 1) << "handlers are gone with the resolver";
    expect_out_of_work();
    EXPECT_EQ(called_, 0);
}

TEST_F(resolver_lifetime, destroying_it_at_once) {
    {
        resolver dns(io_.get_executor(), patient(server_));
        dns.query("a.z.test", record_type::a, counting());
        dns.query("a..test", record_type::a, counting()); // its answer is posted already
    }
    expect_out_of_work();
    EXPECT_EQ(called_, 0);
    EXPECT_EQ(held_.use_count(), 1);
}

TEST_F(resolver_lifetime, destroying_it_from_a_handler) {
    boost::asio::io_context io(1);
    fake_dns server(io, fill_zone);
    auto dns = std::make_unique<resolver>(io.get_executor(), patient(server));
    bool answered = false;
    dns->query("a.z.test", record_type::a, [&](const cbv::dns_answer& a) {
        answered = a.addresses.size() == 1;
        dns.reset();
    });
    dns->query("silent.z.test", record_type::a, counting());
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!answered && std::chrono::steady_clock::now() < end)
        io.run_one_until(end);
    EXPECT_TRUE(answered);
    EXPECT_EQ(called_, 0);
}

TEST_F(resolver_lifetime, destroying_the_context_first_frees_everything) {
    auto io = std::make_unique<boost::asio::io_context>(1);
    auto dns = std::make_unique<resolver>(io->get_executor(), patient(server_));
    dns->query("a.z.test", record_type::a, counting());
    io->run_for(20ms);
    dns.reset(); // its waits are still in the context
    io.reset();
    EXPECT_EQ(held_.use_count(), 1);
    EXPECT_EQ(called_, 0);
}

TEST_F(resolver_lifetime, a_cancelled_query_is_never_answered) {
    boost::asio::io_context io(1);
    fake_dns server(io, fill_zone);
    resolver dns(io.get_executor(), ask(server));
    const auto id = dns.query("a.z.test", record_type::a, counting());
    dns.cancel(id);
    dns.cancel(id);
    dns.cancel(id + 1000);
    EXPECT_EQ(held_.use_count(), 1);
    EXPECT_EQ(lookup(io, dns, "a.z.test").addresses.size(), 1U) << "the resolver goes on";
    EXPECT_EQ(called_, 0);
}

TEST_F(resolver_lifetime, a_query_cancelled_when_its_answer_is_posted_is_not_answered) {
    resolver dns(io_.get_executor(), patient(server_));
    dns.cancel(dns.query("a..test", record_type::a, counting()));
    expect_out_of_work();
    EXPECT_EQ(called_, 0);
}

TEST_F(resolver_lifetime, nothing_runs_on_when_the_last_query_is_cancelled) {
    resolver dns(io_.get_executor(), patient(server_));
    const auto first = dns.query("a.z.test", record_type::a, counting());
    const auto second = dns.query("a.z.test", record_type::aaaa, counting());
    run_a_moment();
    dns.cancel(first);
    dns.cancel(second);
    expect_out_of_work();
    EXPECT_EQ(called_, 0);
}

// Those that wait for their turn come to it when others are cancelled, and can be cancelled.
TEST_F(resolver_lifetime, more_queries_than_are_under_way_at_once) {
    boost::asio::io_context io(1);
    fake_dns server(io, fill_zone);
    resolver dns(io.get_executor(), patient(server));
    std::vector<resolver::query_id> ids;
    for (int i = 0; i < 300; ++i)
        ids.push_back(dns.query("silent.z.test", record_type::a, counting()));
    bool answered = false;
    dns.query("a.z.test", record_type::a, [&](const cbv::dns_answer& a) {
        answered = a.addresses.size() == 1;
    });
    for (const auto id : ids)
        dns.cancel(id);
    const auto end = std::chrono::steady_clock::now() + patience;
    while (!answered && std::chrono::steady_clock::now() < end)
        io.run_one_until(end);
    EXPECT_TRUE(answered);
    EXPECT_EQ(called_, 0);
    EXPECT_EQ(held_.use_count(), 1);
}

TEST_F(resolver_lifetime, nothing_runs_on_when_everything_is_answered) {
    resolver dns(io_.get_executor(), ask(server_, 1));
    dns.query("a.z.test", record_type::a, counting()); // times out: nobody runs the server
    expect_out_of_work();
    EXPECT_EQ(called_, 1);
}

} // namespace
