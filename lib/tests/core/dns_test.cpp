// The names of record types, the defaults of an answer, and what records say of a name.
#include "cbv/dns.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

TEST(dns, names_of_record_types) {
    EXPECT_EQ(cbv::to_string(cbv::record_type::mx), "MX");
    EXPECT_EQ(cbv::to_string(cbv::record_type::a), "A");
    EXPECT_EQ(cbv::to_string(cbv::record_type::aaaa), "AAAA");
    EXPECT_EQ(cbv::to_string(static_cast<cbv::record_type>(99)), "?");
}

// A resolver that forgets to fill an answer in must not turn into a `fail`.
TEST(dns, an_unfilled_answer_is_a_temporary_failure) {
    EXPECT_EQ(cbv::dns_answer{}.status, cbv::dns_status::temporary);
}

using cbv::dns_alias;
using cbv::dns_record;
using cbv::mx_record;
using cbv::read_answer;
using cbv::record_type;

dns_record alias(std::string owner, std::string target, std::uint32_t ttl = 300) {
    return {std::move(owner), ttl, dns_alias{std::move(target)}};
}
dns_record mx(std::string owner, std::string exchange, std::uint32_t ttl = 300) {
    return {std::move(owner), ttl, mx_record{10, std::move(exchange)}};
}
dns_record address(std::string owner, const char* text) {
    return {std::move(owner), 300, cbv::ip_address::parse(text).value()};
}

// CBV-MX-005: wherever the records of the chain stand in the message, and in whatever case.
TEST(read_answer, follows_aliases) {
    const std::vector<dns_record> records{mx("TWO.test", "a.test", 60),
                                          alias("one.test", "two.test", 50),
                                          alias("d.test", "One.test")};
    const auto a = read_answer("D.test.", record_type::mx, records);
    EXPECT_EQ(a.status, cbv::dns_status::ok);
    EXPECT_EQ(a.mx, (std::vector<mx_record>{{10, "a.test"}}));
    EXPECT_EQ(a.aliases, 2U);
    EXPECT_EQ(a.ttl, 50U);
    EXPECT_TRUE(a.foreign_mx.empty());
    EXPECT_TRUE(read_answer("d.test", record_type::a, records).mx.empty());
}

// CBV-MX-015
TEST(read_answer, ignores_records_of_other_names) {
    const auto a = read_answer("d.test",
                               record_type::mx,
                               std::vector{mx("d.test", "a.test"), mx("e.test", "evil.test", 1)});
    EXPECT_EQ(a.mx, (std::vector<mx_record>{{10, "a.test"}}));
    EXPECT_EQ(a.foreign_mx, (std::vector<mx_record>{{10, "evil.test"}}));
    EXPECT_EQ(a.ttl, 300U);
    const auto b = read_answer("d.test",
                               record_type::a,
                               std::vector{address("e.test", "192.0.2.1"),
                                           address("d.test", "192.0.2.2"),
                                           address("d.test", "2001:db8::1")});
    ASSERT_EQ(b.addresses.size(), 1U);
    EXPECT_EQ(b.addresses[0].to_string(), "192.0.2.2");
}

// CBV-MX-014
TEST(read_answer, tells_a_chain_without_an_end) {
    const std::vector loop{alias("d.test", "e.test"), alias("e.test", "d.test")};
    EXPECT_EQ(read_answer("d.test", record_type::mx, loop).aliases, cbv::endless_chain);
    EXPECT_EQ(read_answer("d.test", record_type::a, std::vector{alias("d.test", "d.test")}).aliases,
              cbv::endless_chain);
    std::vector<dns_record> chain;
    for (unsigned i = 0; i < cbv::most_aliases; ++i)
        chain.push_back(alias("n" + std::to_string(i), "n" + std::to_string(i + 1)));
    EXPECT_EQ(read_answer("n0", record_type::a, chain).aliases, cbv::most_aliases);
    chain.push_back(alias("n" + std::to_string(cbv::most_aliases), "end"));
    EXPECT_EQ(read_answer("n0", record_type::a, chain).aliases, cbv::endless_chain);
}

TEST(read_answer, of_nothing) {
    const auto a = read_answer("d.test", record_type::mx, {});
    EXPECT_EQ(a.status, cbv::dns_status::ok);
    EXPECT_EQ(a.aliases, 0U);
    EXPECT_EQ(a.ttl, 0U);
}

} // namespace
