// A DNS resolver over Boost.Asio by c-ares: MX, A and AAAA, as dns_answer. It caches nothing and
// validates nothing itself; point it at a validating resolver where DNSSEC matters.
#pragma once

#include "cbv/dns.hpp"
#include "cbv/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cbv {

/// How to ask.
struct resolver_options {
    /// Servers as "address", "address:port" or "[v6]:port"; empty: the system's (/etc/resolv.conf).
    std::vector<std::string> servers;
    /// Of the first try, at least a millisecond; c-ares lengthens later ones.
    duration timeout = std::chrono::seconds{5};
    int tries = 3; ///< per server, at least 1
};

/// Not thread-safe: use it from its executor.
class resolver {
public:
    using handler = std::function<void(dns_answer)>;
    /// Names a query; never used twice by one resolver.
    using query_id = std::uint64_t;

    /// Throws std::invalid_argument when an option cannot be used, std::runtime_error when c-ares
    /// cannot start.
    resolver(boost::asio::any_io_executor executor, const resolver_options& options);
    /// Pending handlers are dropped without being called.
    ~resolver();
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    /// Asks for `name` (FQDN, no search list), in a turn: 200 queries at most are under way at
    /// once. The handler is called once, through the executor, never from within query().
    query_id query(const std::string& name, record_type type, handler on_answer);
    /// The answer is not wanted any more: the handler is dropped without being called. When no
    /// query is left, nothing is sent again and no socket stays open. An id that is answered or
    /// unknown does no harm.
    void cancel(query_id id);

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace cbv
