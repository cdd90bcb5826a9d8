// Tests of fakemx/demo/faults.hpp: what local-parts are read as, good ones and others.
#include "fakemx/demo/faults.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using namespace cbv::fakemx::demo;
using kind = reading::kind;

reading read(std::string_view text) {
    return read_local_part(text, at::rcpt);
}

/// The only fault of `text`.
fault only(std::string_view text) {
    auto r = read(text);
    EXPECT_EQ(r.what, kind::faults) << text << ": " << r.problem;
    EXPECT_EQ(r.faults.size(), 1U) << text;
    return r.faults.empty() ? fault{} : r.faults.front();
}

std::string octets(std::string_view text) {
    return only(text).what.octets.value_or("(none)");
}

TEST(demo_faults, a_code_is_said_as_it_stands) {
    EXPECT_EQ(octets("451"), "451 Local error in processing (451)\r\n");
    EXPECT_EQ(octets("rcpt-550-5.1.1"), "550 5.1.1 Mailbox unavailable (rcpt-550-5.1.1)\r\n");
    EXPECT_EQ(octets("RCPT-550-5-1-1"), "550 5.1.1 Mailbox unavailable (rcpt-550-5-1-1)\r\n");
    EXPECT_EQ(octets("550-5.7.100"), "550 5.7.100 Mailbox unavailable (550-5.7.100)\r\n");
    EXPECT_EQ(octets("250-2.1.5"), "250 2.1.5 OK (250-2.1.5)\r\n");
    EXPECT_EQ(octets("499"), "499 Not now (499)\r\n");
    EXPECT_EQ(only("550").what.after, then::keep);
    EXPECT_EQ(only("421").what.after, then::close);
    EXPECT_EQ(only("421.silent").what.after, then::silent);
}

TEST(demo_faults, words_belong_to_their_stage_or_to_their_command) {
    EXPECT_EQ(only("drop").what.where, at::rcpt);
    EXPECT_EQ(read_local_part("drop", at::mail).faults.front().what.where, at::mail);
    EXPECT_EQ(read_local_part("rcpt-drop", at::mail).faults.front().what.where, at::rcpt);
    EXPECT_EQ(read_local_part("full", at::mail).faults.front().what.where, at::mail);
    EXPECT_EQ(only("spam").what.where, at::message);
    EXPECT_EQ(only("data-spam").what.where, at::data);
    EXPECT_EQ(only("message-452").what.where, at::message);
    EXPECT_EQ(only("any-slow-1s").what.where, at::any);
    const auto two = read("message-554.data-slow-1s");
    ASSERT_EQ(two.faults.size(), 2U); // in the order of the session
    EXPECT_EQ(two.faults[0].what.where, at::data);
    EXPECT_EQ(two.faults[0].words, "data-slow-1s");
    EXPECT_EQ(two.faults[1].what.where, at::message);
}

TEST(demo_faults, times_are_read_and_bounded) {
    EXPECT_EQ(only("slow").what.delay, 5s);
    EXPECT_EQ(only("slow-300ms").what.delay, 300ms);
    EXPECT_EQ(only("slow-1.5s").what.delay, 1500ms);
    EXPECT_EQ(only("slow-10m").what.delay, 10min);
    EXPECT_EQ(only("slow-2").what.delay, 2s);
    EXPECT_EQ(read("slow-11m").problem, "slow-11m: expected a time up to 10m, such as 5s or 300ms");
    EXPECT_EQ(read("slow-x").what, kind::wrong);
    EXPECT_EQ(read("slow-99999999999999999999s").what, kind::wrong);
    EXPECT_TRUE(only("slow").what.default_reply);
}

TEST(demo_faults, a_reply_takes_many_shapes) {
    EXPECT_EQ(octets("multiline-2.550"),
              "550-Mailbox unavailable (multiline-2.550)\r\n"
              "550 Mailbox unavailable (multiline-2.550)\r\n");
    EXPECT_EQ(octets("bare-lf"), "250 2.1.5 Recipient OK\n");
    EXPECT_EQ(octets("mixed"), "250-2.1.5 Recipient OK\r\n550 2.1.5 Recipient OK\r\n");
    EXPECT_EQ(octets("mixed.451"),
              "250-Local error in processing (mixed.451)\r\n"
              "451 Local error in processing (mixed.451)\r\n");
    EXPECT_GT(octets("longline").size(), 2000U);
    EXPECT_EQ(octets("half"), "250 2.1.5 Re");
    EXPECT_EQ(only("half").what.after, then::close);
    EXPECT_TRUE(only("endless").what.endless);
    EXPECT_TRUE(octets("endless").starts_with("250-"));
    EXPECT_FALSE(octets("garbage").starts_with("2"));
    EXPECT_EQ(only("split").what.segments, 2U);
    EXPECT_TRUE(only("drip-30ms").what.drip);
    EXPECT_EQ(only("drip-30ms").what.gap, 30ms);
    EXPECT_TRUE(read_local_part("banner-multiline", at::rcpt)
                    .faults.front()
                    .what.octets->starts_with("220-{name} ESMTP"));
}

