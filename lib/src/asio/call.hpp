// One verification under way: the machine, its sockets, its timer. Private to the verifier; it
// makes no decision of its own.
#pragma once

#include "asio_support.hpp"
#include "cbv/verifier.hpp"
#include "completion.hpp"

#include <boost/asio/ip/tcp.hpp>

#include <array>
#include <memory>
#include <unordered_set>
#include <vector>

namespace cbv {

/// What the calls of one verifier share.
struct verifier::shared : std::enable_shared_from_this<verifier::shared> {
    shared(boost::asio::any_io_executor e, verifier_options o);
    ~shared();

    boost::asio::any_io_executor executor;
    verifier_options options;
    resolver dns;
    std::uint64_t calls = 0; ///< made so far; varies the shuffle's seed
    std::unordered_set<class call*> running;
    std::unique_ptr<class managed_calls> manager; ///< null: every request is a call
};

class call : public std::enable_shared_from_this<call> {
public:
    /// For one request, answered by `on_done`; or for the manager, which knows it by `number`.
    call(std::shared_ptr<verifier::shared> shared,
         verify_request request,
         completion on_done,
         std::optional<unsigned> number = std::nullopt);
    ~call();

    void start();
    void cancel();
    void allow(unsigned attempt); ///< the manager's answer to a connect it had told to wait
    void forget_observer() { observer_ = nullptr; }

private:
    struct connection;
    using connection_ptr = std::shared_ptr<connection>;

    void run(); ///< carries out every pending action, then sees to the timer
    void perform(act::query_dns& a);
    void perform(act::connect& a);
    void perform(act::send& a);
    void perform(act::close& a);
    void perform(act::done& a);

    void open(const act::connect& a);
    void read(const connection_ptr& c);
    void write(const connection_ptr& c);
    void arm_timer();
    [[nodiscard]] connection_ptr find(unsigned id) const;
    void drop(unsigned id);
    void observe(trace_kind kind, unsigned id, std::string_view text) const;

    std::shared_ptr<verifier::shared> shared_;
    trace_observer observer_;
    completion on_done_;
    std::optional<unsigned> number_; ///< the manager's; then on_done_ is empty
    instant began_;
    verification machine_;
    lazy_timer timer_;
    std::vector<resolver::query_id> queries_;
    std::vector<connection_ptr> connections_;
    std::vector<act::connect> held_; ///< until the manager allows them
    bool running_ = false;
};

} // namespace cbv
