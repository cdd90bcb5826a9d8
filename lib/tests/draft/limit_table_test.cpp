// The limits of the draft's limit table on calls: options against defaults and bounds, and a
// verifier or a call manager with default options played to each limit. Lookups and text have their
// own: lookup_limits_test.cpp, text_limits_test.cpp.
#include "cbv/call_manager.hpp"
#include "cbv/verification.hpp"
#include "limits.hpp"

#include <chrono>
#include <set>
#include <vector>

namespace {

using namespace cbv_test;
using cbv::call_manager;
using cbv::call_manager_options;
using cbv::cause;
using cbv::permission;
using cbv::verdict_kind;
using std::chrono::microseconds;
using std::chrono::seconds;

constexpr cbv::instant start{seconds{1000}};

cbv::mailbox box(unsigned number, const std::string& domain = "d.example") {
    return cbv::parse_mailbox("u" + std::to_string(number) + "@" + domain).value();
}

cbv::ip_address address(unsigned number) {
    return cbv::ip_address::v4(
        {198, 51, static_cast<std::uint8_t>(number >> 8U), static_cast<std::uint8_t>(number)});
}

problem_with manager_problem(unsigned call_manager_options::*option) {
    return [option](unsigned value) {
        call_manager_options options;
        options.*option = value;
        return options.problem();
    };
}

// A manager and what it wants done, in lists.
struct played {
    call_manager manager{call_manager_options{}};
    std::vector<cbv::manage::start> starts;
    std::vector<cbv::verdict> answers;
    std::vector<cbv::manage::allow> allowed;

