// Whose a connection is at an address that several cases share, such as the local host's own:
// nobody's until its peer names a case's domain, in a greeting or a path. What came before is kept
// and told then; a connection that names nobody is told to nobody. Private to fakemx_io.
#pragma once

#include "fakemx/timeline.hpp"

#include <cstddef>
#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv::fakemx {

/// Which of these domains (lower case) stands in the text, as a whole or with labels before it.
[[nodiscard]] std::optional<std::size_t> domain_named_in(std::string_view text,
                                                         const std::vector<std::string>& domains);

class late_owner {
public:
    /// `owner` is an index of the domains.
    using teller = std::function<void(std::size_t owner, event_kind kind, std::string text)>;

    late_owner(std::vector<std::string> domains, teller tell)
        : domains_(std::move(domains)), tell_(std::move(tell)) {}

    void on_event(event_kind kind, std::string text);

private:
    static constexpr std::size_t most_kept = 1000; // events of a connection that names nobody

    std::vector<std::string> domains_;
    teller tell_;
    std::optional<std::size_t> owner_;
    std::vector<std::pair<event_kind, std::string>> kept_;
};

} // namespace cbv::fakemx
