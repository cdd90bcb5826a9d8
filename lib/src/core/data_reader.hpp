// Reads the mail data of one message (RFC 5321 sections 4.1.1.4 and 4.5.2) in any segmentation.
// Only CR LF "." CR LF ends it: an end at a bare LF or CR is how mail is smuggled past a server. It
// parses no header.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

namespace cbv {

class data_reader {
public:
    /// `limit`: octets of the message kept; more are counted as too large and dropped.
    explicit data_reader(std::size_t limit) noexcept : limit_(limit) {}

    /// Takes octets from the front of `bytes`, up to the end of the data at most; true at the end.
    bool feed(std::string_view& bytes);

    /// The message without dot stuffing, its lines ended by CR LF.
    [[nodiscard]] std::string take_content() noexcept { return std::move(content_); }
    [[nodiscard]] bool too_large() const noexcept { return too_large_; }
    /// A CR or LF stood alone (RFC 5321 section 2.3.8 forbids it).
    [[nodiscard]] bool bare_line_end() const noexcept { return bare_line_end_; }

private:
    enum class state {
        line_start, ///< after CR LF, or at the start
        text,
        cr,     ///< a CR was read and not yet put
        dot,    ///< a dot at the start of a line was read and not put
        dot_cr, ///< that dot and a CR
    };

    bool step(char c);
    void put(std::string_view text);

    std::size_t limit_;
    state state_ = state::line_start;
    std::string content_;
    bool too_large_ = false;
    bool bare_line_end_ = false;
};

} // namespace cbv
