// Whether the verifier itself seems to be on a list (CBV-INT-020): how many unrelated domains'
// hosts refused it by policy of late, and how many domains it called. It changes no verdict.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"
#include "recent.hpp"

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

namespace cbv {

/// Domains are related when their last two labels are the same, or when one address refused for
/// both: who owns one domain or one host can make any number of names.
class listing_watch {
public:
    /// Listed from `least` refusing domains on (0: never), if they are at least a tenth of those
    /// called. At most `max_domains` (at least 1) are remembered of each kind.
    listing_watch(std::size_t least, std::size_t max_domains)
        : least_(least), called_(max_domains), refused_(max_domains), by_host_(max_domains) {}

    /// A call for the domain begins.
    void note_call(std::string_view domain, instant now);
    /// A host of the domain refused the verifier by policy.
    void note_refusal(std::string_view domain, const ip_address& host, instant now);
    /// Until an hour has passed without a refusal that made the verifier look listed.
    [[nodiscard]] bool listed(instant now) const { return until_ && now < *until_; }
    /// The end of it as it stands; nothing when it never began.
    [[nodiscard]] std::optional<instant> until() const noexcept { return until_; }

private:
    struct heard {
        instant at;                     // for the last time
        std::optional<ip_address> host; // the one that made the entry
    };
    [[nodiscard]] static std::size_t count(recent<heard>& of, instant now);
    [[nodiscard]] std::string name_for(std::string_view domain, const ip_address& host);

    std::size_t least_;
    recent<heard> called_;
    recent<heard> refused_;
    recent<std::string> by_host_; // the name of the entry that an address made
    std::optional<instant> until_;
};

} // namespace cbv
