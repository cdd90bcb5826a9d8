// The pieces of an address's words, and what is made of those that belong to one stage. Private to
// the demo.
#pragma once

#include "fakemx/demo/faults.hpp"
#include "fakemx/demo/words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx::demo {

/// One word with its parameter: a reply, or an effect.
struct part {
    at stage = at::rcpt;
    bool is_reply = false;
    std::string code; ///< of a reply
    std::string enhanced;
    std::string text;
    effect what = effect::slow;
    std::optional<unsigned> count;
    std::optional<duration> time;
    std::string word; ///< as written
};

/// A piece, read. Neither `found` nor `problem`: it resembles no word.
struct piece_reading {
    std::optional<part> found;
    std::string problem;
};

/// `text` at its dots, but for those of an enhanced code ("550-5.1.1") or a time ("1.5s").
[[nodiscard]] std::vector<std::string> split_words(std::string_view text);

/// Reads one piece (lower case). Words without a stage belong to `own`.
[[nodiscard]] piece_reading read_piece(const std::string& piece, at own);

/// Puts parts together: at most one fault a stage. Returns what does not go together.
[[nodiscard]] std::optional<std::string> compose(const std::vector<part>& parts,
                                                 std::vector<fault>& faults);

/// "10m" at most, with a unit of `ms`, `s`, `m` (seconds without one).
[[nodiscard]] std::optional<duration> read_time(std::string_view text);

/// Whether `text` is digits alone, at least one and at most `most`.
[[nodiscard]] bool is_number(std::string_view text, std::size_t most) noexcept;

} // namespace cbv::fakemx::demo
