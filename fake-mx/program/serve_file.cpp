// serve.hpp: a file's world. Its lines are those of the time lines of the conformance suite.
#include "serve.hpp"
#include "support.hpp"

#include <fmt/format.h>

namespace cbv::fakemx::program {
namespace {

std::string_view does(reach how) {
    switch (how) {
    case reach::refuse:
        return "refuses connections";
    case reach::blackhole:
        return "is a black hole (inside the lab)";
    case reach::listen:
        break;
    }
    return "listens";
}

ready_state describe(const world& w, const servers& all, const std::string& dns) {
    ready_state state;
    state.domain = w.domain;
    for (const auto& h : w.hosts)
        for (const auto& address : h.addresses)
            state.hosts.push_back({h.id,
                                   h.name,
                                   address.to_string(),
                                   h.how == reach::listen ? all.mx_port(address) : std::uint16_t{0},
                                   std::string{does(h.how)}});
    state.dns_address = dns;
    state.dns_port = all.dns_port();
    return state;
}

void print(const ready_state& state) {
    for (const auto& h : state.hosts)
        print_line(fmt::format("{:<10} {} {}{}, as {}",
                               h.id,
                               h.address,
                               h.does,
                               h.port != 0 ? fmt::format(" on port {}", h.port) : "",
                               h.name));
    if (!state.dns_address.empty())
        print_line(fmt::format("dns        {} port {}", state.dns_address, state.dns_port));
    print_line(fmt::format("Ask for the domain {}. Ctrl-C ends.\n", state.domain));
}

} // namespace

void serve_file(const world& w, const settings& given) {
    raise_file_limit();
    boost::asio::io_context io{1};
    const auto dns = read_dns(given.dns.value_or("127.0.0.1:5353"));
    server_settings s;
    s.mx_port = given.smtp_port;
    s.epoch = steady_now();
    s.dns_address = dns.address;
    s.dns_port = dns.port;
    const auto log = make_log(given, [&] { return steady_now() - s.epoch; });
    servers all{io, s, [&](const std::string& id, const event& e) {
                    if (given.log_json)
                        log->on_event(id, e);
                    else if (!given.quiet)
                        print_line(to_text(e));
                }};
    all.add(w);
    all.open();
    const auto state = describe(w, all, dns.address);
    write_ready_file(given, state);
    if (given.log_json)
        log->on_ready(state);
    else if (!given.quiet)
        print(state);
    run_until_signal(io, all);
    if (given.log_json)
        log->on_end(log->all());
}

} // namespace cbv::fakemx::program
