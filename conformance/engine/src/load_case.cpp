// The case loader's outer part: `<case>`, its attributes and children, placeholders and times
// (conformance/FORMAT.md). `<world>` is fakemx's, `<client>` and `<expect>` are in their own files.
#include "cbv/text.hpp"
#include "load_parts.hpp"
#include "regular.hpp"

#include <algorithm>
#include <map>
#include <regex>
#include <stdexcept>

namespace cbv::engine {
namespace {

constexpr std::string_view known_needs[] = {"session",
                                            "transactions",
                                            "smtputf8",
                                            "auth",
                                            "ipv6",
                                            "local-domain",
                                            "unknown-recipient",
                                            "allow-list",
                                            "soft-nxdomain",
                                            "null-sender-fails",
                                            "control-question",
                                            "standing-memory",
                                            "ipv4-only",
                                            "background",
                                            "pipelining-server",
                                            "cache",
                                            "do-not-call",
                                            "local-rule",
                                            "rate-limit",
                                            "client-limit",
                                            "relay-client",
                                            "relayed-domain",
                                            "spf-result",
                                            "hold-off",
                                            "foreground"};

// Placeholders filled from the target, and the capability that promises them.
const std::map<std::string_view, std::string_view>& identity_needs() {
    static const std::map<std::string_view, std::string_view> table{
        {"recipient", "recipient"},
        {"unknown-recipient", "unknown-recipient"},
        {"local-domain", "local-domain"},
        {"local-user", "local-domain"},
        {"local-unknown", "local-domain"},
        {"helo", "helo"},
        {"auth-user", "auth"},
        {"auth-password", "auth"},
        {"allow-domain", "allow-list"},
        {"allow-client", "allow-list"},
        {"allow-path", "allow-list"},
        {"do-not-call-domain", "do-not-call"},
        {"do-not-call-address", "do-not-call"},
        {"do-not-call-idn", "do-not-call"},
        {"blocked-client", "local-rule"},
        {"relay-client", "relay-client"},
        {"relayed-domain", "relayed-domain"},
        {"relayed-user", "relayed-domain"},
        {"relayed-unknown", "relayed-domain"},
        {"spf-pass-client", "spf-result"},
        {"spf-softfail-client", "spf-result"},
        {"spf-fail-client", "spf-result"},
    };
    return table;
}

// Where the target's calls come from; every target has one.
constexpr const char* target_address = "target-address";

// Stands for an identity the target lacks; such a case is never run.
const std::string undeclared = "undeclared.invalid";

/// "CBV-DLG-005" -> "dlg"; nothing if it is no requirement id.
std::optional<std::string> group_of(const std::string& requirement) {
    std::smatch parts;
    if (!std::regex_match(requirement, parts, std::regex{"CBV-([A-Z]+)-[0-9]{3}"}))
        return std::nullopt;
    return to_lower(parts[1].str());
}

// Where a case uses an identity the target lacks, an address must still be one.
std::string stand_in(std::string_view name) {
    const bool address = name == "do-not-call-address" || name.ends_with("-client");
    return address ? "192.0.2.255" : undeclared;
}

/// The level is the first requirement's, where the draft is known.
void check_level(const fakemx::element& root, const load_context& context) {
    if (context.draft == nullptr)
        return;
    const auto& c = context.loaded;
    const auto& level = context.draft->at(c.requirements.front());
    if (c.level != level)
        root.fail_at("level",
                     "level=\"" + c.level + "\": expected " + level + ", the level of " +
                         c.requirements.front());
}

void read_attributes(const fakemx::element& root,
                     const std::filesystem::path& file,
                     load_context& context) {
    auto& c = context.loaded;
    root.allow_only({"id", "requirement", "level", "needs", "role"});
    c.id = root.required("id");
    if (!fakemx::is_id(c.id))
        root.fail("id=\"" + c.id + "\": expected [a-z0-9-]{1,50}, a DNS label");
    if (file.stem().string() != c.id)
        root.fail("id=\"" + c.id + "\": expected the file's stem, \"" + file.stem().string() +
                  "\"");
    c.requirements = split(root.required("requirement"));
    for (const auto& requirement : c.requirements)
        context.check_requirement(root, requirement);
    if (c.requirements.empty())
        root.fail("requirement: expected an id such as CBV-DLG-005");
    c.area = *group_of(c.requirements.front());
    const auto directory =
        std::filesystem::absolute(file).lexically_normal().parent_path().filename().string();
    if (directory != c.area)
        root.fail("requirement " + c.requirements.front() + " belongs into the directory " +
                  c.area + "; the file lies in " + directory);
    c.level = root.required("level");
    if (c.level != "MUST" && c.level != "SHOULD" && c.level != "MAY")
        root.fail("level=\"" + c.level + "\": expected MUST, SHOULD or MAY");
    check_level(root, context);
    for (const auto& need : split(root.attribute("needs").value_or(""))) {
        if (std::find(std::begin(known_needs), std::end(known_needs), need) ==
            std::end(known_needs)) {
            std::string known;
            for (const auto each : known_needs)
                known += (known.empty() ? "" : ", ") + std::string{each};
            root.fail_at("needs",
                         "needs=\"" + escape(need, 100) + "\": unknown capability; expected " +
                             known);
        }
        c.needs.insert(need);
    }
    const auto role = root.attribute("role").value_or("verifier");
    if (role != "verifier" && role != "called-host")
        root.fail("role=\"" + role + "\": expected verifier or called-host");
    c.needs.insert(role);
}

bool expects_something(const client_script& client) {
    return std::any_of(client.steps.begin(), client.steps.end(), [](const step& s) {
        const auto& x = s.expect;
        return !x.verdicts.empty() || !x.replies.empty() || !x.enhanced.empty() ||
               !x.text.empty() || x.min || x.max;
    });
}

/// What several clients, another time than the start, or a role imply (a step's own reasons are
/// load_client's). A session includes its transactions.
void need_more_than_a_command(conformance_case& c) {
    if (c.needs.contains("called-host"))
        c.needs.insert("session");
    if (c.clients.size() > 1 || c.clients.front().start > duration{})
        c.needs.insert("transactions");
    if (c.needs.contains("session"))
        c.needs.erase("transactions");
}

/// The children in their only order: title, why?, world, client+, expect?.
void read_children(const fakemx::element& root,
                   load_context& context,
                   fakemx::address_allocator& addresses) {
    static constexpr std::string_view order[] = {"title", "why", "world", "client", "expect"};
    auto& c = context.loaded;
    std::size_t next = 0;
    std::set<std::string, std::less<>> seen;
    for (const auto& child : root.children()) {
        const auto found = std::find(std::begin(order) + next, std::end(order), child.name());
        if (found == std::end(order))
            child.fail("unexpected <" + std::string{child.name()} +
                       ">; expected title, why, world, client, expect, in this order, once each "
                       "(client: once or more)");
        next = static_cast<std::size_t>(found - std::begin(order)) + (*found == "client" ? 0 : 1);
        seen.emplace(child.name());
        if (child.name() == "title") {
            child.allow_only({});
            c.title = child.text();
            if (c.title.empty() || c.title.find('\n') != std::string::npos)
                child.fail("<title>: expected one line");
        } else if (child.name() == "why") {
            child.allow_only({});
            c.why = child.text();
        } else if (child.name() == "world") {
            fakemx::load_options options;
            options.times = times_of(context.declared);
            options.placeholders = context.declared.identities;
            for (const auto& [name, need] : identity_needs())
                options.placeholders.emplace(name, stand_in(name));
            options.placeholders.emplace(target_address, context.declared.address.to_string());
            c.world = fakemx::load_world(child, c.id, options, addresses);
        } else if (child.name() == "client") {
            if (!seen.contains("world"))
                root.fail("<world> is missing before <client>");
            load_client(child, context);
        } else {
            load_expect(child, context);
        }
    }
    for (const auto* name : {"title", "world", "client"})
        if (!seen.contains(name))
            root.fail("<" + std::string{name} + "> is missing");
    need_more_than_a_command(c);
    if (c.expect.empty() && std::none_of(c.clients.begin(), c.clients.end(), expects_something))
        root.fail("the case expects nothing; expected verdict= or the like at a step, or <expect>");
}

conformance_case load_one(const std::filesystem::path& file,
                          const target& t,
                          fakemx::address_allocator& addresses,
                          const vocabulary& words,
                          const requirement_levels* draft) {
    conformance_case c;
    c.file = file.string();
    const fakemx::xml_document document{file};
    const auto root = document.root();
    if (root.name() != "case")
        root.fail("unexpected <" + std::string{root.name()} + ">; expected <case>");
    load_context context{t, words, c, draft};
    read_attributes(root, file, context);
    need_declared_times(root, context);
    read_children(root, context, addresses);
    return c;
}

} // namespace

std::vector<std::string> split(std::string_view text) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto start = text.find_first_not_of(" \t\r\n");
        if (start == std::string_view::npos)
            break;
        text.remove_prefix(start);
        const auto end = std::min(text.find_first_of(" \t\r\n"), text.size());
        parts.emplace_back(text.substr(0, end));
        text.remove_prefix(end);
    }
    return parts;
}

