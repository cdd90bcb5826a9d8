// The parameter file: values with unit and reason, policies by name, experiments that sweep them.
// It knows which names exist and refuses others, so that a misspelt one cannot pass for a result.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <variant>
#include <vector>

namespace simulation {

/// A number or a word.
using value = std::variant<double, std::string>;
/// Values by name.
using values = std::map<std::string, value, std::less<>>;

/// What receiving servers do about return paths.
struct policy {
    std::string name;
    std::string kind;   ///< "none", "plain", "exim", "postfix" or "rules"
    values settings;    ///< those that differ from the kind's own
    std::string reason; ///< what the comparison is for
};

/// One question put to the simulation: policies by points by seeds.
struct experiment {
    std::string name;
    std::string title;
    values set;                                      ///< differs from the file's parameters
    std::map<std::string, std::vector<value>> sweep; ///< every combination is a point
    std::vector<std::string> policies;
    unsigned seeds = 1;
};

/// The whole file.
struct parameters {
    values defaults;
    std::map<std::string, policy, std::less<>> policies;
    std::vector<experiment> experiments;
};

/// Reads the file; std::runtime_error in words that name the place when it is not fit for use.
[[nodiscard]] parameters read_parameters(const std::string& file);

/// A run's own values: those of the file, of the experiment, of the point.
class settings {
public:
    explicit settings(values all) : all_(std::move(all)) {}
    /// std::runtime_error when there is none of this name, or it is a word.
    [[nodiscard]] double number(std::string_view name) const;
    /// A number that counts something: rounded down, never below 0.
    [[nodiscard]] std::uint64_t count(std::string_view name) const;
    [[nodiscard]] const std::string& word(std::string_view name) const;

private:
    values all_;
};

/// The points of an experiment: every combination of its sweeps, in the order of the names.
[[nodiscard]] std::vector<values> points_of(const experiment& e);

} // namespace simulation
