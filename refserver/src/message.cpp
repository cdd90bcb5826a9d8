// Trace headers and line ends (refserver/message.hpp).
#include "refserver/message.hpp"

#include "cbv/text.hpp"

#include <algorithm>
#include <cstdio>
#include <ctime>

namespace cbv::refserver {
namespace {

/// The name a client gave is free text: only what can stand in a domain or literal stays, so that
/// it can neither end the header nor open a comment.
std::string header_name(std::string_view helo) {
    std::string out(helo);
    std::replace_if(
        out.begin(),
        out.end(),
        [](char c) {
            return !((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
                     std::string_view(".-_:[]").find(c) != std::string_view::npos);
        },
        '?');
    return out;
}

std::string literal(const ip_address& address) {
    return (address.is_v6() ? "[IPv6:" : "[") + address.to_string() + ']';
}

void append_with_unix_line_ends(std::string& out, std::string_view content) {
    for (std::size_t at = 0; at < content.size();) {
        const std::size_t end = std::min(content.find("\r\n", at), content.size());
        out += content.substr(at, end - at);
        if (end < content.size())
            out += '\n';
        at = end + 2;
    }
}

} // namespace

std::string mail_date(std::chrono::system_clock::time_point t) {
    constexpr const char* days[] = {"Sun", "Mon", "Tue", "Wed", "Thu", "Fri", "Sat"};
    constexpr const char* months[] = {
        "Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
    const std::time_t seconds = std::chrono::system_clock::to_time_t(t);
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char out[64];
    std::snprintf(out,
                  sizeof out,
                  "%s, %d %s %d %02d:%02d:%02d +0000",
                  days[parts.tm_wday],
                  parts.tm_mday,
                  months[parts.tm_mon],
                  parts.tm_year + 1900,
                  parts.tm_hour,
                  parts.tm_min,
                  parts.tm_sec);
    return out;
}

std::string stored_text(const received_message& m,
                        std::string_view host_name,
                        std::chrono::system_clock::time_point now) {
    std::string out = "Return-Path: <" + m.reverse_path + ">\n";
    for (const mailbox& recipient : m.recipients)
        out += "Delivered-To: " + recipient.to_string() + '\n';
    out += "Received: from " + header_name(m.helo) + " (" + literal(m.client) + ")\n\tby " +
           std::string(host_name) + " with " + m.protocol;
    if (m.recipients.size() == 1)
        out += "\n\tfor <" + m.recipients[0].to_string() + '>';
    out += ";\n\t" + mail_date(now) + '\n';
    out.reserve(out.size() + m.content.size());
    append_with_unix_line_ends(out, m.content);
    return out;
}

} // namespace cbv::refserver
