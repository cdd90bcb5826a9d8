// DNS messages on the wire (RFC 1035 section 4, EDNS of RFC 6891 tolerated): reading a query,
// writing a response. It decides no answer and knows no zone.
#pragma once

#include "fakemx/world.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx {

/// Response codes (RFC 1035 section 4.1.1).
namespace rcode {
inline constexpr std::uint8_t no_error = 0;
inline constexpr std::uint8_t format_error = 1;
inline constexpr std::uint8_t server_failure = 2;
inline constexpr std::uint8_t name_error = 3; ///< NXDOMAIN
inline constexpr std::uint8_t not_implemented = 4;
inline constexpr std::uint8_t refused = 5;
} // namespace rcode

/// "NOERROR", "NXDOMAIN", ...; "RCODE9" for the rest.
[[nodiscard]] std::string rcode_text(std::uint8_t code);
/// "MX", "A", "*" for any; "TYPE33" for types the house does not know.
[[nodiscard]] std::string type_text(rr_type type);

/// A query as it came in.
struct dns_query {
    std::uint16_t id = 0;
    std::uint8_t opcode = 0;
    bool recursion_desired = false;
    std::string name;          ///< lower case, no final dot; a dot within a label is `\.`
    std::string question;      ///< the question section as received (its case is kept in answers)
    rr_type type = rr_type::a; ///< any number a client may send
    std::uint16_t klass = 1;
    std::optional<std::uint16_t> edns_size; ///< the client's UDP size, if it sent OPT
};

/// How reading ended.
enum class query_fault {
    none,
    no_query,  ///< shorter than a header, or a response: not to be answered
    malformed, ///< to be answered with FORMERR; only `id` and `opcode` are good
};

/// Reads a query; compression pointers in it are followed, never forwards.
[[nodiscard]] query_fault read_query(std::string_view octets, dns_query& query);

/// What to write.
struct dns_reply {
    std::uint8_t code = rcode::no_error;
    bool truncated = false;         ///< sets TC; no record is written then
    std::vector<record> answers;    ///< CNAMEs first
    std::string negative_zone;      ///< not empty: its SOA goes into the authority section
    std::uint32_t negative_ttl = 0; ///< of that SOA
};

/// The response to `query`. Names are compressed. `limit`: octets it may have; a longer one is
/// truncated (RFC 2181 section 9).
[[nodiscard]] std::string
write_reply(const dns_query& query, const dns_reply& reply, std::size_t limit);

} // namespace cbv::fakemx
