// Strict base64 decoding (base64.hpp).
#include "base64.hpp"

#include <cstdint>

namespace cbv {

std::optional<std::string> decode_base64(std::string_view text) {
    constexpr std::string_view alphabet =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    if (text.size() % 4 != 0)
        return std::nullopt;
    std::size_t padding = 0;
    while (padding < 2 && padding < text.size() && text[text.size() - 1 - padding] == '=')
        ++padding;
    std::string out;
    out.reserve(text.size() / 4 * 3);
    std::uint32_t group = 0;
    const std::size_t digits = text.size() - padding;
    for (std::size_t i = 0; i < text.size(); ++i) {
        std::uint32_t value = 0;
        if (i < digits) {
            const std::size_t found = alphabet.find(text[i]);
            if (found == alphabet.npos)
                return std::nullopt;
            value = static_cast<std::uint32_t>(found);
        }
        group = (group << 6) | value;
        if (i % 4 == 3) {
            out += static_cast<char>(group >> 16 & 0xFF);
            out += static_cast<char>(group >> 8 & 0xFF);
            out += static_cast<char>(group & 0xFF);
            group = 0;
        }
    }
    for (std::size_t i = 0; i < padding; ++i) {
        if (out.back() != '\0') // bits that the padding hides must be zero
            return std::nullopt;
        out.pop_back();
    }
    return out;
}

} // namespace cbv
