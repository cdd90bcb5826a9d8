// fakemx/xml_error.hpp: puts the message together.
#include "fakemx/xml_error.hpp"

namespace cbv::fakemx {
namespace {

std::string message(const std::string& file,
                    std::size_t line,
                    std::size_t column,
                    const std::string& expectation) {
    if (line == 0)
        return file + ": " + expectation;
    return file + ":" + std::to_string(line) + ":" + std::to_string(column) + ": " + expectation;
}

} // namespace

xml_error::xml_error(std::string file,
                     std::size_t line,
                     std::size_t column,
                     std::string expectation)
    : std::runtime_error(message(file, line, column, expectation)), file_(std::move(file)),
      line_(line), column_(column), expectation_(std::move(expectation)) {}

} // namespace cbv::fakemx
