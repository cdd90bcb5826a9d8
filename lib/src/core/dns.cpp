// The names of DNS record types, and what an answer's records say of the name asked for. No wire
// format, no resolver.
#include "cbv/dns.hpp"

#include "cbv/text.hpp"

#include <algorithm>
#include <optional>
#include <utility>

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

namespace {

bool same_name(std::string_view a, std::string_view b) {
    return iequals(without_final_dot(a), without_final_dot(b));
}

bool is_of_type(const dns_record& r, record_type type) {
    if (std::holds_alternative<mx_record>(r.data))
        return type == record_type::mx;
    const auto* address = std::get_if<ip_address>(&r.data);
    return address != nullptr && type == (address->is_v4() ? record_type::a : record_type::aaaa);
}

const dns_record* alias_of(std::span<const dns_record> records, std::string_view name) {
    const auto at = std::find_if(records.begin(), records.end(), [&](const dns_record& r) {
        const auto* alias = std::get_if<dns_alias>(&r.data);
        return alias != nullptr && !alias->target.empty() && same_name(r.owner, name);
    });
    return at == records.end() ? nullptr : &*at;
}

} // namespace

dns_answer
read_answer(std::string_view name, record_type type, std::span<const dns_record> records) {
    dns_answer answer;
    answer.status = dns_status::ok;
    std::optional<std::uint32_t> least;
    const auto use = [&least](const dns_record& r) {
        least = least ? std::min(*least, r.ttl) : r.ttl;
    };
    while (const dns_record* alias = alias_of(records, name)) {
        // No chain that ends is longer than the records that make it.
        if (++answer.aliases > std::min<std::size_t>(records.size(), most_aliases)) {
            answer.aliases = endless_chain;
            break;
        }
        use(*alias);
        name = std::get<dns_alias>(alias->data).target;
    }
    for (const dns_record& r : records) {
        if (!is_of_type(r, type))
            continue;
        const auto* mx = std::get_if<mx_record>(&r.data);
        if (!same_name(r.owner, name)) {
            if (mx != nullptr)
                answer.foreign_mx.push_back(*mx);
            continue;
        }
        use(r);
        if (mx != nullptr)
            answer.mx.push_back(*mx);
        else
            answer.addresses.push_back(std::get<ip_address>(r.data));
    }
    answer.ttl = least.value_or(0);
    return answer;
}

} // namespace cbv
