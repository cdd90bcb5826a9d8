// support.hpp.
#include "support.hpp"

#include "cbv/text.hpp"
#include "system_call.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/ip/udp.hpp>
#include <boost/asio/signal_set.hpp>

#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <stdexcept>
#include <unistd.h>

namespace cbv::fakemx::program {
namespace {

namespace asio = boost::asio;

template <class Protocol>
bool can_bind(const std::string& address, std::uint16_t port) {
    asio::io_context io;
    boost::system::error_code e;
    typename Protocol::socket s{io};
    const typename Protocol::endpoint where{asio::ip::make_address(address, e), port};
    if (e)
        return false;
    s.open(where.protocol(), e);
    if constexpr (std::is_same_v<Protocol, asio::ip::tcp>)
        s.set_option(asio::socket_base::reuse_address{true}, e); // TIME_WAIT does not matter
    s.bind(where, e);
    return !e;
}

} // namespace

address_allocator allocator(const std::string& range) {
    const auto prefix = ip_prefix::parse(range);
    if (!prefix)
        throw std::invalid_argument{"--address-range " + escape(range) +
                                    ": expected a prefix such as 127.0.0.0/8"};
    address_ranges ranges;
    (prefix->address().is_v4() ? ranges.v4 : ranges.v6) = *prefix;
    if (range.starts_with("127.")) {
        ranges.first_v4 = 2; // 127.0.0.1 is left to the DNS server and the machine's own mail
        ranges.v6 = *ip_prefix::parse("::/127"); // one address: ::1
    }
    return address_allocator{ranges};
}

bool is_free(const std::string& address, std::uint16_t port, bool udp) {
    return can_bind<asio::ip::tcp>(address, port) &&
           (!udp || can_bind<asio::ip::udp>(address, port));
}

void print_line(const std::string& line) {
    if (!write_all(STDOUT_FILENO, line + '\n'))
        throw std::runtime_error{std::string{"cannot write to standard output: "} +
                                 std::strerror(errno)};
}

bool use_colours(colour wanted) {
    if (wanted != colour::automatic)
        return wanted == colour::always;
    const auto is_set = [](const char* name) {
        const char* const value = std::getenv(name);
        return value != nullptr && *value != '\0';
    };
    return ::isatty(STDOUT_FILENO) == 1 && !is_set("NO_COLOR") && is_set("TERM") &&
           std::strcmp(std::getenv("TERM"), "dumb") != 0;
}

std::unique_ptr<event_log> make_log(const settings& s, const event_log::clock& since_start) {
    if (s.quiet)
        return std::make_unique<quiet_log>();
    if (s.log_json)
        return std::make_unique<json_log>(print_line, since_start);
    return std::make_unique<text_log>(print_line, since_start, use_colours(s.colours));
}

void write_ready_file(const settings& s, const ready_state& state) {
    if (s.ready_file.empty())
        return;
    if (s.ready_file == "-")
        return print_line(state.to_json());
    // A reader that waits for the file must not find half of it.
    const auto partial = s.ready_file + ".part";
    std::ofstream file{partial, std::ios::trunc};
    file << state.to_json() << '\n';
    file.close();
    std::error_code e;
    if (file)
        std::filesystem::rename(partial, s.ready_file, e);
    if (!file || e) {
        std::error_code ignored;
        std::filesystem::remove(partial, ignored);
        throw std::runtime_error{"--ready-file " + escape(s.ready_file) +
                                 ": expected a file that can be written"};
    }
}

void run_until_signal(asio::io_context& io, servers& all) {
    asio::signal_set signals{io, SIGINT, SIGTERM};
    signals.async_wait([&](const boost::system::error_code&, int) {
        all.stop();
        io.stop();
    });
    io.run();
}

} // namespace cbv::fakemx::program
