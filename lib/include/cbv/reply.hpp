// SMTP replies: the value and an incremental, bounded parser (RFC 5321 section 4.2). The same
// parser serves the verifier, the fake client and tests. It does not decide what a reply means
// (decision.hpp).
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv {

/// An enhanced status code `class.subject.detail` (RFC 3463, section 2).
struct enhanced_code {
    std::uint16_t klass = 0;   ///< 2, 4 or 5
    std::uint16_t subject = 0; ///< 0..999
    std::uint16_t detail = 0;  ///< 0..999

    /// Reads a code at the start of `text`, followed by a space or the end. Nothing for another
    /// class, or for numbers of over three digits or with leading zeros.
    [[nodiscard]] static std::optional<enhanced_code> parse(std::string_view text);
    /// `class.subject.detail`.
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const enhanced_code&, const enhanced_code&) = default;
};

/// A complete reply.
struct reply {
    int code = 0;                   ///< 200..599
    std::vector<std::string> lines; ///< text of each line without code, separator and CR LF

    /// First digit of the code, 2..5.
    [[nodiscard]] int klass() const noexcept { return code / 100; }
    /// The first enhanced status code that begins a line and whose class equals the basic code's
    /// first digit, if there is one. RFC 2034 section 4 has the same code on every line; where a
    /// host does not, the doubt softens. Whether it counts depends on
    /// ENHANCEDSTATUSCODES (CBV-INT-001).
    [[nodiscard]] std::optional<enhanced_code> enhanced() const;
    /// `code` and the lines joined with " / ", escaped, for logs and traces.
    [[nodiscard]] std::string to_string() const;

    friend bool operator==(const reply&, const reply&) = default;
};

/// Bounds of the parser (CBV-DLG-013).
struct reply_limits {
    std::size_t max_lines = 100;    ///< of one reply
    std::size_t max_octets = 65536; ///< of one whole reply, CR LF included
};

/// Why the bytes read are not a reply (CBV-DLG-012, CBV-DLG-013).
enum class reply_fault {
    none,            ///< no fault so far
    no_code,         ///< the line does not begin with three digits
    bad_first_digit, ///< outside 2..5; 3yz is a good reply here, what it means is decided later
    bad_separator,   ///< the fourth octet is neither space, hyphen nor the end of the line
    mixed_codes,     ///< lines of one reply differ in their code
    too_many_lines,  ///< over reply_limits::max_lines
    too_long,        ///< over reply_limits::max_octets
};

/// A word for the fault, for traces ("mixed-codes").
[[nodiscard]] std::string_view to_string(reply_fault fault) noexcept;

/// Reads replies from a byte stream in any segmentation. Lines end at LF; a CR before it is
/// dropped, any other CR or NUL is kept as text. A line is judged when it ends: what a peer that
/// never ends one sends is bounded by reply_limits and the driver's timeout.
class reply_parser {
public:
    /// How far the parser is.
    enum class status {
        need_more, ///< everything given was taken and the reply is not at its end
        complete,  ///< a reply waits for take()
        malformed, ///< what was read is not a reply; only reset() leaves this state
    };

    /// A parser in its initial state with these bounds.
    explicit reply_parser(reply_limits limits = {}) noexcept : limits_(limits) {}

    /// Takes octets from the front of `bytes` up to the end of one reply and removes them from the
    /// view. After `complete`, take() yields the reply and the parser is ready for the next one;
    /// octets left in `bytes` belong to it. After `malformed`, fault() says why and every further
    /// call is `malformed` and takes nothing. Without take(), `complete` is repeated likewise.
    /// A reply of exactly reply_limits is good; the octet or line past it is the fault.
    status feed(std::string_view& bytes);

    /// The reply just completed. Calling it in another state throws std::logic_error.
    [[nodiscard]] reply take();

    /// Why the last feed() was `malformed`; `none` otherwise.
    [[nodiscard]] reply_fault fault() const noexcept { return fault_; }
    /// Whether octets of an unfinished reply have been taken.
    [[nodiscard]] bool in_progress() const noexcept;
    /// Back to the initial state (after STARTTLS, for instance).
    void reset();

private:
    status end_of_line();
    status fail(reply_fault fault);

    reply_limits limits_;
    reply reply_;
    std::string line_;
    std::size_t octets_ = 0;
    status status_ = status::need_more;
    reply_fault fault_ = reply_fault::none;
};

} // namespace cbv
