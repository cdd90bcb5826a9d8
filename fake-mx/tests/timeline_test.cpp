// Tests of fakemx/timeline.hpp: words and the printed form.
#include "fakemx/timeline.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::fakemx::event;
using cbv::fakemx::event_kind;
using cbv::fakemx::leg;

TEST(timeline, has_a_word_for_every_kind_and_leg) {
    std::set<std::string_view> words;
    for (int k = 0; k <= static_cast<int>(event_kind::note); ++k)
        words.insert(to_string(static_cast<event_kind>(k)));
    EXPECT_EQ(words.size(), 12U);
    EXPECT_FALSE(words.contains("?"));
    EXPECT_EQ(to_string(leg::client), "client");
    EXPECT_EQ(to_string(leg::dns), "dns");
    EXPECT_EQ(to_string(leg::host), "host");
}

TEST(timeline, prints_events_escaped) {
    event e;
    e.at = 1203ms;
    e.where = leg::host;
    e.party = "mx1";
    e.connection = 1;
    e.kind = event_kind::received;
    e.text = "MAIL FROM:<>\x1B[31m\r\nforged";
    EXPECT_EQ(to_text(e), "    1.203  host mx1#1      < MAIL FROM:<>\\x1b[31m\\r\\nforged");
    e.kind = event_kind::reset;
    e.text.clear();
    EXPECT_EQ(to_text(e), "    1.203  host mx1#1      -- reset");
    e.where = leg::dns;
    e.party = "dns";
    e.connection = 0;
    e.kind = event_kind::answer;
    e.text = "MX a.test NOERROR 1 record";
    EXPECT_EQ(to_text(e), "    1.203  dns             > MX a.test NOERROR 1 record");
}

} // namespace
