// What gives a host the standing to condemn a path, and what is remembered of it for how long.
#include "../../src/core/standing_memory.hpp"
#include "cbv/standing.hpp"

#include <gtest/gtest.h>

namespace {

using namespace std::chrono_literals;
using cbv::gives_standing;
using cbv::known_standing;
using cbv::standing_evidence;

cbv::reply refusal(std::string line) {
    return {550, {std::move(line)}};
}

TEST(standing, a_code_for_an_unknown_mailbox_gives_it_where_codes_are_offered) {
    for (const char* line : {"5.1.1 no", "5.1.6 moved", "5.1.10 null MX", "5.4.1 no", "5.1.1"}) {
        EXPECT_TRUE(gives_standing(refusal(line), true)) << line;
        EXPECT_FALSE(gives_standing(refusal(line), false)) << line;
    }
    for (const char* line : {"no",
                             "",
                             "5.0.0 no",
                             "5.1.0 no",
                             "5.1.2 no",
                             "5.1.11 no",
                             "5.4.0 no",
                             "5.5.0 no",
                             "#5.1.1 no",
                             "550 5.1.1 no",
                             "4.1.1 no"})
        EXPECT_FALSE(gives_standing(refusal(line), true)) << line;
}

TEST(standing, knows_role_addresses_in_any_case_and_quoting) {
    for (const char* path : {"postmaster@d.example",
                             "PostMaster@d.example",
                             "abuse@d.example",
                             "MAILER-DAEMON@d.example",
                             "\"postmaster\"@d.example"})
        EXPECT_TRUE(is_role_address(cbv::parse_mailbox(path).value())) << path;
    for (const char* path :
         {"postmaster1@d.example", "ann@postmaster.example", "abuse+x@d.example"})
        EXPECT_FALSE(is_role_address(cbv::parse_mailbox(path).value())) << path;
}

TEST(standing, words_go_both_ways) {
    for (const char* word : {"off", "strict", "postmaster"})
        EXPECT_EQ(to_string(cbv::standing_mode_from(word).value()), word);
    EXPECT_FALSE(cbv::standing_mode_from("loose"));
    EXPECT_EQ(to_string(static_cast<cbv::standing_mode>(9)), "?");
}

class standing_memory : public testing::Test {
protected:
    std::vector<known_standing> of(const std::string& domain, cbv::duration after = {}) const {
        return memory.of(domain, start + after);
    }

    cbv::instant start = cbv::instant{} + 24h;
    cbv::ip_address host = cbv::ip_address::v4({198, 18, 0, 1});
    cbv::ip_address other = cbv::ip_address::v4({198, 18, 0, 2});
    cbv::standing_memory memory{3};
    const std::vector<known_standing> given{{host, standing_evidence::given}};
    const std::vector<known_standing> denied{{host, standing_evidence::denied}};
    const std::vector<known_standing> nothing{};
};

TEST_F(standing_memory, an_acceptance_counts_for_an_hour) {
    memory.note_acceptance(host, "d.example", start);
    EXPECT_EQ(of("d.example"), given);
    EXPECT_EQ(of("d.example", 1h - 1us), given);
    EXPECT_EQ(of("d.example", 1h), nothing);
    EXPECT_EQ(of("e.example"), nothing);
    memory.note_acceptance(host, "d.example", start + 30min);
    EXPECT_EQ(of("d.example", 1h), given);
}

TEST_F(standing_memory, an_answer_to_the_control_question_counts_for_an_hour) {
    memory.note_control(host, "d.example", false, start);
    EXPECT_EQ(of("d.example", 1h - 1us), denied);
    EXPECT_EQ(of("d.example", 1h), nothing);
    memory.note_control(host, "d.example", true, start + 2h);
    EXPECT_EQ(of("d.example", 3h - 1us), given);
    EXPECT_EQ(of("d.example", 3h), nothing);
}

TEST_F(standing_memory, an_acceptance_counts_more_than_a_denied_question) {
    memory.note_control(host, "d.example", false, start);
    memory.note_acceptance(host, "d.example", start);
    EXPECT_EQ(of("d.example"), given);
}

TEST_F(standing_memory, a_refusal_by_policy_ends_it) {
    memory.note_acceptance(host, "d.example", start);
    memory.note_policy(host, "d.example", start);
    EXPECT_EQ(of("d.example"), nothing);
    memory.note_control(host, "d.example", true, start);
    memory.note_policy(host, "d.example", start);
    EXPECT_EQ(of("d.example"), denied) << "it was asked within the hour";
    memory.note_policy(other, "d.example", start);
    EXPECT_EQ(memory.size(), 1U) << "nothing to forget, nothing to remember";
}

TEST_F(standing_memory, is_bounded_and_forgets_what_it_heard_of_longest_ago) {
    for (const char* domain : {"a.example", "b.example", "c.example"})
        memory.note_acceptance(host, domain, start);
    memory.note_acceptance(host, "a.example", start);
    memory.note_acceptance(host, "d.example", start);
    EXPECT_EQ(memory.size(), 3U);
    EXPECT_EQ(of("a.example"), given);
    EXPECT_EQ(of("b.example"), nothing);
    EXPECT_EQ(of("d.example"), given);
}

TEST_F(standing_memory, knows_each_address_of_a_domain) {
    memory.note_acceptance(other, "d.example", start);
    memory.note_control(host, "d.example", false, start);
    memory.note_acceptance(host, "d.examplf", start);
    EXPECT_EQ(of("d.example"),
              (std::vector<known_standing>{{host, standing_evidence::denied},
                                           {other, standing_evidence::given}}));
}

} // namespace
