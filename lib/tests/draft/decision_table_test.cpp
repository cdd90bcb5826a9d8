// decide() against the draft's decision table: every code from 100 to 699 with several enhanced
// codes at every stage, and every fault. The table is read as the draft says: the first row that
// describes the event decides. Rows on lookups and on several hosts are in decision_rows_test.cpp.
#include "the_draft.hpp"

#include <charconv>
#include <set>
#include <sstream>
#include <vector>

namespace {

using namespace cbv_test;
using cbv::fault;

// A reply as one verifier sees it.
struct sample {
    int code;
    std::string enhanced; ///< without its class, empty: none
    bool advertised;

    [[nodiscard]] int klass() const { return code / 100; }
    [[nodiscard]] cbv::reply reply() const {
        const std::string prefix =
            enhanced.empty() ? "" : std::to_string(klass()) + "." + enhanced + " ";
        return {code, {prefix + "text"}};
    }
    [[nodiscard]] std::string describe() const {
        return "reply \"" + std::to_string(code) + " " + reply().lines[0] + "\"" +
               (advertised ? "" : ", not advertised");
    }
};

int number(std::string_view digits) {
    int value = 0;
    std::from_chars(digits.data(), digits.data() + digits.size(), value);
    return value;
}

// "500-504 530 555"
bool listed(const std::string& event, int code) {
    std::istringstream items(event);
    for (std::string item; items >> item;) {
        const auto dash = item.find('-');
        const int low = number(item.substr(0, dash));
        const int high = dash == std::string::npos ? low : number(item.substr(dash + 1));
        if (code >= low && code <= high)
            return true;
    }
    return false;
}

bool describes(const std::string& event, const sample& s) {
    if (event == "2yz" || event == "4yz" || event == "5yz")
        return s.klass() == event[0] - '0';
    if (event == "other")
        return s.klass() != 2 && s.klass() != 4 && s.klass() != 5;
    if (event == "5yz X.2.2")
        return s.klass() == 5 && s.advertised && s.enhanced == "2.2";
    if (event == "5yz X.7.z")
        return s.klass() == 5 && s.advertised && s.enhanced.starts_with("7.");
    if (event.find_first_not_of("0123456789- ") == std::string::npos)
        return listed(event, s.code);
    return false; // an event of several hosts, or no reply
}

std::vector<sample> samples() {
    std::vector<sample> all;
    for (int code = 100; code < 700; ++code) {
        for (const char* enhanced : {"", "1.1", "2.2", "2.1", "7.0", "7.1", "7.999"}) {
            for (const bool advertised : {false, true})
                all.push_back({code, enhanced, advertised});
        }
    }
    return all;
}

TEST(draft_decision_table, every_reply_is_decided_as_the_first_row_that_fits) {
    const auto rows = decision_rows();
    const auto all = samples();
    std::set<std::size_t> used;
    for (const char* stage : {"greeting", "EHLO", "HELO", "STARTTLS", "NOOP", "MAIL", "RCPT"}) {
        for (const sample& s : all) {
            const auto row = std::find_if(rows.begin(), rows.end(), [&](const decision_row& r) {
                return r.stage() == stage && describes(r.event(), s);
            });
            ASSERT_NE(row, rows.end()) << "no row for " << stage << ", " << s.describe();
            used.insert(row->row);
            row->expect(cbv::decide(*stage_of(stage), s.reply(), {s.advertised}), s.describe());
            if (HasFailure())
                return; // one row is enough
        }
    }
    for (const decision_row& row : rows) {
        const std::string& event = row.event();
        const bool reply = event[0] >= '0' && event[0] <= '9' && row.stage() != "QUIT" &&
                           event != "521 by all" && event != "5yz less preferred";
        EXPECT_TRUE(!reply || used.contains(row.row))
            << row.table->describe(row.row) << "\n  is never reached";
    }
}

std::optional<fault> fault_of(const std::string& event) {
    if (event == "timeout")
        return fault::timeout;
    if (event == "refused")
        return fault::refused;
    if (event == "lost")
        return fault::lost;
    if (event == "other")
        return fault::protocol;
    if (event == "TLS failure")
        return fault::tls;
    return std::nullopt;
}

TEST(draft_decision_table, every_fault_is_decided_as_its_row_says) {
    int compared = 0;
    for (const decision_row& row : decision_rows()) {
        const auto at = stage_of(row.stage());
        const auto event = fault_of(row.event());
        if (at && event) {
            row.expect(cbv::decide(*at, *event));
            ++compared;
        }
    }
    EXPECT_GT(compared, 25);
}

TEST(draft_decision_table, every_word_of_it_is_known_to_the_library) {
    for (const decision_row& row : decision_rows()) {
        EXPECT_TRUE(stage_of(row.stage()) || row.stage() == "budget")
            << row.table->describe(row.row);
        EXPECT_TRUE(kind_of(row.effect()) || row.effect() == "go on" ||
                    row.effect() == "verdict stands")
            << row.table->describe(row.row);
        EXPECT_TRUE(step_of(row.then())) << row.table->describe(row.row);
        EXPECT_TRUE(row.cause() == "-" || cbv::cause_from(row.cause()))
            << row.table->describe(row.row);
    }
}

} // namespace
