// Counting within a range; see the header.
#include "client_sources.hpp"

#include <stdexcept>

namespace cbv::engine {
namespace {

/// The n-th host of a range such as 198.51.100.0/24, going round, without first and last.
ip_address nth_client(const ip_prefix& range, std::size_t n) {
    if (range.address().is_v6() || range.length() > 30)
        return range.address();
    const std::size_t size = (std::size_t{1} << (32U - range.length())) - 2;
    const auto offset = static_cast<std::uint32_t>(n % size + 1);
    const auto& o = range.address().octets();
    std::uint32_t value = 0;
    for (std::size_t i = 0; i < 4; ++i)
        value = value << 8U | o[i];
    value += offset;
    return ip_address::v4({static_cast<std::uint8_t>(value >> 24U),
                           static_cast<std::uint8_t>(value >> 16U),
                           static_cast<std::uint8_t>(value >> 8U),
                           static_cast<std::uint8_t>(value)});
}

ip_prefix parse_range(const std::string& text) {
    const auto range = ip_prefix::parse(text);
    if (!range)
        throw std::runtime_error{"client_range '" + text +
                                 "': expected a prefix such as 198.51.100.0/24"};
    return *range;
}

} // namespace

client_sources::client_sources(const std::string& range,
                               const std::vector<conformance_case>& cases,
                               const target& t)
    : range_(parse_range(range)) {
    for (const auto& c : cases)
        for (const auto& client : c.clients)
            if (client.address)
                taken_.insert(*client.address);
    for (const auto* name : {"allow-client",
                             "blocked-client",
                             "relay-client",
                             "spf-pass-client",
                             "spf-softfail-client",
                             "spf-fail-client"})
        if (const auto found = t.identities.find(name); found != t.identities.end())
            if (const auto address = ip_address::parse(found->second))
                taken_.insert(*address);
}

std::vector<ip_address> client_sources::of(const conformance_case& c) {
    std::vector<ip_address> sources;
    for (const auto& client : c.clients) {
        for (std::size_t tried = 0; tried < taken_.size(); ++tried)
            next_ += taken_.contains(nth_client(range_, next_)) ? 1U : 0U;
        sources.push_back(client.address.value_or(nth_client(range_, next_)));
        ++next_;
    }
    return sources;
}

} // namespace cbv::engine
