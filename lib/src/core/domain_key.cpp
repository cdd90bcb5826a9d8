// Keys of domains; see the header.
#include "cbv/domain_key.hpp"

#include "cbv/mailbox.hpp"
#include "cbv/text.hpp"

#include <algorithm>

namespace cbv {

std::string domain_key(std::string_view domain, const to_ascii_function& to_ascii) {
    const std::string_view name = without_final_dot(domain);
    if (name.starts_with('[')) {
        const auto box = parse_mailbox("x@" + std::string(name));
        if (box && box->literal)
            return (box->literal->is_v4() ? "[" : "[ipv6:") + box->literal->to_string() + "]";
    }
    if (to_ascii && !is_ascii(name))
        if (const auto ascii = to_ascii(name))
            return to_lower(*ascii);
    return to_lower(name);
}

bool contains_domain(const std::vector<std::string>& list,
                     std::string_view domain,
                     const to_ascii_function& to_ascii) {
    const std::string key = domain_key(domain, to_ascii);
    return std::any_of(list.begin(), list.end(), [&](const std::string& entry) {
        return domain_key(entry, to_ascii) == key;
    });
}

} // namespace cbv
