// Lines of the policy delegation protocol; see the header.
#include "policy_codec.hpp"

#include "cbv/text.hpp"

#include <algorithm>

namespace cbv::engine::policy {

bool is_speakable(std::string_view value) noexcept {
    return std::none_of(
        value.begin(), value.end(), [](char c) { return c == '\n' || c == '\r' || c == '\0'; });
}

std::string encode(const attributes& request) {
    std::string wire;
    for (const auto& [name, value] : request)
        wire += name + "=" + value + "\n";
    return wire + "\n";
}

answer_reader::status answer_reader::fail(std::string fault) {
    fault_ = std::move(fault);
    return status_ = status::malformed;
}

answer_reader::status answer_reader::feed(std::string_view& bytes) {
    while (status_ == status::need_more && !bytes.empty()) {
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (++octets_ > max_answer)
            return fail("more than " + std::to_string(max_answer) + " octets");
        if (c == '\0')
            return fail("a NUL");
        if (c != '\n')
            line_ += c;
        else if (end_of_line() == status::malformed)
            break;
    }
    return status_;
}

answer_reader::status answer_reader::end_of_line() {
    if (line_.empty()) {
        if (!has_action_)
            return fail("no action=");
        return status_ = status::complete;
    }
    if (++lines_ > max_lines)
        return fail("more than " + std::to_string(max_lines) + " lines");
    const auto equals = line_.find('=');
    if (equals == std::string::npos)
        return fail("the line \"" + escape(line_, 200) + "\" without =");
    if (line_.substr(0, equals) == "action") { // Postfix passes over what else there is
        if (has_action_)
            return fail("a second action=");
        has_action_ = true;
        action_ = line_.substr(equals + 1);
    }
    line_.clear();
    return status_;
}

std::string answer_reader::take() {
    auto action = std::move(action_);
    *this = {};
    return action;
}

} // namespace cbv::engine::policy
