// Posting a handler (completion.hpp).
#include "completion.hpp"

#include <boost/asio/append.hpp>
#include <boost/asio/associated_cancellation_slot.hpp>
#include <boost/asio/associated_executor.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/execution/outstanding_work.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/prefer.hpp>

#include <utility>

namespace cbv {

namespace asio = boost::asio;
using boost::system::error_code;

completion::completion(handler h, const asio::any_io_executor& through)
    : handler_(std::move(h)), work_(asio::prefer(asio::get_associated_executor(handler_, through),
                                                 asio::execution::outstanding_work.tracked)) {}

void completion::post(const asio::any_io_executor& through, verdict found) {
    auto done = std::exchange(handler_, nullptr);
    asio::get_associated_cancellation_slot(done).clear();
    const auto error =
        found.why == cause::cancelled ? error_code(asio::error::operation_aborted) : error_code();
    // Posted, so that the initiating function never calls the handler itself; post() goes on to the
    // handler's own executor.
    asio::post(through, asio::append(std::move(done), error, std::move(found)));
    work_ = {};
}

} // namespace cbv
