// The control question (CBV-INT-015 to CBV-INT-017) in one dialogue: when it is asked, what is
// sent, and what each answer makes of the refusal.
#include "cbv/dialogue.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::stage;
using cbv::standing_evidence;
using cbv::standing_mode;
using cbv::verdict_kind;

constexpr cbv::instant start{};

// A host at which the path was refused.
struct refused {
    explicit refused(standing_mode mode,
                     standing_evidence known = standing_evidence::unknown,
                     bool role = false,
                     const std::string& reply = "550 no\r\n",
                     bool pipelining = false)
        : talk({"joe", "example.org", false, role, known}, options(mode, pipelining), start) {
        talk.on_connected(start);
        say("220 mx\r\n");
        say("250-mx\r\n250-PIPELINING\r\n250 ENHANCEDSTATUSCODES\r\n");
        say("250 ok\r\n");
        said = say(reply);
    }

    // What it says now.
    std::string say(const std::string& reply) {
        talk.on_bytes(reply, start);
        return talk.pending() == cbv::dialogue::action::send ? talk.take_output() : std::string();
    }

    static cbv::dialogue_options options(standing_mode mode, bool pipelining) {
        cbv::dialogue_options o;
        o.helo_name = "v.example";
        o.decisions.standing = mode;
        o.pipelining = pipelining;
        return o;
    }

    void expect(verdict_kind kind, cause why, std::optional<bool> accepted = std::nullopt) {
        ASSERT_TRUE(talk.outcome());
        EXPECT_EQ(to_string(talk.outcome()->kind.value()), to_string(kind));
        EXPECT_EQ(to_string(talk.outcome()->why), to_string(why));
        EXPECT_EQ(talk.control_accepted(), accepted);
        EXPECT_EQ(talk.deciding_reply()->code, 550) << "the refusal itself is kept";
    }

    cbv::dialogue talk;
    std::string said;
};

TEST(dialogue_standing, strict_asks_nothing) {
    refused host(standing_mode::strict);
    EXPECT_EQ(host.said, "QUIT\r\n");
    host.expect(verdict_kind::unverifiable, cause::no_standing);
}

TEST(dialogue_standing, off_believes) {
    refused host(standing_mode::off);
    EXPECT_EQ(host.said, "QUIT\r\n");
    host.expect(verdict_kind::fail, cause::mailbox_refused);
}

TEST(dialogue_standing, a_code_or_evidence_is_enough) {
    for (const auto mode : {standing_mode::strict, standing_mode::postmaster}) {
        refused coded(mode, standing_evidence::denied, false, "550 5.1.1 no\r\n");
        EXPECT_EQ(coded.said, "QUIT\r\n");
        coded.expect(verdict_kind::fail, cause::mailbox_refused);
        refused known(mode, standing_evidence::given);
        EXPECT_EQ(known.said, "QUIT\r\n");
        known.expect(verdict_kind::fail, cause::mailbox_refused);
    }
}

TEST(dialogue_standing, asks_about_postmaster) {
    for (const bool pipelining : {false, true}) {
        refused host(
            standing_mode::postmaster, standing_evidence::unknown, false, "550 no\r\n", pipelining);
        EXPECT_EQ(host.said, "RSET\r\n");
        EXPECT_FALSE(host.talk.outcome());
        EXPECT_EQ(host.talk.at(), stage::control);
        EXPECT_EQ(host.say("250 ok\r\n"), "MAIL FROM:<>\r\n");
        EXPECT_EQ(host.say("250 ok\r\n"), "RCPT TO:<postmaster@example.org>\r\n");
        EXPECT_EQ(host.say("250 ok\r\n"), "QUIT\r\n");
        host.expect(verdict_kind::fail, cause::mailbox_refused, true);
        // Three commands and one stage of the record (CBV-TRC-007).
        const auto stages = host.talk.stages(start);
        EXPECT_EQ(stages.size(), 6U);
        EXPECT_EQ(stages.back().at, stage::control);
    }
}

TEST(dialogue_standing, only_consent_gives_standing) {
    const std::vector<std::vector<std::string>> answers{{"250 ok", "250 ok", "550 no"},
                                                        {"250 ok", "250 ok", "450 later"},
                                                        {"250 ok", "250 ok", "550 5.1.1 no"},
                                                        {"250 ok", "550 no"},
                                                        {"502 no RSET"},
                                                        {"421 closing"}};
    for (const auto& replies : answers) {
        refused host(standing_mode::postmaster);
        std::string last;
        for (const std::string& reply : replies)
            last = host.say(reply + "\r\n");
        EXPECT_EQ(last, "QUIT\r\n") << replies.back();
        host.expect(verdict_kind::unverifiable, cause::no_standing, false);
    }
}

TEST(dialogue_standing, a_lost_connection_or_a_timer_is_no_consent) {
    refused lost(standing_mode::postmaster);
    lost.talk.on_eof(start);
    lost.expect(verdict_kind::unverifiable, cause::no_standing, false);
    EXPECT_EQ(lost.talk.pending(), cbv::dialogue::action::close);
    refused late(standing_mode::postmaster);
    EXPECT_EQ(late.talk.deadline(), start + cbv::timeouts{}.mail);
    late.talk.on_time(start + cbv::timeouts{}.mail);
    late.expect(verdict_kind::unverifiable, cause::no_standing, false);
    refused odd(standing_mode::postmaster);
    EXPECT_EQ(odd.say("354 more\r\n"), "");
    odd.expect(verdict_kind::unverifiable, cause::no_standing, false);
    EXPECT_EQ(odd.talk.pending(), cbv::dialogue::action::close);
}

TEST(dialogue_standing, does_not_ask_again_nor_about_a_role_address) {
    refused again(standing_mode::postmaster, standing_evidence::denied);
    EXPECT_EQ(again.said, "QUIT\r\n");
    again.expect(verdict_kind::unverifiable, cause::no_standing);
    refused role(standing_mode::postmaster, standing_evidence::unknown, true);
    EXPECT_EQ(role.said, "QUIT\r\n");
    role.expect(verdict_kind::unverifiable, cause::no_standing);
}

TEST(dialogue_standing, does_not_ask_where_the_refusal_is_soft_already) {
    for (const char* reply : {"550 5.7.1 no\r\n", "550 5.2.2 full\r\n"}) {
        refused host(standing_mode::postmaster, standing_evidence::unknown, false, reply);
        EXPECT_EQ(host.said, "QUIT\r\n") << reply;
        EXPECT_NE(host.talk.outcome()->kind, verdict_kind::fail) << reply;
    }
}

} // namespace
