// A client of a case as the live run sees it: something to start and to stop. What it talks to, a
// server or an MTA played in front of one, is the concern of the classes behind it.
#pragma once

#include <chrono>

namespace cbv::engine {

class case_client {
public:
    using clock = std::chrono::steady_clock;

    virtual ~case_client() = default;
    case_client(const case_client&) = delete;
    case_client& operator=(const case_client&) = delete;

    virtual void start() = 0;
    /// Closes at once; nothing is called any more.
    virtual void stop() = 0;

protected:
    case_client() = default;
};

} // namespace cbv::engine
