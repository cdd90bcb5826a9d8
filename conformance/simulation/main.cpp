// cbv-simulate: reads the parameter file, makes every run of its experiments (or of some), and
// writes the counts as JSON, one run a line. It draws and judges nothing: the Python package does.
#include "simulation/parameters.hpp"
#include "simulation/run.hpp"

#include <CLI/CLI.hpp>
#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <cmath>
#include <exception>
#include <fstream>
#include <iostream>
#include <mutex>
#include <thread>

namespace {

using namespace simulation;

struct task {
    const experiment* of;
    values point;
    const policy* by;
    unsigned seed;
    std::map<std::string, std::uint64_t> counted{};
};

std::vector<task> tasks_of(const parameters& all, const std::vector<std::string>& wanted) {
    std::vector<task> tasks;
    for (const experiment& e : all.experiments) {
        if (!wanted.empty() && std::find(wanted.begin(), wanted.end(), e.name) == wanted.end())
            continue;
        for (const std::string& name : e.policies)
            for (const values& point : points_of(e))
                for (unsigned seed = 1; seed <= e.seeds; ++seed)
                    tasks.push_back({&e, point, &all.policies.at(name), seed});
    }
    return tasks;
}

void work(const parameters& all, task& t) {
    values run_values = all.defaults;
    for (const values* more : {&t.of->set, static_cast<const values*>(&t.point)})
        for (const auto& [name, v] : *more)
            run_values[name] = v;
    t.counted = run(settings(run_values), *t.by, t.seed).named();
}

// The longest tasks are not known; those of large populations come last in a sweep, so from behind.
void work_all(const parameters& all, std::vector<task>& tasks, unsigned threads) {
    std::atomic<std::size_t> left{tasks.size()};
    std::exception_ptr trouble;
    std::mutex mutex;
    const auto loop = [&] {
        for (;;) {
            std::size_t next = left.load();
            while (next > 0 && !left.compare_exchange_weak(next, next - 1)) {
            }
            if (next == 0)
                return;
            try {
                work(all, tasks[next - 1]);
            } catch (...) {
                const std::lock_guard lock(mutex);
                trouble = std::current_exception();
                left = 0;
            }
        }
    };
    std::vector<std::jthread> team;
    for (unsigned i = 0; i < threads; ++i)
        team.emplace_back(loop);
    team.clear(); // joins
    if (trouble)
        std::rethrow_exception(trouble);
}

nlohmann::json as_json(const value& v) {
    if (const auto* word = std::get_if<std::string>(&v))
        return *word;
    const double number = std::get<double>(v);
    if (number == std::floor(number) && std::abs(number) < 1e15)
        return static_cast<std::int64_t>(number);
    return number;
}

void write(std::ostream& out, const std::vector<task>& tasks) {
    out << "{\"format\": 1, \"runs\": [";
    const char* separator = "\n";
    for (const task& t : tasks) {
        nlohmann::json point = nlohmann::json::object();
        for (const auto& [name, v] : t.point)
            point[name] = as_json(v);
        const nlohmann::json line{{"experiment", t.of->name},
                                  {"policy", t.by->name},
                                  {"point", point},
                                  {"seed", t.seed},
                                  {"counts", t.counted}};
        out << separator << line.dump();
        separator = ",\n";
    }
    out << "\n]}\n";
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app{"Runs the simulation's experiments and writes their counts as JSON."};
    std::string file;
    std::vector<std::string> wanted;
    unsigned threads = std::max(1U, std::thread::hardware_concurrency());
    app.add_option("parameters", file, "the parameter file")->required();
    app.add_option("--experiment", wanted, "only this one; may be given several times");
    app.add_option("--threads", threads, "runs at the same time")->check(CLI::Range(1, 256));
    CLI11_PARSE(app, argc, argv);
    try {
        const parameters all = read_parameters(file);
        for (const std::string& name : wanted)
            if (std::none_of(all.experiments.begin(),
                             all.experiments.end(),
                             [&](const experiment& e) { return e.name == name; }))
                throw std::runtime_error("there is no experiment " + name);
        auto tasks = tasks_of(all, wanted);
        work_all(all, tasks, threads);
        write(std::cout, tasks);
        std::cout.flush();
        if (!std::cout)
            throw std::runtime_error("the results cannot be written");
        return 0;
    } catch (const std::exception& error) {
        fmt::print(stderr, "cbv-simulate: {}\n", error.what());
        return 2;
    }
}
