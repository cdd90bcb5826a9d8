// From RFCXML to the draft's requirements and tables, by pugixml. It knows the profile's elements
// only as far as it needs them; anything it cannot make sense of is an error with its place.
#include "cbv/draft/document.hpp"

#include <pugixml.hpp>

#include <algorithm>
#include <array>
#include <fstream>
#include <iterator>
#include <map>
#include <optional>

namespace cbv::draft {

namespace {

constexpr std::string_view id_prefix = "CBV-";

std::string read_file(const std::filesystem::path& path) {
    std::ifstream in(path, std::ios::binary);
    if (!in || std::filesystem::is_directory(path))
        throw draft_error(path.string(), 0, 0, "a readable file");
    return {std::istreambuf_iterator<char>(in), std::istreambuf_iterator<char>()};
}

std::string collapse(std::string_view text) {
    std::string out;
    for (const char c : text) {
        const bool blank = c == ' ' || c == '\n' || c == '\t' || c == '\r';
        if (!blank)
            out += c;
        else if (!out.empty() && out.back() != ' ')
            out += ' ';
    }
    if (!out.empty() && out.back() == ' ')
        out.pop_back();
    return out;
}

// CBV-, capitals, a hyphen, three digits.
bool is_requirement_id(std::string_view id) {
    if (!id.starts_with(id_prefix))
        return false;
    id.remove_prefix(id_prefix.size());
    const std::size_t dash = id.find('-');
    const auto all = [](std::string_view part, char low, char high) {
        return std::all_of(part.begin(), part.end(), [&](char c) { return c >= low && c <= high; });
    };
    return dash != std::string_view::npos && dash > 0 && all(id.substr(0, dash), 'A', 'Z') &&
           id.size() == dash + 4 && all(id.substr(dash + 1), '0', '9');
}

std::optional<requirement_level> level_from(std::string_view word) {
    using enum requirement_level;
    for (const requirement_level level : {must, must_not, should, should_not, may}) {
        if (to_string(level) == word)
            return level;
    }
    return std::nullopt;
}

} // namespace

class loader {
public:
    explicit loader(const std::filesystem::path& path) : file_(path.string()) {
        text_ = read_file(path);
        for (std::size_t i = 0; i < text_.size(); ++i) {
            if (text_[i] == '\n')
                line_starts_.push_back(static_cast<std::ptrdiff_t>(i) + 1);
        }
        // Without parse_ws_pcdata the blank in "<bcp14>MUST</bcp14> <tt>x</tt>" would be lost.
        const auto result = xml_.load_buffer(
            text_.data(), text_.size(), pugi::parse_default | pugi::parse_ws_pcdata);
        if (!result)
            fail_at(result.offset, std::string("well-formed XML (") + result.description() + ")");
    }

    document run() {
        const pugi::xml_node rfc = xml_.child("rfc");
        if (!rfc)
            fail_at(0, "the root element <rfc>");
        document_.name_ = rfc.attribute("docName").value();
        if (document_.name_.empty())
            fail(rfc, "an attribute docName");
        number(rfc);
        walk(rfc);
        return std::move(document_);
    }

private:
    [[noreturn]] void fail_at(std::ptrdiff_t offset, std::string expected) const {
        const std::size_t line = line_of(offset);
        const auto column = std::max<std::ptrdiff_t>(offset, 0) - line_starts_[line - 1] + 1;
        throw draft_error(file_, line, static_cast<std::size_t>(column), std::move(expected));
    }
    [[noreturn]] void fail(pugi::xml_node at, std::string expected) const {
        fail_at(at.offset_debug(), std::move(expected));
    }
    [[nodiscard]] std::size_t line_of(std::ptrdiff_t offset) const {
        const auto next = std::upper_bound(
            line_starts_.begin(), line_starts_.end(), std::max<std::ptrdiff_t>(offset, 0));
        return static_cast<std::size_t>(next - line_starts_.begin());
    }

    // First pass: anchors and numbers, as the renderings count them.
    void number(pugi::xml_node rfc) {
        std::size_t sections = 0;
        for (const pugi::xml_node s : rfc.child("middle").children("section"))
            number_section(s, std::to_string(++sections));
        char letter = 'A';
        for (const pugi::xml_node s : rfc.child("back").children("section"))
            number_section(s, std::string(1, letter++));
        struct anchors : pugi::xml_tree_walker {
            loader& self;
            std::size_t tables = 0;
            explicit anchors(loader& l) : self(l) {}
            bool for_each(pugi::xml_node& node) override {
                if (std::string_view(node.name()) == "table")
                    self.numbers_[node] = std::to_string(++tables);
                const std::string anchor = node.attribute("anchor").value();
                if (!anchor.empty() && !self.anchors_.emplace(anchor, node).second)
                    self.fail(node, "an anchor used once, not a second \"" + anchor + "\"");
                return true;
            }
        } walker(*this);
        rfc.traverse(walker);
    }
    void number_section(pugi::xml_node section, const std::string& value) {
        numbers_[section] = value;
        std::size_t count = 0;
        for (const pugi::xml_node child : section.children("section"))
            number_section(child, value + "." + std::to_string(++count));
    }

