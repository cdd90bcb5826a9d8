// Feeds the same octets to a parser in every segmentation that matters: whole, octet by octet, and
// cut in two at every place. For tests of the incremental parsers.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::test {

/// The segmentations of `text`: the whole first, then single octets, then every cut in two.
inline std::vector<std::vector<std::string>> segmentations(const std::string& text) {
    std::vector<std::vector<std::string>> out{{text}, {}};
    for (const char c : text)
        out.back().emplace_back(1, c);
    for (std::size_t cut = 1; cut < text.size(); ++cut)
        out.push_back({text.substr(0, cut), text.substr(cut)});
    return out;
}

} // namespace cbv::test
