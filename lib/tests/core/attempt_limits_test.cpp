// Places and the queue for them, against a plain model that looks at everything each time.
#include "../../src/core/attempt_limits.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdint>
#include <map>
#include <vector>

namespace {

using cbv::attempt_id;
using cbv::attempt_limits;
using cbv::ip_address;

const std::vector<ip_address> addresses{*ip_address::parse("198.18.0.1"),
                                        *ip_address::parse("198.18.0.2"),
                                        *ip_address::parse("2001:db8::1")};

TEST(attempt_limits, first_come_first_served) { // CBV-LOAD-002
    attempt_limits limits{1, 2};
    EXPECT_TRUE(limits.take({1, 1}, addresses[0]));
    EXPECT_FALSE(limits.take({2, 1}, addresses[0]));
    EXPECT_FALSE(limits.take({3, 1}, addresses[0]));
    EXPECT_TRUE(limits.take({4, 1}, addresses[1]));
    EXPECT_FALSE(limits.take({5, 1}, addresses[2])) << "no place in all";
    EXPECT_FALSE(limits.let_in());
    EXPECT_FALSE(limits.release({4, 1}));
    EXPECT_EQ(limits.let_in(), (attempt_id{5, 1})) << "the first with room at its address";
    EXPECT_FALSE(limits.let_in());
    EXPECT_TRUE(limits.release({2, 1})) << "had no place";
    EXPECT_FALSE(limits.release({2, 1})) << "is gone";
    EXPECT_FALSE(limits.release({1, 1}));
    EXPECT_EQ(limits.let_in(), (attempt_id{3, 1}));
    EXPECT_TRUE(limits.has_place({3, 1}));
    EXPECT_FALSE(limits.has_place({1, 1}));
}

TEST(attempt_limits, forgets_addresses_without_attempts) {
    attempt_limits limits{1, 1};
    for (unsigned i = 0; i < 2; ++i) {
        EXPECT_EQ(limits.take({i, 1}, addresses[0]), i == 0);
        EXPECT_FALSE(limits.take({i, 2}, addresses[1]));
        EXPECT_EQ(limits.addresses(), 2U);
    }
    limits.release({1, 2}); // the last in the queue, the first, and one with a place
    limits.release({0, 2});
    EXPECT_EQ(limits.addresses(), 1U);
    limits.release({0, 1});
    EXPECT_EQ(limits.let_in(), (attempt_id{1, 1}));
    limits.release({1, 1});
    EXPECT_EQ(limits.addresses(), 0U);
}

/// The same with one list, and no speed.
struct model {
    unsigned per_address, in_all;
    std::map<attempt_id, ip_address> open;
    std::vector<std::pair<attempt_id, ip_address>> queue;

    [[nodiscard]] bool room(const ip_address& to) const {
        const auto there =
            std::count_if(open.begin(), open.end(), [&](const auto& o) { return o.second == to; });
        return open.size() < in_all && static_cast<unsigned>(there) < per_address;
    }
    bool take(attempt_id who, const ip_address& to) {
        const bool overtakes =
            std::any_of(queue.begin(), queue.end(), [&](const auto& q) { return q.second == to; });
        if (overtakes || !room(to)) {
            queue.emplace_back(who, to);
            return false;
        }
        open.emplace(who, to);
        return true;
    }
    bool release(attempt_id who) {
        if (open.erase(who) > 0)
            return false;
        return std::erase_if(queue, [&](const auto& q) { return q.first == who; }) > 0;
    }
    std::optional<attempt_id> let_in() {
        const auto next = std::find_if(
            queue.begin(), queue.end(), [this](const auto& q) { return room(q.second); });
        if (next == queue.end())
            return std::nullopt;
        const auto who = next->first;
        open.emplace(*next);
        queue.erase(next);
        return who;
    }
};

TEST(attempt_limits, as_the_model_in_every_order) { // CBV-LOAD-002
    std::uint64_t state = 1;
    const auto draw = [&state](std::size_t below) {
        state = state * 6364136223846793005U + 1442695040888963407U;
        return static_cast<unsigned>((state >> 33U) % below);
    };
    for (unsigned round = 0; round < 100; ++round) {
        const unsigned per_address = 1 + round % 3, in_all = 1 + round % 5;
        attempt_limits limits{per_address, in_all};
        model expected{per_address, in_all, {}, {}};
        std::vector<attempt_id> known;
        for (unsigned step = 0; step < 200; ++step) {
            if (known.empty() || draw(2) == 0) {
                const attempt_id who{step, draw(3)};
                const auto& to = addresses[draw(addresses.size())];
                ASSERT_EQ(limits.take(who, to), expected.take(who, to));
                known.push_back(who);
            } else {
                const auto at = known.begin() + draw(known.size());
                ASSERT_EQ(limits.release(*at), expected.release(*at));
                known.erase(at);
            }
            for (bool more = true; more;) {
                const auto next = limits.let_in();
                ASSERT_EQ(next, expected.let_in());
                more = next.has_value();
            }
            for (const auto& who : known)
                ASSERT_EQ(limits.has_place(who), expected.open.contains(who));
        }
    }
}

} // namespace
