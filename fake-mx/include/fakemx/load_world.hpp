// Reads `<world>` (conformance/FORMAT.md): placeholders are filled, times evaluated and addresses
// given, so that a world is concrete afterwards. It opens nothing.
#pragma once

#include "fakemx/address_allocator.hpp"
#include "fakemx/expression.hpp"
#include "fakemx/world.hpp"
#include "fakemx/xml_reader.hpp"

#include <map>
#include <optional>
#include <string>
#include <string_view>

namespace cbv::fakemx {

/// What a file may refer to beyond the world itself.
struct load_options {
    values times;                                    ///< "rcpt-timeout" and so on
    std::map<std::string, std::string> placeholders; ///< "recipient" and so on
};

/// Reads a `<world>` element as the world of the case `id` (a DNS label). Throws xml_error;
/// addresses used up are one, too.
[[nodiscard]] world load_world(const element& world_element,
                               const std::string& id,
                               const load_options& options,
                               address_allocator& addresses);

/// The world's own placeholders: `domain`, `host:ID`, `address:ID` (the first address). Nothing for
/// any other name, or a host that does not exist or has no address.
[[nodiscard]] std::optional<std::string> placeholder(const world& w, std::string_view name);

/// A DNS name as the format writes it: `@` is the domain, a final dot makes it absolute ("." is the
/// root), `{domain}` and what lies below it are absolute already, anything else is below the
/// domain. Lower case, no final dot.
[[nodiscard]] std::string absolute_name(const world& w, std::string_view text);

/// Whether `name` fits on the wire: labels of 1..63 octets, 253 in all; the root ("") does.
[[nodiscard]] bool is_dns_name(std::string_view name) noexcept;

/// Whether `text` may be the id of a case or host: `[a-z0-9-]{1,50}`, no hyphen at either end.
[[nodiscard]] bool is_id(std::string_view text) noexcept;

} // namespace cbv::fakemx
