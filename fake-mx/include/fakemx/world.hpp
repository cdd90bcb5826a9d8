// The world of one case, as plain data: DNS records and faults, hosts and their scripts. Everything
// is concrete here: addresses given, times evaluated, placeholders filled (load_world does that).
// It performs nothing; the responders do.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cbv::fakemx {

/// Where in a connection a rule applies.
enum class at {
    connect,
    banner,
    ehlo,
    helo,
    mail,
    rcpt,
    data,
    message, ///< the reply to a message, after its final dot
    rset,
    noop,
    vrfy,
    quit,
    starttls,
    unknown,
    any,
};

/// What happens after the octets of a rule.
enum class then { keep, close, reset, silent };

/// One `<rule>` of a host.
struct rule {
    at where = at::any;
    std::string match;       ///< glob, empty matches all
    unsigned times = 0;      ///< first N matches only; 0: always
    unsigned connection = 0; ///< only on the N-th connection; 0: on all
    duration delay{};
    std::optional<std::string> octets; ///< CR LF included; placeholders {name} {path} {line} remain
    bool default_reply = false;        ///< no octets given and then == keep: send the default reply
    unsigned segments = 1;
    duration gap = std::chrono::milliseconds{10};
    bool drip = false;    ///< one octet each `gap`
    bool endless = false; ///< repeat each `gap`
    fakemx::then after = fakemx::then::keep;
};

enum class reach { listen, refuse, blackhole };

/// One `<host>`.
struct host {
    std::string id;
    std::string name; ///< FQDN, no final dot
    std::vector<ip_address> addresses;
    fakemx::reach how = fakemx::reach::listen;
    std::vector<std::string> keywords; ///< EHLO lines after the first
    std::vector<rule> rules;
};

enum class rr_type : std::uint16_t {
    a = 1,
    cname = 5,
    ptr = 12,
    mx = 15,
    txt = 16,
    aaaa = 28,
    any = 255,
};

/// One DNS record; `name` and targets are lower case FQDNs without final dot ("" is the root).
struct record {
    std::string name;
    rr_type type = rr_type::a;
    std::uint32_t ttl = 300;
    std::uint16_t preference = 0;      ///< MX
    std::string target;                ///< MX exchange, CNAME, PTR; TXT text
    std::optional<ip_address> address; ///< A, AAAA
    std::string owner;                 ///< the name it carries in answers; empty: `name`
    unsigned times = 0;                ///< only in the first N answers; 0: in all
    unsigned after = 0;                ///< only from answer N+1 on
};

enum class dns_fault {
    none,
    silent,
    truncate,        ///< TC over UDP; the whole over TCP
    truncate_always, ///< TC over TCP too
    open_chain,      ///< aliases that do not end are answered without an error code
    wrong_id,
    garbage,
    empty,
};

/// One `<answer>`: replaces what the records would say.
struct answer_rule {
    std::string name; ///< FQDN or "*"
    rr_type type = rr_type::any;
    std::optional<std::uint8_t> rcode; ///< absent: the records' answer, delayed or faulty
    dns_fault fault = dns_fault::none;
    duration delay{};
    unsigned times = 0;               ///< first N queries only; 0: always
    std::optional<std::uint32_t> ttl; ///< of NXDOMAIN, seconds; absent: the responder's own
};

/// One case's world.
struct world {
    std::string id;
    std::string domain; ///< "<id>.test"
    std::vector<host> hosts;
    std::vector<record> records;
    std::vector<answer_rule> answers;

    /// The host with this id, or nullptr.
    [[nodiscard]] const host* find(std::string_view host_id) const noexcept;
};

} // namespace cbv::fakemx
