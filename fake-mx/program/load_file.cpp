// serve.hpp: the world of a file, with what files refer to when no target declares it.
#include "cbv/duration_text.hpp"
#include "cbv/timeouts.hpp"
#include "fakemx/load_world.hpp"
#include "serve.hpp"
#include "support.hpp"

#include <filesystem>
#include <stdexcept>

namespace cbv::fakemx::program {
namespace {

/// The library's timers and harmless names.
load_options default_options() {
    const timeouts t;
    load_options options;
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
void set(load_options& options, const std::string& text) {
    const auto equals = text.find('=');
    const auto name = text.substr(0, equals);
    const auto value = equals == std::string::npos ? "" : text.substr(equals + 1);
    if (const auto time = options.times.find(name); time != options.times.end()) {
        const auto parsed = parse_duration(value);
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

} // namespace

world load_file(const settings& s) {
    auto options = default_options();
    for (const auto& setting : s.values)
        set(options, setting);
    auto addresses = allocator(s.range);
    const std::filesystem::path path{s.file};
    const xml_document document{path};
    const auto root = document.root();
    auto id = s.name.empty() ? path.stem().string() : s.name;
    if (root.name() == "case") {
        if (s.name.empty())
            id = root.required("id");
        if (!is_id(id))
            root.fail_at("id", "id=\"" + id + "\": expected [a-z0-9-]{1,50}");
        for (const auto& child : root.children())
            if (child.name() == "world")
                return load_world(child, id, options, addresses);
        root.fail("expected a <world> in <case>");
    }
    if (root.name() != "world")
        root.fail("expected <world> or <case>");
    if (!is_id(id))
        throw std::invalid_argument{"'" + id +
                                    "' cannot be the first label of the domain; expected "
                                    "--name [a-z0-9-]{1,50}"};
    return load_world(root, id, options, addresses);
}

} // namespace cbv::fakemx::program
