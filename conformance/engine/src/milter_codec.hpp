// Packets of the milter protocol, version 6 (Sendmail 8.14's libmilter, mfdef.h): a length of four
// octets in network order, a code of one octet, data. Names and flags, a bounded reader, no
// session.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace cbv::engine::milter {

/// What the MTA says.
namespace command {
inline constexpr char abort = 'A';
inline constexpr char body = 'B';
inline constexpr char connect = 'C';
inline constexpr char macro = 'D';
inline constexpr char end_of_body = 'E';
inline constexpr char helo = 'H';
inline constexpr char quit_new_connection = 'K';
inline constexpr char header = 'L';
inline constexpr char mail = 'M';
inline constexpr char end_of_headers = 'N';
inline constexpr char negotiate = 'O';
inline constexpr char quit = 'Q';
inline constexpr char recipient = 'R';
inline constexpr char data = 'T';
} // namespace command

/// What the filter answers.
namespace answer {
inline constexpr char add_recipient = '+';
inline constexpr char add_recipient_parameters = '2';
inline constexpr char delete_recipient = '-';
inline constexpr char shutdown = '4';
inline constexpr char accept = 'a';
inline constexpr char replace_body = 'b';
inline constexpr char go_on = 'c';
inline constexpr char discard = 'd';
inline constexpr char change_from = 'e';
inline constexpr char connection_failure = 'f';
inline constexpr char add_header = 'h';
inline constexpr char insert_header = 'i';
inline constexpr char change_header = 'm';
inline constexpr char progress = 'p';
inline constexpr char quarantine = 'q';
inline constexpr char reject = 'r';
inline constexpr char skip = 's';
inline constexpr char temporary_failure = 't';
inline constexpr char reply_code = 'y';
} // namespace answer

/// SMFIP_NO*: what the filter does not want to be told ...
namespace flag {
inline constexpr std::uint32_t no_connect = 1U << 0U;
inline constexpr std::uint32_t no_helo = 1U << 1U;
inline constexpr std::uint32_t no_mail = 1U << 2U;
inline constexpr std::uint32_t no_recipient = 1U << 3U;
inline constexpr std::uint32_t no_body = 1U << 4U;
inline constexpr std::uint32_t no_headers = 1U << 5U;
inline constexpr std::uint32_t no_end_of_headers = 1U << 6U;
inline constexpr std::uint32_t no_data = 1U << 9U;
/// ... SMFIP_NR_*: what it does not answer ...
inline constexpr std::uint32_t mute_header = 1U << 7U;
inline constexpr std::uint32_t mute_connect = 1U << 12U;
inline constexpr std::uint32_t mute_helo = 1U << 13U;
inline constexpr std::uint32_t mute_mail = 1U << 14U;
inline constexpr std::uint32_t mute_recipient = 1U << 15U;
inline constexpr std::uint32_t mute_data = 1U << 16U;
inline constexpr std::uint32_t mute_end_of_headers = 1U << 18U;
inline constexpr std::uint32_t mute_body = 1U << 19U;
/// ... and the rest.
inline constexpr std::uint32_t leading_space = 1U << 20U; ///< a header's value with its space
inline constexpr std::uint32_t all = (1U << 21U) - 1U;    ///< what version 6 knows
} // namespace flag

inline constexpr std::uint32_t version = 6;
inline constexpr std::uint32_t oldest_version = 2;
inline constexpr std::uint32_t all_actions = (1U << 9U) - 1U; ///< SMFIF_*: what version 6 knows

/// Octets of one packet's code and data: libmilter's chunks have 65535.
inline constexpr std::size_t max_packet = 1U << 17U;

struct packet {
    char code = '\0';
    std::string data;
};

/// What goes over the wire.
[[nodiscard]] std::string encode(char code, std::string_view data = {});

/// Data: a number of 32 or 16 bits in network order, a text with its NUL.
void put_u32(std::string& data, std::uint32_t number);
void put_u16(std::string& data, std::uint16_t number);
void put_text(std::string& data, std::string_view text);
/// Takes it from the front; nothing if it is not there.
[[nodiscard]] std::optional<std::uint32_t> take_u32(std::string_view& data);
[[nodiscard]] std::optional<std::string_view> take_text(std::string_view& data);

/// The name of a command or an answer without SMFIC_ and SMFIR_: "CONNECT", "REPLYCODE"; "?" if it
/// is none.
[[nodiscard]] std::string_view command_name(char code) noexcept;
[[nodiscard]] std::string_view answer_name(char code) noexcept;

/// Whether the answer changes the message: allowed at its end only, and not the last word on it.
[[nodiscard]] bool is_modification(char code) noexcept;

/// Cuts packets from a stream in any segmentation.
class packet_reader {
public:
    enum class status { need_more, complete, malformed };

    /// Takes octets from the front up to the end of one packet. `malformed`, which lasts: no code,
    /// or more than max_packet.
    status feed(std::string_view& bytes);
    /// The packet that is complete.
    [[nodiscard]] packet take();
    /// The length that was wrong.
    [[nodiscard]] std::uint32_t length() const noexcept { return length_; }
    /// Whether octets of an unfinished packet have been taken.
    [[nodiscard]] bool in_progress() const noexcept { return !buffer_.empty(); }

private:
    std::string buffer_; // length, code, data
    std::uint32_t length_ = 0;
    status status_ = status::need_more;
};

/// The reply in a REPLYCODE's data: "550 5.1.1 text", lines parted by CR LF, %% taken for %.
/// Nothing if it is none: another code than 4yz and 5yz, lines of different codes, a control octet.
[[nodiscard]] std::optional<std::string> read_reply(std::string_view data);

} // namespace cbv::engine::milter
