// `cbv-engine mutants`: what it prints and writes.
#pragma once

#include <string>

namespace cbv::mutants {

struct command_options {
    std::string directory; ///< of cases
    std::string only;      ///< this mutant alone; empty: all
    std::string json;      ///< file for the matrix; empty: none
    bool list = false;     ///< print the registry and run nothing
    unsigned threads = 0;  ///< 0: as many as there are processors
};

/// Exit status: 0 all mutants are killed and no case is idle; 1 not so; 2 no such mutant; 4 a case
/// cannot be loaded or the matrix not be written (an exception says why). With `only`, idle cases
/// do not count.
[[nodiscard]] int run_command(const command_options& o);

} // namespace cbv::mutants
