// Packets of the milter protocol for the stages of a session; see the header.
#include "milter_events.hpp"

#include "milter_codec.hpp"

#include <algorithm>

namespace cbv::engine::milter {
namespace {

constexpr std::size_t body_chunk = 65535; // MILTER_CHUNK_SIZE

std::string arguments(std::string_view path, const std::vector<std::string>& parameters) {
    std::string data;
    put_text(data, "<" + std::string{path} + ">");
    for (const auto& parameter : parameters)
        put_text(data, parameter);
    return data;
}

/// The value of a folded header as MTAs hand it over: its lines parted by LF alone.
std::string with_line_feeds(std::string_view value) {
    std::string text{value};
    for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n", at))
        text.erase(at, 1);
    return text;
}

/// Takes one header field, folded lines included, from the front; nothing where none begins.
std::string_view take_field(std::string_view& message) {
    if (message.empty() || message.starts_with("\r\n"))
        return {};
    std::size_t end = 0;
    do {
        const auto line = message.find("\r\n", end);
        end = line == std::string_view::npos ? message.size() : line + 2;
    } while (end < message.size() && (message[end] == ' ' || message[end] == '\t'));
    const auto field = message.substr(0, end);
    if (field.find(':') == std::string_view::npos)
        return {}; // the body begins without an empty line
    message.remove_prefix(end);
    return field.ends_with("\r\n") ? field.substr(0, end - 2) : field;
}

} // namespace

event tell_connect(const ip_address& client, std::uint16_t port) {
    std::string data;
    put_text(data, "[" + client.to_string() + "]");
    data += client.is_v4() ? '4' : '6';
    put_u16(data, port);
    put_text(data, client.to_string());
    return {command::connect, flag::no_connect, flag::mute_connect, std::move(data)};
}

event tell_helo(std::string_view name) {
    std::string data;
    put_text(data, name);
    return {command::helo, flag::no_helo, flag::mute_helo, std::move(data)};
}

event tell_mail(std::string_view path, const std::vector<std::string>& parameters) {
    return {command::mail, flag::no_mail, flag::mute_mail, arguments(path, parameters)};
}

event tell_recipient(std::string_view path, const std::vector<std::string>& parameters) {
    return {
        command::recipient, flag::no_recipient, flag::mute_recipient, arguments(path, parameters)};
}

event tell_data() {
    return {command::data, flag::no_data, flag::mute_data, {}};
}

std::deque<event> tell_message(std::string_view message, std::uint32_t protocol) {
    std::deque<event> events;
    for (auto field = take_field(message); !field.empty(); field = take_field(message)) {
        const auto colon = field.find(':');
        auto value = field.substr(colon + 1);
        if ((protocol & flag::leading_space) == 0 && value.starts_with(' '))
            value.remove_prefix(1);
        std::string data;
        put_text(data, field.substr(0, colon));
        put_text(data, with_line_feeds(value));
        events.push_back({command::header, flag::no_headers, flag::mute_header, std::move(data)});
    }
    if (message.starts_with("\r\n"))
        message.remove_prefix(2);
    events.push_back(
        {command::end_of_headers, flag::no_end_of_headers, flag::mute_end_of_headers, {}});
    for (; !message.empty(); message.remove_prefix(std::min(body_chunk, message.size())))
        events.push_back({command::body,
                          flag::no_body,
                          flag::mute_body,
                          std::string{message.substr(0, body_chunk)}});
    events.push_back({command::end_of_body, 0, 0, {}});
    return events;
}

} // namespace cbv::engine::milter
