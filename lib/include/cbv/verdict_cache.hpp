// The in-memory cache of verdicts (draft, section "Caching"; CBV-CACHE group): what may be kept, under
// which key, for how long. Time is an argument; it makes no call, and nothing here outlives the
// process.
#pragma once

#include "cbv/domain_key.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/time.hpp"
#include "cbv/verdict.hpp"

#include <cstddef>
#include <memory>
#include <optional>
#include <string>

namespace cbv {

/// Lifetimes and bounds; the defaults are those of the draft's cache table.
struct cache_options {
    bool enabled = true;              ///< false: nothing is kept, hold-offs included
    std::size_t max_entries = 100000; ///< at least 1; the least recently used goes (CBV-CACHE-008)
    duration pass_lifetime = std::chrono::hours{24};
    /// Of `fail` by a reply to RCPT, or for want of SMTPUTF8 (CBV-CACHE-010).
    duration fail_lifetime = std::chrono::hours{2};
    duration max_dns_lifetime = std::chrono::hours{2}; ///< of `fail` by the DNS; TTL if that is less
    /// From this age on a `pass` is renewed by a new call, and while valid still answers when that
    /// call gives no verdict; the next such call then waits for the hold-off. At least
    /// pass_lifetime: never renewed before it expires.
    duration pass_refresh = std::chrono::hours{24};
    duration tempfail_hold_off = std::chrono::seconds{60};      ///< at most 5 min (CBV-CACHE-003)
    duration unverifiable_hold_off = std::chrono::hours{1};     ///< at most 1 h (CBV-CACHE-003)
    duration null_sender_hold_off = std::chrono::minutes{5};    ///< at most 5 min (CBV-CACHE-004)

    /// What is wrong with the settings, in words; nothing when usable.
    [[nodiscard]] std::optional<std::string> problem() const;
};

/// The key of a path: local-part as it is, and the key of its domain (CBV-CACHE-001,
/// CBV-CACHE-009). Equivalent quoting of one local-part gives one key.
[[nodiscard]] std::string cache_key(const mailbox& box, const to_ascii_function& to_ascii = {});

/// What the cache knows of a path.
struct cached_verdict {
    verdict known;             ///< `cached` is set; for a hold-off the cause is hold_off
    bool refresh_due = false;  ///< a valid `pass` older than pass_refresh: call to renew it
};

/// Keeps `pass`, and `fail` by RCPT or for want of SMTPUTF8, under the path, `fail` by the DNS under the domain, and the rest
/// as a hold-off of the path, if at all. `fail` by MAIL is held off as `tempfail` (CBV-CACHE-004).
class verdict_cache {
public:
    /// Throws std::invalid_argument when the options are unusable.
    explicit verdict_cache(cache_options options, to_ascii_function to_ascii = {});
    ~verdict_cache();
    verdict_cache(verdict_cache&&) noexcept;
    verdict_cache& operator=(verdict_cache&&) noexcept;

    /// The valid entry for the path or its domain; an expired one is as good as none (CBV-CACHE-005).
    /// Of a called host's reply it has the first 512 octets, and no attempts.
    [[nodiscard]] std::optional<cached_verdict> find(const mailbox& box, instant now);
    /// Keeps what may be kept of a call's verdict. A `tempfail` or `unverifiable` neither removes nor
    /// shortens a valid `pass` (CBV-CACHE-007).
    void keep(const mailbox& box, const verdict& v, instant now);
    /// Entries now, expired ones not yet removed included.
    [[nodiscard]] std::size_t size() const noexcept;

private:
    struct impl;
    std::unique_ptr<impl> impl_;
};

} // namespace cbv
