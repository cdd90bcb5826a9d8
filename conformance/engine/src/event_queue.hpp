// Virtual time: events ordered by (time, sequence). Nothing runs by itself.
#pragma once

#include "cbv/time.hpp"

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <utility>

namespace cbv::engine {

class event_queue {
public:
    void at(instant when, std::function<void()> what) {
        events_.emplace(std::pair{when, sequence_++}, std::move(what));
    }
    [[nodiscard]] std::optional<instant> next() const {
        if (events_.empty())
            return std::nullopt;
        return events_.begin()->first.first;
    }
    /// The first event, which must exist.
    [[nodiscard]] std::function<void()> take() {
        auto first = std::move(events_.begin()->second);
        events_.erase(events_.begin());
        return first;
    }

private:
    std::map<std::pair<instant, std::uint64_t>, std::function<void()>> events_;
    std::uint64_t sequence_ = 0;
};

} // namespace cbv::engine
