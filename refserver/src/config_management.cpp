// Keys of config_management.hpp. What a value may be at most is the draft's, and checked by the
// options themselves (problem()).
#include "config_management.hpp"

#include "config_values.hpp"

namespace cbv::refserver {
namespace {

using namespace std::chrono_literals;

constexpr std::int64_t most_counted = 10'000'000;
constexpr std::int64_t most_per_client = 10'000; // each is remembered
constexpr std::int64_t most_proving = 100;
constexpr duration longest = 24h * 365;

void read_cache(section s, cache_options& c) {
    s.read("enabled", c.enabled);
    s.read_count("max_entries", c.max_entries, 1, most_counted);
    s.read("pass_lifetime", c.pass_lifetime, longest);
    s.read("fail_lifetime", c.fail_lifetime, longest);
    s.read("max_dns_lifetime", c.max_dns_lifetime, longest);
    s.read("pass_refresh", c.pass_refresh, longest);
    s.read("tempfail_hold_off", c.tempfail_hold_off, longest);
    s.read("unverifiable_hold_off", c.unverifiable_hold_off, longest);
    s.read("null_sender_hold_off", c.null_sender_hold_off, longest);
    if (const auto problem = c.problem())
        s.fail("", *problem);
    s.finish();
}

void read_limits(section s, call_manager_options& m) {
    s.read_count("attempts_per_address", m.attempts_per_address, 1, most_counted);
    s.read_count("attempts_in_all", m.attempts_in_all, 1, most_counted);
    s.read_count("calls_in_all", m.calls_in_all, 1, most_counted);
    s.read_count("calls_per_domain", m.calls_per_domain, 0, most_counted);
    s.read("rate_window", m.rate_window);
    s.read_checked("over_limit", "\"tempfail\" or \"none\"", [&m](const std::string& text) {
        m.over_limit = text == "none" ? verdict_kind::none : verdict_kind::tempfail;
        return text == "none" || text == "tempfail";
    });
    s.read_count("fails_per_client", m.fails_per_client, 0, most_per_client);
    s.read_count("calls_per_client", m.calls_per_client, 0, most_per_client);
    s.read_count("proving_paths", m.proving_paths, 0, most_proving);
    s.read("patience", m.patience, longest);
    s.read("refusal_pause", m.refusal_pause, longest);
    s.read_count("refusals_per_domain", m.refusals_per_domain, 0, most_per_client);
    s.read_count("listing_domains", m.listing_domains, 0, most_per_client);
    s.read("answer_early_after", m.answer_early_after, 1h);
    if (const auto problem = m.problem())
        s.fail("", *problem);
    s.finish();
}

void read_do_not_call(section s, call_manager_options& m) {
    s.read_list("domains", "a domain", domains_into(m.uncalled_domains));
    s.read_list("addresses", prefix_expected, prefixes_into(m.uncalled_addresses));
    s.finish();
}

} // namespace

void read_management(section& top, call_manager_options& out) {
    read_cache(top.sub("cache"), out.cache);
    read_limits(top.sub("limits"), out);
    read_do_not_call(top.sub("do_not_call"), out);
}

} // namespace cbv::refserver
