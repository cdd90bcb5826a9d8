// The options of fake-mx. Reading them only; see main.cpp for their use.
#pragma once

#include "cbv/ip_address.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

namespace cbv::fakemx::program {

constexpr int exit_system = 1; ///< a port in use, a file that cannot be written
constexpr int exit_usage = 2;  ///< also a file that is not what it should be

enum class list_format { none, text, markdown, json };
enum class colour { automatic, always, never };

struct settings {
    std::string file; ///< a world or case; empty with `demo`
    bool demo = false;
    std::string domain = "demo.test";
    std::string always;
    std::vector<ip_address> listen; ///< empty: 127.0.0.1 and ::1, or the range's first address
    list_format list = list_format::none;

    std::uint16_t smtp_port = 2525;
    std::optional<std::string> dns; ///< as given; nothing: the default
    std::string range = "127.0.0.0/8";
    std::string name;
    std::vector<std::string> values; ///< --set
    bool check = false;

    bool log_json = false;
    bool quiet = false;
    colour colours = colour::automatic;
    std::string ready_file;
};

/// Where the DNS server is to be; an empty address: nowhere.
struct dns_endpoint {
    std::string address = "127.0.0.1";
    std::uint16_t port = 5353;
};

/// "127.0.0.1:5353", "[::1]:53", an address alone (port 5353), or "none". Throws
/// std::invalid_argument.
[[nodiscard]] dns_endpoint read_dns(const std::string& text);

/// Fills `s`; returns the exit status when the program is to end (help, bad usage).
[[nodiscard]] std::optional<int> read_options(int argc, char** argv, settings& s);

} // namespace cbv::fakemx::program
