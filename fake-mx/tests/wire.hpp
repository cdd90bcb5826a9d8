// DNS octets for tests: a query as resolvers send it.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace cbv::fakemx::test {

inline std::string u16(unsigned value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}

/// The name uncompressed.
inline std::string wire_name(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find('.'), text.size());
        out += static_cast<char>(end);
        out += text.substr(0, end);
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    return out + '\0';
}

/// A query with RD set; `edns` above zero adds OPT with that size.
inline std::string query(std::string_view name, unsigned type, unsigned edns = 0) {
    auto out = u16(0x1234) + u16(0x0100) + u16(1) + u16(0) + u16(0) + u16(edns > 0 ? 1 : 0) +
               wire_name(name) + u16(type) + u16(1);
    if (edns > 0)
        out += std::string(1, '\0') + u16(41) + u16(edns) + u16(0) + u16(0) + u16(0);
    return out;
}

/// A number in the header: 0 id, 1 flags, 2 questions, 3 answers, 4 authority, 5 additional.
inline unsigned header(std::string_view message, std::size_t field) {
    return static_cast<unsigned>(static_cast<unsigned char>(message.at(2 * field))) << 8U |
           static_cast<unsigned char>(message.at(2 * field + 1));
}

} // namespace cbv::fakemx::test
