// serve.hpp: the demo.
#include "fakemx/demo/demo.hpp"
#include "serve.hpp"
#include "support.hpp"

#include <algorithm>
#include <stdexcept>
#include <string>

namespace cbv::fakemx::program {
namespace {

constexpr std::string_view first_v4 = "127.0.0.1";
constexpr std::string_view first_v6 = "::1";

bool is_everywhere(const ip_address& a) {
    return a == *ip_address::parse("0.0.0.0") || a == *ip_address::parse("::");
}

demo::site read_always(const settings& given) {
    if (given.always.empty())
        return {};
    auto s = demo::read_site(given.always);
    if (const auto problem = demo::problem_as_always(s); !problem.empty())
        throw std::invalid_argument{"--always: " + problem};
    return s;
}

/// The addresses of the main host: as given, 127.0.0.1 and ::1, or the range's first one.
std::vector<ip_address>
main_addresses(const settings& given, bool on_loopback, address_allocator& addresses) {
    if (!given.listen.empty())
        return given.listen;
    if (!on_loopback)
        return {addresses.next_v4()};
    std::vector<ip_address> found{*ip_address::parse(first_v4)};
    // Where there is no IPv6, or the port is taken there alone, IPv4 has to do. Port 0 tells only
    // of the former, which is enough: the kernel's choice is tried on both.
    if (is_free(std::string{first_v6}, given.smtp_port, false))
        found.push_back(*ip_address::parse(first_v6));
    return found;
}

/// Where the DNS is to be, and what to say about it when it was not asked for like that.
dns_endpoint
choose_dns(const settings& given, const std::vector<ip_address>& main, event_log& told) {
    const bool everywhere = std::any_of(main.begin(), main.end(), is_everywhere);
    if (everywhere && given.dns.value_or("none") != "none")
        throw std::invalid_argument{"--listen on every address leaves none for the hosts of the "
                                    "demo's DNS; expected --dns none, or another address"};
    auto where = read_dns(given.dns.value_or(everywhere ? "none" : "127.0.0.1:5353"));
    if (!given.dns && !where.address.empty() && !is_free(where.address, where.port, true)) {
        told.on_trouble(where.address + " port " + std::to_string(where.port) +
                        " is taken (by multicast DNS?), so the fake DNS takes another port");
        where.port = 0;
    }
    return where;
}

ready_state
describe(const demo::demo& d, const settings& given, const servers& all, const dns_endpoint& dns) {
    ready_state state;
    state.domain = d.where().domain;
    for (const auto& a : d.where().main)
        state.hosts.push_back({"mx", "mx." + state.domain, a.to_string(), all.mx_port(a), {}});
    state.range = given.range;
    state.dns_address = dns.address;
    state.dns_port = all.dns_port();
    return state;
}

} // namespace

void serve_demo(const settings& given) {
    raise_file_limit();
    boost::asio::io_context io{1};
    server_settings s;
    s.mx_port = given.smtp_port;
    s.one_mx_port = true;
    s.epoch = steady_now();
    const auto told = make_log(given, [epoch = s.epoch] { return steady_now() - epoch; });
    auto always = read_always(given);
    auto addresses = allocator(given.range);
    demo::surroundings where;
    where.domain = given.domain;
    where.on_loopback = given.range.starts_with("127.");
    where.main = main_addresses(given, where.on_loopback, addresses);
    const auto dns = choose_dns(given, where.main, *told);
    s.dns_address = dns.address;
    s.dns_port = dns.port;
    demo::demo played{where, std::move(always), addresses, *told};
    s.author = [&](const host& h, const std::string& peer) { return played.author(h, peer); };
    s.more_worlds = [&](std::string_view name) { return played.more(name); };
    s.trouble = [&](const std::string& what) { told->on_trouble(what); };
    servers all{io, s, [&](const std::string& id, const event& e) { told->on_event(id, e); }};
    all.add(played.main());
    try {
        all.open();
    } catch (const std::runtime_error& e) {
        throw std::runtime_error{std::string{e.what()} +
                                 "\nIs another one running? --smtp-port and --dns take other ports "
                                 "(0: any free one)."};
    }
    const auto state = describe(played, given, all, dns);
    write_ready_file(given, state);
    told->on_ready(state);
    run_until_signal(io, all);
    told->on_end(told->all());
}

} // namespace cbv::fakemx::program
