// Over std::regex in the mode of libstdc++ that walks all states at once: its time is bounded by
// pattern times text, where the usual mode backtracks without end on `(.*)*x` and takes stack for
// each octet. Size and lookaheads, which still multiply, are bounded here.
#include "regular.hpp"

#include "cbv/text.hpp"

#include <algorithm>
#include <charconv>
#include <regex>
#include <stdexcept>
#include <unordered_map>
#include <utility>
#include <vector>

#ifndef __GLIBCXX__
#error "the engine's regular expressions need libstdc++, whose std::regex has a linear mode"
#endif

namespace cbv::engine {
namespace {

const auto linear = std::regex::ECMAScript | std::regex_constants::__polynomial;

/// Reads a pattern roughly, for its size: it need not be a right one, std::regex judges that.
class sizer {
public:
    explicit sizer(std::string_view pattern) : rest_(pattern) {}

    /// What is too much of it, or nothing.
    std::optional<std::string> fault() {
        while (!rest_.empty() && !fault_)
            part();
        while (!fault_ && open_.size() > 1)
            close();
        if (!fault_ && open_.front().size > most_parts)
            fault_ = "expected a regular expression of at most " + std::to_string(most_parts) +
                     " parts, repetitions counted out";
        return fault_;
    }

private:
    struct group {
        std::size_t size = 1;
        std::size_t last = 0; // of its last part, for a repetition
        bool lookahead = false;
    };

    void add(std::size_t size) {
        open_.back().size += size;
        open_.back().last = size;
    }

    void part() {
        const char c = rest_.front();
        if (c == '(')
            return open();
        if (c == '{')
            return repetition();
        rest_.remove_prefix(c == '\\' ? std::min<std::size_t>(2, rest_.size()) : 1);
        if (c == ')' && open_.size() > 1)
            close();
        else if (c == '[')
            bracket();
        else if (c == '*' || c == '+' || c == '?')
            ++open_.back().size; // of the part before it, which a count may yet repeat
        else
            add(1);
    }

    void open() {
        const bool lookahead = rest_.starts_with("(?=") || rest_.starts_with("(?!");
        if (lookahead && ++lookaheads_ > most_lookaheads)
            fault_ = "expected at most " + std::to_string(most_lookaheads) + " lookaheads";
        if (lookahead &&
            std::any_of(open_.begin(), open_.end(), [](const group& g) { return g.lookahead; }))
            fault_ = "expected no lookahead inside a lookahead";
        open_.push_back({1, 0, lookahead});
        rest_.remove_prefix(1);
        if (rest_.starts_with('?')) // (?: (?= (?!
            rest_.remove_prefix(std::min<std::size_t>(2, rest_.size()));
    }

    void close() {
        const auto size = open_.back().size;
        open_.pop_back();
        add(size);
    }

    void bracket() {
        while (!rest_.empty() && rest_.front() != ']')
            rest_.remove_prefix(rest_.front() == '\\' ? std::min<std::size_t>(2, rest_.size())
                                : rest_.starts_with("[:") && rest_.find(":]") != rest_.npos
                                    ? rest_.find(":]") + 2
                                    : 1);
        rest_.remove_prefix(std::min<std::size_t>(1, rest_.size()));
        add(1);
    }

    /// `{n}`, `{n,}`, `{n,m}`: the part before it, that often.
    void repetition() {
        const auto end = std::min(rest_.find('}'), rest_.size());
        std::size_t most = 0;
        for (std::size_t at = 1; at < end;) {
            std::size_t value = 0;
            const auto [stop, error] =
                std::from_chars(rest_.data() + at, rest_.data() + end, value);
            if (error == std::errc::result_out_of_range)
                value = most_parts + 1;
            most = std::max(most, std::min(value, most_parts + 1));
            at = std::max(at, static_cast<std::size_t>(stop - rest_.data())) + 1;
        }
        rest_.remove_prefix(std::min(end + 1, rest_.size()));
        auto& inner = open_.back();
        const auto once = std::min(inner.last, most_parts + 1);
        inner.last = once * std::max<std::size_t>(1, most);
        inner.size += inner.last - once;
    }

    std::string_view rest_;
    std::vector<group> open_{1};
    unsigned lookaheads_ = 0;
    std::optional<std::string> fault_;
};

/// Compiled once a thread and way of matching: a case is judged many times (mutants).
const std::regex& compiled(const std::string& pattern, bool anywhere) {
    thread_local std::unordered_map<std::string, std::regex> known[2];
    auto& of_kind = known[anywhere ? 1 : 0];
    const auto found = of_kind.find(pattern);
    if (found != of_kind.end())
        return found->second;
    if (const auto fault = regular_fault(pattern))
        throw std::runtime_error{"\"" + escape(pattern, 200) + "\": " + *fault};
    // A search begins anew at every octet; one match of the whole does not.
    const auto text = anywhere ? "[\\s\\S]*(?:" + pattern + ")[\\s\\S]*" : pattern;
    return of_kind.emplace(pattern, std::regex{text, linear}).first->second;
}

bool matches(const std::string& pattern, std::string_view text, bool anywhere) {
    text = text.substr(0, most_matched);
    return std::regex_match(text.begin(), text.end(), compiled(pattern, anywhere));
}

} // namespace

std::optional<std::string> regular_fault(const std::string& pattern) {
    if (auto fault = sizer{pattern}.fault())
        return fault;
    try {
        const std::regex tried{pattern, linear};
        return std::nullopt;
    } catch (const std::regex_error& e) {
        return std::string{"expected a regular expression (ECMAScript, without \\1): "} + e.what();
    }
}

bool matches_whole(const std::string& pattern, std::string_view text) {
    return matches(pattern, text, false);
}

bool found_in(const std::string& pattern, std::string_view text) {
    return matches(pattern, text, true);
}

} // namespace cbv::engine
