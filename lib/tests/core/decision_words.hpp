// What the tests of decide() and combine() share: the table's words without their namespace, and
// replies and hosts in one word each.
#pragma once

#include "cbv/decision.hpp"

#include <optional>
#include <string>

namespace cbv::test::decisions {

using cbv::cause;
using cbv::combined;
using cbv::decide;
using cbv::fault;
using cbv::host_outcome;
using cbv::next_step;
using cbv::ruling;
using cbv::stage;
using cbv::verdict_kind;

inline constexpr auto pass = verdict_kind::pass;
inline constexpr auto fail = verdict_kind::fail;
inline constexpr auto tempfail = verdict_kind::tempfail;
inline constexpr auto unverifiable = verdict_kind::unverifiable;
inline constexpr auto undecided = std::optional<verdict_kind>{};

inline cbv::reply reply(int code, const std::string& text = "text") {
    return {code, {text}};
}

} // namespace cbv::test::decisions
