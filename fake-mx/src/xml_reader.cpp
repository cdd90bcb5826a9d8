// fakemx/xml_reader.hpp: positions come from the kept source, since pugixml remembers the offsets
// of elements but not those of attributes.
#include "fakemx/xml_reader.hpp"

#include "cbv/text.hpp"
#include "start_tag.hpp"

#include <algorithm>
#include <charconv>
#include <cstring>
#include <fstream>
#include <iterator>
#include <set>

namespace cbv::fakemx {
namespace {

constexpr unsigned most_depth = 32; // of elements; the format needs 5

std::string list(std::span<const std::string_view> names) {
    std::string text;
    for (const auto name : names)
        text += (text.empty() ? "" : ", ") + std::string{name};
    return text.empty() ? "none" : text;
}

std::string read_file(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    std::string text{std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
    if (!in.is_open() || in.bad() || std::filesystem::is_directory(file))
        throw xml_error{file.string(), 0, 0, "expected a readable file"};
    return text;
}

std::string_view trim(std::string_view text) noexcept {
    const auto first = text.find_first_not_of(" \t\r\n");
    if (first == text.npos)
        return {};
    return text.substr(first, text.find_last_not_of(" \t\r\n") - first + 1);
}

} // namespace

xml_document::xml_document(const std::filesystem::path& file)
    : file_(file.string()), source_(read_file(file)) {
    parse();
}

xml_document::xml_document(std::string source, std::string name)
    : file_(std::move(name)), source_(std::move(source)) {
    parse();
}

void xml_document::parse() {
    if (!is_utf8(source_))
        fail(0, "expected UTF-8");
    if (const auto nul = source_.find('\0'); nul != source_.npos)
        fail(nul, "expected XML, not an octet of zero");
    const auto parsed = tree_.load_buffer(source_.data(),
                                          source_.size(),
                                          pugi::parse_default | pugi::parse_doctype,
                                          pugi::encoding_utf8);
    if (!parsed)
        fail(static_cast<std::size_t>(std::max<std::ptrdiff_t>(parsed.offset, 0)),
             std::string{"expected well-formed XML: "} + parsed.description());
    bool seen = false;
    for (const auto node : tree_.children()) {
        if (node.type() == pugi::node_doctype)
            fail(source_.find("<!DOCTYPE"), "expected no DOCTYPE");
        if (node.type() != pugi::node_element)
            continue;
        if (seen)
            fail(static_cast<std::size_t>(node.offset_debug()), "expected one document element");
        seen = true;
        check(node);
    }
}

/// What pugixml lets pass: duplicate attributes, unknown entities, absurd depth.
void xml_document::check(pugi::xml_node root) const {
    unsigned depth = 0;
    for (auto node = root; node;) {
        const auto offset = static_cast<std::size_t>(node.offset_debug());
        if (node.type() == pugi::node_element) {
            std::set<std::string_view> seen;
            for (const auto& a : start_tag_attributes(source_, offset)) {
                if (!seen.insert(a.name).second)
                    fail(a.offset, "duplicate attribute " + std::string{a.name});
                if (const auto bad = unknown_entity(a.value); bad != a.value.npos)
                    fail(a.value_offset + bad, "expected &lt; &gt; &amp; &quot; &apos; or &#...;");
                if (const auto bad = a.value.find('<'); bad != a.value.npos)
                    fail(a.value_offset + bad, "expected &lt; for < in an attribute");
            }
        } else if (node.type() == pugi::node_pcdata) {
            const auto end = std::min(source_.find('<', offset), source_.size());
            const auto text = std::string_view{source_}.substr(offset, end - offset);
            if (const auto bad = unknown_entity(text); bad != text.npos)
                fail(offset + bad, "expected &lt; &gt; &amp; &quot; &apos; or &#...;");
        }
        if (node.first_child()) {
            if (++depth > most_depth)
                fail(offset, "expected fewer nested elements");
            node = node.first_child();
            continue;
        }
        while (node != root && !node.next_sibling()) {
            node = node.parent();
            --depth;
        }
        if (node == root)
            return;
        node = node.next_sibling();
    }
}

element xml_document::root() const {
    return {*this, tree_.document_element()};
}

std::pair<std::size_t, std::size_t> xml_document::position(std::size_t offset) const noexcept {
    const auto before = std::string_view{source_}.substr(0, std::min(offset, source_.size()));
    const auto lines = static_cast<std::size_t>(std::count(before.begin(), before.end(), '\n'));
    const auto start = before.rfind('\n');
    return {lines + 1, before.size() - (start == before.npos ? 0 : start + 1) + 1};
}

void xml_document::fail(std::size_t offset, const std::string& expectation) const {
    const auto [line, column] = position(offset);
    throw xml_error{file_, line, column, expectation};
}

element::element(const xml_document& document, pugi::xml_node node)
    : document_(&document), node_(node) {}

std::string_view element::name() const noexcept {
    return node_.name();
}

std::optional<std::string> element::attribute(std::string_view name) const {
    for (const auto a : node_.attributes())
        if (name == a.name())
            return std::string{a.value()};
    return std::nullopt;
}

std::string element::required(std::string_view name) const {
    auto value = attribute(name);
    if (!value)
        fail("missing attribute " + std::string{name} + " of <" + node_.name() + ">");
    return *std::move(value);
}

void element::allow_only(std::span<const std::string_view> names) const {
    for (const auto a : node_.attributes())
        if (std::find(names.begin(), names.end(), a.name()) == names.end())
            fail_at(a.name(),
                    "unknown attribute " + escape(a.name(), 100) + " of <" + node_.name() +
                        ">; expected: " + list(names));
}

void element::allow_only(std::initializer_list<std::string_view> names) const {
    allow_only(std::span{names.begin(), names.size()});
}

void element::allow_no_content() const {
    if (const auto child = node_.first_child())
        document_->fail(static_cast<std::size_t>(child.offset_debug()),
                        std::string{"expected nothing in <"} + node_.name() + ">");
}

std::vector<element> element::children() const {
    std::vector<element> found;
    for (const auto child : node_.children()) {
        if (child.type() != pugi::node_element)
            document_->fail(static_cast<std::size_t>(child.offset_debug()),
                            std::string{"expected only elements in <"} + node_.name() +
                                ">, not text");
        found.emplace_back(*document_, child);
    }
    return found;
}

std::string element::text() const {
    std::string text;
    for (const auto child : node_.children()) {
        if (child.type() == pugi::node_element)
            document_->fail(static_cast<std::size_t>(child.offset_debug()),
                            std::string{"expected only text in <"} + node_.name() + ">");
        text += child.value();
    }
    return std::string{trim(text)};
}

std::uint32_t element::number(std::string_view name,
                              std::uint32_t otherwise,
                              std::uint32_t least,
                              std::uint32_t most) const {
    const auto text = attribute(name);
    if (!text)
        return otherwise;
    std::uint32_t value = 0;
    const char* const end = text->data() + text->size();
    const auto [stop, fault] = std::from_chars(text->data(), end, value);
    if (fault != std::errc{} || stop != end || value < least || value > most)
        fail_at(name,
                std::string{name} + "=\"" + escape(*text, 100) +
                    "\": expected a whole number from " + std::to_string(least) + " to " +
                    std::to_string(most));
    return value;
}

void element::fail(const std::string& expectation) const {
    document_->fail(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node_.offset_debug(), 0)),
                    expectation);
}

void element::fail_at(std::string_view attribute, const std::string& expectation) const {
    const auto offset = static_cast<std::size_t>(std::max<std::ptrdiff_t>(node_.offset_debug(), 0));
    for (const auto& a : start_tag_attributes(document_->source(), offset))
        if (a.name == attribute)
            document_->fail(a.offset, expectation);
    fail(expectation);
}

std::size_t element::line() const {
    return document_
        ->position(static_cast<std::size_t>(std::max<std::ptrdiff_t>(node_.offset_debug(), 0)))
        .first;
}

void element::fail_words(std::string_view name,
                         const std::string& text,
                         const std::vector<std::string_view>& known) const {
    fail_at(name,
            std::string{name} + "=\"" + escape(text, 100) + "\": expected one of: " + list(known));
}

duration read_time(const element& where, std::string_view text, const values& names) {
    try {
        return evaluate(text, names);
    } catch (const expression_error& e) {
        where.fail("time \"" + escape(text, 200) + "\", character " + std::to_string(e.position()) +
                   ": " + e.what());
    }
}

} // namespace cbv::fakemx
