// Tests of the texts that name DNS servers, and of the resolver's other options.
#include "cbv/resolver.hpp"
#include "server_list.hpp"

#include <boost/asio/io_context.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <stdexcept>
#include <string>
#include <vector>

namespace {

using ::testing::HasSubstr;

TEST(server_list, reads_addresses_with_and_without_port) {
    const std::vector<std::string> texts{
        "192.0.2.53", "192.0.2.53:5353", "2001:db8::53", "[2001:db8::53]:5353", "[::1]:53"};
    EXPECT_EQ(cbv::dns::server_list(texts),
              "192.0.2.53:53,192.0.2.53:5353,[2001:db8::53]:53,[2001:db8::53]:5353,[::1]:53");
}

TEST(server_list, no_text_is_an_empty_list) {
    EXPECT_TRUE(cbv::dns::server_list({}).empty());
}

TEST(server_list, refuses_anything_else_and_names_it) {
    for (const char* bad : {"",
                            "dns.example",
                            "192.0.2",
                            "192.0.2.53:",
                            "192.0.2.53:0",
                            "192.0.2.53:65536",
                            "192.0.2.53:5a",
                            "192.0.2.53:-1",
                            ":53",
                            "[192.0.2.53]:53",
                            "[2001:db8::53]",
                            "2001:db8::53]:53",
                            "192.0.2.53,192.0.2.54",
                            "192.0.2.53 "}) {
        const std::vector<std::string> texts{"192.0.2.1", bad};
        try {
            static_cast<void>(cbv::dns::server_list(texts));
            ADD_FAILURE() << "took \"" << bad << '"';
        } catch (const std::invalid_argument& e) {
            EXPECT_THAT(e.what(), HasSubstr('"' + std::string(bad) + '"'));
            EXPECT_THAT(e.what(), HasSubstr("expected ADDRESS"));
        }
    }
}

TEST(server_list, escapes_what_it_quotes) {
    const std::vector<std::string> texts{"a\x1B[2J\n"};
    try {
        static_cast<void>(cbv::dns::server_list(texts));
        ADD_FAILURE();
    } catch (const std::invalid_argument& e) {
        EXPECT_EQ(std::string(e.what()).find('\x1B'), std::string::npos);
        EXPECT_EQ(std::string(e.what()).find('\n'), std::string::npos);
    }
}

TEST(resolver_options, are_checked) {
    using namespace std::chrono_literals;
    boost::asio::io_context io(1);
    const auto make = [&](std::vector<std::string> servers, cbv::duration timeout, int tries) {
        cbv::resolver_options o;
        o.servers = std::move(servers);
        o.timeout = timeout;
        o.tries = tries;
        const cbv::resolver r(io.get_executor(), o);
    };
    EXPECT_NO_THROW(make({"127.0.0.1:5353"}, 1ms, 1));
    EXPECT_NO_THROW(make({}, 1h, 9)); // the system's servers
    EXPECT_THROW(make({"x"}, 1s, 1), std::invalid_argument);
    EXPECT_THROW(make({"127.0.0.1"}, 999us, 1), std::invalid_argument);
    EXPECT_THROW(make({"127.0.0.1"}, 0s, 1), std::invalid_argument);
    EXPECT_THROW(make({"127.0.0.1"}, -1s, 1), std::invalid_argument);
    EXPECT_THROW(make({"127.0.0.1"}, 2h, 1), std::invalid_argument);
    EXPECT_THROW(make({"127.0.0.1"}, 1s, 0), std::invalid_argument);
}

} // namespace
