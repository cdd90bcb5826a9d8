// Checks of single values that several sections share; each makes a function for
// section::read_list() or read_checked(). They know no key.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/mailbox.hpp"

#include <string>
#include <vector>

namespace cbv::refserver {

[[nodiscard]] inline bool is_domain_or_literal(const std::string& text) {
    return is_domain(text) || parse_mailbox("x@" + text).has_value();
}

[[nodiscard]] inline auto domains_into(std::vector<std::string>& out) {
    return [&out](const std::string& text) {
        out.push_back(text);
        return is_domain_or_literal(text);
    };
}

template <class Take>
[[nodiscard]] auto prefixes(Take take) {
    return [take](const std::string& text) {
        const auto prefix = ip_prefix::parse(text);
        if (prefix)
            take(*prefix);
        return prefix.has_value();
    };
}

[[nodiscard]] inline auto prefixes_into(std::vector<ip_prefix>& out) {
    return prefixes([&out](const ip_prefix& p) { out.push_back(p); });
}

inline constexpr std::string_view prefix_expected =
    "an address or a prefix such as \"198.18.0.0/15\"";

} // namespace cbv::refserver
