// SMTP commands as a server reads them (RFC 5321 section 4.1.1): a bounded line reader and the
// parse of one line. The same code serves the reference server and the fake MX. It knows no session
// state.
#pragma once

#include "cbv/mailbox.hpp"

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv {

/// The commands the house knows; anything else is `unknown`.
enum class verb {
    helo,
    ehlo,
    mail,
    rcpt,
    data,
    bdat,
    rset,
    noop,
    quit,
    vrfy,
    expn,
    help,
    etrn,
    auth,
    starttls,
    unknown,
};

/// The verb in upper case as sent on the wire; "?" for unknown.
[[nodiscard]] std::string_view to_string(verb v) noexcept;

/// A line split into verb and argument.
struct command {
    verb v = verb::unknown;
    std::string name;     ///< the verb as received
    std::string argument; ///< what follows the first space, trailing white space cut
};

/// Splits a line (without its CR LF). The verb is case-insensitive.
[[nodiscard]] command parse_command(std::string_view line);

/// One ESMTP parameter of MAIL or RCPT: keyword in upper case, and the value if `=` was present.
struct esmtp_parameter {
    std::string keyword;              ///< letters, digits, hyphens; upper case
    std::optional<std::string> value; ///< as received; never empty when present
    friend bool operator==(const esmtp_parameter&, const esmtp_parameter&) = default;
};

/// The argument of MAIL or RCPT. Repeated or unknown parameters are the session's business.
struct path_argument {
    cbv::path path;                          ///< what the path means
    std::string path_text;                   ///< the path as received, with its angle brackets
    std::vector<esmtp_parameter> parameters; ///< in the order received
    bool space_after_colon = false; ///< `FROM: <` (tolerated; RFC 5321 section 3.3 forbids it)
};

/// Why the argument of MAIL or RCPT was refused.
struct argument_error {
    enum class kind {
        syntax,    ///< it does not begin with `FROM:` or `TO:`
        path,      ///< the path is at fault
        parameter, ///< the path is good, what follows it is not
    };
    kind what = kind::syntax;
    path_error detail; ///< offset counts from the start of the argument
};

/// Reads `FROM:<reverse-path> [parameters]`, a path of any length (CBV-ADDR-006); trailing white
/// space and runs of spaces between the parameters are tolerated.
[[nodiscard]] result<path_argument, argument_error> parse_mail_argument(std::string_view argument);
/// Reads `TO:<forward-path> [parameters]`.
[[nodiscard]] result<path_argument, argument_error> parse_rcpt_argument(std::string_view argument);

/// Cuts a byte stream into command lines, in any segmentation. A line ends at CR LF; a bare LF also
/// ends it (and is reported); a bare CR is kept. A line over the limit is reported once and its
/// octets are dropped up to its end, so memory is bounded.
class line_reader {
public:
    /// One line of the client.
    struct line {
        std::string text;      ///< without CR LF, cut at the limit when too_long
        bool too_long = false; ///< over `limit` octets (RFC 5321 section 4.5.3.1.4)
        bool bare_lf = false;  ///< ended by LF alone
    };

    /// `limit`: octets of a line including CR LF. RFC 5321 says 512; RFC 6531 adds 10 and
    /// parameters more, hence the default.
    explicit line_reader(std::size_t limit = 2048) noexcept : limit_(limit) {}

    /// Takes octets from the front of `bytes` up to the end of one line; nothing while incomplete.
    std::optional<line> feed(std::string_view& bytes);
    /// Forgets an unfinished line (after STARTTLS, for instance).
    void reset();

private:
    std::size_t limit_;
    std::string buffer_;      // at most limit_ octets of the line
    std::size_t dropped_ = 0; // octets of the line past limit_
    char last_ = '\0';        // the octet before `bytes` of the next feed()
};

} // namespace cbv
