// dns_writer.hpp: names as labels, lengths filled in afterwards.
#include "dns_writer.hpp"

#include <algorithm>

namespace cbv::fakemx {
namespace {

constexpr std::size_t most_pointer = 0x3FFF;

/// The end of the first label of `text`: an unescaped dot, or the end.
std::size_t label_end(std::string_view text) noexcept {
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '\\')
            ++i;
        else if (text[i] == '.')
            return i;
    }
    return text.size();
}

std::string unescaped(std::string_view label) {
    std::string out;
    for (std::size_t i = 0; i < label.size(); ++i) {
        if (label[i] == '\\' && i + 1 < label.size())
            ++i;
        out += label[i];
    }
    return out;
}

} // namespace

void dns_writer::u16(std::uint16_t value) {
    out_ += static_cast<char>(value >> 8U);
    out_ += static_cast<char>(value & 0xFFU);
}

void dns_writer::u32(std::uint32_t value) {
    u16(static_cast<std::uint16_t>(value >> 16U));
    u16(static_cast<std::uint16_t>(value & 0xFFFFU));
}

void dns_writer::remember(std::string_view text, std::size_t offset) {
    while (!text.empty() && offset <= most_pointer) {
        known_.try_emplace(std::string{text}, offset);
        const auto end = label_end(text);
        offset += unescaped(text.substr(0, end)).size() + 1;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
}

void dns_writer::name(std::string_view text) {
    while (!text.empty()) {
        if (const auto found = known_.find(text); found != known_.end()) {
            u16(static_cast<std::uint16_t>(0xC000U | found->second));
            return;
        }
        if (out_.size() <= most_pointer)
            known_.emplace(text, out_.size());
        const auto end = label_end(text);
        const auto label = unescaped(text.substr(0, end));
        out_ += static_cast<char>(label.size());
        out_ += label;
        text.remove_prefix(std::min(end + 1, text.size()));
    }
    out_ += '\0';
}

void dns_writer::head(std::string_view owner, rr_type type, std::uint32_t ttl) {
    name(owner);
    u16(static_cast<std::uint16_t>(type));
    u16(1); // IN
    u32(ttl);
}

std::size_t dns_writer::begin_data() {
    u16(0);
    return out_.size();
}

void dns_writer::end_data(std::size_t start) {
    const std::size_t length = out_.size() - start;
    out_[start - 2] = static_cast<char>(length >> 8U);
    out_[start - 1] = static_cast<char>(length & 0xFFU);
}

void dns_writer::write(const record& r) {
    head(r.owner.empty() ? r.name : r.owner, r.type, r.ttl);
    const auto start = begin_data();
    switch (r.type) {
    case rr_type::a:
    case rr_type::aaaa:
        if (r.address)
            for (std::size_t i = 0; i < (r.type == rr_type::a ? 4U : 16U); ++i)
                out_ += static_cast<char>(r.address->octets()[i]);
        break;
    case rr_type::mx:
        u16(r.preference);
        name(r.target);
        break;
    case rr_type::txt: { // strings of at most 255 octets, RFC 1035 section 3.3.14
        std::string_view text = r.target;
        do {
            const auto piece = text.substr(0, 255);
            out_ += static_cast<char>(piece.size());
            out_ += piece;
            text.remove_prefix(piece.size());
        } while (!text.empty());
        break;
    }
    case rr_type::cname:
    case rr_type::ptr:
    case rr_type::any:
        name(r.target);
        break;
    }
    end_data(start);
}

void dns_writer::soa(const std::string& zone, std::uint32_t negative_ttl) {
    head(zone, static_cast<rr_type>(6), negative_ttl);
    const auto start = begin_data();
    name("ns." + zone);
    name("hostmaster." + zone);
    for (const std::uint32_t value : {1U, 3600U, 600U, 86400U, unsigned{negative_ttl}})
        u32(value); // serial, refresh, retry, expire, minimum
    end_data(start);
}

} // namespace cbv::fakemx
