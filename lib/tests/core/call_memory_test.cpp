// Rates by domain and hosts left alone: the window, the pause, and the bound on what is remembered.
#include "../../src/core/call_memory.hpp"

#include <gtest/gtest.h>

#include <chrono>
#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::domain_rate;
using cbv::instant;
using cbv::ip_address;
using cbv::refusal_memory;

constexpr instant start{1000s};

TEST(domain_rate, counts_within_a_window_that_moves) { // CBV-LOAD-003
    domain_rate rate{2, 60s, 10};
    EXPECT_TRUE(rate.begin("d.example", start));
    EXPECT_TRUE(rate.begin("d.example", start + 30s));
    EXPECT_FALSE(rate.begin("d.example", start + 60s - 1us));
    EXPECT_TRUE(rate.begin("d.example", start + 60s)) << "refused ones do not count";
    EXPECT_FALSE(rate.begin("d.example", start + 90s - 1us));
    EXPECT_TRUE(rate.begin("d.example", start + 90s));
    EXPECT_TRUE(rate.begin("e.example", start + 90s)) << "each domain by itself";
}

TEST(domain_rate, forgets_what_is_over) {
    domain_rate rate{2, 60s, 1000};
    for (int i = 0; i < 500; ++i)
        EXPECT_TRUE(rate.begin("d" + std::to_string(i) + ".example", start));
    EXPECT_EQ(rate.size(), 500U);
    EXPECT_TRUE(rate.begin("e.example", start + 60s));
    EXPECT_EQ(rate.size(), 1U);
}

TEST(domain_rate, remembers_so_many_domains_at_most) { // CBV-CACHE-008
    domain_rate rate{1, 60s, 2};
    EXPECT_TRUE(rate.begin("a.example", start));
    EXPECT_TRUE(rate.begin("b.example", start + 1s));
    EXPECT_FALSE(rate.begin("a.example", start + 2s)) << "a refused call is no call";
    EXPECT_TRUE(rate.begin("c.example", start + 3s));
    EXPECT_EQ(rate.size(), 2U);
    EXPECT_FALSE(rate.begin("b.example", start + 4s));
    EXPECT_TRUE(rate.begin("a.example", start + 5s)) << "forgotten, so it may begin";
    EXPECT_EQ(rate.size(), 2U);
}

TEST(domain_rate, forgets_the_one_called_longest_ago) {
    domain_rate rate{2, 60s, 2};
    EXPECT_TRUE(rate.begin("a.example", start));
    EXPECT_TRUE(rate.begin("b.example", start + 1s));
    EXPECT_TRUE(rate.begin("a.example", start + 2s));
    EXPECT_TRUE(rate.begin("c.example", start + 3s)); // in place of b
    EXPECT_FALSE(rate.begin("a.example", start + 4s));
    EXPECT_TRUE(rate.begin("a.example", start + 60s)) << "its first call is outside the window";
}

TEST(domain_rate, no_limit_remembers_nothing) {
    domain_rate rate{0, 60s, 2};
    for (int i = 0; i < 100; ++i)
        EXPECT_TRUE(rate.begin("a.example", start));
    EXPECT_EQ(rate.size(), 0U);
}

const ip_address a = *ip_address::parse("198.18.0.1");
const ip_address b = *ip_address::parse("198.18.0.2");
const ip_address c = *ip_address::parse("2001:db8::1");

TEST(refusal_memory, pauses_from_the_last_refusal_on) { // CBV-LOAD-007
    refusal_memory memory{1h, 10};
    EXPECT_FALSE(memory.is_paused(a, start));
    memory.note(a, start);
    memory.note(b, start);
    memory.note(a, start + 30min);
    EXPECT_TRUE(memory.is_paused(b, start + 1h - 1us));
    EXPECT_FALSE(memory.is_paused(b, start + 1h));
    EXPECT_TRUE(memory.is_paused(a, start + 90min - 1us));
    EXPECT_FALSE(memory.is_paused(a, start + 90min));
    EXPECT_EQ(memory.size(), 0U);
}

TEST(refusal_memory, remembers_so_many_hosts_at_most) { // CBV-CACHE-008
    refusal_memory memory{1h, 2};
    memory.note(a, start);
    memory.note(b, start + 1s);
    memory.note(a, start + 2s);
    memory.note(c, start + 3s);
    EXPECT_EQ(memory.size(), 2U);
    EXPECT_TRUE(memory.is_paused(a, start + 4s));
    EXPECT_FALSE(memory.is_paused(b, start + 4s));
    EXPECT_TRUE(memory.is_paused(c, start + 4s));
}

TEST(refusal_memory, no_pause_remembers_nothing) {
    refusal_memory memory{{}, 2};
    memory.note(a, start);
    EXPECT_FALSE(memory.is_paused(a, start));
    EXPECT_EQ(memory.size(), 0U);
}

TEST(refusal_memory, a_pause_may_be_for_ever) {
    refusal_memory memory{cbv::duration::max(), 2};
    memory.note(a, start);
    EXPECT_TRUE(memory.is_paused(a, start + 24h * 36500));
}

} // namespace
