// Domains whose own hosts send mail with paths that take bounces: after a few of them the next ones
// need no call (CBV-LOAD-013). Bounded in size.
#pragma once

#include "cbv/time.hpp"
#include "recent.hpp"

#include <cstddef>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv {

class proven_domains {
public:
    /// `paths` distinct ones within `window`, and no `fail`; 0: no domain is ever proven.
    proven_domains(unsigned paths, duration window, std::size_t max_domains)
        : paths_(paths), window_(window), domains_(max_domains) {}

    /// A call for this path gave `pass`, and SPF had given `pass`. `now` never goes back.
    void passed(std::string_view domain, std::string_view path, instant now);
    /// A call for a path of the domain gave `fail`.
    void failed(std::string_view domain, instant now);
    [[nodiscard]] bool is_proven(std::string_view domain, instant now);
    /// Domains remembered.
    [[nodiscard]] std::size_t size() const noexcept { return domains_.size(); }

private:
    struct history {
        // By the hash of the path, oldest first; at most paths_. Two paths with one hash count as
        // one, which only delays.
        std::vector<std::pair<std::size_t, instant>> passes;
        std::optional<instant> failed;
    };

    unsigned paths_;
    duration window_;
    recent<history> domains_;
};

} // namespace cbv
