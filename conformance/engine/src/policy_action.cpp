// Actions of access(5) as smtpd_check.c's check_table_result() reads them; see the header.
#include "policy_action.hpp"

#include "cbv/reply.hpp"
#include "cbv/text.hpp"

#include <algorithm>
#include <cstdint>

namespace cbv::engine::policy {
namespace {

constexpr std::size_t longest_reply = 510; // without CR LF
constexpr int reject_code = 554;           // access_map_reject_code
constexpr int defer_code = 450;            // access_map_defer_code
constexpr const char* configuration_error = "451 4.3.5 Server configuration error";

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

/// Control octets, and others where they are no UTF-8, as spaces; cut at the limit.
std::string printable(std::string text) {
    if (text.size() > longest_reply)
        text.resize(longest_reply);
    const bool utf8 = is_utf8(text);
    for (auto& c : text) {
        const auto octet = static_cast<unsigned char>(c);
        if (octet < 0x20 || octet == 0x7F || (octet >= 0x80 && !utf8))
            c = ' ';
    }
    return text;
}

std::string
refusal(int code, std::string_view text, std::string_view otherwise, std::string_view recipient) {
    enhanced_code dsn{static_cast<std::uint16_t>(code / 100), 7, 1};
    if (const auto given = enhanced_code::parse(text)) {
        dsn.subject = given->subject; // the class is the code's
        dsn.detail = given->detail;
        text.remove_prefix(std::min(text.find(' '), text.size()));
        text.remove_prefix(std::min(text.find_first_not_of(" \t"), text.size()));
    }
    return printable(
        std::to_string(code) + " " + dsn.to_string() + " <" + std::string{recipient} +
        ">: Recipient address rejected: " + std::string{text.empty() ? otherwise : text});
}

} // namespace

std::string unavailable(std::string_view recipient) {
    return refusal(451, "4.3.5 Server configuration problem", "", recipient);
}

outcome read_action(std::string_view action, std::string_view recipient) {
    if (!is_utf8(action))
        return {unavailable(recipient), "the action is not UTF-8"};
    const auto end = std::min(action.find_first_of(" \t"), action.size());
    const auto word = action.substr(0, end);
    auto text = action.substr(end);
    text.remove_prefix(std::min(text.find_first_not_of(" \t\r"), text.size()));
    const auto is = [&](std::string_view name) { return iequals(word, name); };

    if (action.empty())
        return {std::nullopt, "an empty action is taken for OK"};
    if (is("DUNNO") || is("OK") || is("RELAY") || is("PERMIT"))
        return {};
    if (is("REJECT"))
        return {refusal(reject_code, text, "Access denied", recipient), {}};
    if (is("DEFER"))
        return {refusal(defer_code, text, "Access denied", recipient), {}};
    // The front has no opinion of its own, so in the end it permits and never rejects.
    if (is("DEFER_IF_PERMIT"))
        return {refusal(defer_code, text, "Service unavailable", recipient), {}};
    if (is("DEFER_IF_REJECT"))
        return {std::nullopt, "DEFER_IF_REJECT, and nothing else rejects: taken"};
    for (const auto* name :
         {"WARN", "INFO", "HOLD", "DISCARD", "PREPEND", "FILTER", "REDIRECT", "BCC"})
        if (is(name))
            return {std::nullopt, std::string{name} + ": the recipient is taken"};
    if (std::all_of(action.begin(), action.end(), is_digit))
        return {};
    if (word.size() == 3 && !text.empty() && (word[0] == '4' || word[0] == '5') &&
        is_digit(word[1]) && is_digit(word[2]))
        return {refusal(std::stoi(std::string{word}), text, "Access denied", recipient), {}};
    // It may be the name of a restriction, but the front has no configuration where they could be.
    return {configuration_error, "no action of access(5): " + escape(action, 200)};
}

} // namespace cbv::engine::policy
