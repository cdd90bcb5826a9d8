// The live world on loopback and high ports, against a toy server: results, deferred verdicts,
// targets that are not there, and commands.
#include "live_rig.hpp"

#include <memory>
#include <stdexcept>

namespace cbv::engine {
namespace {

using testing::free_port;
using testing::ms;
using testing::words;

class live : public testing::live_rig {};

TEST_F(live, runs_all_cases_at_once) {
    for (const auto* name : {"int/l-good", "int/l-bad", "time/l-stall"})
        add(name);
    const auto results = run();
    for (const auto& [id, r] : results) {
        EXPECT_EQ(words(r), "") << id;
        EXPECT_EQ(r.result, status::pass) << id << ": " << r.reason;
        EXPECT_FALSE(r.seen.timeline.empty());
    }
}

TEST_F(live, runs_all_clients_of_a_case) {
    add("load/l-several");
    const auto r = run().at("l-several");
    EXPECT_EQ(words(r), "");
    EXPECT_EQ(r.result, status::pass) << r.reason;
    EXPECT_EQ(toy_.peers().size(), 3U);
    std::map<std::string, duration> began;
    for (const auto& e : r.seen.timeline)
        if (e.where == fakemx::leg::client)
            began.try_emplace(e.party, e.at);
    ASSERT_EQ(began.size(), 3U);
    EXPECT_GE(began.at("late"), ms(200));
    EXPECT_GE(r.elapsed, ms(200));
}

TEST_F(live, lists_of_the_target_keep_their_addresses) {
    declared_.identities["blocked-client"] = "127.0.9.1";
    declared_.identities["allow-client"] = "127.0.9.3";
    add("load/l-several");
    EXPECT_EQ(run().at("l-several").result, status::pass);
    EXPECT_FALSE(toy_.peers().contains("127.0.9.1"));
    EXPECT_FALSE(toy_.peers().contains("127.0.9.3"));
    EXPECT_EQ(toy_.peers().size(), 3U);
}

TEST_F(live, finds_what_the_target_does_wrong) {
    add("int/l-good");
    add("int/l-bad");
    // The toy calls the wrong host for each domain: good is refused, bad accepted.
    for (std::size_t i = 0; i < 2; ++i)
        toy_.add_host(cases_[i].world.domain,
                      cases_[1 - i].world.hosts.front().addresses.front().to_string(),
                      settings_.mx_port);
    const auto results = run();
    EXPECT_TRUE(words(results.at("l-good")).starts_with("!good-path-refused"));
    EXPECT_EQ(words(results.at("l-bad")), "!bad-path-accepted");
}

TEST_F(live, asks_again_where_the_verdict_is_deferred) {
    declared_.pending = "in progress";
    declared_.poll_interval = ms(20);
    toy_.deferrals = 2;
    add("int/l-bad");
    const auto results = run();
    const auto& r = results.at("l-bad");
    EXPECT_EQ(words(r), "");
    ASSERT_GT(r.seen.replies.size(), 2U);
    EXPECT_EQ(r.seen.replies[2].asked, 3U);
}

TEST_F(live, a_target_that_hangs_up_owes_a_reply) {
    toy_.hang_up_at_rcpt = true;
    add("int/l-bad");
    const auto results = run();
    EXPECT_EQ(words(results.at("l-bad")), "!no-reply");
    EXPECT_EQ(results.at("l-bad").result, status::fail);
}

TEST_F(live, a_target_that_is_not_there_is_an_error) {
    declared_.port = free_port();
    add("int/l-bad");
    const auto results = run();
    EXPECT_EQ(results.at("l-bad").result, status::error);
    EXPECT_NE(results.at("l-bad").reason.find("no connection"), std::string::npos);
}

TEST_F(live, a_missing_capability_is_unsupported_at_once) {
    add("int/l-bad");
    cases_.front().needs.insert("smtputf8");
    EXPECT_EQ(run().at("l-bad").result, status::unsupported);
}

TEST_F(live, an_address_in_use_is_named) {
    add("int/l-good");
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor taken{
        io,
        {boost::asio::ip::make_address(
             cases_.front().world.hosts.front().addresses.front().to_string()),
         settings_.mx_port}};
    live_run run{cases_, declared_, settings_};
    try {
        run.open();
        FAIL() << "expected an error";
    } catch (const std::runtime_error& e) {
        EXPECT_NE(std::string{e.what()}.find(std::to_string(settings_.mx_port)), std::string::npos)
            << e.what();
    }
}

TEST_F(live, commands_state_the_verdict) {
    declared_.kind = target_kind::command;
    add("int/l-good");
    add("int/l-bad");
    live_run run{cases_, declared_, settings_};
    run.open();
    run.begin("l-good");
    const auto good = run.finish("l-good", toy_.call("good@l-good.test"), "");
    EXPECT_EQ(words(good), "");
    EXPECT_EQ(good.result, status::pass);
    run.begin("l-bad");
    const auto bad = run.finish("l-bad", "pass", "");
    EXPECT_EQ(words(bad), "!bad-path-accepted");
    EXPECT_THROW(run.begin("l-other"), std::runtime_error);
    run.stop();
    EXPECT_THROW((void)run.finish("l-good", "pass", ""), std::runtime_error);
}

} // namespace
} // namespace cbv::engine
