// Scanners of the mailbox grammar (mailbox_grammar.hpp). The ABNF stands above the code that reads
// it. No scanner backs up, so the time is linear in the text.
#include "mailbox_grammar.hpp"

#include "ascii.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <string>

namespace cbv::grammar {
namespace {

constexpr std::size_t max_label = 63; // RFC 1035 section 2.3.4

violation syntax(std::size_t offset, const char* expected) noexcept {
    return {path_fault::syntax, offset, expected};
}

bool at_char(std::string_view text, std::size_t at, char c) noexcept {
    return at < text.size() && text[at] == c;
}

// atext = ALPHA / DIGIT / "!" / "#" ... (RFC 5322 section 3.2.3) =/ UTF8-non-ascii (RFC 6531)
bool is_atext(char c) noexcept {
    constexpr std::string_view specials = "!#$%&'*+-/=?^_`{|}~";
    return ascii::is_let_dig(c) || ascii::is_high(c) || specials.find(c) != specials.npos;
}

// Dot-string = Atom *("." Atom)        Atom = 1*atext
outcome scan_dot_string(std::string_view text, std::size_t& at) noexcept {
    for (;;) {
        const std::size_t begin = at;
        while (at < text.size() && is_atext(text[at]))
            ++at;
        if (at == begin)
            return syntax(at, "expected a character of an atom in the local-part");
        if (!at_char(text, at, '.'))
            return {};
        ++at;
    }
}

// Quoted-string   = DQUOTE *QcontentSMTP DQUOTE
// QcontentSMTP    = qtextSMTP / quoted-pairSMTP
// quoted-pairSMTP = %d92 %d32-126
// qtextSMTP       = %d32-33 / %d35-91 / %d93-126 =/ UTF8-non-ascii
outcome scan_quoted_string(std::string_view text, std::size_t& at) noexcept {
    ++at;
    while (at < text.size()) {
        if (text[at] == '"') {
            ++at;
            return {};
        }
        if (text[at] == '\\') {
            ++at;
            if (at == text.size() || ascii::is_high(text[at]))
                return syntax(at, "expected printable ASCII after the backslash");
        }
        ++at;
    }
    return syntax(at, "expected the closing quote of the local-part");
}

// sub-domain = Let-dig [Ldh-str] =/ U-label (RFC 6531)
// and an underscore anywhere: the DNS knows such names, and mail comes from them (CBV-ADDR-011).
// A U-label has no limit of its own: the 63 octets bind its A-label (RFC 5890 section 4.2).
outcome scan_label(std::string_view text, std::size_t& at) noexcept {
    const std::size_t begin = at;
    while (at < text.size() && (ascii::is_let_dig(text[at]) || text[at] == '-' || text[at] == '_' ||
                                ascii::is_high(text[at])))
        ++at;
    if (at == begin || text[begin] == '-')
        return syntax(begin, "expected a letter or digit at the start of a label of the domain");
    if (text[at - 1] == '-')
        return syntax(at - 1, "expected a letter or digit at the end of a label of the domain");
    if (at - begin > max_label && is_ascii(text.substr(begin, at - begin)))
        return violation{path_fault::too_long,
                         begin + max_label,
                         "expected at most 63 octets in a label of the domain"};
    return {};
}

// Snum = 1*3DIGIT ; a decimal integer from 0 through 255
std::optional<std::uint8_t> take_snum(std::string_view& text) noexcept {
    unsigned value = 0;
    std::size_t digits = 0;
    while (digits < text.size() && digits < 4 && ascii::is_digit(text[digits]))
        value = value * 10 + static_cast<unsigned>(text[digits++] - '0');
    if (digits == 0 || digits > 3 || value > 255)
        return std::nullopt;
    text.remove_prefix(digits);
    return static_cast<std::uint8_t>(value);
}

// IPv4-address-literal = Snum 3("." Snum)
// Leading zeros are in the grammar and decimal; inet_pton() refuses them, hence this reader.
std::optional<ip_address> read_ipv4(std::string_view text) noexcept {
    std::array<std::uint8_t, 4> octets{};
    for (std::size_t i = 0; i < octets.size(); ++i) {
        if (i > 0) {
            if (!text.starts_with('.'))
                return std::nullopt;
            text.remove_prefix(1);
        }
        const auto number = take_snum(text);
        if (!number)
            return std::nullopt;
        octets[i] = *number;
    }
    return text.empty() ? std::optional(ip_address::v4(octets)) : std::nullopt;
}

/// The 16-bit groups written out in `text`; an IPv4 address counts for two.
std::size_t count_groups(std::string_view text) noexcept {
    std::size_t groups = text.find('.') != text.npos ? 1 : 0;
    for (std::size_t i = 0; i < text.size(); ++i)
        if (text[i] != ':' && (i == 0 || text[i - 1] == ':'))
            ++groups;
    return groups;
}

// IPv6-addr = IPv6-full / IPv6-comp / IPv6v4-full / IPv6v4-comp
// In the "comp" forms "::" stands for two groups at least, so that six can be written beside it.
std::optional<ip_address> read_ipv6(std::string_view text) {
    if (text.find("::") != text.npos && count_groups(text) > 6)
        return std::nullopt;
    if (text.find('.') == text.npos) {
        const auto address = ip_address::parse(text);
        return address && address->is_v6() ? address : std::nullopt;
    }
    const std::size_t colon = text.rfind(':');
    if (colon == text.npos)
        return std::nullopt;
    const auto tail = read_ipv4(text.substr(colon + 1));
    if (!tail)
        return std::nullopt;
    return ip_address::parse(std::string(text.substr(0, colon + 1)) + tail->to_string());
}

} // namespace

outcome check_octets(std::string_view text) noexcept {
    const auto control = std::find_if(text.begin(), text.end(), ascii::is_control);
    if (control != text.end())
        return violation{path_fault::control_octet,
                         static_cast<std::size_t>(control - text.begin()),
                         "expected no control octet"};
    if (is_utf8(text))
        return {};
    // The rare case may take a second look for the place: the longest front that is well formed.
    std::size_t good = 0;
    for (std::size_t size = 1; good < text.size() && size <= 4; ++size) {
        if (good + size <= text.size() && is_utf8(text.substr(good, size))) {
            good += size;
            size = 0;
        }
    }
    return violation{path_fault::not_utf8, good, "expected UTF-8"};
}

outcome scan_local_part(std::string_view text, std::size_t& at, lengths bound) noexcept {
    const std::size_t begin = at;
    const bool quoted = at_char(text, at, '"');
    if (auto missed = quoted ? scan_quoted_string(text, at) : scan_dot_string(text, at))
        return missed;
    if (bound == lengths::limited && at - begin > max_local_part)
        return violation{path_fault::too_long,
                         begin + max_local_part,
                         "expected at most 64 octets in the local-part"};
    return {};
}

outcome scan_domain(std::string_view text, std::size_t& at) noexcept {
    const std::size_t begin = at;
    for (;;) {
        if (auto missed = scan_label(text, at))
            return missed;
        if (!at_char(text, at, '.'))
            break;
        ++at;
    }
    if (at - begin > max_domain)
        return violation{
            path_fault::too_long, begin + max_domain, "expected at most 255 octets in the domain"};
    return {};
}

outcome scan_literal(std::string_view text, std::size_t& at, ip_address& address) {
    constexpr std::string_view tag = "IPv6:"; // a literal of ABNF: its case does not matter
    const std::size_t begin = at + 1;
    const std::size_t close = text.find(']', begin);
    if (close == text.npos)
        return syntax(text.size(), "expected the closing bracket of the address literal");
    const std::string_view inner = text.substr(begin, close - begin);
    const auto read = iequals(inner.substr(0, tag.size()), tag)
                          ? read_ipv6(inner.substr(tag.size()))
                          : read_ipv4(inner);
    if (!read)
        return syntax(begin, "expected an IPv4 address or IPv6: and an IPv6 address in brackets");
    address = *read;
    at = close + 1;
    return {};
}

} // namespace cbv::grammar
