// Verdicts kept by path and by domain, the least recently used first to go; see the header. An
// entry past its lifetime is removed when it is met, the rest by the bound on their number. Keys
// are the choice of strangers: they are sorted, not hashed.
#include "cbv/verdict_cache.hpp"

#include "later.hpp"

#include <algorithm>
#include <list>
#include <map>
#include <stdexcept>
#include <string_view>
#include <utility>

namespace cbv {
namespace {

constexpr duration longest_tempfail_hold_off = std::chrono::minutes{5};   // CBV-CACHE-003
constexpr duration longest_unverifiable_hold_off = std::chrono::hours{1}; // CBV-CACHE-003
constexpr duration longest_null_sender_hold_off = std::chrono::minutes{5};

/// What is kept of a called host's reply, in octets of text; quoting needs less. The whole may have
/// 64 KiB, and the hosts are the choice of strangers (CBV-CACHE-008).
constexpr std::size_t max_kept_reply = 512;

/// A verdict without what would make an entry large.
verdict slim(verdict v) {
    v.attempts.clear();
    v.attempts.shrink_to_fit();
    v.elapsed = {};
    if (!v.reply)
        return v;
    std::size_t room = max_kept_reply;
    std::vector<std::string> lines;
    for (const std::string& line : v.reply->lines) {
        if (room == 0)
            break;
        lines.push_back(line.substr(0, room));
        room -= std::clamp<std::size_t>(lines.back().size(), 1, room); // an empty one has its price
    }
    v.reply->lines = std::move(lines);
    return v;
}

/// Causes that are about this transaction or this verifier, not about the path.
bool is_passing(cause why) {
    return why == cause::cancelled || why == cause::limit || why == cause::hold_off ||
           why == cause::in_progress || why == cause::invalid_address;
}

} // namespace

std::optional<std::string> cache_options::problem() const {
    if (max_entries < 1)
        return "max_entries must be at least 1 (CBV-CACHE-008)";
    for (const auto& [name, value] : {std::pair{"pass_lifetime", pass_lifetime},
                                      std::pair{"fail_lifetime", fail_lifetime},
                                      std::pair{"max_dns_lifetime", max_dns_lifetime},
                                      std::pair{"pass_refresh", pass_refresh},
                                      std::pair{"tempfail_hold_off", tempfail_hold_off},
                                      std::pair{"unverifiable_hold_off", unverifiable_hold_off},
                                      std::pair{"null_sender_hold_off", null_sender_hold_off}})
        if (value < duration{})
            return std::string{name} + " must not be negative";
    if (tempfail_hold_off > longest_tempfail_hold_off)
        return "tempfail_hold_off must be at most 5 minutes (CBV-CACHE-003)";
    if (unverifiable_hold_off > longest_unverifiable_hold_off)
        return "unverifiable_hold_off must be at most 1 hour (CBV-CACHE-003)";
    if (null_sender_hold_off > longest_null_sender_hold_off)
        return "null_sender_hold_off must be at most 5 minutes (CBV-CACHE-004)";
    return std::nullopt;
}

// Keys of paths have an "@", those of domains have none.
std::string cache_key(const mailbox& box, const to_ascii_function& to_ascii) {
    return box.unquoted_local_part() + "@" + domain_key(box.domain, to_ascii);
}

struct verdict_cache::impl {
    struct entry {
        std::string key;
        verdict known;
        instant until;
        instant renew; // from then on a `pass` is to be renewed
    };
    using place = std::list<entry>::iterator;

    /// The valid entry under `key`, moved to the front.
    entry* find(std::string_view key, instant now) {
        const auto at = by_key.find(key);
        if (at == by_key.end())
            return nullptr;
        if (at->second->until <= now) {
            const auto expired = at->second;
            by_key.erase(at); // its key is in the entry
            entries.erase(expired);
            return nullptr;
        }
        entries.splice(entries.begin(), entries, at->second);
        return &*at->second;
    }

