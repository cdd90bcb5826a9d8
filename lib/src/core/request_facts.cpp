// The words of SPF's results (RFC 7208 section 2.6).
#include "cbv/request_facts.hpp"

#include <array>
#include <cstddef>

namespace cbv {
namespace {

// In the order of the enumeration.
constexpr std::array<std::string_view, 7> words{
    "none", "neutral", "pass", "fail", "softfail", "temperror", "permerror"};
static_assert(static_cast<std::size_t>(spf_result::permerror) + 1 == words.size());

} // namespace

std::string_view to_string(spf_result r) noexcept {
    const auto index = static_cast<std::size_t>(r);
    return index < words.size() ? words[index] : std::string_view("?");
}

std::optional<spf_result> spf_result_from(std::string_view word) noexcept {
    for (std::size_t i = 0; i < words.size(); ++i)
        if (words[i] == word)
            return static_cast<spf_result>(i);
    return std::nullopt;
}

} // namespace cbv
