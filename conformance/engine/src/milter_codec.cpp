// The milter protocol's packets; see the header.
#include "milter_codec.hpp"

#include <algorithm>
#include <utility>

namespace cbv::engine::milter {
namespace {

constexpr std::size_t length_octets = 4;

struct name {
    char code;
    std::string_view text;
};

constexpr name command_names[] = {
    {command::abort, "ABORT"},
    {command::body, "BODY"},
    {command::connect, "CONNECT"},
    {command::macro, "MACRO"},
    {command::end_of_body, "BODYEOB"},
    {command::helo, "HELO"},
    {command::quit_new_connection, "QUIT_NC"},
    {command::header, "HEADER"},
    {command::mail, "MAIL"},
    {command::end_of_headers, "EOH"},
    {command::negotiate, "OPTNEG"},
    {command::quit, "QUIT"},
    {command::recipient, "RCPT"},
    {command::data, "DATA"},
};

constexpr name answer_names[] = {
    {answer::add_recipient, "ADDRCPT"},
    {answer::add_recipient_parameters, "ADDRCPT_PAR"},
    {answer::delete_recipient, "DELRCPT"},
    {answer::shutdown, "SHUTDOWN"},
    {answer::accept, "ACCEPT"},
    {answer::replace_body, "REPLBODY"},
    {answer::go_on, "CONTINUE"},
    {answer::discard, "DISCARD"},
    {answer::change_from, "CHGFROM"},
    {answer::connection_failure, "CONN_FAIL"},
    {answer::add_header, "ADDHEADER"},
    {answer::insert_header, "INSHEADER"},
    {answer::change_header, "CHGHEADER"},
    {answer::progress, "PROGRESS"},
    {answer::quarantine, "QUARANTINE"},
    {answer::reject, "REJECT"},
    {answer::skip, "SKIP"},
    {answer::temporary_failure, "TEMPFAIL"},
    {answer::reply_code, "REPLYCODE"},
};

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// `line` without its "550 " or "550-", checked; `last`: whether it has to be the one with a space.
bool is_reply_line(std::string_view line, std::string_view code, bool last) {
    const char separator = last ? ' ' : '-';
    return line.substr(0, 3) == code && (line.size() == 3 ? last : line[3] == separator) &&
           std::none_of(line.begin(), line.end(), [](char c) {
               const auto octet = static_cast<unsigned char>(c);
               return (octet < 0x20 && c != '\t') || octet == 0x7F;
           });
}

} // namespace

std::string encode(char code, std::string_view data) {
    std::string wire;
    put_u32(wire, static_cast<std::uint32_t>(data.size() + 1));
    wire += code;
    wire += data;
    return wire;
}

void put_u32(std::string& data, std::uint32_t number) {
    for (const unsigned shift : {24U, 16U, 8U, 0U})
        data += static_cast<char>(number >> shift & 0xFFU);
}

void put_u16(std::string& data, std::uint16_t number) {
    data += static_cast<char>(number >> 8U);
    data += static_cast<char>(number & 0xFFU);
}

void put_text(std::string& data, std::string_view text) {
    data += text;
    data += '\0';
}

std::optional<std::uint32_t> take_u32(std::string_view& data) {
    if (data.size() < 4)
        return std::nullopt;
    std::uint32_t number = 0;
    for (const char c : data.substr(0, 4))
        number = number << 8U | static_cast<unsigned char>(c);
    data.remove_prefix(4);
    return number;
}

std::optional<std::string_view> take_text(std::string_view& data) {
    const auto end = data.find('\0');
    if (end == std::string_view::npos)
        return std::nullopt;
    const auto text = data.substr(0, end);
    data.remove_prefix(end + 1);
    return text;
}

std::string_view command_name(char code) noexcept {
    for (const auto& each : command_names)
        if (each.code == code)
            return each.text;
    return "?";
}

std::string_view answer_name(char code) noexcept {
    for (const auto& each : answer_names)
        if (each.code == code)
            return each.text;
    return "?";
}

bool is_modification(char code) noexcept {
    switch (code) {
    case answer::add_recipient:
    case answer::add_recipient_parameters:
    case answer::delete_recipient:
    case answer::replace_body:
    case answer::change_from:
    case answer::add_header:
    case answer::insert_header:
    case answer::change_header:
        return true;
    default:
        return false;
    }
}

packet_reader::status packet_reader::feed(std::string_view& bytes) {
    const auto take_up_to = [&](std::size_t size) {
        const auto n = std::min(size - std::min(size, buffer_.size()), bytes.size());
        buffer_ += bytes.substr(0, n);
        bytes.remove_prefix(n);
        return buffer_.size() >= size;
    };
    if (status_ != status::need_more)
        return status_;
    if (!take_up_to(length_octets))
        return status_;
    std::string_view head = buffer_;
    length_ = take_u32(head).value_or(0);
    if (length_ == 0 || length_ > max_packet)
        status_ = status::malformed;
    else if (take_up_to(length_octets + length_))
        status_ = status::complete;
    return status_;
}

packet packet_reader::take() {
    packet p{buffer_.at(length_octets), buffer_.substr(length_octets + 1)};
    buffer_.clear();
    status_ = status::need_more;
    return p;
}

std::optional<std::string> read_reply(std::string_view data) {
    if (data.ends_with('\0'))
        data.remove_suffix(1);
    std::string text;
    for (std::size_t i = 0; i < data.size(); ++i) { // Sendmail takes it for a format string
        if (data[i] == '%' && ++i == data.size())
            break;
        text += data[i];
    }
    const auto code = text.substr(0, 3);
    if (code.size() < 3 || (code[0] != '4' && code[0] != '5') || !is_digit(code[1]) ||
        !is_digit(code[2]))
        return std::nullopt;
    for (std::string_view rest = text; !rest.empty();) {
        const auto end = rest.find("\r\n");
        const bool last = end == std::string_view::npos;
        if (!is_reply_line(rest.substr(0, end), code, last))
            return std::nullopt;
        rest.remove_prefix(last ? rest.size() : end + 2);
        if (!last && rest.empty())
            return std::nullopt;
    }
    return text;
}

} // namespace cbv::engine::milter