    void drain() {
        while (const auto next = manager.next_action()) {
            if (const auto* s = std::get_if<cbv::manage::start>(&*next))
                starts.push_back(*s);
            else if (const auto* a = std::get_if<cbv::manage::answer>(&*next))
                answers.push_back(a->result);
            else if (const auto* l = std::get_if<cbv::manage::allow>(&*next))
                allowed.push_back(*l);
        }
    }
    // Asks and returns the number of the call that starts; nothing when none does.
    std::optional<unsigned> ask(const cbv::mailbox& b, cbv::instant now = start) {
        const std::size_t before = starts.size();
        (void)manager.ask(b, now, {now, std::nullopt, std::nullopt});
        drain();
        return starts.size() > before ? std::optional(starts.back().call) : std::nullopt;
    }
};

void attempts_in_a_call(const limit_row& row) {
    row.expect_default(cbv::verification_options{}.max_attempts);
    expect_at_least(row, [](unsigned value) {
        cbv::verification_options options;
        options.max_attempts = value;
        return options.problem();
    });
    row.expect_sentence(std::to_string(row.by_default()) + " by default");

    // A domain with more addresses than may be called, all down.
    cbv::verification call(box(1), cbv::verification_options{}, start);
    unsigned connects = 0;
    while (const auto next = call.next_action()) {
        if (const auto* query = std::get_if<cbv::act::query_dns>(&*next)) {
            cbv::dns_answer reply;
            reply.status = cbv::dns_status::ok;
            if (query->type == cbv::record_type::a) {
                for (unsigned i = 0; i < row.by_default() + 2; ++i)
                    reply.addresses.push_back(cbv::ip_address::v4({8, 8, 8, std::uint8_t(i + 1)}));
            }
            call.on_dns(query->id, reply, start);
        } else if (const auto* connect = std::get_if<cbv::act::connect>(&*next)) {
            ++connects;
            call.on_refused(connect->id, start);
        }
    }
    EXPECT_TRUE(call.result()) << row.describe();
    EXPECT_EQ(connects, row.by_default()) << row.describe();
}

// As many attempts as the row says may be opened; one more waits until one of them is closed. The
// verdict of a call that waited in vain names the requirement.
void attempts_open(const limit_row& row, bool at_one_address) {
    played p;
    const unsigned limit = row.by_default();
    const auto to = [&](unsigned n) { return address(at_one_address ? 0 : n); };
    std::vector<unsigned> calls;
    for (unsigned n = 0; n <= limit; ++n) {
        const auto call = p.ask(box(n, "d" + std::to_string(n) + ".example"));
        ASSERT_TRUE(call) << row.describe() << "\n  call " << n << " does not start";
        calls.push_back(*call);
        EXPECT_EQ(p.manager.on_connect(*call, 1, to(n), start),
                  n < limit ? permission::now : permission::later)
            << row.describe() << "\n  attempt " << n + 1;
    }
    const unsigned late = calls.back();
    EXPECT_TRUE(p.allowed.empty()) << row.describe();
    p.manager.on_close(calls.front(), 1, start);
    p.drain();
    ASSERT_EQ(p.allowed.size(), 1U) << row.describe();
    EXPECT_EQ(p.allowed[0].call, late) << row.describe();

    // Another one waits, and its verification gives up.
    const auto vain = p.ask(box(9999, "vain.example"));
    ASSERT_TRUE(vain) << row.describe();
    ASSERT_EQ(p.manager.on_connect(*vain, 1, to(limit + 1), start), permission::later)
        << row.describe();
    p.manager.on_close(*vain, 1, start + seconds{30});
    cbv::verdict given_up;
    given_up.kind = verdict_kind::tempfail;
    given_up.why = cause::timeout;
    p.manager.on_verdict(*vain, given_up, start + seconds{30});
    p.drain();
    ASSERT_EQ(p.answers.size(), 1U) << row.describe();
    EXPECT_EQ(p.answers[0].why, cause::limit) << row.describe();
    row.expect_requirement(p.answers[0].requirement);
}

void attempts_at_one_address(const limit_row& row) {
    row.expect_default(call_manager_options{}.attempts_per_address);
    expect_at_least(row, manager_problem(&call_manager_options::attempts_per_address));
    attempts_open(row, true);
}

void attempts_in_all(const limit_row& row) {
    row.expect_default(call_manager_options{}.attempts_in_all);
    expect_at_least(row, manager_problem(&call_manager_options::attempts_in_all));
    attempts_open(row, false);
}

// "in a minute" is the library's rate_window.
void calls_for_one_domain(const limit_row& row) {
    row.expect_default(call_manager_options{}.calls_per_domain);
    row.expect_no_bound();
    EXPECT_FALSE(manager_problem(&call_manager_options::calls_per_domain)(0)) << row.describe();
    EXPECT_FALSE(manager_problem(&call_manager_options::calls_per_domain)(1'000'000))
        << row.describe();
    EXPECT_EQ(call_manager_options{}.rate_window, seconds{60}) << row.describe();

    played p;
    for (unsigned n = 0; n < row.by_default(); ++n)
        ASSERT_TRUE(p.ask(box(n))) << row.describe() << "\n  call " << n + 1;
    EXPECT_FALSE(p.ask(box(5000))) << row.describe();
    ASSERT_EQ(p.answers.size(), 1U) << row.describe();
    EXPECT_EQ(p.answers[0].kind, verdict_kind::none) << row.describe();
    EXPECT_EQ(p.answers[0].why, cause::limit) << row.describe();
    row.expect_requirement(p.answers[0].requirement);
    EXPECT_TRUE(p.ask(box(1, "other.example"))) << row.describe();
    EXPECT_FALSE(p.ask(box(5001), start + seconds{60} - microseconds{1})) << row.describe();
    EXPECT_TRUE(p.ask(box(5002), start + seconds{60} + microseconds{1})) << row.describe();
}

cbv::verdict ended(verdict_kind kind, cause why) {
    cbv::verdict v;
    v.kind = kind;
    v.why = why;
    return v;
}

// What a request gets after so many calls, each about another domain, that ended with `v` for the
// same client and SPF result; the default limit of calls for a domain is out of the way.
cbv::verdict after_calls(unsigned count,
                         const cbv::verdict& v,
                         const cbv::request_facts& facts,
                         const std::string& domain,
                         const limit_row& row) {
    call_manager_options options;
    options.calls_per_domain = 0;
    played p{call_manager{options}, {}, {}, {}};
    for (unsigned n = 0; n < count; ++n) {
        (void)p.manager.ask(
            box(n, domain.empty() ? "d" + std::to_string(n) + ".example" : domain), start, facts);
        p.drain();
        p.manager.on_verdict(p.starts.back().call, v, start);
        p.drain();
    }
    EXPECT_EQ(p.starts.size(), count) << row.describe();
    (void)p.manager.ask(box(count, domain.empty() ? "next.example" : domain), start, facts);
    p.drain();
    if (p.starts.size() > count)
        p.manager.on_verdict(
            p.starts.back().call, ended(verdict_kind::pass, cause::accepted), start);
    p.drain();
    return p.answers.back();
}

cbv::request_facts some_client(std::optional<cbv::spf_result> spf = std::nullopt) {
    return {start, cbv::ip_address::v4({198, 51, 100, 7}), spf};
}

// "More than" the number of the row.
void fails_of_one_client(const limit_row& row) {
    row.expect_default(call_manager_options{}.fails_per_client);
    row.expect_no_bound();
    const auto fail = ended(verdict_kind::fail, cause::mailbox_refused);
    EXPECT_EQ(after_calls(row.by_default(), fail, some_client(), {}, row).kind, verdict_kind::pass);
    const auto over = after_calls(row.by_default() + 1, fail, some_client(), {}, row);
    EXPECT_EQ(over.kind, verdict_kind::tempfail) << row.describe();
    row.expect_requirement(over.requirement);
    row.expect_sentence("more than " + std::to_string(row.by_default()));
}

void calls_of_one_client(const limit_row& row) {
    row.expect_default(call_manager_options{}.calls_per_client);
    row.expect_no_bound();
    const auto pass = ended(verdict_kind::pass, cause::accepted);
    EXPECT_EQ(after_calls(row.by_default(), pass, some_client(), {}, row).kind, verdict_kind::pass);
    const auto over = after_calls(row.by_default() + 1, pass, some_client(), {}, row);
    EXPECT_EQ(over.kind, verdict_kind::none) << row.describe();
    row.expect_requirement(over.requirement);
    row.expect_sentence("more than " + std::to_string(row.by_default()));
}

void proving_paths(const limit_row& row) {
    row.expect_default(call_manager_options{}.proving_paths);
    row.expect_no_bound();
    const auto pass = ended(verdict_kind::pass, cause::accepted);
    const auto facts = some_client(cbv::spf_result::pass);
    EXPECT_EQ(after_calls(row.by_default() - 1, pass, facts, "d.example", row).kind,
              verdict_kind::pass);
    const auto proven = after_calls(row.by_default(), pass, facts, "d.example", row);
    EXPECT_EQ(proven.kind, verdict_kind::none) << row.describe();
    row.expect_requirement(proven.requirement);
    row.expect_sentence("24 hours");
}

void patience(const limit_row& row) {
    EXPECT_EQ(call_manager_options{}.patience, seconds{row.by_default()}) << row.describe();
    row.expect_no_bound();
    const seconds long_enough{row.by_default()};
    for (const bool over : {false, true}) {
        played p;
        const auto last = start + long_enough - (over ? seconds{0} : seconds{1});
        for (const auto when : {start, start + long_enough / 2, last}) {
            const auto call = p.ask(box(1), when);
            ASSERT_TRUE(call) << row.describe();
            p.manager.on_verdict(*call, ended(verdict_kind::tempfail, cause::timeout), when);
            p.drain();
        }
        EXPECT_EQ(p.answers.back().kind, over ? verdict_kind::none : verdict_kind::tempfail)
            << row.describe();
        if (over)
            row.expect_requirement(p.answers.back().requirement);
    }
    row.expect_sentence("at least 4 hours");
}

// The outcome of a host that refused us at this stage.
cbv::verdict refused_us(cbv::stage at) {
    cbv::verdict v;
    v.kind = verdict_kind::unverifiable;
    v.why = cause::prober_refused;
    cbv::attempt a;
    a.address = address(1);
    a.last_stage = at;
    a.kind = v.kind;
    a.why = v.why;
    v.attempts.push_back(a);
    return v;
}

// Whether the address may be called for `domain` so long after it refused us `times` times at `at`.
permission after_refusals(unsigned times,
                          cbv::stage at,
                          const std::string& domain,
                          cbv::duration age,
                          const limit_row& row) {
    played p;
    for (unsigned n = 0; n < times; ++n) {
        const auto call = p.ask(box(n));
        EXPECT_TRUE(call) << row.describe();
        p.manager.on_verdict(*call, refused_us(at), start);
        p.drain();
    }
    const auto next = p.ask(box(times, domain), start + age);
    EXPECT_TRUE(next) << row.describe();
    return p.manager.on_connect(*next, 1, address(1), start + age);
}

void refusal_pause(const limit_row& row) {
    EXPECT_EQ(call_manager_options{}.refusal_pause, seconds{row.by_default()}) << row.describe();
    expect_at_least(row, [](unsigned value) {
        call_manager_options options;
        options.refusal_pause = seconds{value};
        return options.problem();
    });
    call_manager_options off;
    off.refusal_pause = {};
    EXPECT_FALSE(off.problem()) << row.describe();

    const seconds pause{row.by_default()};
    const auto at = cbv::stage::greeting;
    EXPECT_EQ(after_refusals(1, at, "other.example", pause - microseconds{1}, row),
              permission::skip)
        << row.describe() << "\n  called again too early";
    EXPECT_EQ(after_refusals(1, at, "other.example", pause, row), permission::now)
        << row.describe();
    row.expect_requirement("CBV-LOAD-007");
    row.expect_sentence("at least " + in_words(pause));
}

void refusals_to_rcpt(const limit_row& row) {
    row.expect_default(call_manager_options{}.refusals_per_domain);
    row.expect_no_bound();
    const unsigned limit = row.by_default();
    const auto at = cbv::stage::rcpt;
    EXPECT_EQ(after_refusals(limit - 1, at, "d.example", {}, row), permission::now)
        << row.describe();
    EXPECT_EQ(after_refusals(limit, at, "d.example", {}, row), permission::skip) << row.describe();
    EXPECT_EQ(after_refusals(limit, at, "other.example", {}, row), permission::now)
        << row.describe();
    row.expect_requirement("CBV-LOAD-009");
}

// What becomes of a target's `fail` after the verifier was refused by so many domains.
cbv::verdict fail_after_refusals_by(unsigned domains, const limit_row& row) {
    played p;
    for (unsigned n = 0; n < domains; ++n) {
        const auto call = p.ask(box(n, "d" + std::to_string(n) + ".example"));
        EXPECT_TRUE(call) << row.describe();
        auto refused = refused_us(cbv::stage::greeting);
        refused.attempts.front().address = address(n);
        p.manager.on_verdict(*call, refused, start);
    }
    const auto call = p.ask(box(0, "other.example"));
    EXPECT_TRUE(call) << row.describe();
    p.manager.on_verdict(
        *call, cbv::without_call(verdict_kind::fail, cause::mailbox_refused, "CBV-INT-003"), start);
    p.drain();
    return p.answers.back();
}

void domains_of_a_listing(const limit_row& row) {
    row.expect_default(call_manager_options{}.listing_domains);
    row.expect_no_bound();
    EXPECT_EQ(fail_after_refusals_by(row.by_default() - 1, row).kind, verdict_kind::fail)
        << row.describe();
    EXPECT_EQ(fail_after_refusals_by(row.by_default(), row).kind, verdict_kind::unverifiable)
        << row.describe();
    row.expect_requirement("CBV-INT-020");
}

} // namespace

