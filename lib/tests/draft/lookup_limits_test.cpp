// The limits of the draft's limit table on what is looked up, and on what one preference value may
// use: options against defaults and bounds, and a verification played to each limit.
#include "cbv/host_selection.hpp"
#include "cbv/verification.hpp"
#include "limits.hpp"

#include <algorithm>
#include <chrono>
#include <string>
#include <vector>

namespace {

using namespace cbv_test;
using cbv::verdict_kind;
using std::chrono::seconds;

constexpr cbv::instant start{seconds{1000}};

cbv::mailbox box() {
    return cbv::parse_mailbox("u@d.example").value();
}

/// A domain with these exchanges at preferences 10, 20 ...; every host is down. What was asked and
/// called, in order.
struct played_call {
    std::vector<std::string> queries;
    std::vector<std::string> calls;
    std::optional<cbv::verdict> result;
};

using zone = std::vector<std::vector<std::string>>; // each exchange's A records

played_call play(const zone& z) {
    cbv::verification call(box(), cbv::verification_options{}, start);
    played_call out;
    while (const auto next = call.next_action()) {
        if (const auto* query = std::get_if<cbv::act::query_dns>(&*next)) {
            cbv::dns_answer reply;
            reply.status = cbv::dns_status::ok;
            if (query->type == cbv::record_type::mx) {
                for (unsigned i = 0; i < z.size(); ++i)
                    reply.mx.push_back(
                        {static_cast<std::uint16_t>(10U * i), "m" + std::to_string(i)});
            } else {
                out.queries.push_back(query->name);
                if (query->type == cbv::record_type::a)
                    for (const auto& text : z.at(std::stoul(query->name.substr(1))))
                        reply.addresses.push_back(cbv::ip_address::parse(text).value());
            }
            call.on_dns(query->id, reply, start);
        } else if (const auto* connect = std::get_if<cbv::act::connect>(&*next)) {
            out.calls.push_back(connect->host);
            call.on_refused(connect->id, start);
        }
    }
    out.result = call.result();
    return out;
}

problem_with selection_problem(unsigned cbv::selection_options::*option) {
    return [option](unsigned value) {
        cbv::selection_options options;
        options.*option = value;
        return options.problem();
    };
}

void attempts_kept(const limit_row& row) {
    EXPECT_EQ(row.bound_after("at least "), 1U) << row.describe();
    const unsigned all = cbv::verification_options{}.max_attempts;
    std::vector<std::string> many;
    for (unsigned i = 0; i < all; ++i)
        many.push_back("8.8.8." + std::to_string(i + 1));
    const auto p = play({many, {"8.8.9.1"}});
    EXPECT_EQ(p.calls.size(), all) << row.describe();
    EXPECT_EQ(std::count(p.calls.begin(), p.calls.end(), "m1"), int(row.by_default()))
        << row.describe();
    row.expect_sentence("keep an attempt");
}

void share_kept(const limit_row& row) {
    row.expect_default(cbv::verification_options{}.kept_share);
    const auto problem = [](unsigned value) {
        cbv::verification_options options;
        options.kept_share = value;
        return options.problem();
    };
    const unsigned most = row.bound_after("at most ");
    EXPECT_FALSE(problem(most)) << row.describe();
    ASSERT_TRUE(problem(most + 1)) << row.describe();
    row.expect_requirement(*problem(most + 1));
    EXPECT_EQ(row.by_default(), 25U) << row.describe();
    row.expect_sentence("a quarter");
}

void exchanges(const limit_row& row) {
    row.expect_default(cbv::selection_options{}.max_exchanges);
    expect_at_least(row, selection_problem(&cbv::selection_options::max_exchanges));
    zone z(row.by_default() + 1);
    const auto over = play(z);
    EXPECT_EQ(over.queries.size(), 2U * row.by_default()) << row.describe();
    EXPECT_EQ(over.result->kind, verdict_kind::unverifiable) << row.describe();
    z.pop_back();
    EXPECT_EQ(play(z).result->kind, verdict_kind::fail) << row.describe();
}

void addresses_kept(const limit_row& row) {
    row.expect_default(cbv::selection_options{}.max_addresses);
    expect_at_least(row, selection_problem(&cbv::selection_options::max_addresses));
    cbv::exchange_addresses mail{"m0", {cbv::dns_answer{}}};
    mail.answers[0].status = cbv::dns_status::ok;
    for (unsigned i = 0; i <= row.by_default(); ++i)
        mail.answers[0].addresses.push_back(cbv::ip_address::v4({8, 8, 8, std::uint8_t(i + 1)}));
    EXPECT_EQ(cbv::choose_addresses(10, {mail}, {}).candidates.size(), row.by_default())
        << row.describe();
}

void address_lookups(const limit_row& row) {
    row.expect_default(cbv::selection_options{}.max_lookups);
    expect_at_least(row, selection_problem(&cbv::selection_options::max_lookups));
    EXPECT_EQ(play(zone(row.by_default())).queries.size(), row.by_default()) << row.describe();
}

void lookups_at_once(const limit_row& row) {
    row.expect_default(cbv::selection_options{}.lookups_at_once);
    expect_at_least(row, selection_problem(&cbv::selection_options::lookups_at_once));
    row.expect_sentence("no more than " + std::to_string(row.by_default()));
    cbv::verification call(box(), cbv::verification_options{}, start);
    cbv::dns_answer mx;
    mx.status = cbv::dns_status::ok;
    for (unsigned i = 0; i < 20; ++i)
        mx.mx.push_back({10, "m" + std::to_string(i)});
    unsigned open = 0;
    while (const auto next = call.next_action()) { // no address is ever answered
        const auto* query = std::get_if<cbv::act::query_dns>(&*next);
        ASSERT_NE(query, nullptr) << row.describe();
        if (query->type == cbv::record_type::mx)
            call.on_dns(query->id, mx, start);
        else
            ++open;
    }
    EXPECT_EQ(open, row.by_default()) << row.describe();
}

void aliases(const limit_row& row) {
    row.expect_default(cbv::selection_options{}.max_aliases);
    expect_at_least(row, selection_problem(&cbv::selection_options::max_aliases));
    cbv::dns_answer mx;
    mx.status = cbv::dns_status::ok;
    mx.mx = {{10, "m0"}};
    mx.aliases = row.by_default();
    EXPECT_EQ(cbv::plan_mx("d.example", mx, {}).what, cbv::mx_plan::kind::groups) << row.describe();
    ++mx.aliases;
    const auto over = cbv::plan_mx("d.example", mx, {});
    EXPECT_EQ(over.result.kind, verdict_kind::unverifiable) << row.describe();
    row.expect_requirement(over.result.requirement);
}

void late_lookup(const limit_row& row) {
    EXPECT_EQ(cbv::selection_options{}.late_after, seconds{row.by_default()}) << row.describe();
    row.expect_no_bound();
    row.expect_sentence("within " + std::to_string(row.by_default()) + " seconds more");
}

} // namespace

const cbv_test::limit_checks& cbv_test::limits_of_lookups() {
    static const limit_checks all{
        {"attempts kept for a further preference value", attempts_kept},
        {"per cent of the time kept for a further preference value", share_kept},
        {"exchanges of a domain", exchanges},
        {"addresses of an exchange", addresses_kept},
        {"address lookups in a call", address_lookups},
        {"address lookups open at a time", lookups_at_once},
        {"aliases in a chain", aliases},
        {"seconds that known addresses wait for another lookup", late_lookup},
    };
    return all;
}

TEST(draft_limit_table, lookups) {
    check_limits(limits_of_lookups());
}
