// Faults that stand in a domain: `banner-554.demo.test` is read and made into a world of its own,
// with its records and hosts. Nothing is opened here.
#pragma once

#include "fakemx/address_allocator.hpp"
#include "fakemx/demo/faults.hpp"
#include "fakemx/demo/words.hpp"

#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::fakemx::demo {

/// What the labels before the demo's domain come to.
struct site {
    std::string words; ///< the labels, lower case: "banner-slow-1s.mail-451"
    site_fault what = site_fault::none;
    duration dns_delay{};
    std::vector<fault> faults;           ///< of its host; of the first of two hosts with `first-`
    site_fault first = site_fault::none; ///< with `first-`: refused, blackhole, or none for faults
    std::vector<std::string> without;    ///< EHLO keywords it does not offer, upper case
    bool catch_all = false;
    std::string problem; ///< not empty: why these are no words, in printable ASCII

    /// Whether it takes the DNS, or an address of its own, to play all of it.
    [[nodiscard]] bool is_before_rcpt() const noexcept;
};

/// Reads labels such as "banner-slow-1s.mail-451". Words without a stage belong to RCPT.
[[nodiscard]] site read_site(std::string_view labels);

/// The labels of `name` before `domain`; "" for the domain itself, nothing outside of it. Names of
/// hosts in a site (`mx`, `mx1` ...) are left out.
[[nodiscard]] std::optional<std::string> labels_before(std::string_view name,
                                                       std::string_view domain);

/// Where the demo's hosts are.
struct surroundings {
    std::string domain; ///< "demo.test", lower case
    /// Addresses of the main host; a site that only has an IPv6 address uses them on loopback.
    std::vector<ip_address> main;
    bool on_loopback = true; ///< addresses come from 127.0.0.0/8
};

/// The EHLO keywords of a demo host, but for those `without` names (upper case, no parameters).
[[nodiscard]] std::vector<std::string> usual_keywords(const std::vector<std::string>& without = {});

/// The world of the demo's domain: one host `mx` at the main addresses.
[[nodiscard]] world main_world(const surroundings& where);

/// The world of a site without a problem. Throws std::runtime_error when no address is left.
[[nodiscard]] world
site_world(const site& s, const surroundings& where, address_allocator& addresses);

} // namespace cbv::fakemx::demo
