// The words of verdicts, causes and stages: both directions, each word once, hyphenated.
#include "cbv/verdict.hpp"

#include <gtest/gtest.h>

#include <set>
#include <string>

namespace {

using cbv::cause;
using cbv::stage;
using cbv::verdict_kind;

// Walks an enumeration from its first enumerator to `last`.
template <class Enum, class From>
void round_trip(Enum last, From from) {
    std::set<std::string> seen;
    for (int i = 0; i <= static_cast<int>(last); ++i) {
        const auto value = static_cast<Enum>(i);
        const std::string word{to_string(value)};
        EXPECT_EQ(from(word), value) << word;
        EXPECT_TRUE(seen.insert(word).second) << word << " twice";
        EXPECT_EQ(word.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-"),
                  std::string::npos)
            << word;
    }
    EXPECT_EQ(to_string(static_cast<Enum>(static_cast<int>(last) + 1)), "?");
    for (const char* unknown : {"", "?", "PASS", "null_mx", "pass ", "no-such-word"})
        EXPECT_EQ(from(unknown), std::nullopt) << unknown;
}

TEST(verdict, every_kind_has_a_word) {
    round_trip(verdict_kind::none, cbv::verdict_kind_from);
}
TEST(verdict, every_cause_has_a_word) {
    round_trip(cause::exempt, cbv::cause_from);
}
TEST(verdict, every_stage_has_a_word) {
    round_trip(stage::quit, cbv::stage_from);
}

// Words are published: in traces, in JSON and in the draft.
TEST(verdict, words_follow_their_enumerators) {
    EXPECT_EQ(to_string(verdict_kind::unverifiable), "unverifiable");
    EXPECT_EQ(to_string(cause::accepted), "accepted");
    EXPECT_EQ(to_string(cause::mailbox_refused), "mailbox-refused");
    EXPECT_EQ(to_string(cause::null_sender_refused), "null-sender-refused");
    EXPECT_EQ(to_string(cause::null_mx), "null-mx");
    EXPECT_EQ(to_string(cause::domain_not_found), "domain-not-found");
    EXPECT_EQ(to_string(cause::hosts_prohibited), "hosts-prohibited");
    EXPECT_EQ(to_string(cause::smtputf8_missing), "smtputf8-missing");
    EXPECT_EQ(to_string(cause::timeout), "timeout");
    EXPECT_EQ(to_string(cause::temporary_reply), "temporary-reply");
    EXPECT_EQ(to_string(cause::budget_exhausted), "budget-exhausted");
    EXPECT_EQ(to_string(cause::prober_refused), "prober-refused");
    EXPECT_EQ(to_string(cause::tls_failure), "tls-failure");
    EXPECT_EQ(to_string(cause::hold_off), "hold-off");
    EXPECT_EQ(to_string(cause::null_reverse_path), "null-reverse-path");
    EXPECT_EQ(to_string(cause::exempt), "exempt");
    EXPECT_EQ(to_string(stage::mx_lookup), "mx-lookup");
    EXPECT_EQ(to_string(stage::address_lookup), "address-lookup");
    EXPECT_EQ(to_string(stage::rcpt), "rcpt");
}

} // namespace
