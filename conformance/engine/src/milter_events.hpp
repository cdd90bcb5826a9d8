// What an MTA tells a milter at each stage of a session, as packets with the flags by which a
// milter declines them. Pure; the order is the front's.
#pragma once

#include "cbv/ip_address.hpp"

#include <cstdint>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::engine::milter {

/// One thing to tell.
struct event {
    char code;                ///< of command
    std::uint32_t unwanted;   ///< flag::no_*: set, it is not told
    std::uint32_t unanswered; ///< flag::mute_*: set, no answer comes
    std::string data;
};

/// The client's name is not known, so it is its address in brackets.
[[nodiscard]] event tell_connect(const ip_address& client, std::uint16_t port);
[[nodiscard]] event tell_helo(std::string_view name);
/// `path` without <>, parameters as the client wrote them.
[[nodiscard]] event tell_mail(std::string_view path, const std::vector<std::string>& parameters);
[[nodiscard]] event tell_recipient(std::string_view path,
                                   const std::vector<std::string>& parameters);
[[nodiscard]] event tell_data();
/// Headers, their end, the body and its end, for `message` with CR LF line ends. `protocol`: flags
/// negotiated; they say whether a header's value keeps its leading space.
[[nodiscard]] std::deque<event> tell_message(std::string_view message, std::uint32_t protocol);

} // namespace cbv::engine::milter
