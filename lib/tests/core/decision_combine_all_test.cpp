// What hosts come to of which none passed or refused the path: statements that only all of them
// together can make, and calls without any host (CBV-INT-011 and its exceptions).
#include "combine_rows.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace {

using namespace cbv::test::decisions;

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
         {.failed_lookup_preference = 10}},
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

// CBV-INT-008: no proof, however many hosts say it.
TEST(combine, a_521_is_a_refusal_of_us_like_any_other) {
    expect_combined({
        {"one", {greets(10, 521)}, unverifiable, cause::prober_refused, "CBV-INT-008", 0},
        {"both",
         {greets(10, 521), greets(20, 521)},
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
        {"others prohibited",
         {greets(10, 521)},
         unverifiable,
         cause::prober_refused,
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
         unverifiable,
         cause::limit,
         "CBV-HOST-011",
         std::nullopt,
         {.untried_candidates = true}},
        {"a lookup failed",
         {lacks_utf8(10)},
         tempfail,
         cause::dns_failure,
         "CBV-INT-011",
         std::nullopt,
         {.failed_lookup_preference = 10}},
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
         {.prohibited_candidates = true, .had_candidates = false, .failed_lookup_preference = 10}},
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
         unverifiable,
         cause::limit,
         "CBV-HOST-011",
         none,
         {.untried_candidates = true, .prohibited_candidates = true, .had_candidates = false}},
        {"candidates, none asked", {}, unverifiable, cause::limit, "CBV-HOST-011", none, {}},
    });
}

} // namespace
