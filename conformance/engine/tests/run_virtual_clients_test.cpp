// Several clients on virtual time: the library passes, and a manager of calls broken in one point
// yields exactly the word for it.
#include "engine/run.hpp"
#include "managers.hpp"
#include "observations.hpp"
#include "test_cases.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>

namespace cbv::engine {
namespace {

using testing::load;
using testing::words;

template <class Manager>
virtual_hooks managed_by() {
    virtual_hooks hooks;
    hooks.manager = [](const call_manager_options& o) { return std::make_unique<Manager>(o); };
    return hooks;
}

class library_manages : public ::testing::TestWithParam<const char*> {};

TEST_P(library_manages, case_in_virtual_time) {
    const auto r = run_virtual(load(GetParam()), library_target());
    EXPECT_EQ(words(r), "");
    EXPECT_EQ(r.result, status::pass) << r.reason;
}

INSTANTIATE_TEST_SUITE_P(engine,
                         library_manages,
                         ::testing::Values("load/v-shared",
                                           "load/v-at-once",
                                           "load/v-watched",
                                           "cache/v-expiry",
                                           "resp/v-unknown"));

TEST(run_virtual_clients, a_call_that_is_not_shared_is_found) {
    const auto r =
        run_virtual(load("load/v-shared"), library_target(), managed_by<testing::shares_nothing>());
    EXPECT_EQ(words(r), "!call-not-shared");
}

TEST(run_virtual_clients, too_many_attempts_at_once_are_found) {
    const auto r =
        run_virtual(load("load/v-at-once"), library_target(), managed_by<testing::ignores_caps>());
    EXPECT_EQ(words(r), "!too-many-at-once");
    EXPECT_NE(r.findings.front().seen.find("number 3"), std::string::npos);
}

TEST(run_virtual_clients, a_stale_verdict_is_found_and_its_client_named) {
    const auto r =
        run_virtual(load("cache/v-expiry"), library_target(), managed_by<testing::never_forgets>());
    EXPECT_EQ(words(r), "!stale-verdict");
    EXPECT_NE(r.findings.front().expected.find("of later"), std::string::npos)
        << r.findings.front().expected;
}

TEST(run_virtual_clients, options_of_the_manager_can_be_changed) {
    virtual_hooks hooks;
    hooks.options = [](verification_options&, receiver_options&, call_manager_options& m) {
        m.cache.enabled = false;
    };
    EXPECT_EQ(words(run_virtual(load("cache/v-expiry"), library_target(), hooks)),
              "!verdict-not-kept");
}

TEST(run_virtual_clients, hosts_are_watched_after_the_last_client) {
    auto c = load("load/v-watched");
    const auto hooks = managed_by<testing::calls_again>();
    EXPECT_EQ(words(run_virtual(c, library_target(), hooks)), "!called-for-nobody");
    c.watch = duration{};
    EXPECT_EQ(words(run_virtual(c, library_target(), hooks)), "");
}

TEST(run_virtual_clients, the_time_line_names_each_client) {
    const auto r = run_virtual(load("load/v-shared"), library_target());
    std::set<std::string> parties;
    duration late{};
    for (const auto& e : r.seen.timeline)
        if (e.where == fakemx::leg::client) {
            parties.insert(e.party);
            if (e.party == "late" && e.kind == fakemx::event_kind::connected)
                late = e.at;
        }
    EXPECT_EQ(parties, (std::set<std::string>{"client-1", "client-2", "client-3", "late"}));
    EXPECT_EQ(late, std::chrono::seconds{1});
    EXPECT_EQ(std::count_if(r.seen.replies.begin(),
                            r.seen.replies.end(),
                            [](const step_reply& reply) { return reply.client == 3; }),
              4);
}

// A client that does not await its reply is gone before the verdict; the call is given up.
TEST(run_virtual_clients, a_client_leaves_without_its_reply) {
    auto c = load("load/v-watched");
    auto& steps = c.clients[0].steps;
    steps[2].awaited = false;
    steps[2].expect = {};
    steps[3].kind = step_kind::disconnect;
    c.expect.clear();
    const auto r = run_virtual(c, library_target());
    EXPECT_EQ(words(r), "");
    EXPECT_EQ(r.seen.replies.size(), 2U);
    EXPECT_TRUE(std::none_of(r.seen.timeline.begin(), r.seen.timeline.end(), [](const auto& e) {
        return e.text.starts_with("RCPT") && e.where == fakemx::leg::host;
    }));
}

} // namespace
} // namespace cbv::engine
