// The queries under way, each a lookup of its own (cbv/resolver.hpp).
#include "cbv/resolver.hpp"

#include "lookup.hpp"

#include <ares.h>

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

/// c-ares wants its library initialised once a process.
void initialise_library() {
    static const int status = ares_library_init(ARES_LIB_INIT_ALL);
    check(status);
}

} // namespace

struct resolver::impl : std::enable_shared_from_this<resolver::impl> {
    impl(boost::asio::any_io_executor e, const resolver_options& options)
        : executor(std::move(e)), settings(options) {
        initialise_library();
        // What keeps a channel from being made is better known now than at the first query.
        ares_channel channel = nullptr;
        check(settings.open(&channel, nullptr, nullptr));
        ares_destroy(channel);
    }

    boost::asio::any_io_executor executor;
    dns::channel_settings settings;
    std::unordered_map<query_id, std::shared_ptr<dns::lookup>> pending;
    query_id last_id = 0;
};

resolver::resolver(boost::asio::any_io_executor executor, const resolver_options& options)
    : impl_(std::make_shared<impl>(std::move(executor), options)) {}

resolver::~resolver() {
    for (auto& [id, query] : impl_->pending)
        query->cancel();
}

resolver::query_id resolver::query(const std::string& name, record_type type, handler on_answer) {
    const auto id = ++impl_->last_id;
    const auto query = std::make_shared<dns::lookup>(impl_->executor);
    impl_->pending.emplace(id, query);
    query->start(impl_->settings,
                 name,
                 type,
                 [weak = impl_->weak_from_this(), id, told = std::move(on_answer)](dns_answer a) {
                     if (const auto self = weak.lock())
                         self->pending.erase(id);
                     told(std::move(a));
                 });
    return id;
}

void resolver::cancel(query_id id) {
    const auto wanted = impl_->pending.extract(id);
    if (!wanted.empty())
        wanted.mapped()->cancel();
}

} // namespace cbv
