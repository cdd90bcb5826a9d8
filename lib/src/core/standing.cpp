// What gives standing (cbv/standing.hpp). The strict reading of codes is meant here: what is
// written carelessly softens (cbv/softening.hpp) and never hardens.
#include "cbv/standing.hpp"

#include "cbv/text.hpp"

#include <array>
#include <cstddef>

namespace cbv {
namespace {

constexpr std::array<std::string_view, 3> mode_words{"off", "strict", "postmaster"};
static_assert(static_cast<std::size_t>(standing_mode::postmaster) + 1 == mode_words.size());

} // namespace

std::string_view to_string(standing_mode m) noexcept {
    const auto index = static_cast<std::size_t>(m);
    return index < mode_words.size() ? mode_words[index] : std::string_view("?");
}

std::optional<standing_mode> standing_mode_from(std::string_view word) noexcept {
    for (std::size_t i = 0; i < mode_words.size(); ++i) {
        if (mode_words[i] == word)
            return static_cast<standing_mode>(i);
    }
    return std::nullopt;
}

bool gives_standing(const reply& r, bool advertised) {
    const auto code = advertised ? r.enhanced() : std::nullopt;
    if (!code)
        return false;
    if (code->subject == 1)
        return code->detail == 1 || code->detail == 6 || code->detail == 10;
    return code->subject == 4 && code->detail == 1;
}

bool is_role_address(const mailbox& box) {
    const auto name = box.unquoted_local_part();
    return iequals(name, "postmaster") || iequals(name, "abuse") || iequals(name, "mailer-daemon");
}

} // namespace cbv
