// Sorting starts and ends; see the header.
#include "connection_life.hpp"

#include <algorithm>
#include <utility>

namespace cbv::engine {
namespace {

constexpr duration settling = std::chrono::milliseconds{50};

} // namespace

bool ends_connection(fakemx::event_kind kind) noexcept {
    using enum fakemx::event_kind;
    return kind == peer_closed || kind == peer_reset || kind == closed || kind == reset;
}

connection_life life_of(const std::vector<const fakemx::event*>& events) {
    connection_life life;
    life.start = events.front();
    const auto end = std::find_if(
        events.begin(), events.end(), [](const auto* e) { return ends_connection(e->kind); });
    if (end != events.end())
        life.end = (*end)->at;
    return life;
}

const fakemx::event*
first_beyond(const std::vector<connection_life>& lives, unsigned most, bool live) {
    const auto tolerance = live ? settling : duration{};
    struct change {
        duration at;
        int by; // ends come before starts of the same time
        const fakemx::event* start;
    };
    std::vector<change> changes;
    for (const auto& life : lives) {
        if (life.end && *life.end - tolerance <= life.start->at)
            continue;
        changes.push_back({life.start->at, 1, life.start});
        if (life.end)
            changes.push_back({*life.end - tolerance, -1, nullptr});
    }
    std::stable_sort(changes.begin(), changes.end(), [](const change& a, const change& b) {
        return std::pair{a.at, a.by} < std::pair{b.at, b.by};
    });
    unsigned open = 0;
    for (const auto& c : changes) {
        open = c.by > 0 ? open + 1 : open - 1;
        if (open > most)
            return c.start;
    }
    return nullptr;
}

} // namespace cbv::engine
