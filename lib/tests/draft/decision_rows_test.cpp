// The rows of the draft's decision table that are not one reply or fault: lookups, several hosts,
// QUIT, the budget. Each is played on the state machines with time as numbers; no network.
#include "cbv/verification.hpp"
#include "the_draft.hpp"

#include <chrono>
#include <vector>

namespace {

using namespace cbv_test;
using cbv::cause;
using cbv::dns_status;
using cbv::fault;
using cbv::stage;
using cbv::verdict_kind;
using std::chrono::seconds;

constexpr cbv::instant start{};

const std::vector<std::string> temporary_answers{"SERVFAIL", "REFUSED", "bogus", "timeout"};

cbv::dns_answer answer(dns_status status) {
    cbv::dns_answer out;
    out.status = status;
    return out;
}

// What a resolver reports for an event of the table.
cbv::dns_answer no_answer(const std::string& event) {
    if (event == "NXDOMAIN")
        return answer(dns_status::nxdomain);
    return answer(event == "no data" ? dns_status::ok : dns_status::temporary);
}

TEST(draft_lookup_rows, mx_lookup) {
    std::vector<std::string> events = temporary_answers;
    events.emplace_back("NXDOMAIN");
    for (const std::string& event : events) {
        const auto row = row_of("MX lookup", event);
        const auto plan = cbv::plan_mx("d.example", no_answer(event), {});
        ASSERT_EQ(plan.what, cbv::mx_plan::kind::ended) << row.table->describe(row.row);
        row.expect(plan.result);
    }
    const auto null_mx = row_of("MX lookup", "null MX");
    auto records = answer(dns_status::ok);
    records.mx = {{0, "."}};
    null_mx.expect(cbv::plan_mx("d.example", records, {}).result);

    const auto good = row_of("MX lookup", "answer");
    records.mx = {{10, "mx.d.example"}};
    EXPECT_EQ(good.then(), "next stage");
    EXPECT_EQ(cbv::plan_mx("d.example", records, {}).what, cbv::mx_plan::kind::groups);

    const auto none = row_of("MX lookup", "no data");
    EXPECT_EQ(none.then(), "next stage");
    EXPECT_EQ(cbv::plan_mx("d.example", no_answer("no data"), {}).what,
              cbv::mx_plan::kind::implicit_mx);
}

// A call for a domain with these exchanges; the first gets `first` for every address query, another
// the address 198.18.0.2, which is permitted.
struct played {
    std::optional<cbv::verdict> verdict;
    std::vector<std::string> connects;
};

played play(const cbv::dns_answer& first, std::vector<cbv::mx_record> exchanges) {
    cbv::verification_options options;
    options.addresses.permit(cbv::ip_prefix::parse("198.18.0.0/15").value());
    cbv::verification call(cbv::parse_mailbox("u@d.example").value(), options, start);
    played out;
    while (const auto next = call.next_action()) {
        if (const auto* query = std::get_if<cbv::act::query_dns>(&*next)) {
            auto reply = answer(dns_status::ok);
            if (query->type == cbv::record_type::mx)
                reply.mx = exchanges;
            else if (query->name == exchanges.front().exchange)
                reply = first;
            else if (query->type == cbv::record_type::a)
                reply.addresses = {cbv::ip_address::parse("198.18.0.2").value()};
            call.on_dns(query->id, reply, start);
        } else if (const auto* connect = std::get_if<cbv::act::connect>(&*next)) {
            out.connects.push_back(connect->address.to_string());
        }
    }
    out.verdict = call.result();
    return out;
}

TEST(draft_lookup_rows, address_lookup) {
    std::vector<std::string> events = temporary_answers;
    events.insert(events.end(), {"NXDOMAIN", "no data", "prohibited"});
    for (const std::string& event : events) {
        const auto row = row_of("address lookup", event);
        auto first = no_answer(event == "prohibited" ? "no data" : event);
        if (event == "prohibited")
            first.addresses = {cbv::ip_address::parse("127.0.0.1").value()};

        const auto alone = play(first, {{10, "mx1.d.example"}});
        ASSERT_TRUE(alone.verdict) << row.table->describe(row.row);
        row.expect_outcome(alone.verdict->kind, alone.verdict->why, "the only exchange");
        EXPECT_TRUE(alone.connects.empty()) << row.table->describe(row.row);

        ASSERT_EQ(row.then(), "next host") << row.table->describe(row.row);
        const auto two = play(first, {{10, "mx1.d.example"}, {20, "mx2.d.example"}});
        EXPECT_EQ(two.connects, std::vector<std::string>{"198.18.0.2"})
            << row.table->describe(row.row);
    }
    const auto row = row_of("address lookup", "answer");
    auto good = answer(dns_status::ok);
    good.addresses = {cbv::ip_address::parse("198.18.0.1").value()};
    EXPECT_EQ(row.then(), "next stage");
    EXPECT_EQ(play(good, {{10, "mx1.d.example"}}).connects, std::vector<std::string>{"198.18.0.1"});
}

cbv::combined combine(const std::vector<cbv::host_outcome>& hosts) {
    cbv::call_summary call;
    call.hosts = hosts;
    return cbv::combine(call);
}

cbv::host_outcome greeted(unsigned preference, int code) {
    return {preference, cbv::decide(stage::greeting, cbv::reply{code, {"no"}}), code};
}

TEST(draft_host_rows, greeting_521_by_all) {
    const auto row = row_of("greeting", "521 by all");
    const auto all = combine({greeted(10, 521), greeted(20, 521)});
    row.expect_outcome(all.kind, all.why);
    const auto some = combine({greeted(10, 521), greeted(20, 554)});
    row_of("greeting", "5yz").expect_outcome(some.kind, some.why, "521 and 554");
}

TEST(draft_host_rows, refusal_by_a_less_preferred_host) {
    for (const char* word : {"MAIL", "RCPT"}) {
        const auto row = row_of(word, "5yz less preferred");
        const auto refusal = cbv::decide(*stage_of(word), cbv::reply{550, {"no"}});
        const auto got =
            combine({{10, cbv::decide(stage::connect, fault::refused), 0}, {20, refusal, 220}});
        row.expect_outcome(got.kind, got.why);
        // "the cause of the better host's failure"
        EXPECT_EQ(got.why, cause::connection_refused) << row.table->describe(row.row);
        EXPECT_EQ(refusal.then, step_of(row.then())) << row.table->describe(row.row);
    }
}

TEST(draft_host_rows, smtputf8_missing) {
    for (const char* word : {"EHLO", "HELO"}) {
        const auto row = row_of(word, "SMTPUTF8 missing");
        row.expect(cbv::decide_smtputf8_missing());
        const cbv::host_outcome lacks{10, cbv::decide_smtputf8_missing(), 220};
        const auto all = combine({lacks, lacks});
        row.expect_outcome(all.kind, all.why, "missing everywhere");
        const auto some = combine({lacks, {20, cbv::decide(stage::connect, fault::timeout), 0}});
        EXPECT_EQ(some.kind, verdict_kind::tempfail) << row.table->describe(row.row);
    }
}

// A dialogue that has passed and waits for the reply to QUIT.
cbv::dialogue waiting_for_quit() {
    cbv::dialogue_options options;
    options.helo_name = "v.example";
    cbv::dialogue d({"u", "d.example", false}, options, start);
    d.on_connected(start);
    for (const char* reply : {"220 t\r\n", "250 t\r\n", "250 ok\r\n", "250 ok\r\n"}) {
        d.on_bytes(reply, start);
        if (d.pending() == cbv::dialogue::action::send)
            (void)d.take_output();
    }
    return d;
}

TEST(draft_quit_rows, the_verdict_stands) {
    int rows = 0;
    for (const decision_row& row : decision_rows()) {
        if (row.stage() != "QUIT")
            continue;
        ++rows;
        auto d = waiting_for_quit();
        ASSERT_EQ(d.at(), stage::quit);
        const std::string& event = row.event();
        if (event == "timeout")
            d.on_time(d.deadline().value());
        else if (event == "lost")
            d.on_eof(start);
        else
            d.on_bytes(event == "other" ? "babble\r\n" : event.substr(0, 1) + "21 x\r\n", start);
        ASSERT_TRUE(d.outcome()) << row.table->describe(row.row);
        EXPECT_EQ(d.outcome()->kind, verdict_kind::pass) << row.table->describe(row.row);
        EXPECT_EQ(d.pending(), cbv::dialogue::action::close) << row.table->describe(row.row);
    }
    EXPECT_EQ(rows, 6);
}

TEST(draft_budget_row, the_budget_ends) {
    const auto row = row_of("budget", "timeout");
    cbv::verification_options options;
    options.dialogue.timers.dns = seconds{10'000};
    cbv::verification call(cbv::parse_mailbox("u@d.example").value(), options, start);
    while (call.next_action()) {
    }
    const auto end = start + options.dialogue.timers.budget;
    call.on_time(end - seconds{1});
    EXPECT_FALSE(call.result());
    call.on_time(end);
    ASSERT_TRUE(call.result());
    row.expect_outcome(call.result()->kind, call.result()->why);
}

} // namespace
