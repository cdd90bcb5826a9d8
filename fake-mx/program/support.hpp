// What both ways of serving need: addresses, ports, lines on standard output, the ready file, and
// running until a signal.
#pragma once

#include "fakemx/address_allocator.hpp"
#include "fakemx/servers.hpp"
#include "log.hpp"
#include "options.hpp"

#include <boost/asio/io_context.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>

namespace cbv::fakemx::program {

/// Addresses of `range`; throws std::invalid_argument. In 127.0.0.0/8 the first one is left out.
[[nodiscard]] address_allocator allocator(const std::string& range);

/// Whether a port can be bound on an address, for UDP too if `udp`. It may be taken a moment later.
[[nodiscard]] bool is_free(const std::string& address, std::uint16_t port, bool udp);

/// One line to standard output, at once. Throws std::runtime_error when it cannot be written.
void print_line(const std::string& line);

/// Whether lines may be coloured: a terminal, no NO_COLOR, TERM not "dumb"; or as was asked.
[[nodiscard]] bool use_colours(colour wanted);

/// The log that was asked for; `as_text` makes the one for people.
[[nodiscard]] std::unique_ptr<event_log> make_log(const settings& s,
                                                  const event_log::clock& since_start);

/// Writes the ready file, if one was asked for: whole or not at all. Throws std::runtime_error.
void write_ready_file(const settings& s, const ready_state& state);

/// Runs until SIGINT or SIGTERM, then stops the servers.
void run_until_signal(boost::asio::io_context& io, servers& all);

} // namespace cbv::fakemx::program
