// What the live tests share: the live world on loopback and high ports, the toy server as its
// target, cases of data/live.
#pragma once

#include "engine/run.hpp"
#include "observations.hpp"
#include "toy_target.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <map>
#include <vector>

namespace cbv::engine::testing {

inline std::uint16_t free_port() {
    boost::asio::io_context io;
    boost::asio::ip::tcp::acceptor a{io, {boost::asio::ip::make_address("127.0.0.1"), 0}};
    return a.local_endpoint().port();
}

class live_rig : public ::testing::Test {
protected:
    live_rig() {
        declared_.kind = target_kind::smtp;
        declared_.name = "toy";
        declared_.address = *ip_address::parse("127.0.0.1");
        declared_.port = toy_.port();
        declared_.identities["recipient"] = "user@toy.test";
        for (const auto* name : {"connect-timeout",
                                 "greeting-timeout",
                                 "ehlo-timeout",
                                 "mail-timeout",
                                 "rcpt-timeout",
                                 "quit-timeout"})
            declared_.timeouts[name] = 0.4;
        declared_.client_timeout = ms(10000);
        settings_.dns_address = "127.0.0.1";
        settings_.dns_port = free_port();
        settings_.mx_port = free_port();
        settings_.client_range = "127.0.9.0/24";
        settings_.linger = ms(30);
        fakemx::address_ranges ranges;
        ranges.v4 = *ip_prefix::parse("127.0.8.0/24");
        addresses_ = fakemx::address_allocator{ranges};
    }

    void add(const std::string& name) {
        cases_.push_back(
            load_case(std::filesystem::path{CBV_ENGINE_TEST_DATA} / "live" / (name + ".xml"),
                      declared_,
                      addresses_));
        const auto& w = cases_.back().world;
        toy_.add_host(w.domain, w.hosts.front().addresses.front().to_string(), settings_.mx_port);
    }

    std::map<std::string, case_result> run() {
        live_run run{cases_, declared_, settings_};
        run.open();
        run.start();
        std::map<std::string, case_result> results;
        while (auto r = run.next_result(ms(15000)))
            results.emplace(r->id, *r);
        EXPECT_EQ(results.size(), cases_.size());
        EXPECT_TRUE(run.waiting().empty());
        return results;
    }

    toy_target toy_;
    target declared_;
    live_settings settings_;
    fakemx::address_allocator addresses_;
    std::vector<conformance_case> cases_;
};

} // namespace cbv::engine::testing
