// The error of a file that is not what it should be: where, and what was expected there. It is
// thrown by the readers of cases and worlds; programs print it and end with status 2.
#pragma once

#include <cstddef>
#include <stdexcept>
#include <string>

namespace cbv::fakemx {

/// A fault in an XML file. what() is `FILE:LINE:COLUMN: EXPECTATION`.
class xml_error : public std::runtime_error {
public:
    /// `line` and `column` count from 1, columns in octets; 0 when the file could not be read.
    xml_error(std::string file, std::size_t line, std::size_t column, std::string expectation);

    /// The file as it was named by the caller.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// The line, from 1.
    [[nodiscard]] std::size_t line() const noexcept { return line_; }
    /// The octet in the line, from 1.
    [[nodiscard]] std::size_t column() const noexcept { return column_; }
    /// What is wrong and what was expected, without the place.
    [[nodiscard]] const std::string& expectation() const noexcept { return expectation_; }

private:
    std::string file_;
    std::size_t line_;
    std::size_t column_;
    std::string expectation_;
};

} // namespace cbv::fakemx
