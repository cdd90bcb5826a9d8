// Events of the draft's decision table as tests on attempts and replies. It holds no effect: what a
// row gives is the draft's.
#pragma once

#include "blocks.hpp"
#include "cbv/verdict.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::mutants {

/// One event of one stage.
struct row_event {
    stage at = stage::connect;
    std::string event; ///< the table's words, or one code of a list of theirs

    /// "rcpt-5yz-x-2-2"
    [[nodiscard]] std::string slug() const;
    /// Whether a finished attempt ended so.
    [[nodiscard]] bool ended(const attempt& a) const;
    /// Whether an attempt that is over has come so far and no further.
    [[nodiscard]] bool ended(const past_attempt& a) const;
    /// Whether this reply is the event; faults never are.
    [[nodiscard]] bool is(stage where, const reply& r) const;
};

/// A row's event; nothing for the rows of lookups and budget.
[[nodiscard]] std::optional<row_event> event_of(std::string_view stage_cell,
                                                std::string_view event_cell);
/// The same one by one where it is a list of codes: "500-504 530 555" is seven events.
[[nodiscard]] std::vector<row_event> single_events(const row_event& e);

} // namespace cbv::mutants
