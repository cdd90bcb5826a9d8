// fakemx/demo/faults.hpp: a local-part as a whole.
#include "fakemx/demo/faults.hpp"

#include "cbv/text.hpp"
#include "pieces.hpp"

#include <algorithm>

namespace cbv::fakemx::demo {
namespace {

/// `user`, `user7`, `user-7`: a name of the list, with a number.
bool is_ordinary(std::string_view text) {
    for (const auto name : ordinary_names())
        if (text.starts_with(name)) {
            auto rest = text.substr(name.size());
            if (rest.starts_with('-'))
                rest.remove_prefix(1);
            if (text == name || is_number(rest, 9))
                return true;
        }
    return false;
}

int order(at where) {
    switch (where) {
    case at::connect:
        return 0;
    case at::banner:
        return 1;
    case at::ehlo:
    case at::helo:
        return 2;
    case at::unknown: // AUTH
        return 3;
    case at::mail:
        return 4;
    case at::rcpt:
        return 5;
    case at::data:
        return 6;
    case at::message:
        return 7;
    default:
        return 8;
    }
}

/// The word somebody may have meant; empty when there is none.
std::string_view meant_by(const std::string& piece) {
    return nearest_word(std::string_view{piece}.substr(0, piece.find_first_of("-0123456789")),
                        false);
}

} // namespace

reading read_local_part(std::string_view local_part, at own) {
    reading r;
    const auto text = to_lower(local_part.substr(0, local_part.find('+')));
    if (is_ordinary(text)) {
        r.what = reading::kind::accepted;
        return r;
    }
    if (text.size() > longest_words) {
        r.problem = "too long to be words";
        return r;
    }
    std::vector<part> parts;
    std::optional<std::string> unknown;
    for (const auto& piece : split_words(text)) {
        auto found = read_piece(piece, own);
        if (found.found)
            parts.push_back(std::move(*found.found));
        else if (!found.problem.empty() && r.problem.empty())
            r.problem = found.problem;
        else if (!unknown)
            unknown = piece;
    }
    if (r.problem.empty() && !unknown)
        if (auto clash = compose(parts, r.faults))
            r.problem = *clash;
    if (r.problem.empty() && !unknown) {
        r.what = reading::kind::faults;
        return r;
    }
    const auto meant = r.problem.empty() ? meant_by(*unknown) : std::string_view{};
    r.what = !r.problem.empty() || !parts.empty() || !meant.empty() ? reading::kind::wrong
                                                                    : reading::kind::unknown;
    if (r.problem.empty())
        r.problem = escape(*unknown, 60) + " is no word" +
                    (meant.empty() ? "" : "; near: " + std::string{meant});
    return r;
}

std::string_view stage_text(at where) noexcept {
    switch (where) {
    case at::connect:
    case at::banner:
        return "the greeting";
    case at::ehlo:
        return "EHLO";
    case at::helo:
        return "HELO";
    case at::mail:
        return "MAIL";
    case at::rcpt:
        return "RCPT";
    case at::data:
        return "DATA";
    case at::message:
        return "the message";
    case at::rset:
        return "RSET";
    case at::noop:
        return "NOOP";
    case at::vrfy:
        return "VRFY";
    case at::quit:
        return "QUIT";
    case at::starttls:
        return "STARTTLS";
    case at::unknown:
        return "AUTH";
    case at::any:
        break;
    }
    return "a command";
}

bool is_before(at where, at other) noexcept {
    return order(where) < order(other);
}

} // namespace cbv::fakemx::demo
