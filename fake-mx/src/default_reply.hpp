// What a plain ESMTP server that accepts everything answers, and which stage and argument of a rule
// a command belongs to. Private to fakemx; it knows no rules.
#pragma once

#include "cbv/command.hpp"
#include "fakemx/world.hpp"

#include <string>
#include <string_view>

namespace cbv::fakemx {

/// The stage of a command; verbs without a stage of their own are `unknown`.
[[nodiscard]] at stage_of(verb v) noexcept;

/// What `match=` is compared with: for MAIL and RCPT the path without its angle brackets, else the
/// argument.
[[nodiscard]] std::string path_of(const command& c);

/// The default greeting, with CR LF.
[[nodiscard]] std::string default_greeting(const host& h);
/// The default reply to a command, with CR LF.
[[nodiscard]] std::string default_reply(const host& h, verb v);
/// The default reply to a message.
[[nodiscard]] std::string default_message_reply(const host& h);

} // namespace cbv::fakemx
