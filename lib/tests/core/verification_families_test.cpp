// Tests of verification with one address family in use: hosts that have only the other one were not
// asked, so no verdict may be given on their behalf. Nothing else of a verification is tested here.
#include "cbv/verification.hpp"

#include <gtest/gtest.h>

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace {

using cbv::cause;
using cbv::dns_answer;
using cbv::dns_status;
using cbv::instant;
using cbv::ip_address;
using cbv::record_type;
using cbv::stage;
using cbv::verdict;
using cbv::verdict_kind;

/// Answers by name; a name that is not there has no record.
struct zone {
    std::vector<cbv::mx_record> mx;
    std::map<std::string, std::vector<std::string>> addresses;
    std::vector<std::string> broken; ///< names whose AAAA lookup fails temporarily

    [[nodiscard]] dns_answer answer(const cbv::act::query_dns& q) const {
        dns_answer a;
        a.status = dns_status::ok;
        if (q.type == record_type::mx) {
            a.mx = mx;
            return a;
        }
        for (const auto& name : broken)
            if (name == q.name && q.type == record_type::aaaa)
                return {};
        if (const auto at = addresses.find(q.name); at != addresses.end()) {
            for (const auto& text : at->second) {
                const auto address = ip_address::parse(text).value();
                if (address.is_v4() == (q.type == record_type::a))
                    a.addresses.push_back(address);
            }
        }
        return a;
    }
};

struct outcome {
    verdict result;
    std::vector<std::string> called;
    std::vector<std::pair<std::string, record_type>> asked;
};

/// Runs a verification on standing time; every host gives `rcpt` as its last reply.
outcome run(const std::string& address,
            const zone& z,
            bool ipv4,
            bool ipv6,
            const std::string& rcpt = "250 ok",
            const std::string& greeting = "220 ready") {
    cbv::verification_options options;
    options.dialogue.decisions.standing = cbv::standing_mode::off;
    options.selection.ipv4 = ipv4;
    options.selection.ipv6 = ipv6;
    options.addresses.permit(cbv::ip_prefix::parse("198.18.0.0/15").value());
    options.addresses.permit(cbv::ip_prefix::parse("2001:db8::/32").value());
    const instant now{std::chrono::seconds{100}};
    cbv::verification machine(cbv::parse_mailbox(address).value(), options, now);
    outcome o;
    while (auto next = machine.next_action()) {
        if (auto* query = std::get_if<cbv::act::query_dns>(&*next)) {
            o.asked.emplace_back(query->name, query->type);
            machine.on_dns(query->id, z.answer(*query), now);
        } else if (auto* connect = std::get_if<cbv::act::connect>(&*next)) {
            o.called.push_back(connect->address.to_string());
            machine.on_connected(connect->id, now);
            machine.on_bytes(connect->id, greeting + "\r\n", now);
        } else if (auto* send = std::get_if<cbv::act::send>(&*next)) {
            const bool last = send->octets.starts_with("RCPT");
            machine.on_bytes(send->id, (last ? rcpt : "250 ok") + "\r\n", now);
        } else if (auto* done = std::get_if<cbv::act::done>(&*next)) {
            o.result = done->result;
        }
    }
    EXPECT_TRUE(machine.finished());
    return o;
}

void expect(const outcome& o, verdict_kind kind, cause why) {
    EXPECT_EQ(o.result.kind, kind) << to_string(o.result.kind);
    EXPECT_EQ(o.result.why, why) << to_string(o.result.why);
}

const zone only_v6{{{10, "mx.example.org"}}, {{"mx.example.org", {"2001:db8::1"}}}, {}};
const zone only_v4{{{10, "mx.example.org"}}, {{"mx.example.org", {"198.18.0.1"}}}, {}};

TEST(verification_families, hosts_of_the_other_family_are_a_limit_and_never_a_fail) {
    for (const auto& o : {run("joe@example.org", only_v6, true, false),
                          run("joe@example.org", only_v4, false, true)}) {
        expect(o, verdict_kind::unverifiable, cause::limit);
        EXPECT_TRUE(o.called.empty());
        EXPECT_EQ(o.asked.size(), 3U) << "MX, and both types of address";
    }
}

TEST(verification_families, the_domains_own_address_of_the_other_family_is_the_same) {
    const zone implicit{{}, {{"example.org", {"2001:db8::1"}}}, {}};
    expect(run("joe@example.org", implicit, true, false), verdict_kind::unverifiable, cause::limit);
}

TEST(verification_families, no_address_of_any_family_stays_a_fail) {
    const zone none{{{10, "mx.example.org"}}, {}, {}};
    expect(run("joe@example.org", none, true, false), verdict_kind::fail, cause::no_address);
}

TEST(verification_families, a_prohibited_address_of_the_other_family_stays_prohibited) {
    const zone loopback{{{10, "mx.example.org"}}, {{"mx.example.org", {"::1"}}}, {}};
    expect(
        run("joe@example.org", loopback, true, false), verdict_kind::fail, cause::hosts_prohibited);
}

TEST(verification_families, a_prohibited_address_does_not_hide_the_other_family) {
    const zone mixed{
        {{10, "mx.example.org"}}, {{"mx.example.org", {"127.0.0.1", "2001:db8::1"}}}, {}};
    expect(run("joe@example.org", mixed, true, false), verdict_kind::unverifiable, cause::limit);
}

TEST(verification_families, an_unknown_other_family_is_not_known_now) {
    const zone unknown{{{10, "mx.example.org"}}, {}, {"mx.example.org"}};
    expect(
        run("joe@example.org", unknown, true, false), verdict_kind::tempfail, cause::dns_failure);
}

TEST(verification_families, a_host_with_both_is_called_by_the_family_in_use) {
    const zone both{
        {{10, "mx.example.org"}}, {{"mx.example.org", {"198.18.0.1", "2001:db8::1"}}}, {}};
    const auto v4 = run("joe@example.org", both, true, false, "550 no");
    expect(v4, verdict_kind::fail, cause::mailbox_refused);
    EXPECT_EQ(v4.called, std::vector<std::string>{"198.18.0.1"});
    EXPECT_EQ(v4.asked.size(), 2U) << "MX and A will do";
    const auto v6 = run("joe@example.org", both, false, true);
    expect(v6, verdict_kind::pass, cause::accepted);
    EXPECT_EQ(v6.called, std::vector<std::string>{"2001:db8::1"});
}

// CBV-SMX-002: the more preferred host gave no verdict, since we did not ask it.
TEST(verification_families, a_less_preferred_host_cannot_condemn_for_one_that_was_not_asked) {
    const zone z{{{10, "best.example.org"}, {20, "next.example.org"}},
                 {{"best.example.org", {"2001:db8::1"}}, {"next.example.org", {"198.18.0.1"}}},
                 {}};
    expect(
        run("joe@example.org", z, true, false, "550 no"), verdict_kind::unverifiable, cause::limit);
    expect(run("joe@example.org", z, true, false), verdict_kind::pass, cause::accepted);
    const zone reversed{{{20, "best.example.org"}, {10, "next.example.org"}}, z.addresses, {}};
    expect(run("joe@example.org", reversed, true, false, "550 no"),
           verdict_kind::fail,
           cause::mailbox_refused);
}

TEST(verification_families, an_address_literal_of_the_other_family_is_not_called) {
    const auto o = run("joe@[IPv6:2001:db8::1]", {}, true, false);
    expect(o, verdict_kind::unverifiable, cause::limit);
    EXPECT_TRUE(o.called.empty());
}

} // namespace
