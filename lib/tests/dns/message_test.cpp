// Tests of message.hpp and answer.hpp with messages no well-behaved server sends: absent and odd
// SOAs, records of other types and names, cut and random octets. The resolver's tests have the
// usual ones.
#include "answer.hpp"
#include "message.hpp"

#include <ares.h>
#include <gtest/gtest.h>

#include <cstdint>
#include <string>

namespace {

constexpr std::uint16_t a = 1, cname = 5, soa = 6, mx = 15, rrsig = 46;

std::string u16(unsigned value) {
    return {static_cast<char>(value >> 8U), static_cast<char>(value & 0xFFU)};
}
std::string u32(std::uint32_t value) {
    return u16(value >> 16U) + u16(value & 0xFFFFU);
}
const std::string name("\1z\4test\0", 8);

/// A record whose name points to the question's.
std::string record(unsigned type, std::uint32_t ttl, const std::string& data) {
    return "\xC0\x0C" + u16(type) + u16(1) + u32(ttl) + u16(static_cast<unsigned>(data.size())) +
           data;
}
std::string soa_record(std::uint32_t ttl, std::uint32_t minimum) {
    return record(soa, ttl, name + "\xC0\x0C" + u32(1) + u32(2) + u32(3) + u32(4) + u32(minimum));
}
std::string message(unsigned answers, unsigned authority, const std::string& records) {
    return u16(1) + u16(0x8180) + u16(1) + u16(answers) + u16(authority) + u16(0) + name + u16(mx) +
           u16(1) + records;
}
cbv::dns_answer answer(const std::string& octets, int status = ARES_SUCCESS) {
    return cbv::dns::make_answer(
        "z.test",
        cbv::record_type::mx,
        status,
        {reinterpret_cast<const unsigned char*>(octets.data()), octets.size()});
}
std::uint32_t ttl(const std::string& octets) {
    return answer(octets).ttl;
}

const std::string exchange = u16(10) + name;
const std::string other("\1y\4test\0", 8);

TEST(message_ttl, the_least_of_the_records_that_count) {
    EXPECT_EQ(
        ttl(message(
            3, 0, record(mx, 60, exchange) + record(mx, 40, exchange) + record(a, 5, "abcd"))),
        40U);
    EXPECT_EQ(ttl(message(2, 0, record(rrsig, 3, "xx") + record(mx, 40, exchange))), 40U);
    EXPECT_EQ(ttl(message(1, 1, record(mx, 40, exchange) + soa_record(5, 5))), 40U)
        << "not negative";
}

TEST(message_ttl, the_lesser_of_soa_ttl_and_minimum) {
    EXPECT_EQ(ttl(message(0, 1, soa_record(60, 30))), 30U);
    EXPECT_EQ(ttl(message(0, 1, soa_record(20, 30))), 20U);
    EXPECT_EQ(ttl(message(1, 1, record(cname, 9, other) + soa_record(20, 30))), 9U);
    EXPECT_EQ(ttl(message(0, 2, record(rrsig, 3, "xx") + soa_record(20, 30))), 20U);
    EXPECT_EQ(ttl(message(0, 1, soa_record(20, 0x80000001U))), 0U) << "RFC 2181 section 8";
    EXPECT_EQ(ttl(message(0, 1, record(soa, 20, "short"))), 0U);
}

TEST(message_ttl, none_without_soa) {
    EXPECT_EQ(ttl(message(0, 0, "")), 0U);
    EXPECT_EQ(ttl(message(1, 0, record(cname, 9, other))), 0U);
}

// CBV-MX-010: what cannot be read is no answer.
TEST(message_read, nothing_of_what_is_cut_or_lies_about_its_length) {
    const auto temporary = [](const std::string& octets) {
        return answer(octets).status == cbv::dns_status::temporary;
    };
    const auto whole = message(1, 1, record(cname, 9, other) + soa_record(20, 30));
    ASSERT_EQ(ttl(whole), 9U);
    for (std::size_t size = 0; size < whole.size(); ++size)
        EXPECT_TRUE(temporary(whole.substr(0, size))) << size;
    EXPECT_TRUE(temporary(message(2, 0, record(mx, 9, exchange))));
    EXPECT_TRUE(temporary(message(1, 0, record(mx, 9, exchange + "x")))) << "more than its data";
    EXPECT_TRUE(temporary(message(1, 0, record(a, 9, "abc")))) << "no address";
    auto odd = whole;
    odd[12] = '\x80'; // neither a label nor a pointer
    EXPECT_TRUE(temporary(odd));
}

TEST(message_read, truncated_over_tcp_is_no_answer) {
    auto cut = message(1, 0, record(mx, 9, exchange));
    EXPECT_EQ(answer(cut).mx.size(), 1U);
    cut[2] = static_cast<char>(cut[2] | 2);
    EXPECT_EQ(answer(cut).status, cbv::dns_status::temporary);
    EXPECT_EQ(answer(cut, ARES_ENODATA).status, cbv::dns_status::temporary);
    EXPECT_EQ(answer(cut).detail, "truncated over TCP");
}

// CBV-MX-015
TEST(message_read, records_of_other_names_are_left_out) {
    const auto foreign =
        other + u16(mx) + u16(1) + u32(9) + u16(static_cast<unsigned>(exchange.size())) + exchange;
    const auto found = answer(message(1, 0, foreign));
    EXPECT_EQ(found.status, cbv::dns_status::ok);
    EXPECT_TRUE(found.mx.empty());
    EXPECT_EQ(found.foreign_mx.size(), 1U);
}

// CBV-MX-014
TEST(message_read, a_loop_of_aliases_is_told) {
    EXPECT_EQ(answer(message(1, 0, record(cname, 9, name)), ARES_SUCCESS).aliases,
              cbv::endless_chain);
    EXPECT_EQ(answer(message(1, 0, record(cname, 9, name)), ARES_ENODATA).aliases,
              cbv::endless_chain);
}

TEST(message_read, survives_any_octets) {
    const auto whole = message(1, 1, record(cname, 9, name) + soa_record(20, 30));
    std::uint32_t state = 1; // a linear congruence: the same mutations each time
    const auto next = [&] { return (state = state * 1664525U + 1013904223U) >> 8U; };
    for (int round = 0; round < 20'000; ++round) {
        auto octets = whole;
        for (std::uint32_t n = next() % 4 + 1; n > 0; --n)
            octets[next() % octets.size()] = static_cast<char>(next());
        (void)answer(octets);
    }
}

} // namespace
