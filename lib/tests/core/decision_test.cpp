// The decision table cell by cell. How several hosts combine: decision_combine_test.cpp and
// decision_combine_all_test.cpp.
#include "decision_words.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using namespace cbv::test::decisions;

std::string in_words(const ruling& r) {
    return "then " + std::to_string(static_cast<int>(r.then)) + ", " +
           (r.kind ? std::string(to_string(*r.kind)) : "undecided") + ", " +
           std::string(to_string(r.why)) + ", " + std::string(r.requirement);
}

void expect_cell(const ruling& got,
                 next_step then,
                 std::optional<verdict_kind> kind,
                 cause why,
                 const char* requirement,
                 const std::string& where) {
    EXPECT_TRUE(got.then == then && got.kind == kind && got.why == why &&
                got.requirement == requirement)
        << where << "\n  got: " << in_words(got)
        << "\n  want: " << in_words({then, kind, why, requirement});
}

std::string at_code(stage at, int code) {
    return std::string(to_string(at)) + " " + std::to_string(code);
}

const std::vector<stage> reply_stages{stage::greeting,
                                      stage::ehlo,
                                      stage::helo,
                                      stage::starttls,
                                      stage::noop,
                                      stage::mail,
                                      stage::rcpt};

TEST(decide, any_2yz_goes_on) {
    for (const stage at : reply_stages) {
        for (const int code : {200, 211, 220, 221, 250, 251, 252, 299}) {
            const ruling got = decide(at, reply(code));
            if (at == stage::rcpt) {
                expect_cell(
                    got, next_step::end, pass, cause::accepted, "CBV-INT-002", at_code(at, code));
            } else {
                EXPECT_EQ(got.then, next_step::next_stage) << at_code(at, code);
                EXPECT_EQ(got.kind, undecided) << at_code(at, code);
            }
        }
    }
}

TEST(decide, codes_outside_2_4_5_are_protocol_errors) {
    for (const stage at : reply_stages) {
        for (const int code : {0, 99, 150, 300, 354, 399, 600, 850})
            expect_cell(decide(at, reply(code)),
                        next_step::next_host,
                        tempfail,
                        cause::protocol_error,
                        "CBV-DLG-012",
                        at_code(at, code));
    }
}

TEST(decide, temporary_replies_never_fail) {
    for (const stage at : {stage::greeting, stage::ehlo, stage::helo, stage::mail}) {
        for (const int code : {400, 450, 451, 452, 499})
            expect_cell(decide(at, reply(code)),
                        next_step::next_host,
                        tempfail,
                        cause::temporary_reply,
                        "CBV-INT-004",
                        at_code(at, code));
        expect_cell(decide(at, reply(421)),
                    next_step::next_host,
                    tempfail,
                    cause::temporary_reply,
                    "CBV-INT-010",
                    at_code(at, 421));
    }
    for (const int code : {400, 450, 451, 452, 499})
        expect_cell(decide(stage::rcpt, reply(code)),
                    next_step::next_preference,
                    tempfail,
                    cause::temporary_reply,
                    "CBV-GREY-001",
                    at_code(stage::rcpt, code));
    expect_cell(decide(stage::rcpt, reply(421)),
                next_step::next_preference,
                tempfail,
                cause::temporary_reply,
                "CBV-INT-010",
                "rcpt 421");
}

TEST(decide, greeting_and_helo_refusals_are_of_us) {
    for (const stage at : {stage::greeting, stage::helo}) {
        for (const int code : {500, 501, 502, 504, 521, 550, 552, 554, 599})
            expect_cell(decide(at, reply(code)),
                        next_step::next_host,
                        unverifiable,
                        cause::prober_refused,
                        "CBV-INT-008",
                        at_code(at, code));
    }
}

TEST(decide, ehlo_falls_back_to_helo) {
    for (const int code : {500, 501, 502, 504})
        expect_cell(decide(stage::ehlo, reply(code)),
                    next_step::try_helo,
                    undecided,
                    cause::command_refused,
                    "CBV-DLG-002",
                    at_code(stage::ehlo, code));
    for (const int code : {503, 505, 521, 550, 554, 599})
        expect_cell(decide(stage::ehlo, reply(code)),
                    next_step::next_host,
                    unverifiable,
                    cause::prober_refused,
                    "CBV-INT-008",
                    at_code(stage::ehlo, code));
}

