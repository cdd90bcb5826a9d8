// IDNA by libidn2: non-transitional processing, NFC input normalisation. No table of our own.
#include "cbv/idna.hpp"

#include "cbv/text.hpp"

#include <idn2.h>

namespace cbv {

std::optional<std::string> idna_to_ascii(std::string_view domain) {
    if (is_ascii(domain))
        return std::string(domain);
    if (!is_utf8(domain) || domain.find('\0') != std::string_view::npos)
        return std::nullopt;
    char* output = nullptr;
    const std::string input(domain); // libidn2 wants a terminated string
    const int status =
        idn2_to_ascii_8z(input.c_str(), &output, IDN2_NFC_INPUT | IDN2_NONTRANSITIONAL);
    if (status != IDN2_OK)
        return std::nullopt;
    std::string ascii(output);
    idn2_free(output);
    return ascii;
}

} // namespace cbv
