// What the parts of the world's loader share. Private to fakemx.
#pragma once

#include "fakemx/load_world.hpp"

#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx {

/// The world being loaded and what its texts are made from.
struct world_loader {
    world& loaded;
    const load_options& options;
    address_allocator& addresses;

    /// `text` with placeholders filled in.
    [[nodiscard]] std::string expand(const element& where, std::string_view text) const;
    /// Escapes, then placeholders: what a placeholder stands for is never unescaped. `{name}`,
    /// `{path}`, `{line}` and `{{` stay for the responder.
    [[nodiscard]] std::string octets(const element& where, std::string_view text) const;
    /// An attribute that is a DNS name, absolute.
    [[nodiscard]] std::string dns_name(const element& where, std::string_view attribute) const;
    /// An attribute that is a time; `otherwise` when absent.
    [[nodiscard]] duration
    time(const element& where, std::string_view attribute, duration otherwise) const;
};

/// Splits at `separator`, trims spaces, drops empty parts.
[[nodiscard]] std::vector<std::string> split(std::string_view text, char separator);

/// Reads `<host>` without its rules.
[[nodiscard]] host read_host(const element& e, const world_loader& loader);
/// Reads the `<rule>`s of a host, once every host is known.
[[nodiscard]] std::vector<rule> read_rules(const element& host_element, const world_loader& loader);
/// Reads a record element (`<mx>`, `<a>`, ...) or what a `<host>` adds to the records.
void read_records(const element& e, world_loader& loader);
/// Reads `<answer>`.
[[nodiscard]] answer_rule read_answer(const element& e, const world_loader& loader);

} // namespace cbv::fakemx
