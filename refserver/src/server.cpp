// Accepting, limits and shutting down (refserver/server.hpp).
#include "refserver/server.hpp"

#include "cbv/reply_policy.hpp"
#include "session.hpp"

#include <boost/asio/ip/v6_only.hpp>

#include <utility>

namespace cbv::refserver {

namespace asio = boost::asio;
using asio::ip::tcp;
using boost::system::error_code;

/// Shared with the handlers, so that one that runs late finds it alive.
struct server::impl : std::enable_shared_from_this<server::impl> {
    impl(asio::io_context& c, const config& s, services u)
        : common(std::make_shared<hub>(c, s, std::move(u))), grace(c) {}

    /// From a failed accept to the next: descriptors may be free again by then.
    static constexpr std::chrono::milliseconds accept_pause{100};

    void bind(const endpoint& where);
    void accept(std::size_t index);
    void take(tcp::socket socket);
    void turn_away(tcp::socket socket);
    void abort_all();
    void end();

    std::shared_ptr<hub> common;
    std::vector<tcp::acceptor> acceptors;
    asio::steady_timer grace;
    std::function<void()> stopped;
    bool stopping = false;
};

void server::impl::bind(const endpoint& where) {
    const tcp::endpoint at(to_asio(where.address), where.port);
    tcp::acceptor acceptor(common->context);
    error_code error;
    const auto must = [&] {
        if (error)
            throw listen_error("cannot listen on " + where.to_string() + ": " + error.message());
    };
    acceptor.open(at.protocol(), error);
    must();
    acceptor.set_option(tcp::acceptor::reuse_address(true), error);
    must();
    if (where.address.is_v6()) { // clients of IPv4 come by their own address
        acceptor.set_option(asio::ip::v6_only(true), error);
        must();
    }
    acceptor.bind(at, error);
    must();
    acceptor.listen(asio::socket_base::max_listen_connections, error);
    must();
    acceptors.push_back(std::move(acceptor));
}

void server::impl::accept(std::size_t index) {
    acceptors[index].async_accept(
        [self = shared_from_this(), index](error_code error, tcp::socket socket) {
            if (self->stopping)
                return;
            if (!error) {
                self->take(std::move(socket));
                return self->accept(index);
            }
            self->common->log("accept failed: " + error.message());
            auto pause = std::make_shared<asio::steady_timer>(self->common->context, accept_pause);
            pause->async_wait([self, index, pause](error_code) {
                if (!self->stopping)
                    self->accept(index);
            });
        });
}

void server::impl::take(tcp::socket socket) {
    error_code error;
    const tcp::endpoint peer = socket.remote_endpoint(error);
    if (error) // gone already
        return;
    if (common->sessions.size() >= common->settings.max_sessions)
        return turn_away(std::move(socket));
    socket.set_option(tcp::no_delay(true), error);
    const auto s = std::make_shared<session>(std::move(socket), from_asio(peer.address()), common);
    common->sessions.insert(s);
    s->start();
}

void server::impl::turn_away(tcp::socket socket) {
    const receiver_options& o = common->settings.receiver;
    const std::string text =
        serialize({421, {o.host_name + " Too many connections, try again later"}});
    error_code ignored; // a fresh socket's buffer takes one line; if not, closing says it as well
    socket.non_blocking(true, ignored);
    socket.write_some(asio::buffer(text), ignored);
    socket.shutdown(tcp::socket::shutdown_send, ignored);
}

void server::impl::abort_all() {
    const auto all = common->sessions; // abort() changes the set
    for (const auto& s : all)
        s->abort();
}

void server::impl::end() {
    grace.cancel();
    if (auto tell = std::exchange(stopped, nullptr))
        tell();
}

server::server(asio::io_context& context, const config& settings, services use)
    : impl_(std::make_shared<impl>(context, settings, std::move(use))) {}

server::~server() {
    impl_->stopping = true;
    impl_->stopped = nullptr;
    impl_->common->on_empty = nullptr;
    error_code ignored;
    for (auto& acceptor : impl_->acceptors)
        acceptor.close(ignored);
    impl_->abort_all();
    impl_->common->storage.join();
}

std::vector<endpoint> server::listen() {
    try {
        for (const endpoint& where : impl_->common->settings.listen)
            impl_->bind(where);
    } catch (const listen_error&) {
        impl_->acceptors.clear();
        throw;
    }
    std::vector<endpoint> out;
    for (std::size_t i = 0; i < impl_->acceptors.size(); ++i) {
        const tcp::endpoint at = impl_->acceptors[i].local_endpoint();
        out.push_back({from_asio(at.address()), at.port()});
        impl_->accept(i);
    }
    return out;
}

void server::stop(std::function<void()> stopped) {
    if (stopped)
        impl_->stopped = std::move(stopped);
    if (std::exchange(impl_->stopping, true))
        return impl_->abort_all();
    error_code ignored;
    for (auto& acceptor : impl_->acceptors)
        acceptor.close(ignored);
    if (impl_->common->sessions.empty())
        return impl_->end();
    impl_->common->on_empty = [weak = std::weak_ptr<impl>(impl_)] {
        if (const auto self = weak.lock())
            self->end();
    };
    impl_->grace.expires_after(impl_->common->settings.shutdown_grace);
    impl_->grace.async_wait([self = impl_](error_code error) {
        if (!error)
            self->abort_all();
    });
    const auto all = impl_->common->sessions;
    for (const auto& s : all)
        s->shutdown();
}

std::size_t server::sessions() const noexcept {
    return impl_->common->sessions.size();
}

} // namespace cbv::refserver
