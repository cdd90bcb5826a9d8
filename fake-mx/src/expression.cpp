// fakemx/expression.hpp: a recursive descent over the expression, with the dimension (time or plain
// number) checked on the way. Depth is bounded, so hostile files cannot exhaust the stack.
#include "fakemx/expression.hpp"

#include "cbv/text.hpp"

#include <charconv>
#include <cmath>

namespace cbv::fakemx {
namespace {

constexpr double most_seconds = 7.0 * 24 * 3600; // lifetimes of verdicts are times too
constexpr unsigned most_depth = 50;

struct unit {
    std::string_view name;
    double seconds;
};
constexpr unit units[] = {{"us", 1e-6}, {"ms", 1e-3}, {"s", 1}, {"m", 60}, {"h", 3600}};

bool is_letter(char c) noexcept {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}
bool is_digit(char c) noexcept {
    return c >= '0' && c <= '9';
}

struct quantity {
    double value = 0;
    bool is_time = false;
};

class parser {
public:
    parser(std::string_view text, const values& names) : text_(text), names_(names) {}

    duration whole() {
        const quantity q = sum();
        if (at_ < text_.size())
            fail("expected +, -, *, / or the end");
        if (!q.is_time)
            fail_at(0, "expected a time such as 2s, not a plain number");
        if (!std::isfinite(q.value) || q.value < 0 || q.value > most_seconds)
            fail_at(0, "expected a time from 0 to 7 days");
        return duration{std::llround(q.value * 1e6)};
    }

private:
    [[noreturn]] void fail_at(std::size_t at, const std::string& expectation) const {
        throw expression_error{at + 1, expectation};
    }
    [[noreturn]] void fail(const std::string& expectation) const { fail_at(at_, expectation); }

    void skip_space() {
        while (at_ < text_.size() && text_[at_] == ' ')
            ++at_;
    }

    bool take(char c) {
        skip_space();
        if (at_ == text_.size() || text_[at_] != c)
            return false;
        ++at_;
        return true;
    }

    quantity sum() {
        quantity left = product();
        for (;;) {
            skip_space();
            const std::size_t sign = at_;
            const bool plus = take('+');
            if (!plus && !take('-'))
                return left;
            const quantity right = product();
            if (left.is_time != right.is_time)
                fail_at(sign, "expected two times or two numbers on both sides");
            left.value += plus ? right.value : -right.value;
        }
    }

    quantity product() {
        quantity left = factor();
        for (;;) {
            skip_space();
            const std::size_t sign = at_;
            const bool times = take('*');
            if (!times && !take('/'))
                return left;
            const quantity right = factor();
            if (times ? left.is_time && right.is_time : right.is_time)
                fail_at(sign, "expected a plain number on one side");
            if (!times && right.value == 0)
                fail_at(sign, "expected a divisor other than zero");
            left.value = times ? left.value * right.value : left.value / right.value;
            left.is_time = left.is_time || right.is_time;
        }
    }

    quantity factor() {
        skip_space();
        if (at_ == text_.size())
            fail("expected a time, a number or a name");
        if (take('(')) {
            if (++depth_ > most_depth)
                fail_at(at_ - 1, "expected fewer nested parentheses");
            const quantity inner = sum();
            --depth_;
            if (!take(')'))
                fail("expected )");
            return inner;
        }
        if (is_digit(text_[at_]))
            return number();
        if (is_letter(text_[at_]))
            return name();
        fail("expected a time, a number or a name");
    }

    quantity number() {
        double value = 0;
        const char* const begin = text_.data() + at_;
        const auto [end, fault] =
            std::from_chars(begin, text_.data() + text_.size(), value, std::chars_format::fixed);
        if (fault != std::errc{})
            fail("expected a decimal number");
        at_ += static_cast<std::size_t>(end - begin);
        const std::size_t start = at_;
        while (at_ < text_.size() && is_letter(text_[at_]))
            ++at_;
        const std::string_view name = text_.substr(start, at_ - start);
        if (name.empty())
            return {value, false};
        for (const unit& u : units)
            if (u.name == name)
                return {value * u.seconds, true};
        fail_at(start, "expected a unit: us, ms, s, m or h");
    }

    quantity name() {
        const std::size_t start = at_;
        while (at_ < text_.size() &&
               (is_letter(text_[at_]) || is_digit(text_[at_]) || text_[at_] == '-'))
            ++at_;
        const std::string_view word = text_.substr(start, at_ - start);
        if (const auto found = names_.find(word); found != names_.end())
            return {std::chrono::duration<double>(found->second).count(), true};
        std::string known;
        for (const auto& [n, value] : names_)
            known += (known.empty() ? "" : ", ") + n;
        fail_at(start,
                "unknown time \"" + escape(word, 100) +
                    "\"; expected one of: " + (known.empty() ? "none is declared" : known));
    }

    std::string_view text_;
    const values& names_;
    std::size_t at_ = 0;
    unsigned depth_ = 0;
};

} // namespace

expression_error::expression_error(std::size_t position, const std::string& expectation)
    : std::runtime_error(expectation), position_(position) {}

duration evaluate(std::string_view expression, const values& names) {
    return parser{expression, names}.whole();
}

} // namespace cbv::fakemx
