// The command line's side of the kill matrix (command.hpp).
#include "mutants/command.hpp"

#include "engine/case.hpp"
#include "engine/target.hpp"
#include "mutants/run_all.hpp"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <chrono>
#include <fstream>
#include <stdexcept>

namespace cbv::mutants {
namespace {

void print_registry(std::span<const mutant> mutants) {
    for (const auto& m : mutants)
        fmt::print(
            "{:<40} {:<13} {}{}\n", m.id, m.requirement, m.sentence, m.live() ? " [live]" : "");
    fmt::print("{} mutants\n", mutants.size());
}

void print_one(const outcome& o) {
    fmt::print("{} {}: {}\n", o.killed ? "killed  " : "survived", o.who->id, o.who->sentence);
    for (const auto& [id, words] : o.killed_by)
        fmt::print("         {:<40} {}\n", id, fmt::join(words, " "));
}

void print_ids(const char* what, const std::vector<std::string>& ids) {
    for (const auto& id : ids)
        fmt::print("{:<9} {}\n", what, id);
}

} // namespace

int run_command(const command_options& o) {
    std::span<const mutant> chosen = registry();
    if (!o.only.empty()) {
        const auto* one = find(o.only);
        if (one == nullptr) {
            fmt::print(stderr, "cbv-engine: there is no mutant \"{}\"\n", o.only);
            return 2;
        }
        chosen = {one, 1};
    }
    if (o.list) {
        print_registry(chosen);
        return 0;
    }
    const auto began = std::chrono::steady_clock::now();
    const auto target = engine::library_target();
    const auto cases = engine::load_cases(o.directory, target);
    const auto m = run_all(cases, chosen, target, o.threads);
    if (!o.only.empty())
        print_one(m.mutants.front());
    else
        for (const auto& each : m.mutants)
            if (!each.killed)
                print_one(each);
    if (o.only.empty())
        print_ids("idle", m.idle);
    print_ids("cannot", m.unsupported);
    print_ids("failing", m.failing);
    if (!o.json.empty()) {
        std::ofstream out{o.json, std::ios::binary};
        out << to_json(m);
        if (!out.flush())
            throw std::runtime_error{"cannot write " + o.json};
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print("{} mutants, {} killed; {} cases, {} idle; {:.1f} s\n",
               m.mutants.size(),
               m.mutants.size() - m.survivors().size(),
               m.cases,
               m.idle.size(),
               took.count());
    const bool good = o.only.empty() ? m.proven() : m.survivors().empty() && m.failing.empty();
    return good ? 0 : 1;
}

} // namespace cbv::mutants
