// cbv-engine: checks one case or a directory of cases, or runs them in virtual time against the
// library or against mutants of it. The front end for everything else (servers, commands, reports)
// is the harness.
#include "cbv/draft/document.hpp"
#include "engine/case.hpp"
#include "engine/run.hpp"
#include "fakemx/timeline.hpp"
#include "fakemx/xml_error.hpp"
#include "mutants/command.hpp"

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include <chrono>
#include <exception>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>

namespace {

using cbv::engine::case_result;
using cbv::engine::status;

void print(const cbv::engine::conformance_case& c, const case_result& r, bool with_time_line) {
    fmt::print(
        "{:<11} {:<32} {}\n", cbv::engine::to_string(r.result), r.id, c.requirements.front());
    if (!r.reason.empty())
        fmt::print("            {}\n", r.reason);
    for (const auto& f : r.findings)
        fmt::print("            {}{}: expected {}; seen {}\n",
                   f.note ? "note " : "",
                   f.word,
                   f.expected,
                   f.seen);
    if (with_time_line)
        for (const auto& e : r.seen.timeline)
            fmt::print("            {}\n", cbv::fakemx::to_text(e));
}

using levels = std::optional<cbv::engine::requirement_levels>;

// The draft's requirements. Without --draft it is the one of the source tree, if that is there: an
// engine that was carried elsewhere takes ids and levels as they are.
levels read_draft(const std::string& given) {
    const std::filesystem::path file = given.empty() ? CBV_DRAFT_XML : given;
    std::error_code none;
    if (given.empty() && !std::filesystem::exists(file, none)) {
        fmt::print(stderr,
                   "cbv-engine: no draft (--draft FILE): requirement ids and levels are not "
                   "checked\n");
        return std::nullopt;
    }
    cbv::engine::requirement_levels known;
    const auto draft = cbv::draft::load(file);
    for (const auto& r : draft.requirements()) {
        const auto level = cbv::draft::to_string(r.level);
        known.emplace(r.id, level.substr(0, level.find(' '))); // without NOT
    }
    return known;
}

int nothing_in(const std::string& where) {
    fmt::print(stderr, "cbv-engine: {}: expected at least one case, ID.xml\n", where);
    return 4;
}

// Exit status: 0 all passed, 1 a case failed, 2 usage, 4 a fault of the suite; an empty selection
// is a fault.
int run(const std::string& where, const std::string& only, bool verbose, const levels& draft) {
    const auto target = cbv::engine::library_target();
    const auto began = std::chrono::steady_clock::now();
    std::map<status, unsigned> counts;
    unsigned total = 0;
    const auto cases = cbv::engine::load_cases(where, target, draft ? &*draft : nullptr);
    if (cases.empty())
        return nothing_in(where);
    for (const auto& c : cases) {
        if (!only.empty() && c.id != only)
            continue;
        const auto r = cbv::engine::run_virtual(c, target);
        print(c, r, verbose || r.result == status::fail || r.result == status::error);
        ++counts[r.result];
        ++total;
    }
    if (total == 0) {
        fmt::print(stderr, "cbv-engine: {}: no such case: {}\n", where, only);
        return 4;
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print(
        "{} cases: {} passed, {} with a note, {} failed, {} unsupported, {} errors; {:.2f} s\n",
        total,
        counts[status::pass],
        counts[status::note],
        counts[status::fail],
        counts[status::unsupported],
        counts[status::error],
        took.count());
    if (counts[status::error] > 0)
        return 4;
    return counts[status::fail] > 0 ? 1 : 0;
}

// Every fault of every file, so that an author sees them together.
int check(const std::string& where, const levels& draft) {
    const auto* known = draft ? &*draft : nullptr;
    const auto target = cbv::engine::library_target();
    cbv::fakemx::address_allocator addresses;
    unsigned faults = 0;
    for (const auto& file : cbv::engine::case_files(where)) {
        try {
            (void)cbv::engine::load_case(file, target, addresses, known);
        } catch (const cbv::fakemx::xml_error& e) {
            fmt::print(stderr, "{}\n", e.what());
            ++faults;
        }
    }
    if (faults > 0)
        return 4;
    const auto cases = cbv::engine::load_cases(where, target, known); // and ids against each other
    if (cases.empty())
        return nothing_in(where);
    fmt::print("{} {} well formed\n", cases.size(), cases.size() == 1 ? "case is" : "cases are");
    return 0;
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Runs the conformance cases against the library in virtual time"};
    app.require_subcommand(1);
    std::string where;
    std::string only;
    std::string draft;
    bool verbose = false;
    const auto* draft_help = "the draft's XML, for ids and levels; default: the source tree's";
    auto* virtual_run = app.add_subcommand("virtual", "run the cases in virtual time");
    virtual_run->add_option("CASES", where, "a case or a directory of cases")->required();
    virtual_run->add_option("--draft", draft, draft_help)->type_name("FILE");
    virtual_run->add_option("--case", only, "this case only");
    virtual_run->add_flag("-v,--verbose", verbose, "print every time line");
    auto* check_only =
        app.add_subcommand("check", "load the cases and say what is wrong with them");
    check_only->add_option("CASES", where, "a case or a directory of cases")->required();
    check_only->add_option("--draft", draft, draft_help)->type_name("FILE");
    cbv::mutants::command_options mutants;
    auto* kill = app.add_subcommand("mutants", "run every mutant against every case");
    kill->add_option("CASES_DIR", mutants.directory, "directory of cases")->required();
    kill->add_option("--mutant", mutants.only, "this mutant only");
    kill->add_option("--json", mutants.json, "write the kill matrix")->type_name("FILE");
    kill->add_option("--threads", mutants.threads, "0: one a processor");
    kill->add_flag("--list", mutants.list, "list the mutants and run nothing");
    CLI11_PARSE(app, argc, argv);
    try {
        if (virtual_run->parsed())
            return run(where, only, verbose, read_draft(draft));
        if (kill->parsed())
            return cbv::mutants::run_command(mutants);
        return check(where, read_draft(draft));
    } catch (const std::exception& e) {
        fmt::print(stderr, "cbv-engine: {}\n", e.what());
        return 4;
    }
}
