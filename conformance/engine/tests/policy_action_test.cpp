// Actions and the replies Postfix gives for them. Each row was compared with Postfix 3.7.11 in the
// lab; where it differs on purpose the row says so.
#include "policy_action.hpp"

#include <gtest/gtest.h>

namespace cbv::engine::policy {
namespace {

struct row {
    std::string action;
    std::string reply; ///< without the part that names the recipient; empty: taken
};

const std::string named = "<u@t.test>: Recipient address rejected: ";

std::string reply_to(const std::string& action) {
    auto reply = read_action(action, "u@t.test").refusal.value_or("");
    if (const auto at = reply.find(named); at != std::string::npos)
        reply.erase(at, named.size());
    return reply;
}

TEST(policy_action, answers_as_postfix_does) {
    const row rows[] = {
        {"DUNNO", ""},
        {"dunno", ""},
        {"DUNNO x", ""},
        {"OK", ""},
        {"OK trailing text", ""},
        {"RELAY", ""},
        {"permit", ""},
        {"1234", ""},
        {"550", ""}, // a number without text is a number
        {"", ""},
        {"REJECT", "554 5.7.1 Access denied"},
        {"reject", "554 5.7.1 Access denied"},
        {"REJECT we know you", "554 5.7.1 we know you"},
        {"REJECT\tx", "554 5.7.1 x"},
        {"REJECT 5.1.1 x", "554 5.1.1 x"},
        {"REJECT caf\xC3\xA9 \x01\x7F tab\there", "554 5.7.1 caf\xC3\xA9    tab here"},
        {"REJECT \xFF", "451 4.3.5 Server configuration problem"},
        {"DEFER", "450 4.7.1 Access denied"},
        {"DEFER later", "450 4.7.1 later"},
        {"DEFER_IF_PERMIT", "450 4.7.1 Service unavailable"},
        {"DEFER_IF_PERMIT 4.2.0 wait", "450 4.2.0 wait"},
        {"DEFER_IF_REJECT", ""},                        // nothing rejects
        {"550 5.1.8 text here", "550 5.1.8 text here"}, // Postfix: 5.1.2
        {"450 4.1.8 text here", "450 4.1.8 text here"}, // Postfix: 4.1.2
        {"550 4.1.1 class", "550 5.1.1 class"},
        {"550 text without code", "550 5.7.1 text without code"},
        {"550  5.7.1  two spaces", "550 5.7.1 two spaces"},
        {"550 5.1.8", "550 5.1.8 Access denied"}, // Postfix: what its buffer held before
        {"500 x", "500 5.7.1 x"},
        {"421 4.7.0 go away", "421 4.7.0 go away"},
        {"521 5.7.0 go away", "521 5.7.0 go away"},
        {"PREPEND X-A: b", ""},
        {"WARN x", ""},
        {"INFO x", ""},
        {"HOLD", ""},
        {"DISCARD", ""},
        {"FILTER smtp:x", ""},
        {"REDIRECT a@b.test", ""},
        {"BCC a@b.test", ""},
        {"550 ", "451 4.3.5 Server configuration error"},
        {"650 x y", "451 4.3.5 Server configuration error"},
        {"NONSENSE", "451 4.3.5 Server configuration error"},
        {"nonsense:map", "451 4.3.5 Server configuration error"},
        {"DUNNO\r", "451 4.3.5 Server configuration error"},
    };
    for (const auto& [action, reply] : rows)
        EXPECT_EQ(reply_to(action), reply) << action;
}

TEST(policy_action, names_the_recipient_and_keeps_the_limit) {
    EXPECT_EQ(read_action("REJECT x", "u@t.test").refusal, "554 5.7.1 " + named + "x");
    const auto longest = read_action("550 " + std::string(600, 'x'), "u@t.test").refusal.value();
    EXPECT_EQ(longest.size(), 510U);
    EXPECT_EQ(unavailable("u@t.test"), "451 4.3.5 " + named + "Server configuration problem");
}

TEST(policy_action, remarks_on_what_a_reply_does_not_show) {
    EXPECT_EQ(read_action("DUNNO", "u@t.test").remark, "");
    EXPECT_EQ(read_action("hold", "u@t.test").remark, "HOLD: the recipient is taken");
    EXPECT_EQ(read_action("x\ry", "u@t.test").remark, "no action of access(5): x\\ry");
}

} // namespace
} // namespace cbv::engine::policy
