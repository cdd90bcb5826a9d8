// fakemx/timeline.hpp: words and the printed form of an event.
#include "fakemx/timeline.hpp"

#include "cbv/text.hpp"

#include <cstdio>

namespace cbv::fakemx {

std::string_view to_string(leg l) noexcept {
    switch (l) {
    case leg::client:
        return "client";
    case leg::dns:
        return "dns";
    case leg::host:
        return "host";
    }
    return "?";
}

std::string_view to_string(event_kind k) noexcept {
    switch (k) {
    case event_kind::connected:
        return "connected";
    case event_kind::received:
        return "received";
    case event_kind::sent:
        return "sent";
    case event_kind::greeting_done:
        return "greeting-done";
    case event_kind::early_octets:
        return "early-octets";
    case event_kind::peer_closed:
        return "peer-closed";
    case event_kind::peer_reset:
        return "peer-reset";
    case event_kind::closed:
        return "closed";
    case event_kind::reset:
        return "reset";
    case event_kind::query:
        return "query";
    case event_kind::answer:
        return "answer";
    case event_kind::note:
        return "note";
    }
    return "?";
}

std::string to_text(const event& e) {
    char time[32];
    std::snprintf(time, sizeof time, "%9.3f", std::chrono::duration<double>(e.at).count());
    std::string party = std::string{to_string(e.where)};
    if (e.party != party)
        party += " " + escape(e.party, 100);
    if (e.connection > 0)
        party += "#" + std::to_string(e.connection);
    if (party.size() < 14)
        party.resize(14, ' ');
    std::string text = time + ("  " + party) + "  ";
    if (e.kind == event_kind::received || e.kind == event_kind::query)
        text += "< ";
    else if (e.kind == event_kind::sent || e.kind == event_kind::answer)
        text += "> ";
    else
        text += "-- " + std::string{to_string(e.kind)} + (e.text.empty() ? "" : ": ");
    return text + escape(e.text);
}

} // namespace cbv::fakemx
