// One client session behind an MTA that the engine plays: moves octets and time between
// client_session, mta_front and the socket of a policy server or milter. The client's own
// connection is in memory only.
#pragma once

#include "case_client.hpp"
#include "client_session.hpp"
#include "mta_front.hpp"

#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>

#include <functional>
#include <memory>
#include <optional>

namespace cbv::engine {

class front_client : public case_client, public std::enable_shared_from_this<front_client> {
public:
    /// As smtp_client's; `source` is what the target is told the client's address is.
    front_client(boost::asio::io_context& io,
                 const conformance_case& c,
                 unsigned client,
                 const target& t,
                 observation& seen,
                 std::optional<ip_address> source,
                 clock::time_point origin,
                 std::function<void()> done);
    ~front_client() override;

    void start() override;
    void stop() override;

private:
    struct link; // one connection to the target

    [[nodiscard]] duration now() const;
    void pump();
    void relay_notes();
    void carry_out(mta_front::action a);
    void connect();
    void read(const std::shared_ptr<link>& l);
    void write(const std::shared_ptr<link>& l);
    void arm_timer();
    void end();

    boost::asio::io_context& io_;
    boost::asio::steady_timer timer_;
    const target& target_;
    client_session session_;
    std::unique_ptr<mta_front> front_;
    clock::time_point origin_;
    std::function<void()> done_;
    std::shared_ptr<link> link_;       // the present one; none: not connected
    std::optional<duration> farewell_; // the client is done: the target may be told so until then
    bool trouble_told_ = false;
    bool ended_ = false;
};

} // namespace cbv::engine
