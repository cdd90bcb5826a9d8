// Placeholders and escapes of the case format (fakemx/xml_reader.hpp: expand, unescape).
#include "cbv/text.hpp"
#include "fakemx/xml_reader.hpp"

namespace cbv::fakemx {
namespace {

int hex_digit(char c) noexcept {
    if (c >= '0' && c <= '9')
        return c - '0';
    if (c >= 'a' && c <= 'f')
        return c - 'a' + 10;
    if (c >= 'A' && c <= 'F')
        return c - 'A' + 10;
    return -1;
}

} // namespace

std::string
expand(const element& where, std::string_view text, const placeholder_values& value_of) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '{') {
            out += text[i];
            continue;
        }
        if (i + 1 < text.size() && text[i + 1] == '{') {
            out += '{';
            ++i;
            continue;
        }
        const auto end = text.find('}', i);
        if (end == text.npos)
            where.fail("\"" + escape(text, 200) + "\": expected } after {, or {{ for a brace");
        const auto name = text.substr(i + 1, end - i - 1);
        const auto value = value_of(name);
        if (!value)
            where.fail("unknown placeholder {" + escape(name, 100) + "}");
        out += *value;
        i = end;
    }
    return out;
}

std::string unescape(const element& where, std::string_view text) {
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] != '\\') {
            out += text[i];
            continue;
        }
        const char c = ++i < text.size() ? text[i] : '?';
        if (c == 'r')
            out += '\r';
        else if (c == 'n')
            out += '\n';
        else if (c == 't')
            out += '\t';
        else if (c == '\\')
            out += '\\';
        else if (c == '0')
            out += '\0';
        else if (const int high = i + 2 < text.size() && c == 'x' ? hex_digit(text[i + 1]) : -1,
                 low = high >= 0 ? hex_digit(text[i + 2]) : -1;
                 low >= 0) {
            out += static_cast<char>(high * 16 + low);
            i += 2;
        } else
            where.fail("\"" + escape(text, 200) +
                       "\": expected \\r, \\n, \\t, \\\\, \\0 or \\xHH after a backslash");
    }
    return out;
}

} // namespace cbv::fakemx
