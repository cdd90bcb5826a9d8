// Replies and their incremental parser (cbv/reply.hpp; RFC 5321 section 4.2). Every line is judged
// at its LF, so that the result cannot depend on how the stream was cut; a bound is judged at the
// octet that passes it.
#include "cbv/reply.hpp"

#include "ascii.hpp"
#include "cbv/text.hpp"
#include "take.hpp"

#include <algorithm>
#include <charconv>
#include <stdexcept>
#include <utility>

namespace cbv {
namespace {

/// Takes 1*3DIGIT without leading zeros (RFC 3463 section 2) from the front of `text`.
std::optional<std::uint16_t> take_strict_number(std::string_view& text) {
    const bool padded = text.size() > 1 && text[0] == '0' && ascii::is_digit(text[1]);
    return padded ? std::nullopt : take_number(text);
}

} // namespace

std::optional<enhanced_code> enhanced_code::parse(std::string_view text) {
    const auto first = take_strict_number(text);
    if (!first || (*first != 2 && *first != 4 && *first != 5) || !take(text, '.'))
        return std::nullopt;
    const auto second = take_strict_number(text);
    if (!second || !take(text, '.'))
        return std::nullopt;
    const auto third = take_strict_number(text);
    if (!third || !(text.empty() || text[0] == ' '))
        return std::nullopt;
    return enhanced_code{*first, *second, *third};
}

std::string enhanced_code::to_string() const {
    return std::to_string(klass) + '.' + std::to_string(subject) + '.' + std::to_string(detail);
}

std::optional<enhanced_code> reply::enhanced() const {
    for (const auto& line : lines)
        if (const auto found = enhanced_code::parse(line); found && found->klass == klass())
            return found;
    return std::nullopt;
}

std::string reply::to_string() const {
    std::string text = std::to_string(code);
    for (std::size_t i = 0; i < lines.size(); ++i) {
        if (i > 0)
            text += " /";
        if (!lines[i].empty())
            text += ' ' + lines[i];
    }
    return escape(text);
}

std::string_view to_string(reply_fault fault) noexcept {
    switch (fault) {
    case reply_fault::none:
        return "none";
    case reply_fault::no_code:
        return "no-code";
    case reply_fault::bad_first_digit:
        return "bad-first-digit";
    case reply_fault::bad_separator:
        return "bad-separator";
    case reply_fault::mixed_codes:
        return "mixed-codes";
    case reply_fault::too_many_lines:
        return "too-many-lines";
    case reply_fault::too_long:
        return "too-long";
    }
    return "?";
}

reply_parser::status reply_parser::feed(std::string_view& bytes) {
    while (status_ == status::need_more && !bytes.empty()) {
        const std::size_t room = limits_.max_octets - octets_;
        if (room == 0)
            return fail(reply_fault::too_long);
        const std::size_t lf = bytes.substr(0, room).find('\n');
        const bool ended = lf != std::string_view::npos;
        const std::size_t taken = ended ? lf + 1 : std::min(room, bytes.size());
        line_.append(bytes.substr(0, ended ? lf : taken));
        octets_ += taken;
        bytes.remove_prefix(taken);
        if (ended)
            end_of_line();
    }
    return status_;
}

reply_parser::status reply_parser::end_of_line() {
    if (line_.ends_with('\r'))
        line_.pop_back();
    if (reply_.lines.size() >= limits_.max_lines)
        return fail(reply_fault::too_many_lines);
    if (line_.size() < 3 || !std::all_of(line_.begin(), line_.begin() + 3, ascii::is_digit))
        return fail(reply_fault::no_code);
    if (line_[0] < '2' || line_[0] > '5')
        return fail(reply_fault::bad_first_digit);
    const char separator = line_.size() > 3 ? line_[3] : ' '; // a bare code ends a reply too
    if (separator != ' ' && separator != '-')
        return fail(reply_fault::bad_separator);
    int code = 0;
    std::from_chars(line_.data(), line_.data() + 3, code);
    if (!reply_.lines.empty() && code != reply_.code)
        return fail(reply_fault::mixed_codes);
    reply_.code = code;
    reply_.lines.push_back(line_.size() > 4 ? line_.substr(4) : std::string());
    line_.clear();
    if (separator == ' ')
        status_ = status::complete;
    return status_;
}

reply_parser::status reply_parser::fail(reply_fault fault) {
    reset();
    fault_ = fault;
    status_ = status::malformed;
    return status_;
}

reply reply_parser::take() {
    if (status_ != status::complete)
        throw std::logic_error("cbv::reply_parser: take() called without a complete reply");
    reply out = std::move(reply_);
    reset();
    return out;
}

bool reply_parser::in_progress() const noexcept {
    return status_ == status::need_more && octets_ > 0;
}

void reply_parser::reset() {
    reply_ = {};
    line_.clear();
    octets_ = 0;
    status_ = status::need_more;
    fault_ = reply_fault::none;
}

} // namespace cbv
