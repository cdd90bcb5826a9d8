// The names of record types and the defaults of an answer.
#include "cbv/dns.hpp"

#include <gtest/gtest.h>

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

} // namespace
