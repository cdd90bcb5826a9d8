// One client's connection: drives a cbv::receiver with a socket and a timer. It interprets no
// octet.
#pragma once

#include "asio_support.hpp"
#include "refserver/server.hpp"

#include <boost/asio/ip/tcp.hpp>
#include <boost/asio/thread_pool.hpp>

#include <array>
#include <memory>
#include <optional>
#include <set>
#include <string>

namespace cbv::refserver {

class session;

/// What the sessions of a server share.
struct hub {
    boost::asio::io_context& context;
    const config& settings;
    services use;
    boost::asio::thread_pool storage;
    std::set<std::shared_ptr<session>> sessions; ///< keeps them alive
    std::function<void()> on_empty;              ///< called when the last one goes

    hub(boost::asio::io_context& c, const config& s, services u)
        : context(c), settings(s), use(std::move(u)), storage(s.storage_threads) {}

    void log(const std::string& text) const {
        if (use.log)
            use.log(text);
    }
};

class session : public std::enable_shared_from_this<session> {
public:
    /// Octets waiting to be sent before input is no longer read.
    static constexpr std::size_t max_unsent = 65536;
    /// From the last reply to closing by force, when the client does not close.
    static constexpr duration close_limit = std::chrono::seconds{5};

    session(boost::asio::ip::tcp::socket socket, ip_address client, std::shared_ptr<hub> h);

    void start();
    void shutdown(); ///< 421 at the next possible moment
    void abort();    ///< closes at once

private:
    void run(); ///< carries out every action, then sees to reading and the timer
    void perform(receive::send& a);
    void perform(receive::verify& a);
    void perform(receive::cancel_verify& a);
    void perform(receive::store& a);
    void perform(receive::close& a);
    void read();
    void write();
    void client_is_gone();
    void half_close();
    void arm_timer();

    std::shared_ptr<hub> hub_;
    boost::asio::ip::tcp::socket socket_;
    lazy_timer timer_;
    receiver machine_;
    std::array<char, 8192> input_;
    std::string unsent_; ///< waits for `writing_`
    std::string in_flight_;
    cancel_function cancel_;
    std::optional<instant> force_at_; ///< set by `close`
    bool reading_ = false;
    bool writing_ = false;
    bool gone_ = false;    ///< the client closed, or the connection is lost
    bool dropped_ = false; ///< closed for good
};

} // namespace cbv::refserver
