// The words of the demo, in one table each: what `fake-mx --demo --list` prints, what the parsers
// know and what the README shows all come from here.
#pragma once

#include "cbv/verdict.hpp"
#include "fakemx/world.hpp"

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx::demo {

/// A word that stands for one reply.
struct named_reply {
    std::string_view name;
    at stage = at::rcpt; ///< at::rcpt also means MAIL when the address is a sender
    std::string_view code;
    std::string_view enhanced;
    std::string_view text;
    verdict_kind verdict; ///< what a verifier makes of it, asked with the null reverse-path
    cause why;
};

/// What a word does to a reply; its parameter follows after a hyphen.
enum class effect {
    slow,
    drip,
    split,
    multiline,
    longline,
    bare_lf,
    mixed,
    half,
    garbage,
    endless,
    drop,
    reset,
    silent,
    grey,
    limit,
};

struct effect_word {
    effect what;
    std::string_view name;
    std::string_view parameter; ///< how it is written, for the list: "[-TIME]"
    std::string_view sample;    ///< one, for the example: "-2s"
    std::string_view meaning;
    verdict_kind verdict; ///< of the example as a recipient
    cause why;
};

/// What the DNS, or the way to the host, does to a domain.
enum class site_fault {
    none,
    nxdomain,
    servfail,
    dns_refused,
    dns_formerr,
    dns_notimp,
    dns_silent,
    dns_truncate,
    dns_wrong_id,
    dns_garbage,
    dns_empty,
    dns_slow,
    null_mx,
    no_mx,
    no_address,
    mx_nxdomain,
    mx_servfail,
    mx_alias,
    mx_literal,
    alias,
    loopback_mx,
    private_mx,
    unspecified_mx,
    v6only,
    dual_stack,
    refused,
    blackhole,
    many_refused,
    first,
    without,
    catch_all,
};

struct site_word {
    site_fault what;
    std::string_view name;
    std::string_view parameter;
    std::string_view sample;
    std::string_view meaning;
    verdict_kind verdict; ///< of any name at the example
    cause why;
};

/// How words are put together.
struct word_example {
    std::string_view form;    ///< "data-WORD"; empty: one more example of the form before
    std::string_view example; ///< local-part, or labels before the demo's domain
    std::string_view meaning;
    verdict_kind verdict;
    cause why;
};

[[nodiscard]] std::span<const named_reply> named_replies() noexcept;
[[nodiscard]] std::span<const effect_word> effect_words() noexcept;
[[nodiscard]] std::span<const site_word> site_words() noexcept;
[[nodiscard]] std::span<const word_example> address_examples() noexcept;
[[nodiscard]] std::span<const word_example> domain_examples() noexcept;
/// Names that are accepted as they are: `good`, `user`, `alice`; digits may follow.
[[nodiscard]] std::span<const std::string_view> ordinary_names() noexcept;
/// The usual text of a reply code, "Local error in processing"; for codes nobody knows, by class.
[[nodiscard]] std::string_view reply_text(std::string_view code) noexcept;

/// One line of the list.
struct listed_word {
    std::string_view group; ///< "accepted", "replies", "how a reply comes", "hosts", ...
    std::string form;       ///< "slow-TIME@", "user@nxdomain.DOMAIN"
    std::string example;    ///< a whole address of the demo's domain
    std::string meaning;
    verdict_kind verdict; ///< of the example, with timers above 5 s
    cause why;
};

/// Every word once, with examples at `domain`, in reading order.
[[nodiscard]] std::vector<listed_word> all_words(std::string_view domain);

/// The word nearest to `text`, with at most two letters changed; empty when none is near.
[[nodiscard]] std::string_view nearest_word(std::string_view text, bool of_sites);

} // namespace cbv::fakemx::demo
