// The kill matrix: what counts as killed, as idle, as a fault; and that the building blocks change
// nothing when they are told to change nothing.
#include "blocks.hpp"
#include "engine/case.hpp"
#include "mutants/run_all.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>
#include <vector>

namespace cbv::mutants {
namespace {

const engine::target& the_library() {
    static const auto target = engine::library_target();
    return target;
}

engine::conformance_case load(const std::string& area, const std::string& id) {
    fakemx::address_allocator addresses;
    return engine::load_case(std::string(CBV_CONFORMANCE_DIR "/cases/") + area + "/" + id + ".xml",
                             the_library(),
                             addresses);
}

std::vector<mutant> one(collection::heading h, const change& c) {
    collection all;
    all.add(std::move(h), c);
    return all.take();
}

change wrong_sender() {
    return rewrite_sent(
        [](std::string& octets) { replace_all(octets, "FROM:<>", "FROM:<probe@verifier.test>"); });
}

const collection::heading sender_heading{
    "wrong-sender", "DLG-005", "probes from an address", {"null-sender-violated"}};

TEST(run_all, a_mutant_is_killed_by_a_case_of_its_rule_with_an_expected_word) {
    const std::vector cases{load("dlg", "dlg-null-sender"), load("int", "int-rcpt-550")};
    const auto mutants = one(sender_heading, wrong_sender());
    const auto m = run_all(cases, mutants, the_library(), 2);
    ASSERT_EQ(m.mutants.size(), 1U);
    EXPECT_TRUE(m.mutants[0].killed);
    EXPECT_EQ(m.mutants[0].killed_by.at("dlg-null-sender"),
              std::vector<std::string>{"null-sender-violated"});
    EXPECT_EQ(m.idle, std::vector<std::string>{"int-rcpt-550"});
    EXPECT_TRUE(m.failing.empty());
    EXPECT_FALSE(m.proven());
}

TEST(run_all, another_word_does_not_kill) {
    const std::vector cases{load("dlg", "dlg-null-sender")};
    const auto mutants =
        one({"wrong-sender", "DLG-005", "probes from an address", {"no-quit"}}, wrong_sender());
    const auto m = run_all(cases, mutants, the_library(), 1);
    EXPECT_EQ(m.survivors(), std::vector<std::string>{"wrong-sender"});
    EXPECT_TRUE(m.idle.empty()); // the case is at work all the same
}

TEST(run_all, a_case_of_another_rule_does_not_kill) {
    const std::vector cases{load("dlg", "dlg-null-sender")};
    const auto mutants =
        one({"wrong-sender", "DLG-004", "probes from an address", {"null-sender-violated"}},
            wrong_sender());
    EXPECT_EQ(run_all(cases, mutants, the_library(), 1).survivors().size(), 1U);
}

TEST(run_all, a_harmless_mutant_survives) {
    const std::vector cases{load("dlg", "dlg-null-sender")};
    const auto mutants =
        one({"harmless", "DLG-005", "does nothing wrong", {"null-sender-violated"}},
            rewrite_sent([](std::string&) {}));
    const auto m = run_all(cases, mutants, the_library(), 1);
    EXPECT_EQ(m.survivors(), std::vector<std::string>{"harmless"});
    EXPECT_EQ(m.idle, std::vector<std::string>{"dlg-null-sender"});
}

TEST(run_all, a_machine_that_throws_is_named_with_its_case) {
    const std::vector cases{load("dlg", "dlg-null-sender")};
    const auto mutants = one(
        sender_heading, rewrite_sent([](std::string&) { throw std::logic_error{"what is this"}; }));
    try {
        (void)run_all(cases, mutants, the_library(), 2);
        FAIL() << "nothing was thrown";
    } catch (const std::runtime_error& e) {
        EXPECT_STREQ(e.what(), "mutant wrong-sender in case dlg-null-sender: what is this");
    }
}

TEST(run_all, the_matrix_is_written_as_json) {
    const std::vector cases{load("dlg", "dlg-null-sender"), load("int", "int-rcpt-550")};
    const auto mutants = one(sender_heading, wrong_sender());
    const auto json = nlohmann::json::parse(to_json(run_all(cases, mutants, the_library(), 1)));
    EXPECT_EQ(json["cases"], 2);
    EXPECT_EQ(json["mutants"][0]["id"], "wrong-sender");
    EXPECT_EQ(json["mutants"][0]["requirement"], "CBV-DLG-005");
    EXPECT_EQ(json["mutants"][0]["expected"], nlohmann::json({"null-sender-violated"}));
    EXPECT_EQ(json["mutants"][0]["killed_by"]["dlg-null-sender"],
              nlohmann::json({"null-sender-violated"}));
    EXPECT_EQ(json["mutants"][0]["killed"], true);
    EXPECT_EQ(json["idle_cases"], nlohmann::json({"int-rcpt-550"}));
    EXPECT_EQ(json["survivors"], nlohmann::json::array());
    EXPECT_EQ(json["failing_cases"], nlohmann::json::array());
}

// A decorator that fails a case by itself would hide an idle case.
TEST(blocks, change_nothing_when_told_so) {
    collection all;
    const auto add = [&](const char* id, const change& c) {
        all.add({id, "DLG-005", "does nothing wrong", {"null-sender-violated"}}, c);
    };
    add("dialogue",
        edit_dialogue(
            {.sent = [](std::string&, const mailbox&) {},
             .line = [](stage, std::string&) { return true; },
             .reply = [](stage, reply&) { return heard::reply; },
             .shopped = [](stage, const reply&) { return std::optional<verdict_kind>(); }}));
    add("action", rewrite_action([](action&) {}));
    add("drop", drop_action([](const action&) { return false; }));
    add("dns", rewrite_dns([](const act::query_dns&, dns_answer&, const std::string&) {}));
    add("addresses", calls_anyway([](const ip_address&) { return false; }));
    add("stop", stops_after([](const past_attempt&) { return std::optional<verdict_kind>(); }));
    add("verdict", rewrite_verdict([](verdict&) {}));
    add("receiver",
        edit_receiver({.command = [](std::string&, session&) { return true; },
                       .reply = [](const std::string&, reply&, session&) {},
                       .verify = [](const mailbox&, session&) { return std::optional<verdict>(); },
                       .verdict = [](verdict&, session&) {}}));
    add("manager",
        edit_manager({.key = [](mailbox&) {},
                      .ended = [](verdict&) {},
                      .answer = [](verdict&) {},
                      .remembers = [](verdict&) { return std::optional<duration>(); }}));
    add("mailbox", with_mailbox([](mailbox&) {}));
    add("call", with_call([](verification_options&, instant) {}));
    const auto mutants = all.take();
    const auto cases = engine::load_cases(CBV_CONFORMANCE_DIR "/cases", the_library());
    const auto m = run_all(cases, mutants, the_library());
    for (const auto& o : m.mutants)
        for (const auto& [id, words] : o.killed_by)
            ADD_FAILURE() << o.who->id << " fails " << id << ": " << words.front();
    EXPECT_EQ(m.idle.size(), cases.size());
}

} // namespace
} // namespace cbv::mutants
