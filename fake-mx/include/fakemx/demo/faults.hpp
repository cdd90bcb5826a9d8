// Faults that stand in an address: `slow-5s.rcpt-451@` is read into the rules that play it. Pure
// functions; who said the address when, and what has been tried before, is the session's business.
#pragma once

#include "cbv/time.hpp"
#include "fakemx/world.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx::demo {

/// No time in an address is longer.
inline constexpr duration longest_time = std::chrono::minutes{10};
/// Octets of a local-part or of the labels before the demo's domain that are looked at.
inline constexpr std::size_t longest_words = 255;

/// When a fault is played, of all the tries of one client, sender and recipient.
struct gate {
    enum class kind {
        always,
        first_tries, ///< the first `count` tries
        first_while, ///< until `time` has passed since the first try
        over_limit,  ///< from the try after `count` tries within `time` on
    };
    kind how = kind::always;
    unsigned count = 0;
    duration time{};
};

/// What is played at one stage.
struct fault {
    rule what; ///< `where` is the stage; at::any: every one
    gate when;
    std::string words; ///< as written, lower case: "slow-5s.rcpt-451"
    std::string does;  ///< "waits 5s, says 451 Local error (rcpt-451)"
};

/// What the words before an `@` or before the demo's domain come to.
struct reading {
    enum class kind {
        accepted, ///< a name such as `user`, or a tag alone
        faults,   ///< words, all of them good
        unknown,  ///< nothing that resembles a word
        wrong,    ///< a word that is not quite one, or words that do not go together
    };
    kind what = kind::unknown;
    std::vector<fault> faults; ///< in the order of their stages; at most one a stage
    std::string problem;       ///< unknown, wrong: why, in printable ASCII
};

/// Reads a local-part (unquoted): words joined by dots, in any case; a `+tag` at its end is left
/// out. A word without a stage belongs to `own`, the command that carries the address.
[[nodiscard]] reading read_local_part(std::string_view local_part, at own);

/// "RCPT", "greeting", "message": the stage in words for a person.
[[nodiscard]] std::string_view stage_text(at where) noexcept;

/// Whether `where` comes before `other` in a session; at::any comes before nothing.
[[nodiscard]] bool is_before(at where, at other) noexcept;

} // namespace cbv::fakemx::demo
