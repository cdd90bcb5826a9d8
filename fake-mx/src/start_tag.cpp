// start_tag.hpp: a scan of one start tag. It stops at anything unexpected; pugixml has accepted the
// tag already.
#include "start_tag.hpp"

#include <initializer_list>

namespace cbv::fakemx {
namespace {

constexpr std::string_view space = " \t\r\n";

} // namespace

std::vector<raw_attribute> start_tag_attributes(std::string_view source, std::size_t offset) {
    std::vector<raw_attribute> found;
    std::size_t at = source.find_first_of(" \t\r\n/>", offset); // past the element's name
    for (;;) {
        at = source.find_first_not_of(space, at);
        if (at == source.npos || source[at] == '>' || source[at] == '/')
            return found;
        raw_attribute a;
        a.offset = at;
        const std::size_t name_end = source.find_first_of(" \t\r\n=", at);
        const std::size_t equals = source.find('=', at);
        if (name_end == source.npos || equals == source.npos)
            return found;
        a.name = source.substr(at, name_end - at);
        const std::size_t quote = source.find_first_not_of(space, equals + 1);
        if (quote == source.npos || (source[quote] != '"' && source[quote] != '\''))
            return found;
        const std::size_t end = source.find(source[quote], quote + 1);
        if (end == source.npos)
            return found;
        a.value_offset = quote + 1;
        a.value = source.substr(quote + 1, end - quote - 1);
        found.push_back(a);
        at = end + 1;
    }
}

std::size_t unknown_entity(std::string_view text) noexcept {
    for (std::size_t at = text.find('&'); at != text.npos; at = text.find('&', at + 1)) {
        const auto rest = text.substr(at);
        bool known = false;
        for (const std::string_view entity : {"&lt;", "&gt;", "&amp;", "&quot;", "&apos;"})
            known = known || rest.starts_with(entity);
        if (!known && rest.starts_with("&#")) {
            const bool hex = rest.substr(2).starts_with('x');
            const auto digits = rest.substr(hex ? 3 : 2);
            const auto end =
                digits.find_first_not_of(hex ? "0123456789abcdefABCDEF" : "0123456789");
            known = end != digits.npos && end > 0 && digits[end] == ';';
        }
        if (!known)
            return at;
    }
    return text.npos;
}

} // namespace cbv::fakemx