TEST(decide, starttls_refusals_go_on_in_clear) {
    for (const int code : {421, 454, 500, 501, 554})
        expect_cell(decide(stage::starttls, reply(code)),
                    next_step::clear,
                    undecided,
                    cause::tls_failure,
                    "CBV-DLG-015",
                    at_code(stage::starttls, code));
}

TEST(decide, noop_matters_only_by_421) {
    for (const int code : {450, 451, 500, 502, 550, 554}) {
        EXPECT_EQ(decide(stage::noop, reply(code)).then, next_step::next_stage) << code;
        EXPECT_EQ(decide(stage::noop, reply(code)).kind, undecided) << code;
    }
    expect_cell(decide(stage::noop, reply(421)),
                next_step::next_host,
                tempfail,
                cause::temporary_reply,
                "CBV-INT-010",
                "noop 421");
}

TEST(decide, permanent_replies_to_mail_and_rcpt) {
    constexpr auto refused = cause::mailbox_refused; // null_sender_refused at MAIL, see below
    const struct {
        int code;
        const char* text;
        verdict_kind kind;
        cause why;
        const char* requirement; // nullptr: CBV-INT-007 at MAIL, CBV-INT-003 at RCPT
    } rows[] = {
        // Basic codes.
        {550, "no such user", fail, refused, nullptr},
        {551, "not local", fail, refused, nullptr},
        {553, "not allowed", fail, refused, nullptr},
        {554, "failed", fail, refused, nullptr},
        {556, "no mail", fail, refused, nullptr},
        {521, "no mail", fail, refused, nullptr},
        {599, "?", fail, refused, nullptr},
        {505, "?", fail, refused, nullptr},
        {531, "?", fail, refused, nullptr},
        {500, "x", unverifiable, cause::command_refused, "CBV-INT-009"},
        {501, "x", unverifiable, cause::command_refused, "CBV-INT-009"},
        {502, "x", unverifiable, cause::command_refused, "CBV-INT-009"},
        {503, "x", unverifiable, cause::command_refused, "CBV-INT-009"},
        {504, "x", unverifiable, cause::command_refused, "CBV-INT-009"},
        {530, "x", unverifiable, cause::command_refused, "CBV-INT-009"},
        {555, "x", unverifiable, cause::command_refused, "CBV-INT-009"},
        {552, "x", tempfail, cause::storage_reply, "CBV-INT-005"},
        // Enhanced codes; all of them are in softening_test.cpp.
        {550, "5.7.1 policy", unverifiable, cause::prober_refused, "CBV-INT-006"},
        {554, "5.7.0 policy", unverifiable, cause::prober_refused, "CBV-INT-006"},
        {550, "5.3.2 listed", unverifiable, cause::prober_refused, "CBV-INT-006"},
        {550, "5.1.7 the sender", unverifiable, cause::prober_refused, "CBV-INT-006"},
        {550, "4.7.1 other class", unverifiable, cause::prober_refused, "CBV-INT-006"},
        {550, "2.1.5 other class", unverifiable, cause::prober_refused, "CBV-INT-006"},
        {550, "4.1.1 other class", tempfail, cause::temporary_reply, "CBV-INT-005"},
        {550, "5.2.2 full", tempfail, cause::storage_reply, "CBV-INT-005"},
        {554, "5.2.2 full", tempfail, cause::storage_reply, "CBV-INT-005"},
        {550, "5.2.1 disabled", tempfail, cause::temporary_reply, "CBV-INT-005"},
        {550, "5.4.4 no route", tempfail, cause::temporary_reply, "CBV-INT-005"},
        {550, "5.1.1 unknown", fail, refused, nullptr},
        {553, "5.3.0 unknown", fail, refused, nullptr},
        {550, "5.4.1 unknown", fail, refused, nullptr},
        {550, "text only", fail, refused, nullptr},
        // The softest of several readings counts.
        {503, "5.2.2 full", unverifiable, cause::command_refused, "CBV-INT-009"},
        {530, "5.7.0 authenticate", unverifiable, cause::command_refused, "CBV-INT-009"},
        {552, "5.7.1 policy", unverifiable, cause::prober_refused, "CBV-INT-006"},
        {552, "5.1.1 unknown", tempfail, cause::storage_reply, "CBV-INT-005"},
    };
    for (const stage at : {stage::mail, stage::rcpt}) {
        const bool mail = at == stage::mail;
        for (const auto& row : rows) {
            for (const bool null_sender_fails : {false, true}) {
                const bool not_told = row.kind == fail && mail && !null_sender_fails;
                const cause why = row.why == refused && mail ? cause::null_sender_refused : row.why;
                const char* rule = row.requirement ? row.requirement
                                   : mail          ? "CBV-INT-007"
                                                   : "CBV-INT-003";
                // Whatever it means, it ends the call (CBV-INT-011).
                expect_cell(decide(at, reply(row.code, row.text), {null_sender_fails}),
                            next_step::end,
                            not_told ? unverifiable : row.kind,
                            why,
                            rule,
                            at_code(at, row.code) + " " + row.text);
            }
        }
    }
}

