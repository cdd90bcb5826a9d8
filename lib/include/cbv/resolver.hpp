// A DNS resolver over Boost.Asio by c-ares: MX, A and AAAA, as dns_answer. It caches nothing and
// validates nothing itself; point it at a validating resolver where DNSSEC matters.
#pragma once

#include "cbv/dns.hpp"
#include "cbv/time.hpp"

#include <boost/asio/any_io_executor.hpp>

#include <functional>
#include <memory>
#include <string>
#include <vector>

namespace cbv {

/// How to ask.
struct resolver_options {
    /// Servers as "address", "address:port" or "[v6]:port"; empty: the system's (/etc/resolv.conf).
    std::vector<std::string> servers;
    duration timeout = std::chrono::seconds{5}; ///< of the first try; c-ares lengthens later ones
    int tries = 3;                              ///< per server
};

/// Not thread-safe: use it from its executor.
class resolver {
public:
    using handler = std::function<void(dns_answer)>;

    /// Throws std::runtime_error when a server's address cannot be read or c-ares cannot start.
    resolver(boost::asio::any_io_executor executor, const resolver_options& options);
    /// Pending handlers are dropped without being called.
    ~resolver();
    resolver(const resolver&) = delete;
    resolver& operator=(const resolver&) = delete;

    /// Asks for `name` (FQDN, no search list). The handler is called once, through the executor,
    /// never from within query().
    void query(const std::string& name, record_type type, handler on_answer);

private:
    struct impl;
    std::shared_ptr<impl> impl_;
};

} // namespace cbv
