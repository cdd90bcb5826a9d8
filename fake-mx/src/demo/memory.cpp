// fakemx/demo/memory.hpp.
#include "fakemx/demo/memory.hpp"

namespace cbv::fakemx::demo {

bool memory::is_played(const gate& when, const std::string& key, instant now) {
    if (when.how == gate::kind::always)
        return true;
    const auto [at, fresh] = known_.try_emplace(key);
    if (fresh) {
        at->second.first = now;
        order_.push_back(key);
    }
    auto& t = at->second;
    bool played = false;
    switch (when.how) {
    case gate::kind::always:
        break;
    case gate::kind::first_tries:
        played = t.count < when.count;
        t.count += played ? 1 : 0;
        break;
    case gate::kind::first_while:
        played = now < t.first + when.time;
        break;
    case gate::kind::over_limit:
        while (!t.free.empty() && t.free.front() + when.time <= now)
            t.free.pop_front();
        played = t.free.size() >= when.count;
        if (!played)
            t.free.push_back(now);
        break;
    }
    if (order_.size() > most) {
        known_.erase(order_.front());
        order_.pop_front();
    }
    return played;
}

} // namespace cbv::fakemx::demo
