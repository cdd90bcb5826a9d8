// Runs mutants against cases in virtual time and says who was killed by what. It judges nothing
// itself; the engine does.
#pragma once

#include "engine/case.hpp"
#include "engine/target.hpp"
#include "mutants/mutant.hpp"

#include <map>
#include <span>
#include <string>
#include <vector>

namespace cbv::mutants {

/// What became of one mutant.
struct outcome {
    const mutant* who = nullptr;
    /// Every case it fails, with the words (notes are none), sorted and each once.
    std::map<std::string, std::vector<std::string>> killed_by;
    /// A case of its requirement fails with one of the expected words.
    bool killed = false;
};

/// The kill matrix.
struct matrix {
    std::size_t cases = 0;
    std::vector<outcome> mutants; ///< in the order given
    /// Cases no mutant fails. Those the library cannot run are among them and in `unsupported`.
    std::vector<std::string> idle;
    std::vector<std::string> unsupported;
    /// Cases the unchanged library fails: a fault of the library or of the case.
    std::vector<std::string> failing;

    [[nodiscard]] std::vector<std::string> survivors() const;
    /// No survivor, no idle case, no failing one.
    [[nodiscard]] bool proven() const;
};

/// Every mutant against every case on `threads` threads (0: as many as there are processors). An
/// exception of a machine is passed on as std::runtime_error that names mutant and case.
[[nodiscard]] matrix run_all(std::span<const engine::conformance_case> cases,
                             std::span<const mutant> mutants,
                             const engine::target& t,
                             unsigned threads = 0);

/// As JSON: {"cases", "mutants": [{"id", "requirement", "sentence", "expected", "killed_by",
/// "killed", "live"}], "idle_cases", "unsupported_cases", "failing_cases", "survivors"}.
[[nodiscard]] std::string to_json(const matrix& m);

} // namespace cbv::mutants
