// Durations as text: the table of good and bad forms, and the round trip.
#include "cbv/duration_text.hpp"

#include <gtest/gtest.h>

namespace cbv {
namespace {

using namespace std::chrono_literals;

TEST(duration_text, reads_numbers_with_units) {
    const struct {
        const char* text;
        duration expected;
    } rows[] = {
        {"0", 0s},
        {"120", 120s},
        {"1.5s", 1500ms},
        {"300ms", 300ms},
        {"4m", 240s},
        {"0.5m", 30s},
        {"7us", 7us},
        {"0.000001", 1us},
        {"2.50", 2500ms},
        {"1440m", 24h},
        {"24h", 24h},
        {"1.5h", 90min},
    };
    for (const auto& row : rows)
        EXPECT_EQ(parse_duration(row.text), row.expected) << row.text;
}

TEST(duration_text, refuses_everything_else) {
    for (const char* text : {"",
                             "s",
                             ".5",
                             "1.",
                             "-1",
                             "+1",
                             "1e3",
                             "1d",
                             "25h",
                             "24.1h",
                             "1 s",
                             "1ss",
                             "1441m",
                             "99999999999999999999",
                             "1.5.5",
                             "1s "})
        EXPECT_FALSE(parse_duration(text)) << text;
}

TEST(duration_text, reads_up_to_the_longest) {
    EXPECT_EQ(parse_duration("240h", 240h), 240h);
    EXPECT_EQ(parse_duration("87600h", 87600h), 87600h);
    EXPECT_FALSE(parse_duration("240.0001h", 240h));
    EXPECT_FALSE(parse_duration("6m", 5min));
    EXPECT_EQ(parse_duration("0", 0s), 0s);
}

TEST(duration_text, writes_what_it_reads) {
    for (const duration d : {duration(0s),
                             duration(1500ms),
                             duration(300ms),
                             duration(7us),
                             duration(240s),
                             duration(1001us),
                             duration(61s)})
        EXPECT_EQ(parse_duration(format_duration(d)), d) << format_duration(d);
    EXPECT_EQ(format_duration(1500ms), "1.5s");
    EXPECT_EQ(format_duration(300ms), "300ms");
    EXPECT_EQ(format_duration(240s), "240s");
}

} // namespace
} // namespace cbv
