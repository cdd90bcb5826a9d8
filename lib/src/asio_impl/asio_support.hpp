// What every driver with Boost.Asio needs: the machines' time and addresses as Asio's, and a timer
// that is renewed lazily. Private to the drivers; no machine knows it.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"

#include <boost/asio/ip/address.hpp>
#include <boost/asio/steady_timer.hpp>

#include <algorithm>
#include <chrono>
#include <optional>
#include <utility>

namespace cbv {

/// The steady clock's time on the machines' time line.
[[nodiscard]] inline instant steady_now() noexcept {
    return instant(
        std::chrono::duration_cast<duration>(std::chrono::steady_clock::now().time_since_epoch()));
}

[[nodiscard]] inline std::chrono::steady_clock::time_point to_steady(instant t) noexcept {
    return std::chrono::steady_clock::time_point(
        std::chrono::duration_cast<std::chrono::steady_clock::duration>(t.time_since_epoch()));
}

[[nodiscard]] inline boost::asio::ip::address to_asio(const ip_address& a) {
    if (a.is_v6())
        return boost::asio::ip::address_v6(a.octets());
    boost::asio::ip::address_v4::bytes_type octets{};
    std::copy_n(a.octets().begin(), octets.size(), octets.begin());
    return boost::asio::ip::address_v4(octets);
}

/// A zone identifier is dropped.
[[nodiscard]] inline ip_address from_asio(const boost::asio::ip::address& a) {
    return a.is_v4() ? ip_address::v4(a.to_v4().to_bytes()) : ip_address::v6(a.to_v6().to_bytes());
}

/// Wakes a machine at its deadline. A deadline that moves later lets the timer fire early, and the
/// machine is asked again: cheaper than renewing the timer at every read.
///
///     if (timer.arm(machine.deadline()))
///         timer.wait([self = shared_from_this()] { ... });
class lazy_timer {
public:
    template <class Executor>
    explicit lazy_timer(Executor&& where) : timer_(std::forward<Executor>(where)) {}

    /// Sets it; nothing: no deadline. True when wait() must follow.
    [[nodiscard]] bool arm(std::optional<instant> due) {
        if (!due) {
            cancel();
            return false;
        }
        if (armed_ && *armed_ <= *due)
            return false;
        armed_ = due;
        timer_.expires_at(to_steady(*due)); // ends the wait before
        return true;
    }
    /// Calls `wake` when it fires; early or late calls must do no harm (one that is due already
    /// comes in spite of cancel()). `wake` keeps the owner of the timer alive.
    template <class Wake>
    void wait(Wake wake) {
        timer_.async_wait([this, wake = std::move(wake)](boost::system::error_code error) mutable {
            if (error)
                return; // this may be gone
            armed_.reset();
            wake();
        });
    }
    void cancel() {
        if (std::exchange(armed_, std::nullopt))
            timer_.cancel();
    }

private:
    boost::asio::steady_timer timer_;
    std::optional<instant> armed_; ///< when it fires
};

} // namespace cbv
