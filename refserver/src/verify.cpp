// Adapts the library's verifier and bounds it (refserver/verify.hpp).
#include "refserver/verify.hpp"

#include <boost/asio/bind_cancellation_slot.hpp>
#include <boost/asio/cancellation_signal.hpp>
#include <boost/asio/post.hpp>

#include <memory>
#include <utility>

namespace cbv::refserver {

namespace asio = boost::asio;

verify_function verify_by(verifier& v) {
    return [&v](const mailbox& box, duration waited, std::function<void(verdict)> done) {
        auto signal = std::make_shared<asio::cancellation_signal>();
        verify_request request{box, waited, {}};
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

namespace {

/// The place of one verification; given back once, whichever way it ends.
class place {
public:
    explicit place(std::shared_ptr<unsigned> taken) : taken_(std::move(taken)) { ++*taken_; }
    ~place() { give_back(); }
    place(const place&) = delete;
    place& operator=(const place&) = delete;

    void give_back() {
        if (taken_)
            --*std::exchange(taken_, nullptr);
    }

private:
    std::shared_ptr<unsigned> taken_;
};

verdict over_the_limit() {
    verdict v;
    v.kind = verdict_kind::tempfail;
    v.why = cause::limit;
    v.requirement = "CBV-LOAD-002";
    return v;
}

} // namespace

verify_function limited(verify_function inner, unsigned most, asio::any_io_executor executor) {
    return [inner = std::move(inner),
            most,
            executor = std::move(executor),
            taken = std::make_shared<unsigned>(0)](
               const mailbox& box, duration waited, std::function<void(verdict)> done) {
        if (*taken >= most) {
            asio::post(executor, [done = std::move(done)] { done(over_the_limit()); });
            return cancel_function([] {});
        }
        auto mine = std::make_shared<place>(taken);
        auto cancel = inner(box, waited, [mine, done = std::move(done)](verdict v) {
            mine->give_back();
            done(std::move(v));
        });
        return cancel_function([mine, cancel = std::move(cancel)] {
            mine->give_back();
            cancel();
        });
    };
}

} // namespace cbv::refserver
