// Tests that a retransmitted query is answered as before: a lost datagram must not use up an answer
// of `times` and make a resolver look as if it had asked twice.
#include "fakemx/dns_responder.hpp"
#include "load_text.hpp"
#include "wire.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace cbv::fakemx;
using namespace cbv::fakemx::test;

constexpr unsigned a = 1;

/// The same question under another id.
std::string under_id(std::string octets, unsigned id) {
    return octets.replace(0, 2, u16(id));
}

TEST(dns_retransmission, gets_the_answer_given_before) {
    const auto w = load(R"(<world><a name="m" address="198.18.7.1" times="1"/>
                                  <a name="m" address="198.18.7.2" after="1"/></world>)");
    dns_responder dns;
    dns.add(w);
    const auto question = query("m.case1.test", a);
    const auto first = dns.respond(question, false).at(0);
    const auto again = dns.respond(question, false).at(0);
    EXPECT_FALSE(first.repeated);
    EXPECT_TRUE(again.repeated);
    EXPECT_EQ(again.octets, first.octets);
    EXPECT_EQ(again.query, "A m.case1.test again");
    const auto second = dns.respond(under_id(question, 0x4321), false).at(0);
    EXPECT_FALSE(second.repeated) << "another id is another question";
    EXPECT_NE(second.octets->substr(2), first.octets->substr(2));
}

TEST(dns_retransmission, of_a_faulty_answer_is_a_new_query) {
    const auto w = load(R"(<world><a name="m" address="198.18.7.1"/>
                                  <answer name="m" type="A" fault="silent" times="1"/></world>)");
    dns_responder dns;
    dns.add(w);
    const auto question = query("m.case1.test", a);
    EXPECT_FALSE(dns.respond(question, false).at(0).octets);
    const auto again = dns.respond(question, false).at(0);
    EXPECT_TRUE(again.octets);
    EXPECT_FALSE(again.repeated);
}

} // namespace
