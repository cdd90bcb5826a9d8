// Typed access to one table (config_section.hpp).
#include "config_section.hpp"

#include "cbv/duration_text.hpp"
#include "cbv/text.hpp"

namespace cbv::refserver {
namespace {

const toml::table& no_table() {
    static const toml::table empty;
    return empty;
}

std::string_view type_name(const toml::node& node) {
    switch (node.type()) {
    case toml::node_type::string:
        return "a string";
    case toml::node_type::integer:
        return "an integer";
    case toml::node_type::floating_point:
        return "a number with a fraction";
    case toml::node_type::boolean:
        return "a boolean";
    case toml::node_type::array:
        return "a list";
    case toml::node_type::table:
        return "a table";
    default:
        return "a date or time";
    }
}

} // namespace

section::section(const toml::table& table, std::string name, std::string file)
    : table_(table), name_(std::move(name)), file_(std::move(file)) {}

const toml::node* section::find(std::string_view key) {
    known_.emplace(key);
    return table_.get(key);
}

bool section::read(std::string_view key, std::string& out) {
    return read_checked(key, "a string", [&](const std::string& text) {
        out = text;
        return true;
    });
}

bool section::read(std::string_view key, bool& out) {
    const toml::node* node = find(key);
    if (!node)
        return false;
    if (!node->is_boolean())
        fail(key, "expected true or false, not " + std::string(type_name(*node)));
    out = *node->value<bool>();
    return true;
}

bool section::read(std::string_view key, duration& out) {
    constexpr std::string_view expected = "a duration above zero such as \"30s\" or \"300ms\"";
    return read_checked(key, expected, [&](const std::string& text) {
        const auto d = parse_duration(text);
        if (!d || *d <= duration::zero())
            return false;
        out = *d;
        return true;
    });
}

bool section::read(std::string_view key, duration& out, duration most) {
    const std::string expected =
        "a duration from \"0s\" to \"" + std::to_string(most / std::chrono::hours{1}) + "h\"";
    return read_checked(key, expected, [&](const std::string& text) {
        const auto d = parse_duration(text, most);
        if (d)
            out = *d;
        return d.has_value();
    });
}

bool section::read(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most) {
    const toml::node* node = find(key);
    if (!node)
        return false;
    const std::string expected =
        "expected an integer from " + std::to_string(least) + " to " + std::to_string(most);
    if (!node->is_integer())
        fail(key, expected + ", not " + std::string(type_name(*node)));
    out = *node->value<std::int64_t>();
    if (out < least || out > most)
        fail(key, expected + ", not " + std::to_string(out));
    return true;
}

bool section::read_list(std::string_view key,
                        std::string_view expected,
                        const std::function<bool(const std::string&)>& take) {
    const toml::node* node = find(key);
    if (!node)
        return false;
    const toml::array* list = node->as_array();
    if (!list)
        fail(key, "expected a list of strings, not " + std::string(type_name(*node)));
    for (const toml::node& entry : *list) {
        const auto text = entry.value_exact<std::string>();
        if (!text)
            fail_at(entry.source(),
                    full_name(key) + ": expected a string, not " + std::string(type_name(entry)));
        if (!take(*text))
            fail_at(entry.source(),
                    full_name(key) + ": expected " + std::string(expected) + ", not \"" +
                        escape(*text) + '"');
    }
    return true;
}

bool section::read_checked(std::string_view key,
                           std::string_view expected,
                           const std::function<bool(const std::string&)>& take) {
    const toml::node* node = find(key);
    if (!node)
        return false;
    const auto text = node->value_exact<std::string>();
    if (!text)
        fail(key, "expected " + std::string(expected) + ", not " + std::string(type_name(*node)));
    if (!take(*text))
        fail(key, "expected " + std::string(expected) + ", not \"" + escape(*text) + '"');
    return true;
}

section section::sub(std::string_view key) {
    const toml::node* node = find(key);
    if (node && !node->is_table())
        fail(key, "expected a table, not " + std::string(type_name(*node)));
    return section(node ? *node->as_table() : no_table(), full_name(key), file_);
}

std::vector<std::string> section::keys() const {
    std::vector<std::string> out;
    for (const auto& [key, value] : table_)
        out.emplace_back(key.str());
    return out;
}

std::string section::place(std::string_view key) const {
    const toml::node* node = table_.get(key);
    return place_of(node ? node->source() : table_.source()) + full_name(key);
}

void section::fail(std::string_view key, const std::string& what) const {
    throw config_error(place(key) + ": " + what);
}

void section::finish() const {
    for (const auto& [key, value] : table_) {
        if (known_.contains(key.str()))
            continue;
        std::string list;
        for (const std::string& name : known_)
            list += (list.empty() ? "" : ", ") + name;
        fail_at(key.source(),
                "unknown key " + full_name(escape(key.str())) + "; expected one of: " + list);
    }
}

std::string section::place_of(const toml::source_region& where) const {
    std::string place = file_;
    if (where.begin) // a table that is not in the file has no place
        place += ':' + std::to_string(where.begin.line) + ':' + std::to_string(where.begin.column);
    return place + ": ";
}

void section::fail_at(const toml::source_region& where, const std::string& what) const {
    throw config_error(place_of(where) + what);
}

std::string section::full_name(std::string_view key) const {
    if (name_.empty() || key.empty())
        return name_ + std::string(key);
    return name_ + '.' + std::string(key);
}

} // namespace cbv::refserver
