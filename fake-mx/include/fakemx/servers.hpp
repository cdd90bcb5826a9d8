// Worlds on real sockets: a listener for each address of each listening host, and one DNS server
// (UDP and TCP) for all. Single-threaded on the caller's io_context; hosts that refuse or are black
// holes get no listener, the network does the rest.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"
#include "fakemx/rule_author.hpp"
#include "fakemx/timeline.hpp"
#include "fakemx/world.hpp"

#include <boost/asio/io_context.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace cbv::fakemx {

/// How to serve.
struct server_settings {
    std::string dns_address = "192.0.2.53"; ///< empty: no DNS server
    std::uint16_t dns_port = 53;            ///< 0: one the kernel chooses
    std::uint16_t mx_port = 25;             ///< 0: one the kernel chooses for each address
    bool one_mx_port = false; ///< with mx_port 0: the port chosen first serves for every address
    /// Names that belong to no case and their addresses, such as the target's own.
    std::vector<std::pair<std::string, std::string>> static_addresses;
    int backlog = 4096;  ///< connections the kernel may hold for us (it has its own limit as well)
    instant epoch{};     ///< event::at counts from here, on the clock of steady_now()
    author_maker author; ///< for every host of every world; none: scripts alone
    /// Asked about every name that is looked up (lower case, no final dot): a world to be added
    /// because of it, whose hosts listen from then on. What it throws, or listening throws, makes
    /// the answer SERVFAIL and goes to `trouble`.
    std::function<std::optional<world>(std::string_view name)> more_worlds;
    std::function<void(const std::string& what)> trouble; ///< none: such errors are only SERVFAIL
};

/// The steady clock as an instant of the house's time line.
[[nodiscard]] instant steady_now() noexcept;

/// Raises the soft limit of open files to the hard one; the limit that holds afterwards. Programs
/// with thousands of connections call it at their start.
std::size_t raise_file_limit() noexcept;

/// The servers. All members but the constructor are to be called from the io_context's thread, or
/// while nobody runs it.
class servers {
public:
    /// Receives every event of every world, in order.
    using sink = std::function<void(const std::string& world_id, event e)>;

    /// `io` outlives the object.
    servers(boost::asio::io_context& io, server_settings settings, sink to_timeline);
    /// Calls stop().
    ~servers();
    servers(const servers&) = delete;
    servers& operator=(const servers&) = delete;

    /// Adds a world, which is copied; after open() its hosts listen at once. Throws
    /// std::runtime_error when an address of a listening host belongs to another host already,
    /// naming both cases, when the domain does, or as open(). Hosts of several worlds may have one
    /// address when they have neither rules nor keywords: a connection there is of the world whose
    /// domain it names, and "localhost" greets it.
    void add(const world& w);
    /// Binds and listens everywhere. Throws std::runtime_error such as "198.18.0.1 port 25: address
    /// in use"; nothing is open then.
    void open();
    /// Closes everything at once; connections are reset. No event comes after it.
    void stop();

    /// The port of the DNS server, 0 when there is none.
    [[nodiscard]] std::uint16_t dns_port() const;
    /// The port that listens on an address, 0 when none does.
    [[nodiscard]] std::uint16_t mx_port(const ip_address& address) const;
    /// Connections now open.
    [[nodiscard]] std::size_t connections() const;

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace cbv::fakemx
