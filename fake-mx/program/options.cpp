// options.hpp, by CLI11.
#include "options.hpp"

#include "cbv/mailbox.hpp"
#include "cbv/text.hpp"

#include <CLI/CLI.hpp>

#include <map>
#include <stdexcept>

namespace cbv::fakemx::program {
namespace {

constexpr const char* footer =
    "Exit status: 0 ended by a signal, or good; 1 a port is in use or a file cannot be written;\n"
    "2 usage, or a file that is not what it should be.\n"
    "Examples:\n"
    "  fake-mx --demo                      faults in the address: rcpt-451@, slow-5s@, full@ ...\n"
    "  fake-mx --demo --list               the words\n"
    "  fake-mx --demo --always banner-421  the same trouble for everybody\n"
    "  fake-mx world.xml                   a script of your own";

const std::map<std::string, list_format> list_words = {
    {"text", list_format::text}, {"markdown", list_format::markdown}, {"json", list_format::json}};
const std::map<std::string, colour> colour_words = {
    {"auto", colour::automatic}, {"always", colour::always}, {"never", colour::never}};

const std::string words_default = "text"; // of --list without a word

/// One of the words of a map, or a complaint that lists them.
template <class E>
CLI::Option* add_word(CLI::App& app,
                      const std::string& name,
                      E& value,
                      const std::map<std::string, E>& words,
                      const std::string& help) {
    return app
        .add_option_function<std::string>(
            name,
            [&value, &words, name](const std::string& text) {
                const auto found = words.find(text.empty() ? words_default : text);
                std::string known;
                for (const auto& [word, e] : words)
                    known += " " + word;
                if (found == words.end())
                    throw CLI::ValidationError(name,
                                               "\"" + escape(text) + "\": expected one of" + known);
                value = found->second;
            },
            help)
        ->type_name("WHEN");
}

void add_demo(CLI::App& app, settings& s) {
    const std::string group = "Demo";
    app.add_flag("--demo", s.demo, "faults stand in addresses and domains; no file is needed")
        ->group(group);
    add_word(app,
             "--list",
             s.list,
             list_words,
             "print the demo's words and end: text (default), markdown or json")
        ->expected(0, 1)
        ->type_name("[FORMAT]")
        ->group(group);
    app.add_option("--domain", s.domain, "the demo's domain (demo.test)")
        ->type_name("DOMAIN")
        ->group(group);
    app.add_option("--always", s.always, "words the main host always plays, e.g. any-slow-300ms")
        ->type_name("WORDS")
        ->group(group);
    app.add_option_function<std::vector<std::string>>(
           "--listen",
           [&s](const std::vector<std::string>& texts) {
               for (const auto& text : texts) {
                   const auto address = ip_address::parse(text);
                   if (!address)
                       throw CLI::ValidationError(
                           "--listen", "\"" + escape(text) + "\": expected an IP address");
                   s.listen.push_back(*address);
               }
           },
           "address of the main host (repeatable; 127.0.0.1 and ::1)")
        ->allow_extra_args(false)
        ->multi_option_policy(CLI::MultiOptionPolicy::TakeAll)
        ->type_name("ADDRESS")
        ->group(group);
}

void add_network(CLI::App& app, settings& s) {
    const std::string group = "Network";
    app.add_option("--smtp-port", s.smtp_port, "port of every host (2525); 0: any free one")
        ->type_name("PORT")
        ->group(group);
    app.add_option("--dns", s.dns, "ADDRESS:PORT of the DNS server, or none (127.0.0.1:5353)")
        ->type_name("WHERE")
        ->group(group);
    app.add_option("--address-range", s.range, "where hosts get their addresses (127.0.0.0/8)")
        ->type_name("PREFIX")
        ->group(group);
}

void add_file(CLI::App& app, settings& s) {
    const std::string group = "File";
    app.add_option("FILE", s.file, "an XML file whose root is <world> or <case>");
    app.add_option("--name", s.name, "first label of the domain (default: the file's name)")
        ->type_name("LABEL")
        ->group(group);
    app.add_option("--set", s.values, "a time or placeholder of the file, e.g. rcpt-timeout=2s")
        ->allow_extra_args(false)
        ->type_name("NAME=VALUE")
        ->group(group);
    app.add_flag("--check", s.check, "only say whether the file is good")->group(group);
}

void add_output(CLI::App& app, settings& s) {
    const std::string group = "Output";
    app.add_flag("--log-json", s.log_json, "one JSON object a line")->group(group);
    app.add_flag("--quiet", s.quiet, "no output but errors")->group(group);
    add_word(app, "--color", s.colours, colour_words, "auto (default), always or never")
        ->group(group);
    app.add_option("--ready-file",
                   s.ready_file,
                   "written once all ports are open; has them as JSON; -: standard output")
        ->type_name("PATH")
        ->group(group);
}

/// What no single option can know.
void check_together(const CLI::App& app, settings& s) {
    const auto wrong = [](const std::string& what) { throw CLI::ValidationError("fake-mx", what); };
    if (s.list != list_format::none)
        s.demo = true;
    if (s.demo && !s.file.empty())
        wrong("expected a FILE or --demo, not both");
    if (!s.demo && s.file.empty())
        wrong("expected a FILE, or --demo");
    for (const auto* const option : {"--domain", "--always", "--listen"})
        if (!s.demo && app.count(option) > 0)
            wrong(std::string{option} + " is for --demo");
    for (const auto* const option : {"--name", "--set", "--check"})
        if (s.demo && app.count(option) > 0)
            wrong(std::string{option} + " is for a FILE");
    if (s.log_json && s.quiet)
        wrong("expected --log-json or --quiet, not both");
    s.domain = to_lower(without_final_dot(s.domain));
    if (!is_domain(s.domain) || !is_ascii(s.domain) || s.domain.size() > 100)
        wrong("--domain \"" + escape(s.domain) + "\": expected a domain such as demo.test");
}

} // namespace

dns_endpoint read_dns(const std::string& text) {
    dns_endpoint where;
    if (text == "none")
        return {"", 0};
    std::string address = text;
    const auto colon = text.rfind(':');
    const bool bare = ip_address::parse(text).has_value();
    if (!bare && colon != std::string::npos) {
        address = text.substr(0, colon);
        const auto digits = text.substr(colon + 1);
        unsigned port = 65536;
        if (!digits.empty() && digits.size() <= 5 &&
            digits.find_first_not_of("0123456789") == std::string::npos)
            port = static_cast<unsigned>(std::stoul(digits));
        if (port > 65535)
            throw std::invalid_argument{"--dns " + escape(text) +
                                        ": expected a port from 0 to 65535"};
        where.port = static_cast<std::uint16_t>(port);
    }
    if (address.size() > 2 && address.front() == '[' && address.back() == ']')
        address = address.substr(1, address.size() - 2);
    if (!ip_address::parse(address))
        throw std::invalid_argument{"--dns " + escape(text) + ": expected ADDRESS:PORT or none"};
    where.address = address;
    return where;
}

std::optional<int> read_options(int argc, char** argv, settings& s) {
    CLI::App app{"Fake mail exchangers and a fake DNS with every trouble one can have: played from "
                 "a file, or asked for in the address.",
                 "fake-mx"};
    app.set_version_flag("--version", "fake-mx " CBV_VERSION);
    app.footer(footer);
    app.failure_message([](const CLI::App*, const CLI::Error& e) {
        std::string what = e.what();
        if (what.starts_with("fake-mx: "))
            what.erase(0, 9);
        return "fake-mx: " + escape(what) + "\nRun fake-mx --help for the options.\n";
    });
    add_file(app, s);
    add_demo(app, s);
    add_network(app, s);
    add_output(app, s);
    try {
        app.parse(argc, argv);
        check_together(app, s);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : exit_usage;
    }
    return std::nullopt;
}

} // namespace cbv::fakemx::program
