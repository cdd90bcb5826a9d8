// The Boost.Asio verifier: carries out a verification's actions with real sockets, timers and the
// c-ares resolver. It decides nothing; the sans-I/O machine does (verification.hpp).
#pragma once

#include "cbv/call_manager.hpp"
#include "cbv/resolver.hpp"
#include "cbv/trace.hpp"
#include "cbv/verification.hpp"

#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>
#include <boost/asio/async_result.hpp>
#include <boost/system/error_code.hpp>

#include <memory>
#include <optional>

namespace cbv {

/// Settings of a verifier.
struct verifier_options {
    verification_options verification; ///< `to_ascii` defaults to idna_to_ascii when empty
    resolver_options resolver;
    /// Address calls leave from, by family; empty: the system's choice (CBV-GREY-002).
    std::optional<ip_address> source_v4, source_v6;
    /// When set, requests go through a call_manager: verdicts are kept and repeated, requests for
    /// one path share a call, calls are limited (call_manager.hpp). Its client_budget is that of
    /// `verification`. Absent: each request is a call.
    std::optional<call_manager_options> management;
};

/// One request.
struct verify_request {
    mailbox box;
    /// How long the client has been waiting already; counts against the budget (CBV-TIME-003).
    duration waited{};
    /// May be empty. With management it hears of the call that this request starts; of none when
    /// the answer is known or another request's call is shared.
    trace_observer observer;
    /// What is known of hosts' standing (CBV-INT-015); with management the manager's knowledge
    /// counts.
    std::vector<known_standing> standing{};
    /// The client and what SPF said of it, where they are known; with management calls are limited
    /// by them (request_facts).
    std::optional<ip_address> client = std::nullopt;
    std::optional<spf_result> spf = std::nullopt;
};

/// Verifies reverse-paths. Not thread-safe: use it from its executor (a single-threaded io_context
/// or a strand), and destroy it there or while nobody runs that. Destroying it cancels what is
/// under way: every connection is closed at once, and the handlers still get their
/// `operation_aborted`.
class verifier {
public:
    /// The handler's signature.
    using signature = void(boost::system::error_code, verdict);

    /// Throws std::invalid_argument when the options are unusable
    /// (verification_options::problem(), call_manager_options::problem(), the resolver's, a source
    /// address of the wrong family).
    verifier(boost::asio::any_io_executor executor, verifier_options options);
    ~verifier();
    verifier(const verifier&) = delete;
    verifier& operator=(const verifier&) = delete;

    /// Verifies one mailbox. Completes with the verdict as soon as it is known (QUIT goes on in the
    /// background, CBV-DLG-009). The error is set only for cancellation (`operation_aborted`, with
    /// a verdict `cancelled`); a refusal by the called host is a verdict. Supports total
    /// cancellation through the token's slot: every connection is closed at once, unless another
    /// request shares the call or it goes on in the background.
    template <class CompletionToken>
    auto async_verify(verify_request request, CompletionToken&& token) {
        return boost::asio::async_initiate<CompletionToken, signature>(
            [this](auto handler, verify_request r) {
                start(std::move(r),
                      boost::asio::any_completion_handler<signature>(std::move(handler)));
            },
            token,
            std::move(request));
    }
    /// The same for a bare mailbox.
    template <class CompletionToken>
    auto async_verify(mailbox box, CompletionToken&& token) {
        return async_verify(verify_request{std::move(box), {}, {}},
                            std::forward<CompletionToken>(token));
    }

    /// Verifications whose connections are still open, those waiting for QUIT's reply included.
    [[nodiscard]] std::size_t active() const noexcept;

    struct shared; ///< implementation

private:
    void start(verify_request request, boost::asio::any_completion_handler<signature> handler);

    std::shared_ptr<shared> shared_;
};

/// Verifies one mailbox and waits for it: a private io_context, gone on return. The last
/// connection's QUIT is finished before it returns.
[[nodiscard]] verdict verify(verify_request request, const verifier_options& options);

} // namespace cbv
