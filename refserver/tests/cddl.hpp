// As much of CDDL (RFC 8610) as the draft's grammar of a trace record uses, for tests: maps with
// optional members, maps from words to numbers, arrays of one type, choices of texts and numbers,
// ranges. Maps are closed. Not a CDDL library.
#pragma once

#include <nlohmann/json.hpp>

#include <cctype>
#include <map>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv::refserver::test {

class cddl {
public:
    using json = nlohmann::json;

    /// Reads the rules of a grammar; std::runtime_error where it is not in this subset.
    explicit cddl(std::string_view grammar) : rest_(grammar) {
        for (next(); !token_.empty();) {
            const std::string name = take();
            expect("=");
            rules_[name] = choice();
        }
    }

    /// Whether a value matches a rule; std::out_of_range for an unknown rule.
    [[nodiscard]] bool matches(const json& value, const std::string& rule) const {
        if (rule == "text")
            return value.is_string();
        if (rule == "uint")
            return value.is_number_unsigned();
        if (rule == "bool")
            return value.is_boolean();
        return fits(value, rules_.at(rule));
    }

private:
    struct type;
    using alternatives = std::vector<type>;
    struct member {
        std::string name; // empty: any key that matches `key`
        std::string key;
        bool optional = false;
        alternatives value;
    };
    struct type {
        enum { named, text, range, map, array } kind = named;
        std::string word;
        unsigned low = 0, high = 0;
        std::vector<member> members;
        alternatives items;
    };

    [[nodiscard]] bool fits(const json& v, const alternatives& any) const {
        for (const type& t : any)
            if (fits(v, t))
                return true;
        return false;
    }

    [[nodiscard]] bool fits(const json& v, const type& t) const {
        switch (t.kind) {
        case type::named:
            return matches(v, t.word);
        case type::text:
            return v == t.word;
        case type::range:
            return v.is_number_unsigned() && v >= t.low && v <= t.high;
        case type::array:
            if (!v.is_array())
                return false;
            for (const json& item : v)
                if (!fits(item, t.items))
                    return false;
            return true;
        case type::map:
            return v.is_object() && fits_map(v, t);
        }
        return false;
    }

    [[nodiscard]] bool fits_map(const json& v, const type& t) const {
        std::size_t known = 0;
        for (const member& m : t.members) {
            if (!m.name.empty()) {
                const auto at = v.find(m.name);
                if (at == v.end() ? !m.optional : !fits(*at, m.value))
                    return false;
                known += at != v.end();
                continue;
            }
            for (const auto& [key, value] : v.items())
                known += matches(key, m.key) && fits(value, m.value);
        }
        return known == v.size();
    }

    alternatives choice() {
        alternatives any;
        do
            any.push_back(one());
        while (skip("/"));
        return any;
    }

    type one() {
        type t;
        if (skip("[")) {
            t.kind = type::array;
            expect("*");
            t.items = choice();
            expect("]");
        } else if (skip("{")) {
            t.kind = type::map;
            while (!skip("}")) {
                t.members.push_back(one_member());
                skip(",");
            }
        } else if (token_[0] == '"') {
            t.kind = type::text;
            t.word = take().substr(1);
        } else if (std::isdigit(static_cast<unsigned char>(token_[0]))) {
            t.kind = type::range;
            t.low = t.high = static_cast<unsigned>(std::stoul(take()));
            if (skip(".."))
                t.high = static_cast<unsigned>(std::stoul(take()));
        } else {
            t.word = take();
        }
        return t;
    }

    member one_member() {
        member m;
        if (skip("*")) {
            m.key = take();
            expect("=>");
        } else {
            m.optional = skip("?");
            m.name = take();
            expect(":");
        }
        m.value = choice();
        return m;
    }

    bool skip(std::string_view what) {
        if (token_ != what)
            return false;
        next();
        return true;
    }

    void expect(std::string_view what) {
        if (!skip(what))
            throw std::runtime_error("expected " + std::string(what) + ", found " + token_);
    }

    std::string take() {
        if (token_.empty())
            throw std::runtime_error("the grammar ends too early");
        std::string taken = token_;
        next();
        return taken;
    }

    // A word, a number, a symbol, or a text with its first quote; empty at the end.
    void next() {
        token_.clear();
        while (!rest_.empty() &&
               (rest_[0] == ';' || std::isspace(static_cast<unsigned char>(rest_[0])))) {
            const auto end = rest_[0] == ';' ? rest_.find('\n') : 0;
            rest_.remove_prefix(end == std::string_view::npos ? rest_.size() : end + 1);
        }
        if (rest_.empty())
            return;
        std::size_t length = 1;
        const auto in_word = [](char c) {
            return std::isalnum(static_cast<unsigned char>(c)) || c == '-';
        };
        if (rest_[0] == '"')
            length = rest_.find('"', 1);
        else if (in_word(rest_[0]))
            while (length < rest_.size() && in_word(rest_[length]))
                ++length;
        else if (rest_.starts_with("=>") || rest_.starts_with(".."))
            length = 2;
        if (length == std::string_view::npos)
            throw std::runtime_error("a text has no end");
        token_ = rest_.substr(0, length);
        rest_.remove_prefix(length + (rest_[0] == '"'));
    }

    std::string_view rest_;
    std::string token_;
    std::map<std::string, alternatives> rules_;
};

} // namespace cbv::refserver::test
