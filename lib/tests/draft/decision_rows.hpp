// Rows of the draft's decision table and the library's rulings in the table's words, to compare
// them, and the events that a row may name. It knows no row of the table itself.
#pragma once

#include "cbv/decision.hpp"
#include "enhanced_rows.hpp"
#include "the_draft.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv_test {

/// "MX lookup" as the library's stage; nothing for "budget", which is none.
inline std::optional<cbv::stage> stage_of(std::string_view cell) {
    std::string word(cell);
    std::transform(word.begin(), word.end(), word.begin(), [](char c) {
        if (c == ' ')
            return '-';
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return cbv::stage_from(word);
}

/// The table's word for a step.
inline std::string_view in_words(cbv::next_step step) {
    constexpr std::string_view words[] = {
        "next stage", "HELO", "go on in clear", "end", "next host", "next preference"};
    return words[static_cast<std::size_t>(step)];
}

/// The last three columns of a row.
struct decision {
    std::string_view effect;
    std::string_view then;
    std::string_view cause;

    friend bool operator==(const decision&, const decision&) = default;
    friend std::ostream& operator<<(std::ostream& out, const decision& d) {
        return out << d.effect << " | " << d.then << " | " << d.cause;
    }
};

/// What the library decided, in the table's words. Without a kind the dialogue goes on, or, at
/// QUIT, the verdict stands; then there is no cause either.
inline decision in_words(std::string_view stage, const cbv::ruling& r) {
    if (r.kind)
        return {to_string(*r.kind), in_words(r.then), to_string(r.why)};
    return {stage == "QUIT" ? "verdict stands" : "go on", in_words(r.then), "-"};
}

/// Row `row` of the decision table.
struct decision_row {
    const cbv::draft::table* table;
    std::size_t row;

    [[nodiscard]] const std::string& stage() const { return table->cell(row, "stage"); }
    [[nodiscard]] const std::string& event() const { return table->cell(row, "event"); }
    [[nodiscard]] cbv_test::decision decision() const {
        return {table->cell(row, "effect"), table->cell(row, "then"), table->cell(row, "cause")};
    }
    [[nodiscard]] std::string describe() const { return table->describe(row); }

    /// Compares a ruling with the row, and looks its requirement up in the draft.
    void expect(const cbv::ruling& got, const std::string& sample = {}) const {
        EXPECT_EQ(in_words(stage(), got), decision()) << describe() << "\n  " << sample;
        if (!got.requirement.empty()) {
            EXPECT_NE(the_draft().find(got.requirement), nullptr)
                << describe() << "\n  cites " << got.requirement;
        }
    }
};

/// All rows of the decision table.
inline std::vector<decision_row> decision_rows() {
    const auto& table = the_draft().table("decision-table");
    std::vector<decision_row> rows;
    for (std::size_t i = 0; i < table.rows.size(); ++i)
        rows.push_back({&table, i});
    return rows;
}

/// The row of this stage and event; throws, which fails the test, when there is none.
inline decision_row row_of(std::string_view stage, std::string_view event) {
    for (const decision_row& row : decision_rows()) {
        if (row.stage() == stage && row.event() == event)
            return row;
    }
    throw std::out_of_range("decision-table has no row " + std::string(stage) + " | " +
                            std::string(event));
}

/// A reply as one verifier sees it, and what it knows besides.
struct sample {
    /// The situation in which the reply comes.
    enum class situation {
        alone,       ///< the only host
        lesser_host, ///< a more preferred host gave no verdict
        no_standing, ///< the host has no standing to condemn
        no_smtputf8, ///< SMTPUTF8 is needed and, if the reply lists extensions, not among them
    };
    int code;
    std::string_view enhanced = ""; ///< without its class, empty: none
    situation where = situation::alone;

    [[nodiscard]] int klass() const { return code / 100; }
    [[nodiscard]] cbv::reply reply() const;
    [[nodiscard]] std::string describe() const;
};

inline cbv::reply sample::reply() const {
    std::string text = "text";
    if (!enhanced.empty())
        text = std::to_string(klass()) + "." + std::string(enhanced) + " text";
    return {code, {text}};
}

inline std::string sample::describe() const {
    constexpr std::string_view words[] = {
        "", ", a better host gave no verdict", ", no standing", ", SMTPUTF8 missing"};
    return "reply \"" + std::to_string(code) + " " + reply().lines[0] + "\"" +
           std::string(words[static_cast<std::size_t>(where)]);
}

/// The event column of a row that is about replies.
class reply_event {
public:
    /// Nothing for an event that is no reply, or for a word that the table does not have.
    static std::optional<reply_event> parse(std::string_view event);
    /// At this stage: the table of enhanced codes has a column for each.
    void is_at(cbv::stage at) { at_ = at; }
    [[nodiscard]] bool describes(const sample& s) const {
        if (needs_ && *needs_ != s.where)
            return false;
        if (!enhanced_.empty() && !matches(s.enhanced))
            return false;
        return std::any_of(codes_.begin(), codes_.end(), [&](const auto& range) {
            return s.code >= range.first && s.code <= range.second;
        });
    }

private:
    [[nodiscard]] bool matches(std::string_view enhanced) const {
        if (enhanced.empty() || enhanced == enhanced_)
            return !enhanced.empty();
        const auto dot = enhanced.find('.');
        const auto row = enhanced_row_of(enhanced_cells::number(enhanced.substr(0, dot)),
                                         enhanced_cells::number(enhanced.substr(dot + 1)));
        return row.effect(at_) == enhanced_;
    }

    std::vector<std::pair<int, int>> codes_; // first and last
    std::string enhanced_; // a code without class, or an effect of the table of enhanced codes
    cbv::stage at_ = cbv::stage::rcpt;
    std::optional<sample::situation> needs_;
};

inline std::optional<reply_event> reply_event::parse(std::string_view event) {
    const auto made = [](std::vector<std::pair<int, int>> codes,
                         std::string enhanced = {},
                         std::optional<sample::situation> needs = std::nullopt) {
        reply_event e;
        e.codes_ = std::move(codes);
        e.enhanced_ = std::move(enhanced);
        e.needs_ = needs;
        return e;
    };
    using enum sample::situation;
    if (event == "2yz" || event == "4yz" || event == "5yz")
        return made({{(event[0] - '0') * 100, (event[0] - '0') * 100 + 99}});
    if (event == "other")
        return made({{0, 199}, {300, 399}, {600, 999}});
    if (event == "5yz X.2.2")
        return made({{500, 599}}, "2.2");
    if (event == "5yz temporary code")
        return made({{500, 599}}, "tempfail");
    if (event == "5yz softening code")
        return made({{500, 599}}, "unverifiable");
    if (event == "5yz no standing")
        return made({{500, 599}}, {}, no_standing);
    if (event == "5yz less preferred")
        return made({{500, 599}}, {}, lesser_host);
    if (event == "SMTPUTF8 missing")
        return made({{200, 299}}, {}, no_smtputf8);
    // Codes and ranges of codes: "500-504 530 555".
    std::vector<std::pair<int, int>> codes;
    const auto take_code = [&event]() -> int {
        if (event.size() < 3 || (event[0] != '4' && event[0] != '5') ||
            event.substr(0, 3).find_first_not_of("0123456789") != std::string_view::npos)
            return 0;
        const int code = (event[0] - '0') * 100 + (event[1] - '0') * 10 + (event[2] - '0');
        event.remove_prefix(3);
        return code;
    };
    for (;;) {
        const int first = take_code();
        int last = first;
        if (event.starts_with('-')) {
            event.remove_prefix(1);
            last = take_code();
        }
        if (first == 0 || last < first || (!codes.empty() && codes.back().second >= first))
            return std::nullopt; // codes ascend, so that none stands twice
        codes.emplace_back(first, last);
        if (event.empty())
            return made(std::move(codes));
        if (!event.starts_with(' '))
            return std::nullopt;
        event.remove_prefix(1);
    }
}

/// The rows of a stage that are about replies, in their order.
inline std::vector<std::pair<decision_row, reply_event>> reply_rows(std::string_view stage) {
    std::vector<std::pair<decision_row, reply_event>> rows;
    for (const decision_row& row : decision_rows()) {
        if (row.stage() != stage)
            continue;
        if (auto event = reply_event::parse(row.event())) {
            event->is_at(stage_of(stage).value());
            rows.emplace_back(row, *event);
        }
    }
    return rows;
}

} // namespace cbv_test

// How GoogleTest shows the library's values: as the draft's words.
namespace cbv {
inline void PrintTo(verdict_kind kind, std::ostream* out) {
    *out << to_string(kind);
}
} // namespace cbv
