// When a verifier takes itself to be on a list (CBV-INT-020).
#include "../../src/core/listing_watch.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;

class listing_watch : public testing::Test {
protected:
    static cbv::ip_address host(int n) {
        return cbv::ip_address::v4({198, 18, 0, static_cast<std::uint8_t>(n)});
    }
    // So many domains were called, and hosts of the first `refused` of them refused.
    void play(int called, int refused, cbv::instant at) {
        for (int i = 0; i < called; ++i)
            watch.note_call("d" + std::to_string(i) + ".example", at);
        for (int i = 0; i < refused; ++i)
            watch.note_refusal("d" + std::to_string(i) + ".example", host(i), at);
    }

    cbv::instant start = cbv::instant{} + 24h;
    cbv::listing_watch watch{5, 1000};
};

TEST_F(listing_watch, five_unrelated_domains_make_a_listing) {
    play(20, 4, start);
    EXPECT_FALSE(watch.listed(start));
    watch.note_refusal("d4.example", host(4), start);
    EXPECT_TRUE(watch.listed(start));
    EXPECT_TRUE(watch.listed(start + 1h - 1us));
    EXPECT_FALSE(watch.listed(start + 1h));
}

TEST_F(listing_watch, lasts_until_an_hour_passed_without_a_refusal) {
    play(20, 5, start);
    watch.note_refusal("d0.example", host(0), start + 59min);
    EXPECT_TRUE(watch.listed(start + 1h + 58min));
    EXPECT_FALSE(watch.listed(start + 1h + 59min));
}

TEST_F(listing_watch, refusals_count_for_an_hour) {
    play(20, 4, start);
    watch.note_refusal("d4.example", host(4), start + 1h);
    EXPECT_FALSE(watch.listed(start + 1h));
}

TEST_F(listing_watch, is_a_tenth_of_those_called_at_least) {
    play(51, 5, start);
    EXPECT_FALSE(watch.listed(start));
    watch.note_refusal("d5.example", host(5), start);
    EXPECT_TRUE(watch.listed(start));
}

TEST_F(listing_watch, names_under_one_domain_are_related) {
    for (int i = 0; i < 20; ++i)
        watch.note_refusal("n" + std::to_string(i) + ".evil.example", host(i), start);
    EXPECT_FALSE(watch.listed(start));
}

TEST_F(listing_watch, domains_at_one_host_are_related) {
    for (int i = 0; i < 20; ++i)
        watch.note_refusal("d" + std::to_string(i) + ".example", host(1), start);
    EXPECT_FALSE(watch.listed(start));
}

TEST_F(listing_watch, is_off_with_nought) {
    cbv::listing_watch off{0, 10};
    for (int i = 0; i < 20; ++i)
        off.note_refusal("d" + std::to_string(i) + ".example", host(i), start);
    EXPECT_FALSE(off.listed(start));
    EXPECT_FALSE(off.until());
}

TEST_F(listing_watch, is_bounded) {
    cbv::listing_watch small{5, 3};
    for (int i = 0; i < 20; ++i)
        small.note_refusal("d" + std::to_string(i) + ".example", host(i), start);
    EXPECT_FALSE(small.listed(start)) << "only three are remembered";
}

} // namespace
