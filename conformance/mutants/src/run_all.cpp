// Tasks are mutants; threads take the next one each. Nothing is shared but the cases, which a run
// does not change.
#include "mutants/run_all.hpp"

#include "engine/run.hpp"

#include <nlohmann/json.hpp>

#include <algorithm>
#include <atomic>
#include <exception>
#include <mutex>
#include <set>
#include <stdexcept>
#include <thread>

namespace cbv::mutants {
namespace {

std::vector<std::string> words_of(const engine::case_result& r) {
    std::set<std::string> words;
    for (const auto& f : r.findings)
        if (!f.note)
            words.insert(f.word);
    if (r.result == engine::status::error)
        words.insert("error");
    return {words.begin(), words.end()};
}

bool contains(const std::vector<std::string>& all, const std::string& one) {
    return std::find(all.begin(), all.end(), one) != all.end();
}

// By a case of the mutant's requirement, or by an expectation that names it.
bool kills(const engine::conformance_case& c, const engine::case_result& r, const mutant& m) {
    const bool concerned = contains(c.requirements, m.requirement);
    return std::any_of(r.findings.begin(), r.findings.end(), [&](const engine::finding& f) {
        return !f.note && contains(m.expected, f.word) &&
               (concerned || f.requirement == m.requirement);
    });
}

outcome
run_one(std::span<const engine::conformance_case> cases, const mutant& m, const engine::target& t) {
    outcome o;
    o.who = &m;
    for (const auto& c : cases) {
        try {
            const auto result = engine::run_virtual(c, t, m.hooks);
            auto words = words_of(result);
            if (words.empty())
                continue;
            o.killed = o.killed || kills(c, result, m);
            o.killed_by.emplace(c.id, std::move(words));
        } catch (const std::exception& e) {
            throw std::runtime_error{"mutant " + m.id + " in case " + c.id + ": " + e.what()};
        }
    }
    return o;
}

/// Calls f(0) ... f(n - 1), and passes the first exception on.
template <class F>
void on_threads(std::size_t n, unsigned threads, F f) {
    std::atomic<std::size_t> next{0};
    std::mutex guard;
    std::exception_ptr trouble;
    const auto work = [&] {
        for (auto i = next++; i < n; i = next++) {
            try {
                f(i);
            } catch (...) {
                const std::lock_guard lock{guard};
                if (!trouble)
                    trouble = std::current_exception();
                next = n;
            }
        }
    };
    std::vector<std::jthread> others;
    for (unsigned i = 1; i < threads; ++i)
        others.emplace_back(work);
    work();
    others.clear();
    if (trouble)
        std::rethrow_exception(trouble);
}

} // namespace

std::vector<std::string> matrix::survivors() const {
    std::vector<std::string> ids;
    for (const auto& o : mutants)
        if (!o.killed)
            ids.push_back(o.who->id);
    return ids;
}

bool matrix::proven() const {
    return idle.empty() && failing.empty() &&
           std::all_of(mutants.begin(), mutants.end(), [](const outcome& o) { return o.killed; });
}

matrix run_all(std::span<const engine::conformance_case> cases,
               std::span<const mutant> mutants,
               const engine::target& t,
               unsigned threads) {
    if (threads == 0)
        threads = std::max(1U, std::thread::hardware_concurrency());
    matrix m;
    m.cases = cases.size();
    m.mutants.resize(mutants.size());
    on_threads(mutants.size(), threads, [&](std::size_t i) {
        m.mutants[i] = run_one(cases, mutants[i], t);
    });
    for (const auto& c : cases) {
        const auto sound = engine::run_virtual(c, t);
        if (sound.result == engine::status::unsupported)
            m.unsupported.push_back(c.id);
        if (!words_of(sound).empty())
            m.failing.push_back(c.id);
        if (std::none_of(m.mutants.begin(), m.mutants.end(), [&](const outcome& o) {
                return o.killed_by.contains(c.id);
            }))
            m.idle.push_back(c.id);
    }
    return m;
}

std::string to_json(const matrix& m) {
    auto mutants = nlohmann::json::array();
    for (const auto& o : m.mutants)
        mutants.push_back({{"id", o.who->id},
                           {"requirement", o.who->requirement},
                           {"sentence", o.who->sentence},
                           {"expected", o.who->expected},
                           {"killed_by", o.killed_by},
                           {"killed", o.killed},
                           {"live", o.who->live()}});
    const nlohmann::json all{{"cases", m.cases},
                             {"mutants", std::move(mutants)},
                             {"idle_cases", m.idle},
                             {"unsupported_cases", m.unsupported},
                             {"failing_cases", m.failing},
                             {"survivors", m.survivors()}};
    return all.dump(1) + "\n";
}

} // namespace cbv::mutants
