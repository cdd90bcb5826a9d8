// fake-mx: serves one file's world on real sockets and prints its time line. A thin front end over
// fakemx_io; cases are run by the engine, not here.
#include "cbv/duration_text.hpp"
#include "cbv/timeouts.hpp"
#include "fakemx/load_world.hpp"
#include "fakemx/servers.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/signal_set.hpp>
#include <fmt/format.h>

#include <csignal>
#include <cstdio>
#include <exception>
#include <optional>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

namespace fakemx = cbv::fakemx;

constexpr int exit_usage = 2; // also a file that is not what it should be
constexpr int exit_system = 1;

struct arguments {
    std::string file;
    std::uint16_t smtp_port = 2525;
    std::string dns = "127.0.0.1:5353";
    std::string range = "127.0.0.0/8";
    std::string name;
    std::vector<std::string> settings;
    bool check = false;
};

/// What files refer to when no target declares it: the library's timers and harmless names.
fakemx::load_options default_options() {
    const cbv::timeouts t;
    fakemx::load_options options;
    options.times = {{"dns-timeout", t.dns},
                     {"connect-timeout", t.connect},
                     {"greeting-timeout", t.greeting},
                     {"ehlo-timeout", t.ehlo},
                     {"mail-timeout", t.mail},
                     {"rcpt-timeout", t.rcpt},
                     {"quit-timeout", t.quit},
                     {"budget", t.budget}};
    options.placeholders = {{"recipient", "postmaster@localhost"},
                            {"unknown-recipient", "nobody@localhost"},
                            {"local-domain", "localhost"},
                            {"local-user", "postmaster@localhost"},
                            {"local-unknown", "nobody@localhost"},
                            {"helo", "localhost"}};
    return options;
}

/// `--set NAME=VALUE`: a time for the names of times, a text for the others.
void set(fakemx::load_options& options, const std::string& text) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (const auto time = options.times.find(name); time != options.times.end()) {
        const auto parsed = cbv::parse_duration(value);
        if (!parsed)
            throw std::invalid_argument{"--set " + text + ": expected a time such as 2s or 300ms"};
        time->second = *parsed;
    } else if (options.placeholders.contains(name)) {
        options.placeholders[name] = value;
    } else {
        std::string known;
        for (const auto& [n, v] : options.times)
            known += n + " ";
        for (const auto& [n, v] : options.placeholders)
            known += n + " ";
        throw std::invalid_argument{"--set " + text +
                                    ": expected NAME=VALUE with one of: " + known};
    }
}

fakemx::address_allocator allocator(const std::string& range) {
    const auto prefix = cbv::ip_prefix::parse(range);
    if (!prefix)
        throw std::invalid_argument{"--address-range " + range +
                                    ": expected a prefix such as 127.0.0.0/8"};
    fakemx::address_ranges ranges;
    (prefix->address().is_v4() ? ranges.v4 : ranges.v6) = *prefix;
    if (range.starts_with("127.")) {
        ranges.first_v4 = 2; // 127.0.0.1 is left to the DNS server and the machine's own mail
        ranges.v6 = *cbv::ip_prefix::parse("::/127"); // one address: ::1
    }
    return fakemx::address_allocator{ranges};
}

fakemx::world load(const arguments& given) {
    auto options = default_options();
    for (const auto& setting : given.settings)
        set(options, setting);
    auto addresses = allocator(given.range);
    const std::filesystem::path path{given.file};
    const fakemx::xml_document document{path};
    const auto root = document.root();
    auto id = given.name.empty() ? path.stem().string() : given.name;
    if (root.name() == "case") {
        if (given.name.empty())
            id = root.required("id");
        if (!fakemx::is_id(id))
            root.fail_at("id", "id=\"" + id + "\": expected [a-z0-9-]{1,50}");
        for (const auto& child : root.children())
            if (child.name() == "world")
                return fakemx::load_world(child, id, options, addresses);
        root.fail("expected a <world> in <case>");
    }
    if (root.name() != "world")
        root.fail("expected <world> or <case>");
    if (!fakemx::is_id(id))
        throw std::invalid_argument{"'" + id +
                                    "' cannot be the first label of the domain; expected "
                                    "--name [a-z0-9-]{1,50}"};
    return fakemx::load_world(root, id, options, addresses);
}

