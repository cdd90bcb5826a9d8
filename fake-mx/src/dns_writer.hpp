// Writes the parts of a DNS message, with compressed names (RFC 1035 section 4.1.4). Private to
// fakemx; names are known to fit (is_dns_name).
#pragma once

#include "fakemx/world.hpp"

#include <cstdint>
#include <map>
#include <string>
#include <string_view>

namespace cbv::fakemx {

class dns_writer {
public:
    void u16(std::uint16_t value);
    void u32(std::uint32_t value);
    void raw(std::string_view octets) { out_ += octets; }
    /// A name, compressed where a suffix has been written before.
    void name(std::string_view text);
    /// `text` is written at `offset` already, uncompressed: later names may point to it.
    void remember(std::string_view text, std::size_t offset);
    void write(const record& r);
    /// The SOA of a negative answer (RFC 2308 section 3).
    void soa(const std::string& zone, std::uint32_t negative_ttl);
    [[nodiscard]] std::string take() { return std::move(out_); }

private:
    void head(std::string_view owner, rr_type type, std::uint32_t ttl);
    [[nodiscard]] std::size_t begin_data();
    void end_data(std::size_t start);

    std::string out_;
    std::map<std::string, std::size_t, std::less<>> known_; // suffix -> offset
};

} // namespace cbv::fakemx
