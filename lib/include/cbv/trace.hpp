// What a driver reports while a verification runs: for `cbv --trace`, logs and transcripts. It is
// an observation, never an input; the octets are as they were on the wire, so escape() them.
#pragma once

#include "cbv/time.hpp"

#include <functional>
#include <string>
#include <string_view>

namespace cbv {

/// What happened.
enum class trace_kind {
    query,
    answer,
    connecting,
    connected,
    refused,
    sent,
    received,
    peer_closed,
    failed,
    closed
};

/// A word for it.
[[nodiscard]] constexpr std::string_view to_string(trace_kind k) noexcept {
    switch (k) {
    case trace_kind::query:
        return "query";
    case trace_kind::answer:
        return "answer";
    case trace_kind::connecting:
        return "connecting";
    case trace_kind::connected:
        return "connected";
    case trace_kind::refused:
        return "refused";
    case trace_kind::sent:
        return "sent";
    case trace_kind::received:
        return "received";
    case trace_kind::peer_closed:
        return "peer-closed";
    case trace_kind::failed:
        return "failed";
    case trace_kind::closed:
        return "closed";
    }
    return "?";
}

/// One observation.
struct trace_event {
    duration at{}; ///< since the verification began
    trace_kind kind = trace_kind::query;
    unsigned id = 0;       ///< of the query or connection, as in the machine's actions
    std::string_view text; ///< name and type, address, or octets; valid during the call only
};

/// Called on the driver's thread; must not throw or block.
using trace_observer = std::function<void(const trace_event&)>;

} // namespace cbv
