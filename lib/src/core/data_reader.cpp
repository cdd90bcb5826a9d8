// The end of the mail data and dot stuffing (data_reader.hpp), one octet at a time where it matters
// and in runs where it does not.
#include "data_reader.hpp"

namespace cbv {

bool data_reader::feed(std::string_view& bytes) {
    while (!bytes.empty()) {
        if (state_ == state::text) {
            const std::string_view run = bytes.substr(0, bytes.find_first_of("\r\n"));
            put(run);
            bytes.remove_prefix(run.size());
            if (bytes.empty())
                break;
        }
        const char c = bytes.front();
        bytes.remove_prefix(1);
        if (step(c))
            return true;
    }
    return false;
}

bool data_reader::step(char c) {
    switch (state_) {
    case state::dot:
        if (c == '\r') {
            state_ = state::dot_cr;
            return false;
        }
        break; // the dot was stuffed, or stood before text: it is dropped (section 4.5.2)
    case state::dot_cr:
    case state::cr:
        if (c == '\n') {
            if (state_ == state::dot_cr)
                return true;
            put("\r\n");
            state_ = state::line_start;
            return false;
        }
        put("\r");
        bare_line_end_ = true;
        break;
    case state::line_start:
        if (c == '.') {
            state_ = state::dot;
            return false;
        }
        break;
    case state::text:
        break;
    }
    if (c == '\r') {
        state_ = state::cr;
        return false;
    }
    if (c == '\n')
        bare_line_end_ = true; // and no line starts here
    put({&c, 1});
    state_ = state::text;
    return false;
}

void data_reader::put(std::string_view text) {
    if (text.empty() || too_large_)
        return;
    if (text.size() > limit_ - content_.size()) {
        too_large_ = true;
        content_ = {};
        return;
    }
    content_ += text;
}

} // namespace cbv
