// Standing to condemn (draft, section "Standing to Condemn"; CBV-INT-015 to CBV-INT-018): when a
// host's refusal of a path is believed. Values only; who remembers evidence is the call manager,
// who asks the control question is the dialogue.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/reply.hpp"

#include <optional>
#include <string_view>

namespace cbv {

/// What gives a host the standing to condemn a path by a 5yz to RCPT.
enum class standing_mode {
    off,       ///< nothing is needed
    strict,    ///< its reply, or what it accepted before
    postmaster ///< these, or its acceptance of postmaster when asked (the control question)
};

/// What is known of a host's standing before it is called, for one domain at one address.
enum class standing_evidence {
    unknown, ///< the control question may be asked
    given,   ///< within the hour it accepted another path of the domain, or postmaster when asked
    denied,  ///< within the hour it did not accept postmaster when asked
};

/// The evidence for one address.
struct known_standing {
    ip_address address;
    standing_evidence evidence = standing_evidence::unknown;
    friend bool operator==(const known_standing&, const known_standing&) = default;
};

/// "off", "strict", "postmaster"
[[nodiscard]] std::string_view to_string(standing_mode m) noexcept;
/// The inverse; nothing for an unknown word.
[[nodiscard]] std::optional<standing_mode> standing_mode_from(std::string_view word) noexcept;

/// Whether the reply itself gives standing: the host `advertised` ENHANCEDSTATUSCODES and the first
/// code in its regular place is X.1.1, X.1.6, X.1.10 or X.4.1.
[[nodiscard]] bool gives_standing(const reply& r, bool advertised);

/// Whether the mailbox is one that hosts accept whatever else they refuse: postmaster, abuse or
/// mailer-daemon, in any case of letters. Its acceptance says nothing about the host, and the
/// control question is not asked about it.
[[nodiscard]] bool is_role_address(const mailbox& box);

} // namespace cbv
