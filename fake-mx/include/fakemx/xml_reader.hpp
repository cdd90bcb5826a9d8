// A strict reader over pugixml: every fault is an xml_error with file, line and column. pugixml
// alone takes unknown attributes, duplicates, stray text and unknown entities in silence. Reading
// copies; no element outlives its document.
#pragma once

#include "fakemx/expression.hpp"
#include "fakemx/xml_error.hpp"

#include <pugixml.hpp>

#include <concepts>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <initializer_list>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv::fakemx {

class xml_document;

/// One element. Cheap to copy; valid while its document is.
class element {
public:
    /// For xml_document; others get elements from root() and children().
    element(const xml_document& document, pugi::xml_node node);

    /// The element's name.
    [[nodiscard]] std::string_view name() const noexcept;
    /// The value of an attribute, or nothing when it is absent.
    [[nodiscard]] std::optional<std::string> attribute(std::string_view name) const;
    /// The value of an attribute that must be there; throws when it is not.
    [[nodiscard]] std::string required(std::string_view name) const;
    /// Throws at the first attribute which is none of these, naming them.
    void allow_only(std::span<const std::string_view> names) const;
    void allow_only(std::initializer_list<std::string_view> names) const;
    /// Throws when there is any content.
    void allow_no_content() const;
    /// The child elements in order; throws at text between them.
    [[nodiscard]] std::vector<element> children() const;
    /// The text of an element that holds only text, white space cut off both ends; throws at a
    /// child element.
    [[nodiscard]] std::string text() const;

    /// A whole number from `least` to `most`; `otherwise` when absent.
    [[nodiscard]] std::uint32_t number(std::string_view name,
                                       std::uint32_t otherwise,
                                       std::uint32_t least,
                                       std::uint32_t most) const;
    /// One of these words; `otherwise` when absent.
    template <class E>
    [[nodiscard]] E word(std::string_view name,
                         std::span<const std::pair<std::string_view, E>> words,
                         E otherwise) const {
        const auto text = attribute(name);
        if (!text)
            return otherwise;
        std::vector<std::string_view> known;
        for (const auto& [text_of, value] : words) {
            if (text_of == *text)
                return value;
            known.push_back(text_of);
        }
        fail_words(name, *text, known);
    }

    /// Throws an xml_error at the element's name.
    [[noreturn]] void fail(const std::string& expectation) const;
    /// Throws an xml_error at an attribute's name (at the element's when it is absent).
    [[noreturn]] void fail_at(std::string_view attribute, const std::string& expectation) const;
    /// `line` of the element in its file, from 1.
    [[nodiscard]] std::size_t line() const;

private:
    [[noreturn]] void fail_words(std::string_view name,
                                 const std::string& text,
                                 const std::vector<std::string_view>& known) const;

    const xml_document* document_;
    pugi::xml_node node_;
};

/// A parsed file and its source, which is kept for positions. Neither copied nor moved, since
/// elements point to it.
class xml_document {
public:
    /// Reads a file. Throws xml_error when it cannot be read (line 0) or is malformed.
    explicit xml_document(const std::filesystem::path& file);
    /// Reads `source`; `name` stands for the file in errors.
    xml_document(std::string source, std::string name);
    xml_document(const xml_document&) = delete;
    xml_document& operator=(const xml_document&) = delete;

    /// The document element.
    [[nodiscard]] element root() const;
    /// The file's name as given.
    [[nodiscard]] const std::string& file() const noexcept { return file_; }
    /// The source as read.
    [[nodiscard]] const std::string& source() const noexcept { return source_; }
    /// Throws an xml_error at an octet of the source.
    [[noreturn]] void fail(std::size_t offset, const std::string& expectation) const;
    /// Line and column, from 1, of an octet of the source.
    [[nodiscard]] std::pair<std::size_t, std::size_t> position(std::size_t offset) const noexcept;

private:
    void parse();
    void check(pugi::xml_node node) const;

    std::string file_;
    std::string source_;
    pugi::xml_document tree_;
};

/// Evaluates a time (expression.hpp); a fault becomes an xml_error at the element.
[[nodiscard]] duration read_time(const element& where, std::string_view text, const values& names);

/// Gives the value of a placeholder's name, or nothing when there is no such placeholder.
using placeholder_values = std::function<std::optional<std::string>(std::string_view name)>;

/// `text` with each `{name}` replaced and each `{{` turned into `{`. An unknown placeholder, or a
/// brace without its end, is an xml_error at the element.
[[nodiscard]] std::string
expand(const element& where, std::string_view text, const placeholder_values& value_of);

/// `text` with `\r \n \t \\ \0 \xHH` turned into octets; anything else after a backslash is an
/// xml_error at the element.
[[nodiscard]] std::string unescape(const element& where, std::string_view text);

} // namespace cbv::fakemx
