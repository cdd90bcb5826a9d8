// Counts distinct paths that passed; see the header.
#include "proven_domains.hpp"

#include <functional>

namespace cbv {

void proven_domains::passed(std::string_view domain, std::string_view path, instant now) {
    if (paths_ == 0)
        return;
    history& h = domains_.touch(domain);
    const std::size_t name = std::hash<std::string_view>{}(path);
    std::erase_if(h.passes, [&](const auto& p) { return p.first == name; });
    if (h.passes.size() >= paths_)
        h.passes.erase(h.passes.begin());
    h.passes.emplace_back(name, now);
}

void proven_domains::failed(std::string_view domain, instant now) {
    if (paths_ > 0)
        domains_.touch(domain).failed = now;
}

bool proven_domains::is_proven(std::string_view domain, instant now) {
    const history* h = domains_.find(domain);
    if (h == nullptr || h->passes.size() < paths_ || (h->failed && now - *h->failed < window_))
        return false;
    return now - h->passes.front().second < window_;
}

} // namespace cbv
