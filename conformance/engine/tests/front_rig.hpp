// Drives a front by hand: the test plays the client and the target, nothing is on a network.
#pragma once

#include "mta_front.hpp"
#include "observations.hpp"

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <utility>

namespace cbv::engine::testing {

inline front_session plain_session() {
    front_session s;
    s.id = "0123ABC";
    s.host_name = "verifier.target.test";
    s.client = *ip_address::parse("198.51.100.7");
    s.client_port = 41391;
    s.server = *ip_address::parse("192.0.2.25");
    s.patience = ms(10000);
    return s;
}

template <class Front>
class front_rig {
public:
    explicit front_rig(front_session s = plain_session()) : front(std::move(s)) {}

    /// What the client hears after it said this (lines with CR LF).
    std::string client(const std::string& said, duration now = ms(0)) {
        front.on_client_bytes(said, now);
        return hears();
    }
    std::string hears() {
        collect();
        return front.take_client_output();
    }
    void target(std::string_view bytes, duration now = ms(0)) { front.on_target_bytes(bytes, now); }
    /// One octet a time.
    void target_drips(std::string_view bytes) {
        for (const char c : bytes)
            front.on_target_bytes({&c, 1}, ms(0));
    }
    /// What went to the target since the last call: octets, with "(connect)" and "(close)" between.
    std::string moves() {
        collect();
        return std::exchange(moves_, {});
    }
    /// The notes so far, one a line.
    std::string notes() {
        collect();
        return notes_;
    }

    Front front;

private:
    void collect() {
        while (auto a = front.next_action())
            moves_ += a->what == mta_front::move::connect ? "(connect)"
                      : a->what == mta_front::move::close ? "(close)"
                                                          : a->octets;
        for (const auto& n : front.take_notes())
            notes_ += n + "\n";
    }

    std::string moves_;
    std::string notes_;
};

} // namespace cbv::engine::testing
