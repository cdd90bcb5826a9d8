// Addresses and prefixes (cbv/ip_address.hpp). inet_pton() reads them; the text is written here,
// because inet_ntop() shows ::1:2 as ::0.1.0.2, which is not the form of RFC 5952.
#include "cbv/ip_address.hpp"

#include <algorithm>
#include <arpa/inet.h>
#include <charconv>
#include <stdexcept>

namespace cbv {
namespace {

std::string dotted_quad(const std::uint8_t* octets) {
    std::string out = std::to_string(octets[0]);
    for (int i = 1; i < 4; ++i)
        out += '.' + std::to_string(octets[i]);
    return out;
}

std::string hex_group(unsigned value) {
    char buffer[4];
    const auto end = std::to_chars(buffer, buffer + sizeof buffer, value, 16).ptr;
    return {buffer, end};
}

struct zero_run {
    std::size_t begin = 0;
    std::size_t length = 0;
};

/// The first of the longest runs of zero groups; a single group is not shortened
/// (RFC 5952 sections 4.2.2 and 4.2.3).
zero_run longest_zero_run(const std::array<unsigned, 8>& groups) {
    zero_run best;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        std::size_t end = i;
        while (end < groups.size() && groups[end] == 0)
            ++end;
        if (end - i > best.length)
            best = {i, end - i};
        i = std::max(i, end);
    }
    return best.length >= 2 ? best : zero_run{};
}

bool is_v4_mapped(const std::array<std::uint8_t, 16>& octets) {
    return std::all_of(octets.begin(), octets.begin() + 10, [](auto o) { return o == 0; }) &&
           octets[10] == 0xFF && octets[11] == 0xFF;
}

std::string v6_text(const std::array<std::uint8_t, 16>& octets) {
    if (is_v4_mapped(octets)) // RFC 5952 section 5: a well-known prefix shows its IPv4 address
        return "::ffff:" + dotted_quad(octets.data() + 12);
    std::array<unsigned, 8> groups{};
    for (std::size_t i = 0; i < groups.size(); ++i)
        groups[i] = octets[2 * i] * 256U + octets[2 * i + 1];
    const zero_run run = longest_zero_run(groups);
    std::string out;
    for (std::size_t i = 0; i < groups.size(); ++i) {
        if (run.length != 0 && i == run.begin) {
            out += "::";
            i += run.length - 1;
            continue;
        }
        if (!out.empty() && out.back() != ':')
            out += ':';
        out += hex_group(groups[i]);
    }
    return out;
}

unsigned width(const ip_address& address) noexcept {
    return address.is_v4() ? 32 : 128;
}

/// The octet at `index` of a mask of `length` one bits.
std::uint8_t mask_octet(unsigned length, std::size_t index) noexcept {
    const std::size_t before = 8 * index;
    if (length <= before)
        return 0;
    const std::size_t ones = std::min<std::size_t>(8, length - before);
    return static_cast<std::uint8_t>(0xFF00U >> ones);
}

ip_address masked(const ip_address& address, unsigned length) noexcept {
    std::array<std::uint8_t, 16> octets = address.octets();
    for (std::size_t i = 0; i < octets.size(); ++i)
        octets[i] = static_cast<std::uint8_t>(octets[i] & mask_octet(length, i));
    if (address.is_v6())
        return ip_address::v6(octets);
    return ip_address::v4({octets[0], octets[1], octets[2], octets[3]});
}

} // namespace

std::optional<ip_address> ip_address::parse(std::string_view text) {
    // inet_pton() would stop at a NUL and take what came before it.
    if (text.find('\0') != std::string_view::npos || text.size() > INET6_ADDRSTRLEN)
        return std::nullopt;
    const std::string terminated(text);
    if (std::array<std::uint8_t, 4> four; inet_pton(AF_INET, terminated.c_str(), four.data()) == 1)
        return v4(four);
    if (std::array<std::uint8_t, 16> six; inet_pton(AF_INET6, terminated.c_str(), six.data()) == 1)
        return v6(six);
    return std::nullopt;
}

ip_address ip_address::v4(std::array<std::uint8_t, 4> octets) noexcept {
    ip_address out;
    std::copy(octets.begin(), octets.end(), out.octets_.begin());
    return out;
}

ip_address ip_address::v6(std::array<std::uint8_t, 16> octets) noexcept {
    ip_address out;
    out.octets_ = octets;
    out.v4_ = false;
    return out;
}

std::string ip_address::to_string() const {
    return v4_ ? dotted_quad(octets_.data()) : v6_text(octets_);
}

ip_prefix::ip_prefix(ip_address address, unsigned length) : length_(length) {
    if (length > width(address))
        throw std::logic_error("cbv::ip_prefix: length " + std::to_string(length) + " exceeds " +
                               std::to_string(width(address)));
    address_ = masked(address, length);
}

std::optional<ip_prefix> ip_prefix::parse(std::string_view text) {
    const std::size_t slash = text.find('/');
    const auto address = ip_address::parse(text.substr(0, slash));
    if (!address)
        return std::nullopt;
    unsigned length = width(*address);
    if (slash != std::string_view::npos) {
        const std::string_view digits = text.substr(slash + 1);
        const char* const end = digits.data() + digits.size();
        const auto [stop, error] = std::from_chars(digits.data(), end, length);
        const bool leading_zero = digits.size() > 1 && digits[0] == '0';
        if (error != std::errc{} || stop != end || leading_zero || length > width(*address))
            return std::nullopt;
    }
    return ip_prefix(*address, length);
}

bool ip_prefix::contains(const ip_address& address) const noexcept {
    return address.is_v4() == address_.is_v4() && masked(address, length_) == address_;
}

std::string ip_prefix::to_string() const {
    return address_.to_string() + '/' + std::to_string(length_);
}

bool covers(std::span<const ip_prefix> prefixes, const ip_address& address) noexcept {
    return std::any_of(prefixes.begin(), prefixes.end(), [&](const ip_prefix& prefix) {
        return prefix.contains(address);
    });
}

} // namespace cbv
