// The library's lifetimes of verdicts against the draft's cache table: the defaults, the bounds,
// and how long a default cache really answers (CBV-CACHE-002..005). No call is made.
#include "cbv/verdict_cache.hpp"
#include "the_draft.hpp"

#include <chrono>
#include <optional>
#include <vector>

namespace {

using namespace cbv_test;
using cbv::cause;
using cbv::stage;
using cbv::verdict_kind;
using std::chrono::microseconds;
using std::chrono::seconds;

const cbv::draft::table& cache_table() {
    return the_draft().table("cache-table");
}

cbv::verdict made(verdict_kind kind, cause why, stage at, std::optional<unsigned> ttl = {}) {
    cbv::verdict v;
    v.kind = kind;
    v.why = why;
    v.at = at;
    if (ttl)
        v.ttl = *ttl;
    return v;
}

// A time to live above every bound.
constexpr unsigned long_ttl = 1'000'000;

// What the library knows of the verdict and of who gave it.
struct kept {
    const char* verdict;
    const char* given_by;
    cbv::duration cbv::cache_options::*lifetime;
    std::vector<cbv::verdict> samples;
    verdict_kind answered;
    bool hold_off;
};

const std::vector<kept>& library() {
    using enum verdict_kind;
    using options = cbv::cache_options;
    static const std::vector<kept> all{
        {"pass",
         "RCPT",
         &options::pass_lifetime,
         {made(pass, cause::accepted, stage::rcpt)},
         pass,
         false},
        {"fail",
         "RCPT",
         &options::fail_lifetime,
         {made(fail, cause::mailbox_refused, stage::rcpt)},
         fail,
         false},
        {"fail",
         "EHLO",
         &options::fail_lifetime,
         {made(fail, cause::smtputf8_missing, stage::ehlo)},
         fail,
         false},
        {"fail",
         "DNS",
         &options::max_dns_lifetime,
         {made(fail, cause::null_mx, stage::mx_lookup, long_ttl),
          made(fail, cause::domain_not_found, stage::mx_lookup, long_ttl),
          made(fail, cause::no_address, stage::address_lookup, long_ttl),
          made(fail, cause::hosts_prohibited, stage::address_lookup, long_ttl)},
         fail,
         false},
        {"fail",
         "MAIL",
         &options::null_sender_hold_off,
         {made(fail, cause::null_sender_refused, stage::mail)},
         tempfail,
         true},
        {"tempfail",
         "any",
         &options::tempfail_hold_off,
         {made(tempfail, cause::dns_failure, stage::mx_lookup),
          made(tempfail, cause::connection_refused, stage::connect),
          made(tempfail, cause::temporary_reply, stage::rcpt),
          made(tempfail, cause::budget_exhausted, stage::rcpt)},
         tempfail,
         true},
        {"unverifiable",
         "any",
         &options::unverifiable_hold_off,
         {made(unverifiable, cause::prober_refused, stage::greeting),
          made(unverifiable, cause::command_refused, stage::mail),
          made(unverifiable, cause::prober_refused, stage::rcpt)},
         unverifiable,
         true},
    };
    return all;
}

const kept& known(std::size_t row) {
    for (const kept& k : library()) {
        if (cache_table().cell(row, "verdict") == k.verdict &&
            cache_table().cell(row, "given by") == k.given_by)
            return k;
    }
    throw std::invalid_argument(cache_table().describe(row) +
                                "\n  the library keeps no such verdict");
}

// By the DNS: the number is in the next column, since the time to live may be less.
bool by_ttl(std::size_t row) {
    return cache_table().cell(row, "given by") == "DNS";
}

seconds lifetime_in(std::size_t row) {
    return seconds{number_in(cache_table(), row, by_ttl(row) ? "at most" : "default seconds")};
}

TEST(draft_cache_table, every_verdict_that_is_kept_has_one_row) {
    expect_unique_rows(cache_table(), {"verdict", "given by"});
    for (const kept& k : library()) {
        bool row = false;
        for (std::size_t i = 0; i < cache_table().rows.size(); ++i)
            row = row || &known(i) == &k;
        EXPECT_TRUE(row) << "cache-table has no row " << k.verdict << " | " << k.given_by;
    }
}

TEST(draft_cache_table, defaults) {
    for (std::size_t i = 0; i < cache_table().rows.size(); ++i) {
        EXPECT_EQ(cbv::cache_options{}.*(known(i).lifetime), lifetime_in(i))
            << cache_table().describe(i);
        if (by_ttl(i)) {
            EXPECT_EQ(cache_table().cell(i, "default seconds"), "time to live")
                << cache_table().describe(i);
        }
    }
}

// A verdict may be kept as long as the operator likes, a hold-off may not.
TEST(draft_cache_table, bounds) {
    for (std::size_t i = 0; i < cache_table().rows.size(); ++i) {
        const kept& k = known(i);
        cbv::cache_options options;
        auto& value = options.*(k.lifetime);
        if (!k.hold_off) {
            EXPECT_TRUE(by_ttl(i) || cache_table().cell(i, "at most") == "none")
                << cache_table().describe(i);
            value = std::chrono::hours{24 * 365};
            EXPECT_FALSE(options.problem()) << cache_table().describe(i);
            continue;
        }
        const seconds most{number_in(cache_table(), i, "at most")};
        value = most;
        EXPECT_FALSE(options.problem()) << cache_table().describe(i);
        value = most + microseconds{1};
        EXPECT_TRUE(options.problem()) << cache_table().describe(i);
    }
}

// The library's own words where a bound is broken, else the number in the sentence.
TEST(draft_cache_table, requirements) {
    for (std::size_t i = 0; i < cache_table().rows.size(); ++i) {
        const kept& k = known(i);
        const std::string& id = cache_table().cell(i, "requirement");
        if (!k.hold_off) {
            EXPECT_TRUE(says(id, in_words(lifetime_in(i)))) << cache_table().describe(i);
            EXPECT_EQ(says(id, "SMTPUTF8"), cache_table().cell(i, "given by") == "EHLO")
                << cache_table().describe(i);
            continue;
        }
        cbv::cache_options options;
        options.*(k.lifetime) = std::chrono::hours{24};
        EXPECT_NE(options.problem().value_or("").find("(" + id + ")"), std::string::npos)
            << cache_table().describe(i) << "\n  library: " << options.problem().value_or("");
    }
}

std::optional<cbv::cached_verdict>
found_after(const cbv::verdict& v, cbv::duration age, const cbv::cache_options& options = {}) {
    const cbv::instant start{seconds{1000}};
    const auto box = cbv::parse_mailbox("u@d.example").value();
    cbv::verdict_cache cache(options);
    cache.keep(box, v, start);
    return cache.find(box, start + age);
}

TEST(draft_cache_table, a_default_cache_answers_for_so_long) {
    for (std::size_t i = 0; i < cache_table().rows.size(); ++i) {
        const kept& k = known(i);
        for (const cbv::verdict& sample : k.samples) {
            const std::string what =
                cache_table().describe(i) + "\n  " + std::string(to_string(sample.why));
            const auto before = found_after(sample, lifetime_in(i) - microseconds{1});
            ASSERT_TRUE(before) << what << "\n  gone before its time";
            EXPECT_EQ(before->known.kind, k.answered) << what;
            EXPECT_EQ(to_string(before->known.why),
                      to_string(k.hold_off ? cause::hold_off : sample.why))
                << what;
            EXPECT_TRUE(before->known.cached) << what;
            EXPECT_FALSE(found_after(sample, lifetime_in(i) + microseconds{1}))
                << what << "\n  answers after its time";
        }
    }
}

// CBV-CACHE-006: what a host said is of its path, what the DNS said of the whole domain.
TEST(draft_cache_table, only_the_dns_answers_for_other_paths) {
    const cbv::instant now{seconds{1000}};
    for (std::size_t i = 0; i < cache_table().rows.size(); ++i) {
        cbv::verdict_cache cache({});
        cache.keep(cbv::parse_mailbox("ab@c.example").value(), known(i).samples.front(), now);
        for (const char* other : {"b@c.example", "AB@c.example", "b@C.Example"})
            EXPECT_EQ(cache.find(cbv::parse_mailbox(other).value(), now).has_value(), by_ttl(i))
                << cache_table().describe(i) << "\n  " << other;
        for (const char* other : {"a@bc.example", "x@abc.example", "ab@x.c.example"})
            EXPECT_FALSE(cache.find(cbv::parse_mailbox(other).value(), now))
                << cache_table().describe(i) << "\n  " << other;
    }
}

// A time to live below the bound counts, one of nothing keeps nothing.
TEST(draft_cache_table, the_time_to_live_is_a_bound_too) {
    for (std::size_t i = 0; i < cache_table().rows.size(); ++i) {
        for (cbv::verdict sample : known(i).samples) {
            sample.ttl = 10;
            EXPECT_EQ(found_after(sample, seconds{11}).has_value(), !by_ttl(i))
                << cache_table().describe(i);
            EXPECT_TRUE(found_after(sample, seconds{9})) << cache_table().describe(i);
            sample.ttl.reset();
            EXPECT_EQ(found_after(sample, seconds{0}).has_value(), !by_ttl(i))
                << cache_table().describe(i);
        }
    }
}

} // namespace
