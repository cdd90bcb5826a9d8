// How a world is made from its parameters, and its DNS; see the header.
#include "simulation/world.hpp"

#include <charconv>
#include <stdexcept>

namespace simulation {
namespace {

duration seconds(double n) {
    return duration{static_cast<duration::rep>(n * 1e6)};
}

spf spf_from(const std::string& word) {
    if (word == "none")
        return spf::none;
    if (word == "softfail")
        return spf::softfail;
    if (word == "fail")
        return spf::fail;
    throw std::runtime_error("victim_spf must be none, softfail or fail, not " + word);
}

// The behaviours that have a share; what is left of 1 is good.
behaviour draw_behaviour(random_source& r, const settings& s) {
    double u = r.share();
    const std::pair<std::string_view, behaviour> all[] = {
        {"slow_share", behaviour::slow},
        {"greylisting_share", behaviour::greylisting},
        {"never_to_null_share", behaviour::never_to_null},
        {"dead_share", behaviour::dead},
        {"catch_all_share", behaviour::catch_all},
        {"tarpit_share", behaviour::tarpit},
    };
    for (const auto& [name, what] : all) {
        const double share = s.number(name);
        if (u < share)
            return what;
        u -= share;
    }
    return behaviour::good;
}

blocking draw_blocking(random_source& r, const settings& s) {
    double u = r.share();
    const std::pair<std::string_view, blocking> all[] = {
        {"bare_blocker_share", blocking::bare},
        {"coded_blocker_share", blocking::coded},
        {"greeting_blocker_share", blocking::greeting},
    };
    for (const auto& [name, what] : all) {
        const double share = s.number(name);
        if (u < share)
            return what;
        u -= share;
    }
    return blocking::no;
}

} // namespace

world::world(const settings& s, std::uint64_t seed)
    : by_role_(5), round_trip_(seconds(s.number("round_trip"))),
      slow_(seconds(s.number("slow_greeting"))), tarpit_(seconds(s.number("tarpit_reply"))),
      grey_(seconds(s.number("greylist_minutes") * 60)),
      listing_(seconds(s.number("listing_hours") * 3600)), users_(s.count("users_per_domain")),
      all_listed_(s.number("listed_at_start") > 0) {
    random_source r = part_of(seed, 1);
    std::optional<std::uint32_t> pool;
    for (std::uint64_t i = 0; i < s.count("domains"); ++i) {
        const bool pooled = r.chance(s.number("pool_share"));
        const bool dead_primary = r.chance(s.number("dead_primary_share"));
        const std::uint32_t own =
            add_host(r, s); // drawn for pooled domains too: the rest stays the same
        std::uint32_t home = own;
        if (pooled) {
            if (!pool) {
                pool = own;
                hosts_[own] = host{};
                hosts_[own].pool = true;
            }
            home = *pool;
        }
        domain d{"d" + std::to_string(i) + ".example", {}, spf::none, false, role::ordinary, home};
        if (dead_primary) {
            hosts_.emplace_back().does = behaviour::dead;
            d.exchanges.emplace_back(10, static_cast<std::uint32_t>(hosts_.size() - 1));
        }
        d.exchanges.emplace_back(20, home);
        const double policy = r.share();
        if (policy < s.number("spf_fail_share"))
            d.publishes = spf::fail;
        else if (policy < s.number("spf_fail_share") + s.number("spf_softfail_share"))
            d.publishes = spf::softfail;
        d.opted_out = r.chance(s.number("opt_out_share"));
        add_domain(std::move(d));
    }
    const auto add = [&](const std::string& name, role is, host h) -> domain& {
        hosts_.push_back(std::move(h));
        const auto number = static_cast<std::uint32_t>(hosts_.size() - 1);
        return domains_[add_domain({name, {{10, number}}, spf::none, false, is, number})];
    };
    for (std::uint64_t i = 0; i < s.count("list_domains"); ++i)
        add("list" + std::to_string(i) + ".example", role::list, host{}).publishes = spf::softfail;
    for (std::uint64_t i = 0; i < s.count("trap_domains"); ++i) {
        host trap;
        trap.does = behaviour::trap;
        add("trap" + std::to_string(i) + ".example", role::trap, trap);
    }
    host victim;
    victim.victim = true;
    victim.codes = s.number("victim_codes") > 0;
    domain& suffering = add("victim.example", role::victim, victim);
    suffering.publishes = spf_from(s.word("victim_spf"));
    suffering.opted_out = s.number("victim_opts_out") > 0;
    host own;
    own.does = behaviour::catch_all;
    domain& forger = add("forger.example", role::forger, own);
    const std::string& how = s.word("forger");
    forger.opted_out = how == "opt-out";
    // Somebody else's host, which does not know the domain and says so.
    if (how == "foreign-mx" && pool)
        forger.exchanges = {{10, *pool}};
    if (how == "foreign-mx")
        forger.home.reset();
}

std::uint32_t world::add_host(random_source& r, const settings& s) {
    host h;
    h.does = draw_behaviour(r, s);
    h.blocks = draw_blocking(r, s);
    const bool codes = r.chance(s.number("codes_share"));
    h.codes = codes && h.blocks != blocking::bare; // whoever blocks without a code has none at all
    h.exempts_postmaster = r.chance(s.number("postmaster_exempt_share"));
    hosts_.push_back(std::move(h));
    return static_cast<std::uint32_t>(hosts_.size() - 1);
}

std::uint32_t world::add_domain(domain d) {
    const auto number = static_cast<std::uint32_t>(domains_.size());
    by_name_.emplace(d.name, number);
    by_role_[static_cast<std::size_t>(d.is)].push_back(number);
    domains_.push_back(std::move(d));
    return number;
}

const std::vector<std::uint32_t>& world::of(role r) const {
    return by_role_[static_cast<std::size_t>(r)];
}

const domain* world::find(std::string_view name) const {
    const auto at = by_name_.find(std::string(name));
    return at == by_name_.end() ? nullptr : &domains_[at->second];
}

// Each host in a network of its own, so that hosts are unrelated.
cbv::ip_address world::address_of(std::uint32_t host) {
    const std::uint32_t net = host + 1;
    return cbv::ip_address::v4({static_cast<std::uint8_t>(20U + (net >> 16U)),
                                static_cast<std::uint8_t>((net >> 8U) & 0xFFU),
                                static_cast<std::uint8_t>(net & 0xFFU),
                                25});
}

std::optional<std::uint32_t> world::host_at(const cbv::ip_address& address) const {
    const auto& o = address.octets();
    const std::uint32_t net = (static_cast<std::uint32_t>(o[0] - 20) << 16U) |
                              (static_cast<std::uint32_t>(o[1]) << 8U) | o[2];
    if (net == 0 || net > hosts_.size())
        return std::nullopt;
    return net - 1;
}

// Exchanges are called h7.hosts.example.
cbv::dns_answer world::lookup(std::string_view name, cbv::record_type type) const {
    cbv::dns_answer a;
    a.status = cbv::dns_status::nxdomain;
    a.ttl = 3600;
    if (const domain* d = find(name)) {
        a.status = cbv::dns_status::ok;
        if (type == cbv::record_type::mx)
            for (const auto& [preference, number] : d->exchanges)
                a.mx.push_back({preference, "h" + std::to_string(number) + ".hosts.example"});
        return a;
    }
    constexpr std::string_view zone = ".hosts.example";
    std::uint32_t number = 0;
    if (name.starts_with('h') && name.ends_with(zone)) {
        const char* end = name.data() + name.size() - zone.size();
        const auto [at, error] = std::from_chars(name.data() + 1, end, number);
        if (error == std::errc{} && at == end && number < hosts_.size()) {
            a.status = cbv::dns_status::ok;
            if (type == cbv::record_type::a)
                a.addresses.push_back(address_of(number));
        }
    }
    return a;
}

} // namespace simulation
