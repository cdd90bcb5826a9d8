// The words of verdicts, causes and stages, in both directions. Traces, JSON and the draft's reply
// table use them, so a word never changes once published.
#include "cbv/verdict.hpp"

#include <array>
#include <cstddef>

namespace cbv {

namespace {

// Each table follows the order of its enumeration; the assertions catch an enumerator without a
// word.
constexpr std::array<std::string_view, 5> kind_words{
    "pass", "fail", "tempfail", "unverifiable", "none"};
static_assert(static_cast<std::size_t>(verdict_kind::none) + 1 == kind_words.size());

constexpr std::array<std::string_view, 28> cause_words{"accepted",
                                                       "mailbox-refused",
                                                       "null-sender-refused",
                                                       "null-mx",
                                                       "domain-not-found",
                                                       "no-address",
                                                       "hosts-prohibited",
                                                       "smtputf8-missing",
                                                       "dns-failure",
                                                       "timeout",
                                                       "connection-refused",
                                                       "connection-lost",
                                                       "protocol-error",
                                                       "temporary-reply",
                                                       "storage-reply",
                                                       "budget-exhausted",
                                                       "cancelled",
                                                       "prober-refused",
                                                       "command-refused",
                                                       "no-standing",
                                                       "tls-failure",
                                                       "own-host",
                                                       "limit",
                                                       "hold-off",
                                                       "in-progress",
                                                       "invalid-address",
                                                       "null-reverse-path",
                                                       "exempt"};
static_assert(static_cast<std::size_t>(cause::exempt) + 1 == cause_words.size());

constexpr std::array<std::string_view, 13> stage_words{"eligibility",
                                                       "mx-lookup",
                                                       "address-lookup",
                                                       "connect",
                                                       "greeting",
                                                       "ehlo",
                                                       "helo",
                                                       "starttls",
                                                       "noop",
                                                       "mail",
                                                       "rcpt",
                                                       "control",
                                                       "quit"};
static_assert(static_cast<std::size_t>(stage::quit) + 1 == stage_words.size());

template <class Enum, std::size_t N>
constexpr std::string_view word(const std::array<std::string_view, N>& words, Enum e) noexcept {
    const auto index = static_cast<std::size_t>(e);
    return index < N ? words[index] : std::string_view("?");
}

template <class Enum, std::size_t N>
constexpr std::optional<Enum> find(const std::array<std::string_view, N>& words,
                                   std::string_view text) noexcept {
    for (std::size_t i = 0; i < N; ++i) {
        if (words[i] == text)
            return static_cast<Enum>(i);
    }
    return std::nullopt;
}

} // namespace

std::string_view to_string(verdict_kind k) noexcept {
    return word(kind_words, k);
}
std::string_view to_string(cause c) noexcept {
    return word(cause_words, c);
}
std::string_view to_string(stage s) noexcept {
    return word(stage_words, s);
}

std::optional<verdict_kind> verdict_kind_from(std::string_view text) noexcept {
    return find<verdict_kind>(kind_words, text);
}
std::optional<cause> cause_from(std::string_view text) noexcept {
    return find<cause>(cause_words, text);
}
std::optional<stage> stage_from(std::string_view text) noexcept {
    return find<stage>(stage_words, text);
}

bool is_fail_by_dns(verdict_kind kind, cause why) noexcept {
    return kind == verdict_kind::fail &&
           (why == cause::null_mx || why == cause::domain_not_found || why == cause::no_address ||
            why == cause::hosts_prohibited);
}

verdict without_call(verdict_kind kind, cause why, requirement_id requirement) {
    verdict v;
    v.kind = kind;
    v.why = why;
    v.requirement = requirement;
    return v;
}

} // namespace cbv
