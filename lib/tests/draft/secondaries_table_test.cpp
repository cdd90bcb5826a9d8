// The draft's table of a domain's two hosts, played on the library: each host's contribution, and
// what combine() makes of both.
#include "cbv/decision.hpp"
#include "the_draft.hpp"

#include <gtest/gtest.h>

#include <map>
#include <set>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cbv_test;
using cbv::decide;
using cbv::next_step;
using cbv::reply;
using cbv::stage;

/// What one host does, in the table's words; nothing for a host that yields no attempt.
std::optional<cbv::host_outcome> outcome(const std::string& word, unsigned preference) {
    if (word == "accepted")
        return {{preference, decide(stage::rcpt, reply{250, {"ok"}})}};
    if (word == "refused")
        return {{preference, decide(stage::rcpt, reply{550, {"no"}})}};
    if (word == "policy")
        return {{preference, decide(stage::rcpt, reply{550, {"5.7.1 no"}})}};
    if (word == "no answer")
        return {{preference, decide(stage::connect, cbv::fault::timeout)}};
    if (word == "4yz at RCPT" || word == "4yz at RCPT, same preference")
        return {{preference, decide(stage::rcpt, reply{450, {"later"}})}};
    if (word == "5yz greeting")
        return {{preference, decide(stage::greeting, reply{554, {"no"}})}};
    if (word == "prohibited address" || word == "address lookup failed" || word == "left untried")
        return std::nullopt;
    throw std::invalid_argument{"no host does '" + word + "'"};
}

TEST(draft_secondaries_table, verdicts) {
    const auto& table = the_draft().table("secondaries-table");
    std::set<std::vector<std::string>> pairs;
    for (std::size_t i = 0; i < table.rows.size(); ++i) {
        const auto& better = table.cell(i, "better host");
        const auto& other = table.cell(i, "other host");
        EXPECT_TRUE(pairs.insert({better, other}).second) << table.describe(i) << "\n  twice";
        try {
            std::vector<cbv::host_outcome> hosts;
            cbv::call_summary call;
            call.prohibited_candidates = better == "prohibited address";
            if (better == "address lookup failed")
                call.failed_lookup_preference = 10;
            if (better == "left untried") {
                call.untried_candidates = true;
                call.untried_preference = 10;
            }
            const auto first = outcome(better, 10);
            if (first)
                hosts.push_back(*first);
            const auto then = first ? first->result.then : next_step::next_host;
            if (other == "not asked") {
                const bool ends = better == "4yz at RCPT, same preference"
                                      ? then == next_step::next_preference
                                      : then == next_step::end;
                EXPECT_TRUE(ends) << table.describe(i) << "\n  the other host is asked";
            } else {
                EXPECT_NE(then, next_step::end) << table.describe(i) << "\n  nobody is asked";
                hosts.push_back(outcome(other, 20).value());
            }
            call.hosts = hosts;
            EXPECT_EQ(to_string(cbv::combine(call).kind), table.cell(i, "verdict"))
                << table.describe(i);
        } catch (const std::exception& e) {
            ADD_FAILURE() << table.describe(i) << "\n  " << e.what();
        }
    }
    EXPECT_EQ(table.rows.size(), 16U);
}

} // namespace