TEST(decide, an_enhanced_code_never_hardens) {
    for (const stage at : {stage::mail, stage::rcpt}) {
        const auto plain = decide(at, reply(250));
        const auto marked = decide(at, reply(250, "5.1.1 unknown"));
        EXPECT_EQ(marked.then, plain.then);
        EXPECT_EQ(marked.kind, plain.kind);
        EXPECT_EQ(decide(at, reply(450, "5.1.1 unknown")).kind, tempfail);
    }
}

TEST(decide, faults) {
    const struct {
        fault f;
        cause why;
        const char* requirement;
    } rows[] = {
        {fault::timeout, cause::timeout, "CBV-TIME-004"},
        {fault::refused, cause::connection_refused, "CBV-INT-010"},
        {fault::lost, cause::connection_lost, "CBV-INT-010"},
        {fault::protocol, cause::protocol_error, "CBV-DLG-012"},
        {fault::tls, cause::tls_failure, "CBV-DLG-015"},
        {fault::local, cause::limit, "CBV-INT-010"},
    };
    for (const auto& row : rows) {
        for (const stage at : {stage::connect,
                               stage::greeting,
                               stage::ehlo,
                               stage::helo,
                               stage::starttls,
                               stage::noop,
                               stage::mail,
                               stage::rcpt})
            expect_cell(decide(at, row.f),
                        next_step::next_host,
                        tempfail,
                        row.why,
                        row.requirement,
                        std::string(to_string(at)));
        expect_cell(decide(stage::quit, row.f),
                    next_step::end,
                    undecided,
                    row.why,
                    "CBV-DLG-009",
                    "quit: the verdict stands");
        expect_cell(decide(stage::mx_lookup, row.f),
                    next_step::end,
                    tempfail,
                    cause::dns_failure,
                    "CBV-MX-010",
                    "mx lookup");
        expect_cell(decide(stage::address_lookup, row.f),
                    next_step::next_host,
                    tempfail,
                    cause::dns_failure,
                    "CBV-MX-011",
                    "address lookup");
    }
}

TEST(decide, misuse_throws) {
    for (const stage at : {stage::eligibility,
                           stage::mx_lookup,
                           stage::address_lookup,
                           stage::connect,
                           stage::quit}) {
        for (const int code : {250, 354, 450, 550})
            EXPECT_THROW((void)decide(at, reply(code)), std::logic_error) << at_code(at, code);
    }
    EXPECT_THROW((void)decide(stage::eligibility, fault::timeout), std::logic_error);
}

// No certainty without a 5yz to RCPT (CBV-INT-004, CBV-INT-007, CBV-TIME-004): every code, every
// stage.
TEST(decide, only_5yz_to_rcpt_fails) {
    for (const stage at : reply_stages) {
        for (int code = 0; code < 1000; ++code) {
            const ruling got = decide(at, reply(code));
            if (got.kind == fail) {
                EXPECT_EQ(code / 100, 5) << at_code(at, code);
                EXPECT_EQ(at, stage::rcpt) << at_code(at, code);
            }
            EXPECT_EQ(got.then == next_step::end,
                      (at == stage::rcpt && code / 100 == 2) ||
                          ((at == stage::rcpt || at == stage::mail) && code / 100 == 5))
                << at_code(at, code);
        }
    }
}

} // namespace
