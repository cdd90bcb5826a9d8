// The two halves of the judge: what the client was answered, and what the world saw. Both are pure
// and only append findings; run.hpp's judge() puts them together.
#pragma once

#include "engine/case.hpp"
#include "engine/result.hpp"
#include "engine/target.hpp"

#include <optional>
#include <string>
#include <vector>

namespace cbv::engine {

void judge_replies(const conformance_case& c,
                   const target& t,
                   const observation& seen,
                   std::vector<finding>& findings);
void judge_world(const conformance_case& c,
                 const target& t,
                 const observation& seen,
                 std::vector<finding>& findings);

/// "1.250 s".
[[nodiscard]] std::string in_seconds(duration d);
/// Items with ", " between them.
[[nodiscard]] std::string join(const std::vector<std::string>& items,
                               std::string_view between = ", ");

/// What is counted: "line" or "lines", and which.
struct counted {
    std::string one, many, which;
};
/// "exactly 1 line MAIL FROM:<> at mx1": the least and the most number expected.
[[nodiscard]] std::string
how_many(unsigned least, const std::optional<unsigned>& most, const counted& what);

} // namespace cbv::engine