const cbv_test::limit_checks& cbv_test::limits_of_calls() {
    static const limit_checks all{
        {"unrelated domains that make the verifier listed", domains_of_a_listing},
        {"attempts in a call", attempts_in_a_call},
        {"attempts open at one target address", attempts_at_one_address},
        {"attempts open in all", attempts_in_all},
        {"calls for one domain in a minute", calls_for_one_domain},
        {"calls caused by one client address in a minute and ending in fail", fails_of_one_client},
        {"other calls caused by one client address in a minute", calls_of_one_client},
        {"distinct paths that prove a domain in 24 hours", proving_paths},
        {"seconds of nothing but tempfail before patience ends", patience},
        {"seconds without a call after a refusal of the verifier", refusal_pause},
        {"refusals to RCPT that leave a domain alone at an address", refusals_to_rcpt},
    };
    return all;
}

TEST(draft_limit_table, calls) {
    check_limits(limits_of_calls());
}

TEST(draft_limit_table, every_row_is_a_limit_of_the_library) {
    expect_unique_rows(limit_table(), {"limit"});
    for (std::size_t i = 0; i < limit_table().rows.size(); ++i) {
        const limit_row row{i};
        EXPECT_TRUE(limits_of_calls().contains(row.name()) ||
                    limits_of_lookups().contains(row.name()) ||
                    limits_of_text().contains(row.name()))
            << row.describe() << "\n  the library has no such limit";
    }
}
