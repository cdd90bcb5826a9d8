// Where the attributes of a start tag lie in the source, for error positions, and what pugixml does
// not check in them. Private to fakemx; the source has been parsed by pugixml before.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

namespace cbv::fakemx {

/// One attribute as written.
struct raw_attribute {
    std::string_view name;
    std::string_view value; ///< between the quotes, entities unresolved
    std::size_t offset = 0; ///< of the name in the source
    std::size_t value_offset = 0;
};

/// The attributes of the start tag whose name begins at `offset`, in order, duplicates included.
[[nodiscard]] std::vector<raw_attribute> start_tag_attributes(std::string_view source,
                                                              std::size_t offset);

/// The offset of a `&` that begins none of the five entities nor a character reference; npos if
/// there is none.
[[nodiscard]] std::size_t unknown_entity(std::string_view text) noexcept;

} // namespace cbv::fakemx
