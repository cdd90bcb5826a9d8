// The queries under way, each a lookup of its own, and those that wait for their turn
// (cbv/resolver.hpp).
#include "cbv/resolver.hpp"

#include "lookup.hpp"

#include <ares.h>

#include <deque>
#include <stdexcept>
#include <unordered_map>
#include <utility>

namespace cbv {
namespace {

void check(int status) {
    if (status != ARES_SUCCESS)
        throw std::runtime_error(std::string("cannot start the DNS client: ") +
                                 ares_strerror(status));
}

/// Each query has a socket, of which a process may have a thousand by default.
constexpr std::size_t most_at_once = 200;

/// c-ares wants its library initialised once a process.
void initialise_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    check(status);
}

} // namespace

struct resolver::impl : std::enable_shared_from_this<resolver::impl> {
    struct query {
        std::string name;
        record_type type;
        handler on_answer;
        std::shared_ptr<dns::lookup> asked; ///< null while it waits for its turn
    };

    impl(boost::asio::any_io_executor e, const resolver_options& options)
        : executor(std::move(e)), settings(options) {
        initialise_library();
        // What keeps a channel from being made is better known now than at the first query.
        ares_channel channel = nullptr;
        check(settings.open(&channel, nullptr, nullptr));
        ares_destroy(channel);
    }

    /// Starts what waits for its turn, in order, as far as there is room.
    void start_more() {
        while (running < most_at_once && !held.empty()) {
            const auto id = held.front();
            held.pop_front();
            if (const auto at = pending.find(id); at != pending.end()) // else it was cancelled
                start(id, at->second);
        }
    }

    void start(query_id id, query& q) {
        ++running;
        q.asked = std::make_shared<dns::lookup>(executor);
        q.asked->start(settings, q.name, q.type, [weak = weak_from_this(), id](dns_answer a) {
            const auto self = weak.lock();
            if (!self)
                return;
            auto answered = self->pending.extract(id);
            --self->running;
            self->start_more();
            answered.mapped().on_answer(std::move(a)); // may destroy the resolver
        });
    }

    void cancel(query_id id) {
        const auto wanted = pending.extract(id);
        if (wanted.empty() || !wanted.mapped().asked)
            return;
        wanted.mapped().asked->cancel();
        --running;
        start_more();
    }

    void shut_down() {
        for (auto& [id, q] : pending)
            if (q.asked)
                q.asked->cancel();
        pending.clear();
        held.clear();
    }

    boost::asio::any_io_executor executor;
    dns::channel_settings settings;
    std::unordered_map<query_id, query> pending;
    std::deque<query_id> held; ///< of `pending`; also some that were cancelled
    std::size_t running = 0;
    query_id last_id = 0;
};

resolver::resolver(boost::asio::any_io_executor executor, const resolver_options& options)
    : impl_(std::make_shared<impl>(std::move(executor), options)) {}

resolver::~resolver() {
    impl_->shut_down();
}

resolver::query_id resolver::query(const std::string& name, record_type type, handler on_answer) {
    const auto id = ++impl_->last_id;
    impl_->pending.emplace(id, impl::query{name, type, std::move(on_answer), nullptr});
    impl_->held.push_back(id);
    impl_->start_more();
    return id;
}

void resolver::cancel(query_id id) {
    impl_->cancel(id);
}

} // namespace cbv
