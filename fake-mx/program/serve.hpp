// Runs what was asked for until a signal comes: a file's world, or the demo.
#pragma once

#include "fakemx/world.hpp"
#include "options.hpp"

namespace cbv::fakemx::program {

/// Reads the file's world. Throws xml_error or std::invalid_argument.
[[nodiscard]] world load_file(const settings& s);

/// Serves a file's world. Both throw std::runtime_error, or std::invalid_argument for options that
/// do not hold.
void serve_file(const world& w, const settings& s);
void serve_demo(const settings& s);

/// Prints the words of the demo.
void print_words(list_format how, const std::string& domain);

} // namespace cbv::fakemx::program
