// Tests of fakemx/expression.hpp.
#include "fakemx/expression.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using namespace std::chrono_literals;
using cbv::duration;
using cbv::fakemx::evaluate;
using cbv::fakemx::expression_error;

const cbv::fakemx::values names{{"rcpt-timeout", 10s}, {"mail-timeout", 4s}, {"zero", 0s}};

TEST(expression, evaluates_times) {
    const std::pair<const char*, duration> good[] = {
        {"2s", 2s},
        {"300ms", 300ms},
        {"1.5s", 1500ms},
        {"7us", 7us},
        {"2m", 2min},
        {"1h", 1h},
        {"0s", 0s},
        {" 2s ", 2s},
        {"rcpt-timeout", 10s},
        {"rcpt-timeout * 1.5", 15s},
        {"1.5*rcpt-timeout", 15s},
        {"rcpt-timeout/4", 2500ms},
        {"(mail-timeout + 1s) * 2", 10s},
        {"rcpt-timeout - mail-timeout", 6s},
        {"rcpt-timeout -1s", 9s},
        {"2 * 3 * 1s", 6s},
        {"2s + 1s * 3", 5s},
        {"10s - 3s - 2s", 5s},
        {"rcpt-timeout / (1 + 1)", 5s},
        {"((((1s))))", 1s},
        {"0.0000004s", 0us},
    };
    for (const auto& [text, expected] : good)
        EXPECT_EQ(evaluate(text, names), expected) << text;
}

TEST(expression, says_where_and_what_was_expected) {
    const struct {
        std::string text;
        std::size_t position;
        std::string expectation;
    } bad[] = {
        {"", 1, "expected a time, a number or a name"},
        {"   ", 4, "expected a time, a number or a name"},
        {"2", 1, "expected a time such as 2s"},
        {"2 s", 3, "expected +, -, *, / or the end"},
        {"2x", 2, "expected a unit"},
        {"2sec", 2, "expected a unit"},
        {"rcpt-timeout *", 15, "expected a time, a number or a name"},
        {"rcpt-timeout * 1s", 14, "expected a plain number on one side"},
        {"2 / 1s", 3, "expected a plain number on one side"},
        {"1s / 0", 4, "expected a divisor other than zero"},
        {"1s + 2", 4, "expected two times or two numbers"},
        {"(1s", 4, "expected )"},
        {"1s)", 3, "expected +, -, *, / or the end"},
        {"rcpt-timeut", 1, "unknown time \"rcpt-timeut\"; expected one of: mail-timeout, rcpt"},
        {"rcpt-timeout-1s", 1, "unknown time \"rcpt-timeout-1s\""},
        {"1s - 2s", 1, "from 0 to 7 days"},
        {"169h", 1, "from 0 to 7 days"},
        {"-1s", 1, "expected a time, a number or a name"},
        {"1e3s", 2, "expected a unit"},
        {std::string(1000, '('), 51, "fewer nested parentheses"},
        {std::string(400, '9') + "s", 1, "expected"},
    };
    for (const auto& b : bad) {
        try {
            (void)evaluate(b.text, names);
            ADD_FAILURE() << b.text << " was taken";
        } catch (const expression_error& e) {
            EXPECT_EQ(e.position(), b.position) << b.text << ": " << e.what();
            EXPECT_NE(std::string{e.what()}.find(b.expectation), std::string::npos)
                << b.text << ": " << e.what();
        }
    }
}

} // namespace
