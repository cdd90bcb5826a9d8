// The library's notion of time: a type, not a clock. Whoever drives a state machine passes `now`;
// a driver uses a steady clock, a test uses numbers. Nothing here reads a clock.
#pragma once

#include <chrono>

namespace cbv {

/// A clock in name only: it has no now(), so the core cannot read the time by accident.
struct timeline {
    using duration = std::chrono::microseconds;
    using rep = duration::rep;
    using period = duration::period;
    using time_point = std::chrono::time_point<timeline>;
    static constexpr bool is_steady = true;
};

/// A length of time, in microseconds.
using duration = timeline::duration;

/// A point on the driver's monotonic time line. The epoch is the driver's choice.
using instant = timeline::time_point;

} // namespace cbv
