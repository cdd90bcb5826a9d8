// The rows of the draft's decision table that are not one reply or fault: lookups, QUIT, the
// budget. Each is played on the state machines with time as numbers; no network.
#include "cbv/verification.hpp"
#include "decision_rows.hpp"

#include <chrono>
#include <vector>

namespace {

using namespace cbv_test;
using cbv::dns_status;
using cbv::stage;
using std::chrono::seconds;

constexpr cbv::instant start{};

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

// What a plan for the MX means for the rest of the call.
cbv::ruling ruling_of(const cbv::mx_plan& plan) {
    if (plan.what == cbv::mx_plan::kind::ended)
        return plan.result;
    return {cbv::next_step::next_stage, std::nullopt, {}, {}};
}

TEST(draft_lookup_rows, mx_lookup) {
    for (const char* event : {"SERVFAIL", "REFUSED", "bogus", "timeout", "NXDOMAIN", "no data"})
        row_of("MX lookup", event)
            .expect(ruling_of(cbv::plan_mx("d.example", no_answer(event), {})));
    EXPECT_EQ(cbv::plan_mx("d.example", no_answer("no data"), {}).what,
              cbv::mx_plan::kind::implicit_mx);

    auto records = answer(dns_status::ok);
    records.mx = {{0, "."}};
    row_of("MX lookup", "null MX").expect(ruling_of(cbv::plan_mx("d.example", records, {})));
    records.mx = {{10, "mx.d.example"}};
    row_of("MX lookup", "answer").expect(ruling_of(cbv::plan_mx("d.example", records, {})));
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
    for (const char* event :
         {"SERVFAIL", "REFUSED", "bogus", "timeout", "NXDOMAIN", "no data", "prohibited"}) {
        const auto row = row_of("address lookup", event);
        auto first = no_answer(event);
        if (row.event() == "prohibited") {
            first = answer(dns_status::ok);
            first.addresses = {cbv::ip_address::parse("127.0.0.1").value()};
        }
        const auto two = play(first, {{10, "mx1.d.example"}, {20, "mx2.d.example"}});
        const bool goes_on = two.connects == std::vector<std::string>{"198.18.0.2"};
        const auto alone = play(first, {{10, "mx1.d.example"}});
        ASSERT_TRUE(alone.verdict) << row.describe();
        EXPECT_TRUE(alone.connects.empty()) << row.describe();
        row.expect({goes_on ? cbv::next_step::next_host : cbv::next_step::end,
                    alone.verdict->kind,
                    alone.verdict->why,
                    alone.verdict->requirement},
                   "the only exchange");
    }
    auto good = answer(dns_status::ok);
    good.addresses = {cbv::ip_address::parse("198.18.0.1").value()};
    row_of("address lookup", "answer").expect({cbv::next_step::next_stage, std::nullopt, {}, {}});
    EXPECT_EQ(play(good, {{10, "mx1.d.example"}}).connects, std::vector<std::string>{"198.18.0.1"});
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
    for (const char* event : {"2yz", "4yz", "5yz", "other", "timeout", "lost"}) {
        const auto row = row_of("QUIT", event);
        auto d = waiting_for_quit();
        ASSERT_EQ(d.at(), stage::quit);
        const auto before = d.outcome()->kind;
        if (row.event() == "timeout")
            d.on_time(d.deadline().value());
        else if (row.event() == "lost")
            d.on_eof(start);
        else if (row.event() == "other")
            d.on_bytes("babble\r\n", start);
        else
            d.on_bytes(row.event().substr(0, 1) + "21 x\r\n", start);
        const bool stands = d.outcome() && d.outcome()->kind == before;
        const bool ended = d.pending() == cbv::dialogue::action::close;
        EXPECT_EQ(row.decision(),
                  (decision{stands ? "verdict stands" : "another verdict",
                            ended ? "end" : "next stage",
                            "-"}))
            << row.describe();
    }
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
    ASSERT_TRUE(call.result()) << row.describe() << "\n  the call does not end";
    row.expect(
        {cbv::next_step::end, call.result()->kind, call.result()->why, call.result()->requirement});
}

} // namespace
