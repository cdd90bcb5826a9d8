// The options of the command-line program. Reading them only; see main.cpp for their use.
#pragma once

#include "cbv/verifier.hpp"

#include <optional>
#include <string>

namespace cbv::cli {

/// Exit status by verdict; documented in --help.
inline constexpr int exit_pass = 0;
inline constexpr int exit_fail = 1;
inline constexpr int exit_usage = 2;
inline constexpr int exit_tempfail = 3;
inline constexpr int exit_unverifiable = 4;
inline constexpr int exit_none = 5;

/// The exit status for a verdict.
[[nodiscard]] int exit_status(verdict_kind kind) noexcept;

struct settings {
    std::string address;
    bool trace = false;
    bool json = false;
    verifier_options verifier;
};

/// Fills `s`; returns the exit status when the program is to end (help, version, bad usage).
[[nodiscard]] std::optional<int> read_options(int argc, char** argv, settings& s);

} // namespace cbv::cli
