// The form of the draft's decision table, and decide() against it: every code from 100 to 699 with
// several enhanced codes at every stage, and every fault. The table is read as the draft says: the
// first row that describes the event decides. Rows on lookups, QUIT and the budget are in
// decision_rows_test.cpp, those on several hosts in decision_hosts_test.cpp.
#include "decision_rows.hpp"

#include <map>
#include <set>

namespace {

using namespace cbv_test;
using cbv::fault;

const std::vector<std::string> reply_stages{
    "greeting", "EHLO", "HELO", "STARTTLS", "NOOP", "MAIL", "RCPT", "control"};

// The events that the library's state machines tell apart, by stage, in the order of a call.
// Replies by their class; what a row says of single codes is compared code by code.
const std::vector<std::pair<std::string, std::vector<std::string>>>& library_events() {
    static const std::vector<std::string> lookup{
        "answer", "no data", "NXDOMAIN", "SERVFAIL", "REFUSED", "bogus", "timeout"};
    static const std::vector<std::string> replies{"2yz", "4yz", "5yz", "other", "timeout", "lost"};
    const auto with = [](std::vector<std::string> list, std::initializer_list<const char*> more) {
        list.insert(list.end(), more.begin(), more.end());
        return list;
    };
    static const std::vector<std::pair<std::string, std::vector<std::string>>> all{
        {"MX lookup", with(lookup, {"null MX"})},
        {"address lookup", with(lookup, {"prohibited"})},
        {"connect", {"refused", "timeout", "lost"}},
        {"greeting", replies},
        {"EHLO", with(replies, {"SMTPUTF8 missing"})},
        {"HELO", with(replies, {"SMTPUTF8 missing"})},
        {"STARTTLS", with(replies, {"TLS failure"})},
        {"NOOP", replies},
        {"MAIL", with(replies, {"5yz softening code", "5yz X.2.2", "5yz temporary code"})},
        {"RCPT",
         with(replies,
              {"5yz no standing",
               "5yz less preferred",
               "5yz softening code",
               "5yz X.2.2",
               "5yz temporary code"})},
        {"control", replies},
        {"QUIT", replies},
        {"budget", {"timeout"}}};
    return all;
}

bool is_code_list(const std::string& event) {
    return reply_event::parse(event) && event.find_first_not_of("0123456789- ") == event.npos;
}

TEST(draft_decision_table, every_row_has_an_event_of_the_library) {
    expect_unique_rows(the_draft().table("decision-table"), {"stage", "event"});
    std::size_t place = 0; // stages stand in the order of a call
    std::string before;
    for (const decision_row& row : decision_rows()) {
        const auto found =
            std::find_if(library_events().begin(), library_events().end(), [&](const auto& entry) {
                return entry.first == row.stage();
            });
        ASSERT_NE(found, library_events().end()) << row.describe() << "\n  has an unknown stage";
        const auto index = static_cast<std::size_t>(found - library_events().begin());
        EXPECT_GE(index, place) << row.describe() << "\n  stands behind a later stage:\n" << before;
        if (index >= place)
            before = row.describe();
        place = std::max(place, index);

        const auto& events = found->second;
        const bool reply_stage =
            std::find(reply_stages.begin(), reply_stages.end(), row.stage()) != reply_stages.end();
        EXPECT_TRUE(std::find(events.begin(), events.end(), row.event()) != events.end() ||
                    (reply_stage && is_code_list(row.event())))
            << row.describe() << "\n  has an event that the library does not have at this stage";
    }
}

TEST(draft_decision_table, every_event_of_the_library_has_a_row) {
    for (const auto& [stage, events] : library_events()) {
        for (const std::string& event : events)
            EXPECT_NO_THROW((void)row_of(stage, event))
                << "decision-table has no row " << stage << " | " << event;
    }
}

std::vector<std::pair<sample, cbv::reply>> samples() {
    std::vector<std::pair<sample, cbv::reply>> all;
    for (int code = 100; code < 700; ++code) {
        for (const char* enhanced :
             {"", "1.1", "1.7", "2.0", "2.1", "2.2", "2.3", "4.4", "7.0", "7.1", "7.999"}) {
            const sample s{code, enhanced};
            all.emplace_back(s, s.reply());
        }
    }
    return all;
}

// For a message: the rows of the stage that say what the library does, as one of them may be meant.
std::string rows_with(const decision& wanted, const std::string& stage) {
    std::string text;
    for (const auto& [row, event] : reply_rows(stage)) {
        if (row.decision() == wanted)
            text += "\n  the library does as in " + row.describe();
    }
    return text;
}

TEST(draft_decision_table, every_reply_is_decided_as_the_first_row_that_fits) {
    const auto all = samples();
    for (const std::string& stage : reply_stages) {
        const auto rows = reply_rows(stage);
        std::map<std::size_t, bool> good;          // by row: whether it was compared, and agreed
        std::map<std::size_t, std::set<int>> used; // by row: the codes that it decided
        for (const auto& [s, reply] : all) {
            const auto found = std::find_if(rows.begin(), rows.end(), [&s = s](const auto& r) {
                return r.second.describes(s);
            });
            ASSERT_NE(found, rows.end())
                << "decision-table has no row for " << stage << ", " << s.describe();
            const decision_row& row = found->first;
            used[row.row].insert(s.code);
            const auto [state, first] = good.emplace(row.row, true);
            if (!state->second)
                continue; // one message a row is enough
            const auto ruling = cbv::decide(*stage_of(stage), reply);
            state->second = in_words(stage, ruling) == row.decision();
            if (first || !state->second)
                row.expect(ruling, s.describe() + rows_with(in_words(stage, ruling), stage));
        }
        for (const auto& [row, event] : rows) {
            const bool several = row.event() == "SMTPUTF8 missing" ||
                                 row.event() == "5yz no standing" ||
                                 row.event() == "5yz less preferred"; // decision_hosts_test.cpp
            EXPECT_TRUE(several || good.contains(row.row)) << row.describe() << "\n  never decides";
            if (!is_code_list(row.event()))
                continue;
            for (int code = 100; code < 700; ++code)
                EXPECT_TRUE(!event.describes({code}) || used[row.row].contains(code))
                    << row.describe() << "\n  never decides " << code;
        }
    }
}

std::optional<fault> fault_of(const std::string& event) {
    const std::map<std::string, fault> faults{{"timeout", fault::timeout},
                                              {"refused", fault::refused},
                                              {"lost", fault::lost},
                                              {"other", fault::protocol},
                                              {"TLS failure", fault::tls}};
    const auto found = faults.find(event);
    return found == faults.end() ? std::nullopt : std::optional(found->second);
}

TEST(draft_decision_table, every_fault_is_decided_as_its_row_says) {
    for (const decision_row& row : decision_rows()) {
        const auto at = stage_of(row.stage());
        const auto event = fault_of(row.event());
        if (at && event)
            row.expect(cbv::decide(*at, *event));
    }
}

} // namespace
