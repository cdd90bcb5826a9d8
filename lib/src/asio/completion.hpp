// The handler of one request, kept until its verdict is there: called once, by posting, with its
// own executor kept at work meanwhile. It knows nothing of calls.
#pragma once

#include "cbv/verifier.hpp"

#include <boost/asio/any_completion_executor.hpp>
#include <boost/asio/any_completion_handler.hpp>
#include <boost/asio/any_io_executor.hpp>

namespace cbv {

class completion {
public:
    using handler = boost::asio::any_completion_handler<verifier::signature>;

    completion() = default;
    /// `through` is the verifier's executor.
    completion(handler h, const boost::asio::any_io_executor& through);
    completion(completion&&) = default;
    completion& operator=(completion&&) = delete; // Boost 1.81's handler recurses without end there
    ~completion() = default;

    /// Posts the outcome; `operation_aborted` goes with a verdict `cancelled`. Once only.
    void post(const boost::asio::any_io_executor& through, verdict found);

private:
    handler handler_;
    /// Keeps the handler's own execution context running until the handler has been posted to it.
    boost::asio::any_completion_executor work_;
};

} // namespace cbv
