// Reads MX, A and AAAA answers with c-ares' own parsers. Those follow a CNAME chain inside the
// answer, which is what a recursive resolver returns (CBV-MX-005).
#include "answer.hpp"

#include "cbv/text.hpp"
#include "message_ttl.hpp"

#include <ares.h>

#include <arpa/nameser.h>
#include <array>
#include <cstring>
#include <memory>
#include <netdb.h>

namespace cbv::dns {
namespace {

/// Addresses of one exchange beyond this many are not used; nobody needs them to take a call.
constexpr int max_addresses = 32;

int parse_mx(std::span<const unsigned char> message, dns_answer& answer) {
    ares_mx_reply* list = nullptr;
    const int status = ares_parse_mx_reply(message.data(), static_cast<int>(message.size()), &list);
    const std::unique_ptr<ares_mx_reply, void (*)(void*)> owner(list, ares_free_data);
    for (const auto* mx = list; mx != nullptr; mx = mx->next)
        answer.mx.push_back({mx->priority, std::string(without_final_dot(mx->host))});
    return status;
}

int parse_a(std::span<const unsigned char> message, dns_answer& answer) {
    std::array<ares_addrttl, max_addresses> found{};
    int count = max_addresses;
    const int status = ares_parse_a_reply(
        message.data(), static_cast<int>(message.size()), nullptr, found.data(), &count);
    if (status != ARES_SUCCESS)
        return status;
    for (int i = 0; i < count; ++i) {
        const auto& entry = found[static_cast<std::size_t>(i)];
        std::array<std::uint8_t, 4> octets{};
        std::memcpy(octets.data(), &entry.ipaddr, octets.size());
        answer.addresses.push_back(ip_address::v4(octets));
    }
    return status;
}

int parse_aaaa(std::span<const unsigned char> message, dns_answer& answer) {
    std::array<ares_addr6ttl, max_addresses> found{};
    int count = max_addresses;
    const int status = ares_parse_aaaa_reply(
        message.data(), static_cast<int>(message.size()), nullptr, found.data(), &count);
    if (status != ARES_SUCCESS)
        return status;
    for (int i = 0; i < count; ++i) {
        const auto& entry = found[static_cast<std::size_t>(i)];
        std::array<std::uint8_t, 16> octets{};
        std::memcpy(octets.data(), &entry.ip6addr, octets.size());
        answer.addresses.push_back(ip_address::v6(octets));
    }
    return status;
}

} // namespace

std::uint16_t wire_type(record_type type) noexcept {
    switch (type) {
    case record_type::mx:
        return ns_t_mx;
    case record_type::a:
        return ns_t_a;
    case record_type::aaaa:
        return ns_t_aaaa;
    }
    return ns_t_invalid;
}

dns_answer make_answer(record_type type, int status, std::span<const unsigned char> message) {
    dns_answer answer;
    if (status == ARES_SUCCESS) {
        switch (type) {
        case record_type::mx:
            status = parse_mx(message, answer);
            break;
        case record_type::a:
            status = parse_a(message, answer);
            break;
        case record_type::aaaa:
            status = parse_aaaa(message, answer);
            break;
        }
    }
    switch (status) {
    case ARES_SUCCESS:
    case ARES_ENODATA:
        answer.status = dns_status::ok;
        break;
    case ARES_ENOTFOUND:
        answer.status = dns_status::nxdomain;
        break;
    default:
        // Whatever is not a clear answer is "not known now", never "does not exist" (CBV-MX-010).
        answer = dns_answer{};
        answer.status = dns_status::temporary;
    }
    if (answer.status != dns_status::temporary)
        answer.ttl = ttl_of(message, wire_type(type)).value_or(0);
    answer.detail = ares_strerror(status);
    return answer;
}

} // namespace cbv::dns
