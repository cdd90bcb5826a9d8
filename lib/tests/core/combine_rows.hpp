// Rows for the tests of combine(): hosts in one word each, and a table of calls with what each must
// come to. The outcomes come from the decision table itself.
#pragma once

#include "decision_words.hpp"

#include <gtest/gtest.h>

#include <optional>
#include <vector>

namespace cbv::test::decisions {

// Hosts of combine(), in one word each.
inline host_outcome accepts(unsigned p) {
    return {p, decide(stage::rcpt, reply(250))};
}
inline host_outcome refuses(unsigned p) {
    return {p, decide(stage::rcpt, reply(550))};
}
inline host_outcome refuses_null(unsigned p) {
    return {p, decide(stage::mail, reply(550), {true})};
}
inline host_outcome full(unsigned p) {
    return {p, decide(stage::rcpt, reply(552))};
}
inline host_outcome greylists(unsigned p) {
    return {p, decide(stage::rcpt, reply(450))};
}
inline host_outcome times_out(unsigned p) {
    return {p, decide(stage::rcpt, fault::timeout)};
}
inline host_outcome dead(unsigned p) {
    return {p, decide(stage::connect, fault::refused)};
}
inline host_outcome greets(unsigned p, int code) {
    return {p, decide(stage::greeting, reply(code))};
}
inline host_outcome refuses_v(unsigned p) {
    return {p, decide(stage::rcpt, reply(550, "5.7.1 no"))};
}
inline host_outcome lacks_utf8(unsigned p) {
    return {p, cbv::decide_smtputf8_missing()};
}
inline host_outcome no_outcome(unsigned p) {
    return {p, {next_step::next_host, std::nullopt, cause::connection_lost, {}}};
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

inline void expect_combined(const std::vector<combine_row>& rows) {
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
} // namespace cbv::test::decisions
