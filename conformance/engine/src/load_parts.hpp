// What the parts of the case loader share: the context of one case, and the readers of `<client>`
// and `<expect>`. The XML itself and `<world>` are fakemx's.
#pragma once

#include "engine/case.hpp"
#include "fakemx/xml_reader.hpp"
#include "vocabulary.hpp"

#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::engine {

/// What the values of one case are made from.
struct load_context {
    const target& declared;
    const vocabulary& words;
    conformance_case& loaded;                  ///< id, world and requirements are filled first
    const requirement_levels* draft = nullptr; ///< nullptr: ids and levels are taken as they are

    /// `text` with placeholders filled in; `round` is `{n}` (0: there is none). A placeholder the
    /// target declares nothing for adds a need.
    [[nodiscard]] std::string
    expand(const fakemx::element& where, std::string_view text, unsigned round = 0);
    /// An attribute that is a time such as "rcpt-timeout * 1.5"; nothing if it is absent.
    [[nodiscard]] std::optional<duration> time(const fakemx::element& where,
                                               std::string_view attribute) const;
    /// The same of an attribute that must be there.
    [[nodiscard]] duration required_time(const fakemx::element& where,
                                         std::string_view attribute) const;
    /// An attribute that is a regular expression, placeholders filled in; empty if it is absent.
    [[nodiscard]] std::string
    regular(const fakemx::element& where, std::string_view attribute, unsigned round = 0);
    /// Refuses an id that is none, or none of the draft's.
    void check_requirement(const fakemx::element& where, const std::string& id) const;
    /// A DNS name: `@`, `mx1`, or absolute with a final dot; lower case, without final dot.
    [[nodiscard]] std::string dns_name(std::string_view text) const;
};

/// Splits at spaces.
[[nodiscard]] std::vector<std::string> split(std::string_view text);
/// The value of `finding=`, which must be a word of the vocabulary; empty if absent.
[[nodiscard]] std::string read_finding(const fakemx::element& e, const load_context& context);

/// What names of times stand for.
[[nodiscard]] fakemx::values times_of(const target& t);
/// Adds a need for each time of the element and its descendants that the target does not declare
/// and need not.
void need_declared_times(const fakemx::element& e, load_context& context);
/// A whole number; nothing if the attribute is absent.
[[nodiscard]] std::optional<unsigned> read_count(const fakemx::element& e, std::string_view name);
/// A count that may name a limit of the target; nothing if the attribute is absent.
[[nodiscard]] std::optional<unsigned>
read_limit(const fakemx::element& e, std::string_view name, const load_context& context);

/// Reads one `<client>` into `context.loaded`: its scripts and the needs they imply.
void load_client(const fakemx::element& client, load_context& context);
/// Reads `<expect>` into `context.loaded`.
void load_expect(const fakemx::element& expect, load_context& context);

} // namespace cbv::engine
