// A point of time that a setting is added to, without overflow: "for ever" is a usable setting.
#pragma once

#include "cbv/time.hpp"

namespace cbv {

[[nodiscard]] constexpr instant later(instant now, duration wait) noexcept {
    if (now > instant{} && wait > instant::max() - now)
        return instant::max();
    return now + wait;
}

} // namespace cbv
