// The rows of the draft's decision table that are about several hosts, or about an extension that a
// host lacks, and their place among the others: a row behind them must not decide in their place.
#include "cbv/dialogue.hpp"
#include "decision_rows.hpp"

#include <set>

namespace {

using namespace cbv_test;
using cbv::cause;
using cbv::fault;
using cbv::next_step;
using cbv::stage;
using cbv::verdict_kind;
using enum sample::situation;

// The first row of the stage that describes the reply.
class first_row_of {
public:
    explicit first_row_of(std::string stage)
        : stage_(std::move(stage)), rows_(reply_rows(stage_)) {}
    [[nodiscard]] const decision_row& operator()(const sample& s) const {
        for (const auto& [row, event] : rows_) {
            if (event.describes(s))
                return row;
        }
        throw std::out_of_range("decision-table has no row for " + stage_ + ", " + s.describe());
    }

private:
    std::string stage_;
    std::vector<std::pair<decision_row, reply_event>> rows_;
};

cbv::combined combine(const std::vector<cbv::host_outcome>& hosts) {
    cbv::call_summary call;
    call.hosts = hosts;
    return cbv::combine(call);
}

cbv::host_outcome greeted(unsigned preference, int code) {
    return {preference, cbv::decide(stage::greeting, cbv::reply{code, {"no"}})};
}

// "The row has the cause of a better host's failure."
void expect_softened(const decision_row& row,
                     const cbv::ruling& refusal,
                     const cbv::combined& got,
                     const cbv::host_outcome& better,
                     const std::string& what) {
    EXPECT_EQ(row.decision(), (decision{to_string(got.kind), in_words(refusal.then), "-"}))
        << row.describe() << "\n  " << what;
    EXPECT_EQ(to_string(got.why), to_string(better.result.why)) << row.describe() << "\n  " << what;
}

// Every 5yz by a less preferred host, after a better one that was down and after one that refused
// to talk: what the first row says of it holds.
TEST(draft_host_rows, refusal_by_a_less_preferred_host) {
    const cbv::host_outcome down{10, cbv::decide(stage::connect, fault::refused)};
    const cbv::host_outcome closed = greeted(10, 554);
    for (const char* word : {"RCPT"}) {
        const first_row_of first_row(word);
        std::set<std::string> used;
        for (int code = 500; code < 600; ++code) {
            for (const char* enhanced : {"", "1.1", "2.1", "2.2", "7.1"}) {
                const sample s{code, enhanced, lesser_host};
                const auto& row = first_row(s);
                used.insert(row.event());
                const auto refusal = cbv::decide(*stage_of(word), s.reply());
                for (const auto& better : {down, closed}) {
                    const auto got = combine({better, {20, refusal}});
                    if (row.event() == "5yz less preferred")
                        expect_softened(row, refusal, got, better, s.describe());
                    else
                        row.expect(refusal, s.describe());
                }
                if (HasFailure())
                    return;
            }
        }
        EXPECT_TRUE(used.contains("5yz less preferred"))
            << row_of(word, "5yz less preferred").describe() << "\n  never decides";
    }
}

// What softens already needs no standing to be looked at, and the lack of it comes before the place
// of the host.
TEST(draft_host_rows, refusal_without_standing) {
    const first_row_of first_row("RCPT");
    for (const int code : {501, 521, 550, 551, 552, 553, 554, 556, 599}) {
        for (const char* enhanced : {"", "1.0", "1.1", "2.1", "2.2", "7.1"}) {
            const sample s{code, enhanced, no_standing};
            const auto refusal = cbv::decide(stage::rcpt, s.reply());
            const bool condemns = refusal.kind == verdict_kind::fail;
            const auto& row = first_row(s);
            row.expect(condemns ? cbv::decide_no_standing() : refusal, s.describe());
            if (HasFailure())
                return;
        }
    }
    const auto lacking = row_of("RCPT", "5yz no standing");
    const auto lesser = row_of("RCPT", "5yz less preferred");
    EXPECT_LT(lacking.row, lesser.row) << lacking.describe() << "\n  stands behind\n"
                                       << lesser.describe();
}

// A dialogue with a host whose reply to EHLO, or to HELO after EHLO was refused, names no
// extension.
std::optional<cbv::ruling> without_smtputf8(const std::string& hello, const cbv::reply& r) {
    constexpr cbv::instant now{};
    cbv::dialogue_options options;
    options.helo_name = "v.example";
    cbv::dialogue d({"\xC3\xBC", "d.example", true}, options, now);
    d.on_connected(now);
    std::vector<std::string> replies{"220 t"};
    if (hello == "HELO")
        replies.emplace_back("502 no");
    replies.push_back(std::to_string(r.code) + " " + r.lines[0]);
    for (const std::string& reply : replies) {
        d.on_bytes(reply + "\r\n", now);
        if (d.pending() == cbv::dialogue::action::send)
            (void)d.take_output();
    }
    return d.outcome();
}

TEST(draft_host_rows, smtputf8_missing) {
    for (const char* word : {"EHLO", "HELO"}) {
        const first_row_of first_row(word);
        for (const int code : {200, 220, 250, 251, 299}) {
            const sample s{code, "", no_smtputf8};
            const auto& row = first_row(s);
            const auto got = without_smtputf8(word, s.reply());
            row.expect(got.value_or(cbv::ruling{next_step::next_stage, std::nullopt, {}, {}}),
                       s.describe());
        }
        const auto row = row_of(word, "SMTPUTF8 missing");
        const cbv::host_outcome lacks{10, cbv::decide_smtputf8_missing()};
        row.expect(lacks.result);
        const auto all = combine({lacks, lacks});
        row.expect({lacks.result.then, all.kind, all.why, all.requirement}, "missing everywhere");
        const auto some = combine({lacks, {20, cbv::decide(stage::connect, fault::timeout)}});
        EXPECT_EQ(some.kind, verdict_kind::tempfail) << row.describe();
    }
}

} // namespace
