// The verifier's outer edge: options, cancellation slots, the blocking call. See call.cpp for the
// loop.
#include "cbv/verifier.hpp"

#include "call.hpp"
#include "cbv/idna.hpp"
#include "managed.hpp"

#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/cancellation_type.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <stdexcept>
#include <vector>

namespace cbv {

namespace asio = boost::asio;

verifier::shared::shared(asio::any_io_executor e, verifier_options o)
    : executor(e), options(std::move(o)), dns(e, options.resolver) {
    if (!options.verification.to_ascii)
        options.verification.to_ascii = idna_to_ascii;
    if (const auto problem = options.verification.problem())
        throw std::invalid_argument("verifier options: " + *problem);
    if (options.source_v4 && !options.source_v4->is_v4())
        throw std::invalid_argument("verifier options: " + options.source_v4->to_string() +
                                    " is no IPv4 source address");
    if (options.source_v6 && !options.source_v6->is_v6())
        throw std::invalid_argument("verifier options: " + options.source_v6->to_string() +
                                    " is no IPv6 source address");
    if (options.management) {
        // One budget, whoever began the call that a client shares (CBV-TIME-003).
        options.management->client_budget = options.verification.dialogue.timers.budget;
        if (!options.management->to_ascii)
            options.management->to_ascii = options.verification.to_ascii;
        manager = std::make_unique<managed_calls>(*this, *options.management);
    }
}

verifier::shared::~shared() = default;

verifier::verifier(asio::any_io_executor executor, verifier_options options)
    : shared_(std::make_shared<shared>(std::move(executor), std::move(options))) {}

verifier::~verifier() {
    if (shared_->manager)
        shared_->manager->stop();
    std::vector<std::shared_ptr<call>> under_way; // cancelling ends some of them
    for (auto* c : shared_->running)
        under_way.push_back(c->shared_from_this());
    for (const auto& c : under_way)
        c->cancel();
}

std::size_t verifier::active() const noexcept {
    return shared_->running.size();
}

void verifier::start(verify_request request, asio::any_completion_handler<signature> handler) {
    if (shared_->manager) {
        const auto keep = shared_; // an observer may destroy the verifier
        return keep->manager->ask(std::move(request), std::move(handler));
    }
    auto slot = asio::get_associated_cancellation_slot(handler);
    auto c = std::make_shared<call>(
        shared_, std::move(request), completion(std::move(handler), shared_->executor));
    if (slot.is_connected()) {
        slot.assign([weak = std::weak_ptr<call>(c),
                     executor = shared_->executor](asio::cancellation_type type) {
            if (type == asio::cancellation_type::none)
                return;
            // Posted: the machine is not to be entered from within one of its own events.
            asio::post(executor, [weak] {
                if (const auto alive = weak.lock())
                    alive->cancel();
            });
        });
    }
    c->start();
}

verdict verify(verify_request request, const verifier_options& options) {
    asio::io_context context(1);
    verifier v(context.get_executor(), options);
    std::optional<verdict> result;
    v.async_verify(std::move(request),
                   [&](boost::system::error_code, verdict found) { result = std::move(found); });
    context.run(); // ends when the last connection is closed and no lookup is left
    if (!result)
        throw std::logic_error("cbv::verify: the verification ended without a verdict");
    return std::move(*result);
}

} // namespace cbv