    // Second pass: requirements and tables in the order of the document.
    void walk(pugi::xml_node node) {
        for (const pugi::xml_node child : node.children()) {
            const std::string_view anchor = child.attribute("anchor").value();
            if (std::string_view(child.name()) == "table")
                add_table(child);
            else if (anchor.starts_with(id_prefix))
                add_requirement(child);
            else
                walk(child);
        }
    }

    void add_requirement(pugi::xml_node node) {
        requirement r;
        r.id = node.attribute("anchor").value();
        if (!is_requirement_id(r.id))
            fail(node, "a requirement id such as CBV-DLG-005, not \"" + r.id + "\"");
        const pugi::xml_node word = node.child("bcp14");
        const auto level = level_from(collapse(word.child_value()));
        if (!level)
            fail(word ? word : node, "MUST, MUST NOT, SHOULD, SHOULD NOT or MAY in a <bcp14>");
        r.level = *level;
        r.sentence = collapse(flat(node, false));
        r.digest = digest_of(collapse(flat(node, true)));
        r.line = line_of(node.offset_debug());
        pugi::xml_node section = node.parent();
        while (section && std::string_view(section.name()) != "section")
            section = section.parent();
        if (!section)
            fail(node, "a requirement inside a <section>");
        r.section_number = numbers_[section];
        r.section_title = collapse(section.child_value("name"));
        document_.requirements_.push_back(std::move(r));
    }

    void add_table(pugi::xml_node node) {
        table t;
        t.anchor = node.attribute("anchor").value();
        if (t.anchor.empty())
            fail(node, "an anchor on the table");
        t.title = collapse(node.child_value("name"));
        t.number = std::stoul(numbers_[node]);
        for (const pugi::xml_node th : node.child("thead").child("tr").children("th"))
            t.header.push_back(collapse(flat(th, false)));
        if (t.header.empty())
            fail(node, "a header row in table " + t.anchor);
        for (const pugi::xml_node tr : node.child("tbody").children("tr")) {
            std::vector<std::string> row;
            for (const pugi::xml_node td : tr.children("td"))
                row.push_back(collapse(flat(td, false)));
            if (row.size() != t.header.size())
                fail(tr,
                     std::to_string(t.header.size()) + " cells in table " + t.anchor + ", not " +
                         std::to_string(row.size()));
            t.rows.push_back(std::move(row));
            t.lines.push_back(line_of(tr.offset_debug()));
        }
        document_.tables_.push_back(std::move(t));
    }

    // The words of an element. `stable`: references by anchor instead of number.
    std::string flat(pugi::xml_node node, bool stable) {
        std::string out;
        for (const pugi::xml_node child : node.children()) {
            const std::string_view name = child.name();
            if (child.type() == pugi::node_pcdata || child.type() == pugi::node_cdata)
                out += child.value();
            else if (name == "xref")
                out += reference(child, stable);
            else if (name == "bcp14" || name == "tt")
                out += child.child_value();
            else if (child.type() == pugi::node_element)
                fail(child, "text, <bcp14>, <tt> or <xref>, not <" + std::string(name) + ">");
        }
        return out;
    }

    std::string reference(pugi::xml_node xref, bool stable) {
        const std::string target = xref.attribute("target").value();
        const auto found = anchors_.find(target);
        if (found == anchors_.end())
            fail(xref, "an xref to a known anchor, not to \"" + target + "\"");
        if (std::string_view(xref.attribute("format").value()) == "none")
            return xref.child_value();
        const std::string_view kind = found->second.name();
        if (kind == "reference") {
            const std::string section = xref.attribute("section").value();
            return (section.empty() ? "" : "Section " + section + " of ") + "[" + target + "]";
        }
        if (stable)
            return "<" + target + ">";
        const std::string& value = numbers_[found->second];
        if (kind == "table")
            return "Table " + value;
        return (value[0] >= 'A' ? "Appendix " : "Section ") + value;
    }

    std::string file_;
    std::string text_;
    std::vector<std::ptrdiff_t> line_starts_{0};
    pugi::xml_document xml_;
    document document_;
    std::map<std::string, pugi::xml_node> anchors_;
    std::map<pugi::xml_node, std::string> numbers_;
};

document load(const std::filesystem::path& path) {
    return loader(path).run();
}

} // namespace cbv::draft
