// The demo as a whole: the worlds that names call for, and the authors of its hosts' rules.
// Sans-I/O; `servers` brings names, connections and the time.
#pragma once

#include "fakemx/demo/memory.hpp"
#include "fakemx/demo/sites.hpp"
#include "fakemx/rule_author.hpp"

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx::demo {

/// A message that came, and is gone. Everything but the sizes is as the client wrote it.
struct message_summary {
    std::string peer;
    std::string host;       ///< the host's name
    bool taken = true;      ///< whether the reply was 2yz
    std::size_t octets = 0; ///< without the doubled dots
    std::string sender;
    std::vector<std::string> recipients; ///< accepted ones, the first 100
    std::size_t recipient_count = 0;
    std::string from; ///< header fields, unfolded; 500 octets at most; empty when missing
    std::string to;
    std::string subject;
};

/// Hears what is worth telling beside the time line.
class observer {
public:
    observer() = default;
    virtual ~observer() = default;
    observer(const observer&) = delete;
    observer& operator=(const observer&) = delete;

    /// A fault is played at `where`, because of `whose`: an address, a domain, a name in EHLO.
    virtual void
    on_fault(const std::string& peer, at where, const std::string& whose, const fault& what) = 0;
    virtual void on_message(const message_summary& message) = 0;
    /// Something that may not be what the user meant. `peer` is empty for a DNS query.
    virtual void on_hint(const std::string& peer, const std::string& text) = 0;
};

/// One demo. Outlives the servers it is for.
class demo {
public:
    /// Sites at most; after that names of new ones get SERVFAIL.
    static constexpr std::size_t most_sites = 1000;

    /// `always`: what the main host plays at all times; only its faults, `without` and `catch_all`.
    demo(surroundings where, site always, address_allocator addresses, observer& hears);
    ~demo();
    demo(const demo&) = delete;
    demo& operator=(const demo&) = delete;

    /// The world of the domain itself.
    [[nodiscard]] world main() const;
    /// For server_settings::more_worlds. Throws std::runtime_error when there are too many.
    [[nodiscard]] std::optional<world> more(std::string_view name);
    /// For server_settings::author.
    [[nodiscard]] std::unique_ptr<rule_author> author(const host& h, const std::string& peer);

    [[nodiscard]] const surroundings& where() const noexcept { return where_; }
    [[nodiscard]] observer& hears() const noexcept { return hears_; }
    [[nodiscard]] memory& tries() noexcept { return memory_; }

private:
    [[nodiscard]] bool is_below_a_site(std::string_view labels) const;

    surroundings where_;
    site always_;
    address_allocator addresses_;
    observer& hears_;
    memory memory_;
    std::map<std::string, site, std::less<>> sites_; // by their words
    std::string last_problem_; // told already: one name is asked for more than once
};

/// What is wrong with a site as `always` of a demo: DNS words say nothing there. Empty: nothing.
[[nodiscard]] std::string problem_as_always(const site& s);

} // namespace cbv::fakemx::demo
