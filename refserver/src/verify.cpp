// Adapts the library's verifier (refserver/verify.hpp).
#include "refserver/verify.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>

#include <memory>
#include <utility>

namespace cbv::refserver {

namespace asio = boost::asio;

verify_function verify_by(verifier& v) {
    return [&v](verify_request request, std::function<void(verdict)> done) {
        auto signal = std::make_shared<asio::cancellation_signal>();
        // The handler keeps the signal alive for as long as its slot may be used.
        v.async_verify(
            std::move(request),
            asio::bind_cancellation_slot(
                signal->slot(),
                [signal, done = std::move(done)](boost::system::error_code error, verdict found) {
                    if (!error)
                        done(std::move(found));
                }));
        return cancel_function([signal] { signal->emit(asio::cancellation_type::total); });
    };
}

} // namespace cbv::refserver
