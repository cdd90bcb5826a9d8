// The text of a message as it is stored: the trace headers of RFC 5321 section 4.4 in front of what
// the client sent, with the line ends of Unix. It does not look into the content.
#pragma once

#include "cbv/receiver.hpp"

#include <chrono>
#include <string>
#include <string_view>

namespace cbv::refserver {

/// Return-Path, one Delivered-To a recipient (the Maildir is one for all), Received, the content.
[[nodiscard]] std::string stored_text(const received_message& m,
                                      std::string_view host_name,
                                      std::chrono::system_clock::time_point now);

/// A date of RFC 5322 section 3.3, in UTC.
[[nodiscard]] std::string mail_date(std::chrono::system_clock::time_point t);

} // namespace cbv::refserver
