// Reading the parameter file; see the header.
#include "simulation/parameters.hpp"

#include <toml++/toml.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <stdexcept>

namespace simulation {
namespace {

[[noreturn]] void wrong(const std::string& where, const std::string& what) {
    throw std::runtime_error(where + ": " + what);
}

value value_of(const toml::node* node, const std::string& where) {
    if (node != nullptr) {
        if (const auto number = node->value_exact<std::int64_t>())
            return static_cast<double>(*number);
        if (const auto number = node->value_exact<double>())
            return *number;
        if (const auto truth = node->value_exact<bool>())
            return *truth ? 1.0 : 0.0;
        if (const auto word = node->value_exact<std::string>())
            return *word;
    }
    wrong(where, "must be a number, true, false or a word");
}

std::string word_of(const toml::table& table, std::string_view key, const std::string& where) {
    const auto word = table[key].value<std::string>();
    if (!word || word->empty())
        wrong(where, "needs " + std::string(key));
    return *word;
}

// Every parameter has a value, a unit and a reason, and nothing else.
values read_defaults(const toml::table& all) {
    values made;
    for (const auto& [key, node] : all) {
        const std::string where = "parameters." + std::string(key.str());
        const toml::table* table = node.as_table();
        if (table == nullptr)
            wrong(where, "must be a table of value, unit and reason");
        word_of(*table, "unit", where);
        word_of(*table, "reason", where);
        if (table->size() != 3)
            wrong(where, "has more than value, unit and reason");
        made.emplace(std::string(key.str()), value_of(table->get("value"), where));
    }
    return made;
}

policy read_policy(std::string name, const toml::table& table) {
    static const std::set<std::string> kinds{"none", "plain", "exim", "postfix", "rules"};
    const std::string where = "policies." + name;
    policy made{
        std::move(name), word_of(table, "kind", where), {}, word_of(table, "reason", where)};
    if (!kinds.contains(made.kind))
        wrong(where, "has the unknown kind " + made.kind);
    for (const auto& [key, node] : table)
        if (key != "kind" && key != "reason")
            made.settings.emplace(std::string(key.str()),
                                  value_of(&node, where + "." + std::string(key.str())));
    return made;
}

void must_be_known(const parameters& all, std::string_view name, const std::string& where) {
    if (!all.defaults.contains(name))
        wrong(where, "there is no parameter " + std::string(name));
}

experiment read_experiment(const parameters& all, const toml::table& table) {
    experiment made;
    made.name = word_of(table, "name", "an experiment");
    const std::string where = "experiment " + made.name;
    made.title = word_of(table, "title", where);
    const auto seeds = table["seeds"].value<std::int64_t>().value_or(0);
    if (seeds < 1 || seeds > 1000)
        wrong(where, "needs seeds between 1 and 1000");
    made.seeds = static_cast<unsigned>(seeds);
    if (const toml::table* set = table["set"].as_table())
        for (const auto& [key, node] : *set) {
            must_be_known(all, key.str(), where);
            made.set.emplace(std::string(key.str()), value_of(&node, where));
        }
    if (const toml::table* sweep = table["sweep"].as_table())
        for (const auto& [key, node] : *sweep) {
            must_be_known(all, key.str(), where);
            const toml::array* list = node.as_array();
            if (list == nullptr || list->empty())
                wrong(where, "sweeps no list of values");
            for (const auto& one : *list)
                made.sweep[std::string(key.str())].push_back(value_of(&one, where));
        }
    const toml::array* names = table["policies"].as_array();
    if (names == nullptr || names->empty())
        wrong(where, "needs policies");
    for (const auto& one : *names) {
        const auto name = one.value<std::string>().value_or("");
        if (!all.policies.contains(name))
            wrong(where, "there is no policy '" + name + "'");
        made.policies.push_back(name);
    }
    return made;
}

} // namespace

parameters read_parameters(const std::string& file) {
    toml::table root;
    try {
        root = toml::parse_file(file);
    } catch (const toml::parse_error& error) {
        wrong(file, std::string(error.description()));
    }
    const toml::table* defaults = root["parameters"].as_table();
    const toml::table* policies = root["policies"].as_table();
    const toml::array* experiments = root["experiments"].as_array();
    if (defaults == nullptr || policies == nullptr || experiments == nullptr)
        wrong(file, "needs [parameters], [policies] and [[experiments]]");
    parameters made;
    made.defaults = read_defaults(*defaults);
    for (const auto& [key, node] : *policies) {
        const std::string name(key.str());
        if (!node.is_table())
            wrong("policies." + name, "must be a table");
        made.policies.emplace(name, read_policy(name, *node.as_table()));
    }
    std::set<std::string> names;
    for (const auto& node : *experiments) {
        if (!node.is_table())
            wrong(file, "an experiment must be a table");
        made.experiments.push_back(read_experiment(made, *node.as_table()));
        if (!names.insert(made.experiments.back().name).second)
            wrong(file, "two experiments are called " + made.experiments.back().name);
    }
    return made;
}

double settings::number(std::string_view name) const {
    const auto at = all_.find(name);
    if (at == all_.end() || !std::holds_alternative<double>(at->second))
        wrong("parameters", std::string(name) + " must be a number");
    return std::get<double>(at->second);
}

std::uint64_t settings::count(std::string_view name) const {
    return static_cast<std::uint64_t>(std::max(0.0, std::floor(number(name))));
}

const std::string& settings::word(std::string_view name) const {
    const auto at = all_.find(name);
    if (at == all_.end() || !std::holds_alternative<std::string>(at->second))
        wrong("parameters", std::string(name) + " must be a word");
    return std::get<std::string>(at->second);
}

std::vector<values> points_of(const experiment& e) {
    std::vector<values> points{{}};
    for (const auto& [name, list] : e.sweep) {
        std::vector<values> longer;
        for (const values& begun : points)
            for (const value& one : list) {
                longer.push_back(begun);
                longer.back()[name] = one;
            }
        points = std::move(longer);
    }
    return points;
}

} // namespace simulation
