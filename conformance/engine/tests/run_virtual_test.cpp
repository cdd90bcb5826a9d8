// Runs on virtual time: the library passes, and a machine broken in one point yields exactly the
// word for it.
#include "engine/forwarding.hpp"
#include "engine/run.hpp"
#include "observations.hpp"
#include "test_cases.hpp"

#include <gtest/gtest.h>

#include <deque>
#include <utility>

namespace cbv::engine {
namespace {

using testing::load;
using testing::words;

template <class Broken>
machine_factory broken() {
    return [](mailbox box, const verification_options& options, instant now, instant since) {
        return std::make_unique<Broken>(make_verification(std::move(box), options, now, since));
    };
}

struct wrong_sender : forwarding_verifier {
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a)
            if (auto* send = std::get_if<act::send>(&*a); send && send->octets.starts_with("MAIL"))
                send->octets = "MAIL FROM:<probe@verifier.test>\r\n";
        return a;
    }
};

struct no_quit : forwarding_verifier {
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a)
            if (auto* send = std::get_if<act::send>(&*a); send && send->octets.starts_with("QUIT"))
                return act::close{send->id};
        return a;
    }
};

struct hard_on_silence : forwarding_verifier {
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a)
            if (auto* done = std::get_if<act::done>(&*a))
                done->result.kind = verdict_kind::fail;
        return a;
    }
};

struct waits_for_quit : forwarding_verifier {
    using forwarding_verifier::forwarding_verifier;
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a && std::holds_alternative<act::done>(*a)) {
            held_ = std::move(a);
            a = inner_->next_action();
        }
        if (a)
            return a;
        if (held_ && inner_->finished())
            return std::exchange(held_, std::nullopt);
        return std::nullopt;
    }
    bool finished() const override { return !held_ && inner_->finished(); }

private:
    std::optional<action> held_;
};

class library_passes : public ::testing::TestWithParam<const char*> {};

TEST_P(library_passes, case_in_virtual_time) {
    const auto r = run_virtual(load(GetParam()), library_target());
    EXPECT_EQ(words(r), "");
    EXPECT_EQ(r.result, status::pass) << r.reason;
    std::string line;
    for (const auto& e : r.seen.timeline)
        line += fakemx::to_text(e) + "\n";
    if (r.result != status::pass)
        std::fputs(line.c_str(), stderr);
}

INSTANTIATE_TEST_SUITE_P(engine,
                         library_passes,
                         ::testing::Values("dlg/v-null-sender",
                                           "dlg/v-quit-not-awaited",
                                           "time/v-rcpt-stall",
                                           "mx/v-nxdomain",
                                           "mx/v-order",
                                           "elig/v-session"));

TEST(run_virtual, a_wrong_sender_is_found) {
    EXPECT_EQ(
        words(run_virtual(load("dlg/v-null-sender"), library_target(), broken<wrong_sender>())),
        "!null-sender-violated");
}

TEST(run_virtual, a_missing_quit_is_found) {
    EXPECT_EQ(words(run_virtual(load("dlg/v-null-sender"), library_target(), broken<no_quit>())),
              "!no-quit");
}

TEST(run_virtual, a_refusal_on_silence_is_found) {
    EXPECT_EQ(
        words(run_virtual(load("time/v-rcpt-stall"), library_target(), broken<hard_on_silence>())),
        "!permanent-on-temporary");
}

TEST(run_virtual, waiting_for_quit_is_found) {
    const auto r =
        run_virtual(load("dlg/v-quit-not-awaited"), library_target(), broken<waits_for_quit>());
    EXPECT_EQ(words(r), "!waited-for-quit");
    EXPECT_TRUE(r.findings.front().timing);
}

TEST(run_virtual, settings_can_be_changed_before_the_run) {
    virtual_hooks hooks;
    hooks.options = [](verification_options& v, receiver_options&, call_manager_options&) {
        v.selection.soft_nxdomain = true;
    };
    EXPECT_EQ(words(run_virtual(load("mx/v-nxdomain"), library_target(), hooks)),
              "!bad-path-deferred");
}

TEST(run_virtual, pipelining_shows_although_each_line_is_answered_in_turn) {
    // The library pipelines in the suite wherever it is offered, as it is in this world.
    EXPECT_EQ(words(run_virtual(load("dlg/v-pipelining"), library_target())),
              "!pipelined-without-offer");
    virtual_hooks hooks;
    hooks.options = [](verification_options& v, receiver_options&, call_manager_options&) {
        v.dialogue.pipelining = false;
    };
    EXPECT_EQ(words(run_virtual(load("dlg/v-pipelining"), library_target(), hooks)), "");
}

TEST(run_virtual, a_missing_capability_makes_a_case_unsupported) {
    auto c = load("dlg/v-null-sender");
    c.needs.insert("soft-hearted");
    const auto r = run_virtual(c, library_target());
    EXPECT_EQ(r.result, status::unsupported);
    EXPECT_EQ(r.reason, "soft-hearted");
}

TEST(run_virtual, two_runs_are_the_same) {
    const auto c = load("mx/v-order");
    const auto a = run_virtual(c, library_target());
    const auto b = run_virtual(c, library_target());
    ASSERT_EQ(a.seen.timeline.size(), b.seen.timeline.size());
    for (std::size_t i = 0; i < a.seen.timeline.size(); ++i)
        EXPECT_EQ(fakemx::to_text(a.seen.timeline[i]), fakemx::to_text(b.seen.timeline[i]));
}

} // namespace
} // namespace cbv::engine
