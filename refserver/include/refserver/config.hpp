// The configuration file of cbv-refserver (TOML). Read once at the start; strict: an unknown key or
// a wrong type is an error with its place. What each key means: refserver.example.toml.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/receiver.hpp"
#include "cbv/verifier.hpp"

#include <cstdint>
#include <filesystem>
#include <map>
#include <optional>
#include <stdexcept>
#include <string>
#include <utility>
#include <vector>

namespace cbv::refserver {

/// Where to listen.
struct endpoint {
    ip_address address;
    std::uint16_t port = 25;

    /// Reads "192.0.2.25:25", "[2001:db8::25]:25"; the port may be left out.
    [[nodiscard]] static std::optional<endpoint> parse(std::string_view text);
    [[nodiscard]] std::string to_string() const;
    friend bool operator==(const endpoint&, const endpoint&) = default;
};

/// Everything the server is told. The defaults are those of the file.
struct config {
    std::vector<endpoint> listen;
    /// Host name, local domains, rules, limits; its functions are set by load_config().
    receiver_options receiver;
    verifier_options verifier;
    std::optional<std::vector<std::string>> users; ///< nothing: every mailbox exists
    std::map<std::string, std::string> passwords;  ///< of AUTH PLAIN; empty: AUTH is not offered
    std::size_t relayed_mailboxes = 0;             ///< known in relayed domains
    std::vector<std::pair<ip_prefix, spf_result>> spf; ///< results by client; the first counts
    std::filesystem::path spool;                   ///< the Maildir
    std::string spool_place;                       ///< "FILE:LINE:COLUMN: spool", for errors
    std::string trace;                             ///< file, "-" (standard output) or empty: none
    unsigned max_sessions = 1000;                  ///< more get 421
    unsigned storage_threads = 2;                  ///< that write and fsync messages
    duration shutdown_grace = std::chrono::seconds{5}; ///< from SIGTERM to closing by force
    bool seed_given = false; ///< else verifier.verification.selection.seed was drawn at random
};

/// A fault of the file: "FILE:LINE:COLUMN: what was expected".
struct config_error : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads the file. Throws config_error.
[[nodiscard]] config load_config(const std::filesystem::path& file);
/// Reads text as though it were in `file`; relative paths are taken from the file's directory.
[[nodiscard]] config parse_config(std::string_view text, const std::filesystem::path& file);

/// Every setting in effect, as JSON, without passwords.
[[nodiscard]] std::string dump_settings(const config& c);

} // namespace cbv::refserver
