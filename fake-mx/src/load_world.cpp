// fakemx/load_world.hpp: the outer part. Hosts come first, since records and replies refer to them
// in any order; rules and records follow.
#include "fakemx/load_world.hpp"

#include "cbv/text.hpp"
#include "load_parts.hpp"

#include <algorithm>
#include <map>

namespace cbv::fakemx {

bool is_id(std::string_view text) noexcept {
    return !text.empty() && text.size() <= 50 && text.front() != '-' && text.back() != '-' &&
           std::all_of(text.begin(), text.end(), [](char c) {
               return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
           });
}

bool is_dns_name(std::string_view name) noexcept {
    if (name.size() > 253) // 255 on the wire, RFC 1035 section 2.3.4
        return false;
    while (!name.empty()) {
        const auto end = std::min(name.find('.'), name.size());
        if (end == 0 || end > 63 || end + 1 == name.size())
            return false;
        name.remove_prefix(std::min(end + 1, name.size()));
    }
    return true;
}

std::string absolute_name(const world& w, std::string_view text) {
    if (text == "@")
        return w.domain;
    const auto name = to_lower(text);
    if (name.ends_with('.'))
        return name.substr(0, name.size() - 1);
    if (name == w.domain || name.ends_with("." + w.domain))
        return name;
    return name + "." + w.domain;
}

std::optional<std::string> placeholder(const world& w, std::string_view name) {
    if (name == "domain")
        return w.domain;
    const auto colon = name.find(':');
    if (colon == name.npos)
        return std::nullopt;
    const host* const found = w.find(name.substr(colon + 1));
    if (found == nullptr)
        return std::nullopt;
    if (name.substr(0, colon) == "host")
        return found->name;
    if (name.substr(0, colon) == "address" && !found->addresses.empty())
        return found->addresses.front().to_string();
    return std::nullopt;
}

std::string world_loader::expand(const element& where, std::string_view text) const {
    return fakemx::expand(where, text, [&](std::string_view name) -> std::optional<std::string> {
        if (auto own = placeholder(loaded, name))
            return own;
        const auto found = options.placeholders.find(std::string{name});
        return found == options.placeholders.end() ? std::nullopt : std::optional{found->second};
    });
}

std::string world_loader::octets(const element& where, std::string_view text) const {
    const auto doubled = [](std::string_view value) {
        std::string out;
        for (const char c : value)
            out.append(c == '{' ? 2 : 1, c);
        return out;
    };
    // A brace written as \x7B is a brace, not the start of a placeholder.
    std::string protected_text;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto rest = text.substr(i);
        if (rest.starts_with("\\\\")) {
            protected_text += "\\\\";
            ++i;
        } else if (rest.starts_with("\\x7b") || rest.starts_with("\\x7B")) {
            protected_text += "{{";
            i += 3;
        } else {
            protected_text += text[i];
        }
    }
    const auto raw = unescape(where, protected_text);
    std::string out;
    // `{{` survives as such, so the pieces between are expanded one by one.
    std::size_t start = 0;
    for (;;) {
        const auto twin = raw.find("{{", start);
        const auto piece = std::string_view{raw}.substr(start, twin - start);
        out +=
            fakemx::expand(where, piece, [&](std::string_view name) -> std::optional<std::string> {
                if (name == "name" || name == "path" || name == "line")
                    return "{" + std::string{name} + "}";
                if (auto own = placeholder(loaded, name))
                    return doubled(*own);
                const auto found = options.placeholders.find(std::string{name});
                return found == options.placeholders.end() ? std::nullopt
                                                           : std::optional{doubled(found->second)};
            });
        if (twin == raw.npos)
            return out;
        out += "{{";
        start = twin + 2;
    }
}

std::string world_loader::dns_name(const element& where, std::string_view attribute) const {
    const auto text = expand(where, where.required(attribute));
    auto name = absolute_name(loaded, text);
    if (text.empty() || !is_dns_name(name))
        where.fail_at(attribute,
                      std::string{attribute} + "=\"" + escape(text, 300) +
                          "\": expected a DNS name: labels of 1 to 63 octets, 253 in all");
    return name;
}

duration
world_loader::time(const element& where, std::string_view attribute, duration otherwise) const {
    const auto text = where.attribute(attribute);
    if (!text)
        return otherwise;
    try {
        return evaluate(expand(where, *text), options.times);
    } catch (const expression_error& e) {
        where.fail_at(attribute,
                      std::string{attribute} + "=\"" + escape(*text, 200) + "\", character " +
                          std::to_string(e.position()) + ": " + e.what());
    }
}

std::vector<std::string> split(std::string_view text, char separator) {
    std::vector<std::string> parts;
    while (!text.empty()) {
        const auto end = std::min(text.find(separator), text.size());
        auto part = text.substr(0, end);
        while (part.starts_with(' '))
            part.remove_prefix(1);
        while (part.ends_with(' '))
            part.remove_suffix(1);
        if (!part.empty())
            parts.emplace_back(part);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return parts;
}

world load_world(const element& world_element,
                 const std::string& id,
                 const load_options& options,
                 address_allocator& addresses) {
    if (world_element.name() != "world")
        world_element.fail("unexpected <" + std::string{world_element.name()} +
                           ">; expected <world>");
    world_element.allow_only({});
    world w;
    w.id = id;
    w.domain = id + ".test";
    world_loader loader{w, options, addresses};

    const auto children = world_element.children();
    std::map<std::string, std::size_t> lines; // of each host id
    for (const auto& child : children) {
        if (child.name() != "host")
            continue;
        auto h = read_host(child, loader);
        const auto [known, fresh] = lines.emplace(h.id, child.line());
        if (!fresh)
            child.fail_at("id",
                          "duplicate host id \"" + h.id + "\"; the first is in line " +
                              std::to_string(known->second));
        w.hosts.push_back(std::move(h));
    }
    std::size_t nth_host = 0;
    for (const auto& child : children) {
        if (child.name() == "host")
            w.hosts[nth_host++].rules = read_rules(child, loader);
        if (child.name() == "answer")
            w.answers.push_back(read_answer(child, loader));
        else
            read_records(child, loader);
    }
    return w;
}

} // namespace cbv::fakemx
