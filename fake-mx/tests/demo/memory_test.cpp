// Tests of fakemx/demo/memory.hpp.
#include "fakemx/demo/memory.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx::demo;
using cbv::instant;

const instant start{};

TEST(demo_memory, first_tries_fail_and_later_ones_do_not) {
    memory m;
    const gate twice{gate::kind::first_tries, 2, {}};
    EXPECT_TRUE(m.is_played(twice, "a", start));
    EXPECT_TRUE(m.is_played(twice, "a", start));
    EXPECT_FALSE(m.is_played(twice, "a", start));
    EXPECT_FALSE(m.is_played(twice, "a", start + 24h));
    EXPECT_TRUE(m.is_played(twice, "b", start));
    EXPECT_TRUE(m.is_played({}, "a", start));
}

TEST(demo_memory, tries_fail_until_a_time_after_the_first) {
    memory m;
    const gate soon{gate::kind::first_while, 0, 30s};
    EXPECT_TRUE(m.is_played(soon, "a", start));
    EXPECT_TRUE(m.is_played(soon, "a", start + 29s));
    EXPECT_FALSE(m.is_played(soon, "a", start + 30s));
}

TEST(demo_memory, a_limit_is_one_of_any_interval) {
    memory m;
    const gate limit{gate::kind::over_limit, 2, 10s};
    EXPECT_FALSE(m.is_played(limit, "a", start));
    EXPECT_FALSE(m.is_played(limit, "a", start + 5s));
    EXPECT_TRUE(m.is_played(limit, "a", start + 9s));
    EXPECT_FALSE(m.is_played(limit, "a", start + 10s)); // the first one is forgotten
    EXPECT_TRUE(m.is_played(limit, "a", start + 14s));
}

TEST(demo_memory, is_bounded) {
    memory m;
    const gate once{gate::kind::first_tries, 1, {}};
    EXPECT_TRUE(m.is_played(once, "first", start));
    for (std::size_t i = 0; i < memory::most; ++i)
        (void)m.is_played(once, std::to_string(i), start);
    EXPECT_FALSE(m.is_played(once, std::to_string(memory::most - 1), start));
    EXPECT_TRUE(m.is_played(once, "first", start)); // forgotten
}

} // namespace