/// "127.0.0.1:5353", "[::1]:53" or an address alone.
void read_endpoint(const std::string& text, fakemx::server_settings& s) {
    std::string address = text;
    const auto colon = text.rfind(':');
    const bool bare = cbv::ip_address::parse(text).has_value();
    if (!bare && colon != std::string::npos) {
        address = text.substr(0, colon);
        const auto digits = text.substr(colon + 1);
        unsigned port = 65536;
        if (!digits.empty() && digits.size() <= 5 &&
            digits.find_first_not_of("0123456789") == std::string::npos)
            port = static_cast<unsigned>(std::stoul(digits));
        if (port > 65535)
            throw std::invalid_argument{"--dns " + text + ": expected a port from 0 to 65535"};
        s.dns_port = static_cast<std::uint16_t>(port);
    }
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    if (!cbv::ip_address::parse(address))
        throw std::invalid_argument{"--dns " + text + ": expected ADDRESS:PORT"};
    s.dns_address = address;
}

void describe(const fakemx::world& w, const fakemx::servers& servers, const std::string& dns) {
    for (const auto& h : w.hosts)
        for (const auto& address : h.addresses) {
            const char* const what = h.how == fakemx::reach::refuse ? "refuses connections"
                                     : h.how == fakemx::reach::blackhole
                                         ? "is a black hole (inside the lab)"
                                         : "listens";
            fmt::print("{:<10} {} {}", h.id, address.to_string(), what);
            if (const auto port = servers.mx_port(address); port != 0)
                fmt::print(" on port {}", port);
            fmt::print(", as {}\n", h.name);
        }
    if (!dns.empty())
        fmt::print("dns        {} port {}\n", dns, servers.dns_port());
    fmt::print("Ask for the domain {}. Ctrl-C ends.\n\n", w.domain);
    std::fflush(stdout);
}

void serve(const fakemx::world& w, const arguments& given) {
    fakemx::raise_file_limit();
    boost::asio::io_context io{1};
    fakemx::server_settings s;
    s.mx_port = given.smtp_port;
    s.epoch = fakemx::steady_now();
    s.dns_address.clear();
    if (given.dns != "none")
        read_endpoint(given.dns, s);
    fakemx::servers servers{io, s, [](const std::string&, const fakemx::event& e) {
                                fmt::print("{}\n", fakemx::to_text(e));
                                std::fflush(stdout);
                            }};
    servers.add(w);
    servers.open();
    describe(w, servers, s.dns_address);
    boost::asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](const boost::system::error_code&, int) {
        servers.stop();
        io.stop();
    });
    io.run();
}

} // namespace

int main(int argc, char** argv) {
    arguments given;
    CLI::App app{"Serves the fake DNS and the fake MX hosts of one file, and prints what happens"};
    app.set_version_flag("--version", "fake-mx " CBV_VERSION);
    app.add_option("FILE", given.file, "an XML file whose root is <world> or <case>")->required();
    app.add_option("--smtp-port", given.smtp_port, "port of every host; 0: any")
        ->capture_default_str();
    app.add_option("--dns", given.dns, "ADDRESS:PORT of the DNS server, or none")
        ->capture_default_str();
    app.add_option("--address-range", given.range, "where hosts get their addresses")
        ->capture_default_str();
    app.add_option("--name", given.name, "first label of the domain (default: the file's name)");
    app.add_option(
        "--set", given.settings, "NAME=VALUE of a time or placeholder, e.g. rcpt-timeout=2s");
    app.add_flag("--check", given.check, "only say whether the file is good");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : exit_usage;
    }
    std::optional<fakemx::world> w;
    try {
        w = load(given);
        if (given.check)
            fmt::print(
                "{}: good; {} hosts, {} records\n", given.file, w->hosts.size(), w->records.size());
        else
            serve(*w, given);
    } catch (const fakemx::xml_error& e) {
        fmt::print(stderr, "{}\n", e.what());
        return exit_usage;
    } catch (const std::invalid_argument& e) {
        fmt::print(stderr, "fake-mx: {}\n", e.what());
        return exit_usage;
    } catch (const std::exception& e) {
        fmt::print(stderr, "fake-mx: {}\n", e.what());
        return exit_system;
    }
    return 0;
}
