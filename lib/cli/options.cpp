// Options by CLI11. Every timer, the DNS servers, the HELO name and the permitted ranges can be
// set.
#include "options.hpp"

#include "cbv/duration_text.hpp"
#include "cbv/text.hpp"

#include <CLI/CLI.hpp>

#include <charconv>
#include <cstdint>
#include <functional>
#include <limits>
#include <random>
#include <unistd.h>
#include <utility>
#include <vector>

namespace cbv::cli {
namespace {

constexpr const char* footer =
    "Exit status: 0 pass, 1 fail, 2 usage or local error, 3 tempfail, 4 unverifiable, 5 none.\n"
    "Durations: 120, 1.5s, 300ms, 4m.\n"
    "By default loopback, private and other special-purpose addresses are never called; --permit\n"
    "lifts that for one prefix (not for loopback).";

std::string own_host_name() {
    char name[256] = {};
    if (gethostname(name, sizeof name - 1) != 0 || !is_domain(name) ||
        std::string_view(name).find('_') != std::string_view::npos)
        return "localhost.invalid";
    return name;
}

/// Adds an option whose value is checked by `read`; a refusal names what was expected.
void add_checked(CLI::App& app,
                 const std::string& name,
                 const std::string& help,
                 const std::string& expected,
                 std::function<bool(const std::string&)> read) {
    app.add_option_function<std::vector<std::string>>(
           name,
           [name, expected, read = std::move(read)](const std::vector<std::string>& values) {
               for (const auto& value : values)
                   if (!read(value))
                       throw CLI::ValidationError(
                           name, "\"" + escape(value) + "\": expected " + expected);
           },
           help)
        ->expected(1)
        ->allow_extra_args(false) // else it would take the address as well
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("");
}

void add_timer(CLI::App& app, const std::string& name, duration& value, const std::string& what) {
    add_checked(app,
                name,
                what + " (" + format_duration(value) + ")",
                "a duration above zero such as 30s",
                [&value](const std::string& text) {
                    const auto d = parse_duration(text);
                    if (!d || *d <= duration::zero())
                        return false;
                    value = *d;
                    return true;
                });
}

template <class Number>
void add_number(CLI::App& app,
                const std::string& name,
                Number& value,
                const std::string& what,
                std::uint64_t least,
                std::uint64_t most) {
    add_checked(app,
                name,
                what,
                "a whole number from " + std::to_string(least) + " to " + std::to_string(most),
                [&value, least, most](const std::string& text) {
                    std::uint64_t n = 0;
                    const auto* end = text.data() + text.size();
                    const auto [stop, error] = std::from_chars(text.data(), end, n);
                    if (error != std::errc{} || stop != end || n < least || n > most)
                        return false;
                    value = static_cast<Number>(n);
                    return true;
                });
}

void add_timers(CLI::App& app, verification_options& v, resolver_options& dns) {
    auto& t = v.dialogue.timers;
    add_timer(app, "--dns-timeout", t.dns, "all DNS lookups together");
    add_timer(app, "--connect-timeout", t.connect, "one TCP connection");
    add_timer(app, "--greeting-timeout", t.greeting, "the greeting");
    add_timer(app, "--ehlo-timeout", t.ehlo, "the reply to EHLO or HELO");
    add_timer(app, "--mail-timeout", t.mail, "the reply to MAIL");
    add_timer(app, "--rcpt-timeout", t.rcpt, "the reply to RCPT");
    add_timer(app, "--quit-timeout", t.quit, "the reply to QUIT");
    add_timer(app, "--starttls-timeout", t.starttls, "STARTTLS; not used by this version");
    add_timer(app, "--budget", t.budget, "the whole verification");
    add_timer(app, "--dns-try", dns.timeout, "the first try of one DNS query");
}

/// What a stranger's zone may make us look up (CBV-MX-013).
void add_dns_bounds(CLI::App& app, verification_options& v) {
    auto& o = v.selection;
    const auto add = [&app](const std::string& name,
                            unsigned& value,
                            const std::string& what,
                            std::uint64_t least,
                            std::uint64_t most) {
        add_number(app, name, value, what + " (" + std::to_string(value) + ")", least, most);
    };
    add("--kept-share", v.kept_share, "per cent of the time kept for a further preference", 0, 50);
    add("--max-exchanges", o.max_exchanges, "exchanges looked up at most", 1, 1000);
    add("--max-addresses", o.max_addresses, "addresses of an exchange at most", 1, 1000);
    add("--max-lookups", o.max_lookups, "address lookups at most", 2, 1000);
    add("--lookups-at-once", o.lookups_at_once, "address lookups open at once", 2, 1000);
    add("--max-aliases", o.max_aliases, "aliases followed in a lookup", 1, most_aliases);
    add_timer(app, "--late-after", o.late_after, "known addresses wait for open lookups");
}

void add_addresses(CLI::App& app, settings& s) {
    auto& v = s.verifier.verification;
    const auto prefix = [](auto apply) {
        return [apply](const std::string& text) {
            const auto p = ip_prefix::parse(text);
            if (p)
                apply(*p);
            return p.has_value();
        };
    };
    add_checked(app,
                "--permit",
                "special-purpose prefix that may be called (repeatable)",
                "a prefix such as 10.0.0.0/8",
                prefix([&v](auto p) { v.addresses.permit(p); }));
    add_checked(app,
                "--prohibit",
                "prefix never to be called (repeatable)",
                "a prefix such as 192.0.2.0/24",
                prefix([&v](auto p) { v.addresses.prohibit(p); }));
    add_checked(app,
                "--own-address",
                "one of this verifier's own addresses (repeatable)",
                "an IP address",
                [&v](const std::string& text) {
                    const auto a = ip_address::parse(text);
                    if (a)
                        v.addresses.add_own(*a);
                    return a.has_value();
                });
    add_checked(app,
                "--source",
                "address calls leave from (one a family)",
                "an IP address",
                [&s](const std::string& text) {
                    const auto a = ip_address::parse(text);
                    if (a)
                        (a->is_v4() ? s.verifier.source_v4 : s.verifier.source_v6) = *a;
                    return a.has_value();
                });
}

} // namespace

int exit_status(verdict_kind kind) noexcept {
    switch (kind) {
    case verdict_kind::pass:
        return exit_pass;
    case verdict_kind::fail:
        return exit_fail;
    case verdict_kind::tempfail:
        return exit_tempfail;
    case verdict_kind::unverifiable:
        return exit_unverifiable;
    case verdict_kind::none:
        return exit_none;
    }
    return exit_usage;
}

std::optional<int> read_options(int argc, char** argv, settings& s) {
    auto& v = s.verifier.verification;
    v.dialogue.helo_name = own_host_name();
    v.selection.seed = std::random_device{}();

    CLI::App app{"Asks the mail exchangers of an address whether it can take a bounce.", "cbv"};
    app.footer(footer);
    app.failure_message([](const CLI::App*, const CLI::Error& e) {
        return "cbv: " + escape(e.what()) + "\nRun cbv --help for the options.\n";
    });
    app.set_version_flag("--version", "cbv " CBV_VERSION);
    app.add_option("address", s.address, "the reverse-path, such as user@example.org or <>")
        ->required();
    app.add_flag("--trace", s.trace, "print queries and dialogue to standard error");
    app.add_flag("--json", s.json, "print the verdict as JSON (with --trace: events included)");
    app.add_option("--dns",
                   s.verifier.resolver.servers,
                   "DNS server ADDRESS[:PORT] (repeatable; default: the system's)")
        ->allow_extra_args(false)
        ->type_name("");
    app.add_option("--helo", v.dialogue.helo_name, "name in EHLO (default: this host's)")
        ->type_name("");
    app.add_option("--own-name", v.selection.own_names, "one of our own host names (repeatable)")
        ->allow_extra_args(false)
        ->type_name("");
    add_addresses(app, s);
    add_timers(app, v, s.verifier.resolver);
    add_number(app,
               "--max-attempts",
               v.max_attempts,
               "connections at most (" + std::to_string(v.max_attempts) + ")",
               2,
               1000);
    add_dns_bounds(app, v);
    add_number(app,
               "--port",
               v.port,
               "TCP port of the called hosts (" + std::to_string(v.port) + ")",
               1,
               65535);
    add_number(app,
               "--seed",
               v.selection.seed,
               "order of equal preference (default: random)",
               0,
               std::numeric_limits<std::uint64_t>::max());
    app.add_flag("--pipelining", v.dialogue.pipelining, "pipeline MAIL and RCPT where offered");
    app.add_option("--noop", v.dialogue.noop_text, "send NOOP with this word after EHLO")
        ->type_name("");
    app.add_flag("--soft-nxdomain", v.selection.soft_nxdomain, "NXDOMAIN gives tempfail");
    app.add_flag("--null-sender-fails",
                 v.dialogue.decisions.null_sender_fails,
                 "a refused MAIL FROM:<> gives fail");
    app.add_option_function<std::string>(
           "--standing",
           [&v](const std::string& word) {
               v.dialogue.decisions.standing = *standing_mode_from(word);
           },
           "when a bare 550 is believed: strict, postmaster, off")
        ->check(CLI::IsMember({"strict", "postmaster", "off"}))
        ->type_name("");
    app.add_flag_callback(
           "--ipv4-only", [&v] { v.selection.ipv6 = false; }, "use A records only")
        ->excludes(app.add_flag_callback(
            "--ipv6-only", [&v] { v.selection.ipv4 = false; }, "use AAAA records only"));
    try {
        app.parse(argc, argv);
        if (const auto problem = v.problem())
            throw CLI::ValidationError("options", *problem);
        v.selection.own_names.push_back(v.dialogue.helo_name); // CBV-HOST-004
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : exit_usage;
    }
    return std::nullopt;
}

} // namespace cbv::cli
