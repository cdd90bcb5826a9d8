// Reads the draft: its requirements and its tables, for tests, coverage and reports. It is not an
// XML validator (xmllint and profile.rng are) and renders nothing.
#pragma once

#include <chrono>
#include <cstddef>
#include <filesystem>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::draft {

/// What is wrong with the draft and where; what() is "FILE:LINE:COLUMN: expected EXPECTATION".
class draft_error : public std::runtime_error {
public:
    draft_error(std::string file_name,
                std::size_t line_number,
                std::size_t column_number,
                std::string expectation);

    std::string file;
    std::size_t line;     ///< from 1; 0 when the file could not be read
    std::size_t column;   ///< from 1, in octets; 0 when the file could not be read
    std::string expected; ///< what should have been there
};

/// The level of a requirement (BCP 14), from the first key word of its sentence.
enum class requirement_level { must, must_not, should, should_not, may };

/// The key word in capitals: "MUST NOT".
[[nodiscard]] std::string_view to_string(requirement_level level) noexcept;

/// One normative sentence.
struct requirement {
    std::string id; ///< "CBV-DLG-005", the anchor
    requirement_level level = requirement_level::must;
    std::string sentence;       ///< as a reader sees it, white space collapsed
    std::string section_number; ///< "6.2", or "A" in an appendix
    std::string section_title;
    /// FNV-1a (64 bits, 16 hexadecimal digits) of the sentence, in which a reference to a section
    /// or table is its anchor, so that a new number of another section changes no digest.
    std::string digest;
    std::size_t line = 0; ///< where it starts in the source
};

/// One table, as text.
struct table {
    std::string anchor;
    std::string title;
    std::size_t number = 0; ///< as rendered: "Table 3"
    std::vector<std::string> header;
    std::vector<std::vector<std::string>> rows; ///< each as long as the header
    std::vector<std::size_t> lines;             ///< line of each row in the source

    /// The index of a column; throws std::out_of_range when there is none of that name.
    [[nodiscard]] std::size_t column(std::string_view name) const;
    /// A cell by the column's name. Throws std::out_of_range for an unknown row or column.
    [[nodiscard]] const std::string& cell(std::size_t row, std::string_view name) const;
    /// A row for a message: "decision-table line 812: RCPT | 4yz | tempfail | ...".
    [[nodiscard]] std::string describe(std::size_t row) const;
};

/// A loaded draft. Cheap to move, holds no reference to the XML.
class document {
public:
    /// docName: the name of the draft with its version.
    [[nodiscard]] const std::string& name() const noexcept { return name_; }
    /// In the order of the document.
    [[nodiscard]] const std::vector<requirement>& requirements() const noexcept {
        return requirements_;
    }
    [[nodiscard]] const std::vector<draft::table>& tables() const noexcept { return tables_; }
    /// The requirement with this id, or nullptr.
    [[nodiscard]] const requirement* find(std::string_view id) const noexcept;
    /// The table with this anchor; throws std::out_of_range when there is none.
    [[nodiscard]] const draft::table& table(std::string_view anchor) const;

private:
    friend class loader;
    std::string name_;
    std::vector<requirement> requirements_;
    std::vector<draft::table> tables_;
};

/// Reads a draft in the profile of profile.rnc. Throws draft_error.
[[nodiscard]] document load(const std::filesystem::path& path);

/// Seconds as written in the timeout table ("120"); throws std::invalid_argument for anything else.
[[nodiscard]] std::chrono::seconds duration_of(std::string_view cell);

/// FNV-1a, 64 bits, as 16 lower-case hexadecimal digits.
[[nodiscard]] std::string digest_of(std::string_view text);

} // namespace cbv::draft
