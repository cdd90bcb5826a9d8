// From when to when connections to called hosts were open, and how many at once. Events in, facts
// out; what they mean for the target is judge_world.cpp's.
#pragma once

#include "fakemx/timeline.hpp"

#include <optional>
#include <vector>

namespace cbv::engine {

/// Whether the event is the end of a connection, by either side.
[[nodiscard]] bool ends_connection(fakemx::event_kind kind) noexcept;

struct connection_life {
    const fakemx::event* start = nullptr;
    std::optional<duration> end; ///< nothing: still open when the case ended
};

/// Of one connection's events, at least one.
[[nodiscard]] connection_life life_of(const std::vector<const fakemx::event*>& events);

/// The first event of the connection that was one too many, when more than `most` were open at one
/// time; else nullptr. Where the caller is a program of its own (`live`), the end of one connection
/// and the start of the next reach the recorder in any order: a short overlap is none.
[[nodiscard]] const fakemx::event*
first_beyond(const std::vector<connection_life>& lives, unsigned most, bool live);

} // namespace cbv::engine