    void put(std::string key, const verdict& v, instant now, duration lifetime) {
        if (lifetime <= duration{})
            return;
        const instant until = later(now, lifetime), renew = later(now, options.pass_refresh);
        if (entry* const old = find(key, now)) {
            old->known = slim(v);
            old->until = until;
            old->renew = renew;
            return;
        }
        if (entries.size() >= options.max_entries) {
            by_key.erase(entries.back().key);
            entries.pop_back();
        }
        entries.push_front({std::move(key), slim(v), until, renew});
        by_key.emplace(entries.front().key, entries.begin());
    }

    void hold_off(std::string key,
                  verdict v,
                  verdict_kind kind,
                  requirement_id requirement,
                  instant now,
                  duration lifetime) {
        // A valid `pass` stays as it is (CBV-CACHE-007); only its renewal is held off.
        if (entry* const old = find(key, now); old && old->known.kind == verdict_kind::pass) {
            old->renew = std::max(old->renew, later(now, lifetime));
            return;
        }
        v.kind = kind;
        v.why = cause::hold_off;
        v.requirement = requirement;
        put(std::move(key), v, now, lifetime);
    }

    [[nodiscard]] std::string key_of(const mailbox& box) const { return cache_key(box, to_ascii); }

    cache_options options;
    to_ascii_function to_ascii;
    std::list<entry> entries; // most recently used first
    std::map<std::string_view, place> by_key;
};

verdict_cache::verdict_cache(cache_options options, to_ascii_function to_ascii)
    : impl_(std::make_unique<impl>()) {
    if (const auto problem = options.problem())
        throw std::invalid_argument("cache options: " + *problem);
    impl_->options = std::move(options);
    impl_->to_ascii = std::move(to_ascii);
}

verdict_cache::~verdict_cache() = default;
verdict_cache::verdict_cache(verdict_cache&&) noexcept = default;
verdict_cache& verdict_cache::operator=(verdict_cache&&) noexcept = default;

std::optional<cached_verdict> verdict_cache::find(const mailbox& box, instant now) {
    const impl::entry* found = impl_->find(impl_->key_of(box), now);
    if (!found)
        found = impl_->find(domain_key(box.domain, impl_->to_ascii), now);
    if (!found)
        return std::nullopt;
    cached_verdict hit{found->known, false};
    hit.known.cached = true;
    hit.refresh_due = hit.known.kind == verdict_kind::pass && now >= found->renew;
    return hit;
}

void verdict_cache::keep(const mailbox& box, const verdict& v, instant now) {
    const auto& o = impl_->options;
    if (!o.enabled || v.cached || is_passing(v.why))
        return;
    switch (v.kind) {
    case verdict_kind::pass:
        return impl_->put(impl_->key_of(box), v, now, o.pass_lifetime);
    case verdict_kind::fail:
        if (v.why == cause::mailbox_refused || v.why == cause::smtputf8_missing)
            return impl_->put(impl_->key_of(box), v, now, o.fail_lifetime);
        if (v.why == cause::null_sender_refused) // RFC 5321 section 4.5.4.1
            return impl_->hold_off(impl_->key_of(box),
                                   v,
                                   verdict_kind::tempfail,
                                   "CBV-CACHE-004",
                                   now,
                                   o.null_sender_hold_off);
        if (is_fail_by_dns(v.kind, v.why) && v.ttl)
            return impl_->put(domain_key(box.domain, impl_->to_ascii),
                              v,
                              now,
                              std::min(duration{std::chrono::seconds{*v.ttl}}, o.max_dns_lifetime));
        return;
    case verdict_kind::tempfail:
        return impl_->hold_off(
            impl_->key_of(box), v, v.kind, "CBV-CACHE-003", now, o.tempfail_hold_off);
    case verdict_kind::unverifiable:
        return impl_->hold_off(
            impl_->key_of(box), v, v.kind, "CBV-CACHE-003", now, o.unverifiable_hold_off);
    case verdict_kind::none:
        return;
    }
}

std::size_t verdict_cache::size() const noexcept {
    return impl_->entries.size();
}

} // namespace cbv
