// fakemx/demo/sites.hpp: reading labels.
#include "fakemx/demo/sites.hpp"

#include "cbv/duration_text.hpp"
#include "cbv/text.hpp"
#include "pieces.hpp"

#include <algorithm>

namespace cbv::fakemx::demo {
namespace {

using namespace std::chrono_literals;

/// Whether the word is `name`, or `name-` and something, which goes to `rest`.
bool is_word(std::string_view piece, std::string_view name, std::string_view& rest) {
    if (!piece.starts_with(name))
        return false;
    rest = piece.substr(name.size());
    if (rest.empty())
        return true;
    if (rest.front() != '-')
        return false;
    rest.remove_prefix(1);
    return true;
}

bool has_host_of_its_own(site_fault what) {
    switch (what) {
    case site_fault::none:
    case site_fault::dns_truncate:
    case site_fault::no_mx:
    case site_fault::mx_alias:
    case site_fault::alias:
    case site_fault::first:
        return true;
    default:
        return false;
    }
}

class site_reader {
public:
    explicit site_reader(site& s) : s_(s) {}

    void take(const std::string& piece) {
        std::string_view rest;
        if (is_word(piece, "first", rest))
            return take_first(rest);
        for (const auto& w : site_words())
            if (w.what != site_fault::first && is_word(piece, w.name, rest))
                if (take_word(w, piece, rest))
                    return;
        take_part(piece, piece);
    }

    void finish() {
        if (!s_.problem.empty())
            return;
        if (s_.what == site_fault::first && parts_.size() != (on_first_ ? 1U : 0U))
            return fail("first-WORD stands alone");
        if (const auto clash = compose(parts_, s_.faults))
            return fail(*clash);
        if (!s_.faults.empty() && !has_host_of_its_own(s_.what))
            fail(s_.faults.front().words + " cannot be played by a domain without a host");
    }

private:
    void fail(const std::string& what) {
        if (s_.problem.empty())
            s_.problem = escape(what, 200);
    }

    void set(site_fault what, const std::string& piece) {
        if (s_.what != site_fault::none)
            fail(piece + " and another word of this kind do not go together");
        s_.what = what;
    }

    /// False when it is no such word after all.
    bool take_word(const site_word& w, const std::string& piece, std::string_view rest) {
        switch (w.what) {
        case site_fault::dns_slow: {
            const auto time = rest.empty() ? duration{5s} : read_time(rest);
            if (!time)
                fail(piece + ": expected a time up to 10m, such as dns-slow-2s");
            s_.dns_delay = time.value_or(duration{});
            return true;
        }
        case site_fault::without:
            if (rest.empty())
                return false;
            s_.without.push_back(to_upper(rest));
            if (usual_keywords({s_.without.back()}).size() == usual_keywords().size())
                fail(keyword_problem(piece));
            return true;
        case site_fault::catch_all:
            s_.catch_all = true;
            return rest.empty();
        default:
            if (!rest.empty())
                return false;
            set(w.what, piece);
            return true;
        }
    }

    static std::string keyword_problem(const std::string& piece) {
        std::string known;
        for (const auto& k : usual_keywords())
            known += " no-" + to_lower(k.substr(0, k.find(' ')));
        return piece + ": expected one of" + known;
    }

    void take_first(std::string_view rest) {
        set(site_fault::first, "first-WORD");
        if (rest == "refused")
            s_.first = site_fault::refused;
        else if (rest == "blackhole")
            s_.first = site_fault::blackhole;
        else {
            on_first_ = true;
            take_part(std::string{rest}, "first-" + std::string{rest});
        }
    }

    void take_part(const std::string& piece, const std::string& as_written) {
        auto found = read_piece(piece, at::rcpt);
        if (found.found)
            return parts_.push_back(std::move(*found.found));
        if (!found.problem.empty())
            return fail(found.problem);
        auto near = nearest_word(piece, true);
        if (near.empty()) // perhaps without its parameter
            near = nearest_word(std::string_view{piece}.substr(0, piece.rfind('-')), true);
        fail(as_written + " is no word for a domain" +
             (near.empty() ? "" : "; near: " + std::string{near}));
    }

    site& s_;
    std::vector<part> parts_;
    bool on_first_ = false; // the parts are the first host's
};

} // namespace

bool site::is_before_rcpt() const noexcept {
    return what != site_fault::none || dns_delay > duration{} || !without.empty() ||
           std::any_of(faults.begin(), faults.end(), [](const fault& f) {
               return is_before(f.what.where, at::rcpt);
           });
}

site read_site(std::string_view labels) {
    site s;
    s.words = to_lower(labels);
    if (s.words.size() > longest_words) {
        s.problem = "too long to be words";
        return s;
    }
    site_reader reader{s};
    for (const auto& piece : split_words(s.words))
        reader.take(piece);
    reader.finish();
    return s;
}

std::optional<std::string> labels_before(std::string_view name, std::string_view domain) {
    auto text = to_lower(without_final_dot(name));
    if (text == domain)
        return "";
    if (text.size() <= domain.size() || !text.ends_with(domain) ||
        text[text.size() - domain.size() - 1] != '.')
        return std::nullopt;
    text.resize(text.size() - domain.size() - 1);
    const auto first = text.substr(0, text.find('.'));
    if (first.starts_with("mx") && (first == "mx" || is_number(first.substr(2), 2)))
        text.erase(0, std::min(first.size() + 1, text.size()));
    return text;
}

} // namespace cbv::fakemx::demo
