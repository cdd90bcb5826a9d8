// The values of the draft's reader: look-ups, words, digest. The reading itself is in load.cpp.
#include "cbv/draft/document.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstdint>

namespace cbv::draft {

namespace {

std::string
where(const std::string& file, std::size_t line, std::size_t column, const std::string& expected) {
    std::string place = file;
    if (line != 0)
        place += ":" + std::to_string(line) + ":" + std::to_string(column);
    return place + ": expected " + expected;
}

} // namespace

draft_error::draft_error(std::string file_name,
                         std::size_t line_number,
                         std::size_t column_number,
                         std::string expectation)
    : std::runtime_error(where(file_name, line_number, column_number, expectation)),
      file(std::move(file_name)), line(line_number), column(column_number),
      expected(std::move(expectation)) {}

std::string_view to_string(requirement_level level) noexcept {
    switch (level) {
    case requirement_level::must:
        return "MUST";
    case requirement_level::must_not:
        return "MUST NOT";
    case requirement_level::should:
        return "SHOULD";
    case requirement_level::should_not:
        return "SHOULD NOT";
    case requirement_level::may:
        return "MAY";
    }
    return "";
}

std::size_t table::column(std::string_view name) const {
    const auto found = std::find(header.begin(), header.end(), name);
    if (found == header.end())
        throw std::out_of_range("table " + anchor + " has no column \"" + std::string(name) + "\"");
    return static_cast<std::size_t>(found - header.begin());
}

const std::string& table::cell(std::size_t row, std::string_view name) const {
    if (row >= rows.size())
        throw std::out_of_range("table " + anchor + " has no row " + std::to_string(row));
    return rows[row][column(name)];
}

std::string table::describe(std::size_t row) const {
    if (row >= rows.size())
        throw std::out_of_range("table " + anchor + " has no row " + std::to_string(row));
    std::string text = anchor + " line " + std::to_string(lines[row]) + ":";
    for (std::size_t i = 0; i < rows[row].size(); ++i)
        text += (i == 0 ? " " : " | ") + rows[row][i];
    return text;
}

const requirement* document::find(std::string_view id) const noexcept {
    const auto found = std::find_if(requirements_.begin(),
                                    requirements_.end(),
                                    [&](const requirement& r) { return r.id == id; });
    return found == requirements_.end() ? nullptr : &*found;
}

const draft::table& document::table(std::string_view anchor) const {
    for (const draft::table& t : tables_) {
        if (t.anchor == anchor)
            return t;
    }
    throw std::out_of_range("the draft has no table \"" + std::string(anchor) + "\"");
}

std::chrono::seconds duration_of(std::string_view cell) {
    unsigned value = 0;
    const auto [end, error] = std::from_chars(cell.data(), cell.data() + cell.size(), value);
    if (error != std::errc{} || end != cell.data() + cell.size())
        throw std::invalid_argument("not a number of seconds: \"" + std::string(cell) + "\"");
    return std::chrono::seconds{value};
}

std::string digest_of(std::string_view text) {
    std::uint64_t hash = 0xcbf29ce484222325U;
    for (const char c : text) {
        hash ^= static_cast<unsigned char>(c);
        hash *= 0x100000001b3U;
    }
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex(16, '0');
    for (std::size_t i = hex.size(); i-- > 0; hash >>= 4U)
        hex[i] = digits[hash & 0xfU];
    return hex;
}

} // namespace cbv::draft