TEST(demo_faults, an_ending_comes_without_a_reply_or_after_one) {
    EXPECT_EQ(octets("drop"), "(none)");
    EXPECT_FALSE(only("drop").what.default_reply);
    EXPECT_EQ(only("reset").what.after, then::reset);
    EXPECT_EQ(only("silent").what.after, then::silent);
    EXPECT_EQ(octets("550.drop"), "550 Mailbox unavailable (550.drop)\r\n");
    EXPECT_EQ(only("slow-1s.drop").what.delay, 1s);
}

TEST(demo_faults, some_end_after_some_tries) {
    EXPECT_EQ(only("grey").when.how, gate::kind::first_tries);
    EXPECT_EQ(only("grey").when.count, 1U);
    EXPECT_EQ(octets("grey"), "451 4.7.1 Greylisted, try again (grey)\r\n");
    EXPECT_EQ(only("grey-3x").when.count, 3U);
    EXPECT_EQ(only("grey-30s").when.time, 30s);
    EXPECT_EQ(octets("grey.450-4.2.0"),
              "450 4.2.0 Mailbox unavailable for now (grey.450-4.2.0)\r\n");
    EXPECT_EQ(octets("grey-2x.drop"), "(none)");
    const auto limit = only("limit-3-30s").when;
    EXPECT_EQ(limit.how, gate::kind::over_limit);
    EXPECT_EQ(limit.count, 3U);
    EXPECT_EQ(limit.time, 30s);
    EXPECT_EQ(only("limit-3").when.time, 1min);
    for (const auto* const text : {"limit", "limit-x", "limit-3-x", "grey-0x", "grey-x"})
        EXPECT_EQ(read(text).what, kind::wrong) << text;
}

TEST(demo_faults, what_is_done_is_said_in_words) {
    EXPECT_EQ(only("slow-5s.rcpt-451").does, "waits 5s, says 451 Local error in processing");
    EXPECT_EQ(only("full").does, "says 452 4.2.2 Mailbox full");
    EXPECT_EQ(only("drop").does, "closes the connection");
    EXPECT_EQ(only("550.silent").does, "says 550 Mailbox unavailable, then says nothing more");
    EXPECT_EQ(only("slow-1s").does, "waits 1s, gives the usual reply");
    EXPECT_EQ(only("drip").does, "gives the usual reply, octet by octet, 200ms apart");
    EXPECT_EQ(only("grey").does, "says 451 4.7.1 Greylisted, try again, at the first try");
}

TEST(demo_faults, ordinary_names_are_accepted) {
    for (const auto* const text :
         {"good", "user", "Alice", "user7", "user-42", "postmaster", "user+tag", "bob+rcpt-550"})
        EXPECT_EQ(read(text).what, kind::accepted) << text;
    EXPECT_EQ(only("rcpt-550+list-7").words, "rcpt-550");
}

TEST(demo_faults, other_names_are_unknown) {
    for (const auto* const text : {"jane.doe",
                                   "x",
                                   "",
                                   "usera",
                                   "user.name",
                                   "j\xC3\xA9r\xC3\xB4me",
                                   "a..b",
                                   "...",
                                   "mailer",
                                   "dataset",
                                   "12345"})
        EXPECT_EQ(read(text).what, kind::unknown) << text;
}

TEST(demo_faults, words_that_are_not_quite_right_are_told_from_names) {
    const std::vector<std::pair<std::string, std::string>> all = {
        {"slwo-5s", "slwo is no word; near: slow"},
        {"rcpt-45", "rcpt-45: expected a reply code from 200 to 599, or a word such as slow-5s"},
        {"rcpt-999", "rcpt-999: expected a reply code from 200 to 599, or a word such as slow-5s"},
        {"rcpt-", "rcpt-: expected a reply code from 200 to 599, or a word such as slow-5s"},
        {"rcpt", "rcpt: expected rcpt-WORD, such as rcpt-451"},
        {"550-5", "550-5: expected an enhanced code after the reply code, as in 550-5.1.1"},
        {"550-3.1.1", "550-3.1.1: expected an enhanced code after the reply code, as in 550-5.1.1"},
        {"drop-5s", "drop-5s: expected no parameter"},
        {"multiline-1", "multiline-1: expected 2 to 500 lines, as in multiline-5"},
        {"full.jane", "jane is no word"},
        {"550.451", "550 and 451 do not go together"},
        {"drop.reset", "drop and reset do not go together"},
        {"endless.drop", "endless and drop do not go together"},
    };
    for (const auto& [text, problem] : all) {
        EXPECT_EQ(read(text).what, kind::wrong) << text;
        EXPECT_EQ(read(text).problem,
                  text == "slwo-5s" ? "slwo-5s is no word; near: slow" : problem)
            << text;
        EXPECT_TRUE(read(text).faults.empty()) << text;
    }
}

TEST(demo_faults, hostile_names_are_only_names) {
    EXPECT_EQ(read(std::string(100'000, 'a')).what, kind::unknown);
    EXPECT_EQ(read(std::string(100'000, '.')).what, kind::unknown);
    EXPECT_EQ(read(std::string("rcpt-451\0x", 10)).what, kind::wrong);
    EXPECT_EQ(read(std::string("rcpt-451\0x", 10)).problem.find('\0'), std::string::npos);
    EXPECT_EQ(read("slow-\x1b[31m").problem.find('\x1b'), std::string::npos);
    std::string many;
    for (int i = 0; i < 60; ++i)
        many += "550.";
    EXPECT_EQ(read(many + "550").what, kind::wrong);
}

} // namespace
