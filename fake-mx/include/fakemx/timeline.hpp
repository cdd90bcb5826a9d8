// The time line: every event of one case on one clock (client leg, DNS, every called host). Plain
// data; responders and drivers append to it, the judge reads it. It takes no time itself.
#pragma once

#include "cbv/time.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx {

enum class leg { client, dns, host };

enum class event_kind {
    connected,     ///< a TCP connection was accepted (host) or made (client)
    received,      ///< a line (host: command line; client: reply line) or other octets came in
    sent,          ///< a reply line (host) or command line (client) went out
    greeting_done, ///< host: the greeting's last octet was sent
    early_octets,  ///< host: octets came in before the greeting was complete
    peer_closed,   ///< the other side sent FIN
    peer_reset,    ///< the other side reset
    closed,        ///< we closed
    reset,         ///< we reset
    query,         ///< DNS query received: "MX name"
    answer,        ///< DNS answer sent: "MX name NOERROR 2 records"
    note,          ///< anything else worth reading
};

[[nodiscard]] std::string_view to_string(leg l) noexcept;
[[nodiscard]] std::string_view to_string(event_kind k) noexcept;

/// Text of the note before a line that a host received before the line before it was answered. The
/// order of events does not tell: lines of one segment are answered one by one.
inline constexpr std::string_view pipelined_note = "before the answer to the line before it:";

/// One event.
struct event {
    duration at{}; ///< since the case began
    fakemx::leg where = leg::client;
    std::string party;       ///< host id, "dns" or "client"
    unsigned connection = 0; ///< 1, 2, ... per host (or client); 0 where there is none
    event_kind kind = event_kind::note;
    std::string text; ///< the raw line without CR LF; escape before printing
};

/// Events in the order they happened.
using timeline_log = std::vector<event>;

/// One line of text for an event: `  1.203  host mx1#1  < MAIL FROM:<>`. Escaped.
[[nodiscard]] std::string to_text(const event& e);

} // namespace cbv::fakemx
