// What is still to happen, in the order of time and, at one time, of being planned.
#pragma once

#include "cbv/time.hpp"

#include <cstdint>
#include <queue>
#include <vector>

namespace simulation {

enum class event_kind : std::uint8_t {
    arrival,   ///< the next message of a stream (`call`: the stream)
    retry,     ///< a deferred message comes again (`call`: the message)
    dns,       ///< an answer is there (`id`: the query)
    connected, ///< or not: `id` is the connection
    reply,     ///< octets of a host (`id`: the connection)
    timer,     ///< of a call
    manager,   ///< of a call manager
    concluded, ///< a callout that was reckoned in advance is over
};

struct event {
    cbv::instant at;
    std::uint64_t order = 0; ///< given by the queue
    event_kind what = event_kind::arrival;
    std::uint32_t who = 0; ///< the verifier
    std::uint32_t call = 0;
    std::uint32_t id = 0;
};

class event_queue {
public:
    void add(event e) {
        e.order = ++last_;
        heap_.push(e);
    }
    [[nodiscard]] bool empty() const { return heap_.empty(); }
    [[nodiscard]] event take() {
        event next = heap_.top();
        heap_.pop();
        return next;
    }

private:
    struct later {
        bool operator()(const event& a, const event& b) const {
            return a.at != b.at ? a.at > b.at : a.order > b.order;
        }
    };
    std::priority_queue<event, std::vector<event>, later> heap_;
    std::uint64_t last_ = 0;
};

} // namespace simulation