std::string read_finding(const fakemx::element& e, const load_context& context) {
    const auto word = e.attribute("finding").value_or("");
    if (!word.empty() && !context.words.contains(word))
        e.fail_at("finding",
                  "finding=\"" + escape(word, 100) +
                      "\": not a word of the vocabulary; expected one of " +
                      context.words.file().string());
    return word;
}

std::string
load_context::expand(const fakemx::element& where, std::string_view text, unsigned round) {
    return fakemx::expand(where, text, [&](std::string_view name) -> std::optional<std::string> {
        if (name == "n" && round > 0)
            return std::to_string(round);
        if (auto of_world = fakemx::placeholder(loaded.world, name))
            return of_world;
        if (name == target_address)
            return declared.address.to_string();
        const auto need = identity_needs().find(name);
        if (need == identity_needs().end())
            return std::nullopt;
        const auto identity = declared.identities.find(std::string{name});
        if (identity != declared.identities.end())
            return identity->second;
        loaded.needs.insert(std::string{need->second});
        return stand_in(name);
    });
}

std::string
load_context::regular(const fakemx::element& where, std::string_view attribute, unsigned round) {
    const auto text = where.attribute(attribute);
    if (!text)
        return {};
    auto pattern = expand(where, *text, round);
    auto fault = regular_fault(pattern);
    if (pattern.empty())
        fault = "expected a regular expression, not nothing: it would match always";
    if (fault)
        where.fail_at(attribute,
                      std::string{attribute} + "=\"" + escape(pattern, 300) + "\": " + *fault);
    return pattern;
}

