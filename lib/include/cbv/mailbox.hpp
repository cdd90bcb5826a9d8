// Mailboxes and reverse-paths by the grammar of RFC 5321 section 4.1.2 (with RFC 6531 section 3.3
// for UTF-8). It neither resolves a domain nor converts it to A-labels.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/result.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cbv {

/// Limits of RFC 5321 section 4.5.3.1, in octets.
inline constexpr std::size_t max_local_part = 64; ///< section 4.5.3.1.1
inline constexpr std::size_t max_domain = 255;    ///< section 4.5.3.1.2
inline constexpr std::size_t max_path = 256;      ///< section 4.5.3.1.3, including "<" and ">"

/// How long a local-part and a path may be to be read. A domain is bound in any case, as no longer
/// one can exist.
enum class lengths {
    limited, ///< the limits of RFC 5321
    any,     ///< VERP and SRS make longer ones; mailbox::is_over_long() tells
};

/// `Local-part "@" ( Domain / address-literal )`.
struct mailbox {
    /// As received, quotes included, case and octets untouched (CBV-ADDR-001, CBV-ADDR-002).
    std::string local_part;
    /// As received (the grammar has no final dot); for a literal the text with its brackets. Empty
    /// only for `<Postmaster>`.
    std::string domain;
    /// The address when the domain is an IPv4 or IPv6 address literal (RFC 5321 section 4.1.3).
    std::optional<ip_address> literal;

    /// The local-part has an octet of 0x80 or more, so SMTPUTF8 is needed (RFC 6531 section 3.4).
    [[nodiscard]] bool needs_smtputf8() const noexcept;
    /// Longer than RFC 5321 has every host take, so that no call is made for it (CBV-ADDR-006).
    [[nodiscard]] bool is_over_long() const noexcept;
    /// `local_part@domain`, or the local-part alone if the domain is empty.
    [[nodiscard]] std::string to_string() const;
    /// The local-part with quoting and backslashes taken away: `"a\,b"` is `a,b`.
    [[nodiscard]] std::string unquoted_local_part() const;

    friend bool operator==(const mailbox&, const mailbox&) = default;
};

/// Why a path or mailbox was refused.
enum class path_fault {
    syntax,        ///< not in the grammar
    control_octet, ///< an octet below 0x20 or 0x7F (CBV-ADDR-005)
    not_utf8,      ///< octets of 0x80 or more that are not UTF-8
    too_long,      ///< over a limit of RFC 5321 section 4.5.3.1 (CBV-ADDR-006)
};

/// A refused path: what, and at which octet (0-based) of the text given.
struct path_error {
    path_fault fault = path_fault::syntax;
    std::size_t offset = 0;
    std::string message; ///< what was expected; printable ASCII
};

/// A reverse-path or forward-path. A null reverse-path has no mailbox.
struct path {
    std::optional<cbv::mailbox> box; ///< empty for `<>`
    bool had_source_route = false;   ///< `@a,@b:` was present and dropped (CBV-ADDR-003)

    [[nodiscard]] bool is_null() const noexcept { return !box.has_value(); }
};

/// Reads a bare mailbox such as `user@example.org` (no angle brackets). An address literal is
/// IPv4 or `IPv6:`; another tag is a syntax error. Of several faults, a control octet is reported
/// before bad UTF-8, and that before the first fault of syntax or length.
[[nodiscard]] result<mailbox, path_error> parse_mailbox(std::string_view text,
                                                        lengths bound = lengths::limited);

/// Reads `<>` or `<[source-route] mailbox>` (RFC 5321 section 4.1.2, A-d-l in section 4.1.2 and
/// appendix C). The whole text must be the path.
[[nodiscard]] result<path, path_error> parse_reverse_path(std::string_view text,
                                                          lengths bound = lengths::limited);

/// Reads a forward-path: as a reverse-path, never null, and `<Postmaster>` without a domain (any
/// case) is allowed (RFC 5321 section 4.1.1.3); its mailbox then has an empty domain.
[[nodiscard]] result<path, path_error> parse_forward_path(std::string_view text);

/// Whether `text` is a domain as it may stand in a path: letters, digits, hyphens, UTF-8, labels of
/// 1..63 octets (a label with UTF-8 is bound by its A-label, RFC 5890 section 4.2, which is not
/// computed here), at most 255 octets in all, no final dot (RFC 5321 section 2.3.5, `Domain`); and
/// underscores, which are not in that grammar but in names that exist (CBV-ADDR-011).
[[nodiscard]] bool is_domain(std::string_view text) noexcept;

} // namespace cbv
