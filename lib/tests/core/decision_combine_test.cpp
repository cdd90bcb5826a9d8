// How the outcomes of several hosts combine (CBV-INT-011, CBV-SMX-002 and their exceptions). The
// outcomes come from the decision table itself; its cells are tested in decision_test.cpp.
#include "cbv/decision.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <string>
#include <vector>

namespace {

using cbv::cause;
using cbv::combined;
using cbv::decide;
using cbv::fault;
using cbv::host_outcome;
using cbv::next_step;
using cbv::stage;
using cbv::verdict_kind;

constexpr auto pass = verdict_kind::pass;
constexpr auto fail = verdict_kind::fail;
constexpr auto tempfail = verdict_kind::tempfail;
constexpr auto unverifiable = verdict_kind::unverifiable;

cbv::reply reply(int code, const std::string& text = "text") {
    return {code, {text}};
}

// Hosts of combine(), in one word each.
host_outcome accepts(unsigned p) {
    return {p, decide(stage::rcpt, reply(250)), 220};
}
host_outcome refuses(unsigned p) {
    return {p, decide(stage::rcpt, reply(550)), 220};
}
host_outcome refuses_null(unsigned p) {
    return {p, decide(stage::mail, reply(550)), 220};
}
host_outcome full(unsigned p) {
    return {p, decide(stage::rcpt, reply(552)), 220};
}
host_outcome greylists(unsigned p) {
    return {p, decide(stage::rcpt, reply(450)), 220};
}
host_outcome times_out(unsigned p) {
    return {p, decide(stage::rcpt, fault::timeout), 220};
}
host_outcome dead(unsigned p) {
    return {p, decide(stage::connect, fault::refused), 0};
}
host_outcome greets(unsigned p, int code) {
    return {p, decide(stage::greeting, reply(code)), code};
}
host_outcome refuses_v(unsigned p) {
    return {p, decide(stage::rcpt, reply(550, "5.7.1 no"), {true}), 220};
}
host_outcome lacks_utf8(unsigned p) {
    return {p, cbv::decide_smtputf8_missing(), 220};
}
host_outcome no_outcome(unsigned p) {
    return {p, {next_step::next_host, std::nullopt, cause::connection_lost, {}}, 220};
}

struct combine_row {
    const char* name;
    std::vector<host_outcome> hosts;
    verdict_kind kind;
    cause why;
    const char* requirement;
    std::optional<std::size_t> host;
    cbv::call_summary call = {};
};

void expect_combined(const std::vector<combine_row>& rows) {
    for (const combine_row& row : rows) {
        cbv::call_summary call = row.call;
        call.hosts = row.hosts;
        const combined got = cbv::combine(call);
        EXPECT_EQ(to_string(got.kind), to_string(row.kind)) << row.name;
        EXPECT_EQ(to_string(got.why), to_string(row.why)) << row.name;
        EXPECT_EQ(got.requirement, row.requirement) << row.name;
        EXPECT_EQ(got.host, row.host) << row.name;
    }
}

TEST(combine, a_pass_from_any_host_wins) {
    const cbv::call_summary troubled{.temporary_lookup_failure = true,
                                     .untried_candidates = true,
                                     .prohibited_candidates = true,
                                     .failed_lookup_preference = 5};
    expect_combined({
        {"alone", {accepts(10)}, pass, cause::accepted, "CBV-INT-002", 0},
        {"primary down", {dead(10), accepts(20)}, pass, cause::accepted, "CBV-INT-002", 1},
        {"primary greylists",
         {greylists(10), accepts(20)},
         pass,
         cause::accepted,
         "CBV-INT-002",
         1},
        {"primary refuses us",
         {greets(10, 554), accepts(20)},
         pass,
         cause::accepted,
         "CBV-INT-002",
         1},
        {"521 before", {greets(10, 521), accepts(20)}, pass, cause::accepted, "CBV-INT-002", 1},
        {"others unknown", {accepts(10)}, pass, cause::accepted, "CBV-INT-002", 0, troubled},
    });
}

TEST(combine, a_refusal_by_the_best_host_fails) {
    expect_combined({
        {"RCPT", {refuses(10)}, fail, cause::mailbox_refused, "CBV-INT-003", 0},
        {"MAIL", {refuses_null(10)}, fail, cause::null_sender_refused, "CBV-INT-007", 0},
        {"a peer was down",
         {dead(10), refuses(10)},
         fail,
         cause::mailbox_refused,
         "CBV-INT-003",
         1},
        {"a peer refused us",
         {greets(10, 554), refuses(10)},
         fail,
         cause::mailbox_refused,
         "CBV-INT-003",
         1},
        {"worse hosts unasked",
         {refuses(10)},
         fail,
         cause::mailbox_refused,
         "CBV-INT-003",
         0,
         {.untried_candidates = true}},
        {"a better one was prohibited",
         {refuses(20)},
         fail,
         cause::mailbox_refused,
         "CBV-INT-003",
         0,
         {.prohibited_candidates = true}},
        {"a peer's lookup failed",
         {refuses(10)},
         fail,
         cause::mailbox_refused,
         "CBV-INT-003",
         0,
         {.temporary_lookup_failure = true, .failed_lookup_preference = 10}},
        {"a worse one's lookup failed",
         {refuses(10)},
         fail,
         cause::mailbox_refused,
         "CBV-INT-003",
         0,
         {.temporary_lookup_failure = true, .failed_lookup_preference = 20}},
    });
}

TEST(combine, a_refusal_by_a_lesser_host_is_softened) {
    expect_combined({
        {"primary down",
         {dead(10), refuses(20)},
         tempfail,
         cause::connection_refused,
         "CBV-SMX-002",
         1},
        {"primary stalls",
         {times_out(10), refuses(20)},
         tempfail,
         cause::timeout,
         "CBV-SMX-002",
         1},
        {"primary greylists",
         {greylists(10), refuses(20)},
         tempfail,
         cause::temporary_reply,
         "CBV-SMX-002",
         1},
        {"null sender",
         {dead(10), refuses_null(20)},
         tempfail,
         cause::connection_refused,
         "CBV-SMX-002",
         1},
        {"primary refuses us",
         {greets(10, 554), refuses(20)},
         tempfail,
         cause::prober_refused,
         "CBV-SMX-002",
         1},
        {"primary says 521",
         {greets(10, 521), refuses(20)},
         tempfail,
         cause::prober_refused,
         "CBV-SMX-002",
         1},
        {"primary lacks SMTPUTF8",
         {lacks_utf8(10), refuses(20)},
         tempfail,
         cause::smtputf8_missing,
         "CBV-SMX-002",
         1},
        {"two better, a temporary cause is named first",
         {times_out(10), greets(15, 554), refuses(20)},
         tempfail,
         cause::timeout,
         "CBV-SMX-002",
         2},
        {"order asked does not matter",
         {dead(20), dead(10), refuses(15)},
         tempfail,
         cause::connection_refused,
         "CBV-SMX-002",
         2},
        {"primary's lookup failed",
         {refuses(20)},
         tempfail,
         cause::dns_failure,
         "CBV-SMX-002",
         0,
         {.temporary_lookup_failure = true, .failed_lookup_preference = 10}},
        {"an outcome is missing",
         {no_outcome(10), refuses(20)},
         tempfail,
         cause::connection_lost,
         "CBV-SMX-002",
         1},
    });
}

TEST(combine, tempfail_before_unverifiable) {
    expect_combined({
        {"dead", {dead(10)}, tempfail, cause::connection_refused, "CBV-INT-010", 0},
        {"the last one counts",
         {dead(10), times_out(20)},
         tempfail,
         cause::timeout,
         "CBV-TIME-004",
         1},
        {"refused and dead",
         {greets(10, 554), dead(20)},
         tempfail,
         cause::connection_refused,
         "CBV-INT-010",
         1},
        {"dead and refused",
         {dead(10), greets(20, 554)},
         tempfail,
         cause::connection_refused,
         "CBV-INT-010",
         0},
        {"dead and policy",
         {dead(10), refuses_v(20)},
         tempfail,
         cause::connection_refused,
         "CBV-INT-010",
         0},
        {"storage", {full(10)}, tempfail, cause::storage_reply, "CBV-INT-005", 0},
        {"greylisted", {greylists(10)}, tempfail, cause::temporary_reply, "CBV-GREY-001", 0},
        {"a missing outcome", {no_outcome(10)}, tempfail, cause::connection_lost, "", 0},
        {"refused, a lookup failed",
         {greets(10, 554)},
         tempfail,
         cause::dns_failure,
         "CBV-INT-011",
         std::nullopt,
         {.temporary_lookup_failure = true}},
    });
}

TEST(combine, unverifiable_hosts_never_add_up_to_fail) {
    expect_combined({
        {"greeting", {greets(10, 554)}, unverifiable, cause::prober_refused, "CBV-INT-008", 0},
        {"both",
         {greets(10, 554), greets(20, 554)},
         unverifiable,
         cause::prober_refused,
         "CBV-INT-008",
         1},
        {"policy at RCPT", {refuses_v(10)}, unverifiable, cause::prober_refused, "CBV-INT-006", 0},
        {"others unasked",
         {refuses_v(10)},
         unverifiable,
         cause::prober_refused,
         "CBV-INT-006",
         0,
         {.untried_candidates = true}},
        {"others prohibited",
         {greets(10, 554)},
         unverifiable,
         cause::prober_refused,
         "CBV-INT-008",
         0,
         {.prohibited_candidates = true}},
        {"SMTPUTF8 missing elsewhere",
         {greets(10, 554), lacks_utf8(20)},
         unverifiable,
         cause::prober_refused,
         "CBV-INT-008",
         0},
    });
}

TEST(combine, no_mail_service_needs_521_by_all) {
    expect_combined({
        {"one", {greets(10, 521)}, fail, cause::no_mail_service, "CBV-INT-008", 0},
        {"both",
         {greets(10, 521), greets(20, 521)},
         fail,
         cause::no_mail_service,
         "CBV-INT-008",
         1},
        {"554 among them",
         {greets(10, 521), greets(20, 554)},
         unverifiable,
         cause::prober_refused,
         "CBV-INT-008",
         1},
        {"one dead",
         {greets(10, 521), dead(20)},
         tempfail,
         cause::connection_refused,
         "CBV-INT-010",
         1},
        {"others unasked",
         {greets(10, 521)},
         unverifiable,
         cause::prober_refused,
         "CBV-INT-008",
         0,
         {.untried_candidates = true}},
        {"a lookup failed",
         {greets(10, 521)},
         tempfail,
         cause::dns_failure,
         "CBV-INT-011",
         std::nullopt,
         {.temporary_lookup_failure = true}},
        {"others prohibited",
         {greets(10, 521)},
         fail,
         cause::no_mail_service,
         "CBV-INT-008",
         0,
         {.prohibited_candidates = true}},
    });
}

TEST(combine, smtputf8_must_be_missing_everywhere) {
    expect_combined({
        {"one", {lacks_utf8(10)}, fail, cause::smtputf8_missing, "CBV-ADDR-007", 0},
        {"both",
         {lacks_utf8(10), lacks_utf8(20)},
         fail,
         cause::smtputf8_missing,
         "CBV-ADDR-007",
         1},
        {"another dead",
         {lacks_utf8(10), dead(20)},
         tempfail,
         cause::connection_refused,
         "CBV-INT-010",
         1},
        {"another has it", {lacks_utf8(10), accepts(20)}, pass, cause::accepted, "CBV-INT-002", 1},
        {"the best refuses",
         {lacks_utf8(10), refuses(10)},
         fail,
         cause::mailbox_refused,
         "CBV-INT-003",
         1},
        {"others unasked",
         {lacks_utf8(10)},
         tempfail,
         cause::limit,
         "CBV-HOST-008",
         std::nullopt,
         {.untried_candidates = true}},
        {"a lookup failed",
         {lacks_utf8(10)},
         tempfail,
         cause::dns_failure,
         "CBV-INT-011",
         std::nullopt,
         {.temporary_lookup_failure = true}},
    });
}

TEST(combine, without_any_host) {
    const auto none = std::nullopt;
    expect_combined({
        {"a lookup failed",
         {},
         tempfail,
         cause::dns_failure,
         "CBV-MX-011",
         none,
         {.temporary_lookup_failure = true,
          .prohibited_candidates = true,
          .had_candidates = false}},
        {"all prohibited",
         {},
         fail,
         cause::hosts_prohibited,
         "CBV-HOST-006",
         none,
         {.prohibited_candidates = true, .had_candidates = false}},
        {"no addresses",
         {},
         fail,
         cause::no_address,
         "CBV-MX-011",
         none,
         {.had_candidates = false}},
        {"neither MX nor address",
         {},
         fail,
         cause::no_address,
         "CBV-MX-009",
         none,
         {.had_candidates = false, .implicit_mx = true}},
        {"the same, softened",
         {},
         tempfail,
         cause::no_address,
         "CBV-MX-009",
         none,
         {.had_candidates = false, .implicit_mx = true, .soft_nxdomain = true}},
        {"exchanges cut off",
         {},
         tempfail,
         cause::limit,
         "CBV-HOST-008",
         none,
         {.untried_candidates = true, .prohibited_candidates = true, .had_candidates = false}},
        {"candidates, none asked", {}, tempfail, cause::limit, "CBV-HOST-008", none, {}},
    });
}

} // namespace
