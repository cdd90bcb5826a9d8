// Postfix's policy delegation protocol (SMTPD_POLICY_README): requests and answers as lines
// "name=value" with an empty line behind them. A bounded reader, no session, no meaning.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv::engine::policy {

using attributes = std::vector<std::pair<std::string, std::string>>;

/// Bounds of an answer, which is one short line.
inline constexpr std::size_t max_answer = 65536; ///< octets
inline constexpr std::size_t max_lines = 64;

/// Whether a value can be sent: no line break and no NUL in it.
[[nodiscard]] bool is_speakable(std::string_view value) noexcept;

/// The request as it goes over the wire. Every value is speakable.
[[nodiscard]] std::string encode(const attributes& request);

/// Reads answers from a stream in any segmentation.
class answer_reader {
public:
    enum class status { need_more, complete, malformed };

    /// Takes octets from the front up to the end of one answer. `malformed`, which lasts: a line
    /// without "=", no action, two of them, a NUL, an answer past the bounds.
    status feed(std::string_view& bytes);
    /// The value of `action` of the answer that is complete.
    [[nodiscard]] std::string take();
    /// What was wrong, in words; untrusted octets in it are escaped.
    [[nodiscard]] const std::string& fault() const noexcept { return fault_; }
    /// Whether octets of an unfinished answer have been taken.
    [[nodiscard]] bool in_progress() const noexcept { return octets_ > 0; }

private:
    status end_of_line();
    status fail(std::string fault);

    std::string line_;
    std::string action_;
    bool has_action_ = false;
    std::size_t octets_ = 0;
    std::size_t lines_ = 0;
    std::string fault_;
    status status_ = status::need_more;
};

} // namespace cbv::engine::policy