void load_context::check_requirement(const fakemx::element& where, const std::string& id) const {
    if (!group_of(id))
        where.fail_at("requirement",
                      "requirement=\"" + escape(id, 100) +
                          "\": expected an id such as CBV-DLG-005");
    if (draft != nullptr && !draft->contains(id))
        where.fail_at("requirement",
                      "requirement=\"" + id +
                          "\": expected an id of the draft; it has no such one");
}

std::string load_context::dns_name(std::string_view text) const {
    return text == "*" ? "*" : fakemx::absolute_name(loaded.world, text);
}

conformance_case load_case(const std::filesystem::path& file,
                           const target& t,
                           fakemx::address_allocator& addresses,
                           const requirement_levels* draft) {
    return load_one(file, t, addresses, vocabulary::of(file), draft);
}

std::vector<std::filesystem::path> case_files(const std::filesystem::path& where) {
    std::error_code none;
    if (std::filesystem::is_regular_file(where, none))
        return {where};
    if (!std::filesystem::is_directory(where, none))
        throw std::runtime_error{where.string() + ": expected a case or a directory of cases"};
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::recursive_directory_iterator{where}) {
        if (entry.path().extension() != ".xml")
            continue;
        if (!entry.is_regular_file())
            throw std::runtime_error{entry.path().string() +
                                     ": expected a file, since its name is that of a case"};
        files.push_back(entry.path());
    }
    std::sort(files.begin(), files.end());
    return files;
}

std::vector<conformance_case>
load_cases(const std::filesystem::path& where, const target& t, const requirement_levels* draft) {
    const auto files = case_files(where);
    std::vector<conformance_case> cases;
    if (files.empty())
        return cases;
    const auto words = vocabulary::of(files.front());
    fakemx::address_allocator addresses;
    std::map<std::string, std::string> known; // id -> file
    for (const auto& file : files) {
        auto c = load_one(file, t, addresses, words, draft);
        const auto [first, fresh] = known.emplace(c.id, c.file);
        if (!fresh)
            throw std::runtime_error{c.file + ": duplicate id " + c.id + "; the other is " +
                                     first->second};
        cases.push_back(std::move(c));
    }
    return cases;
}

} // namespace cbv::engine
