// The names of DNS record types. No wire format, no resolver.
#include "cbv/dns.hpp"

namespace cbv {

std::string_view to_string(record_type type) noexcept {
    switch (type) {
    case record_type::mx:
        return "MX";
    case record_type::a:
        return "A";
    case record_type::aaaa:
        return "AAAA";
    }
    return "?";
}

} // namespace cbv
