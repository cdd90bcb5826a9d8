// fakemx/demo/words.hpp: the usual texts of reply codes, the list, and the word somebody meant.
#include "fakemx/demo/words.hpp"

#include <algorithm>
#include <utility>

namespace cbv::fakemx::demo {
namespace {

constexpr std::pair<std::string_view, std::string_view> texts[] = {
    {"220", "{name} ESMTP fake-mx"},
    {"221", "Bye"},
    {"250", "OK"},
    {"251", "User not local; will forward"},
    {"252", "Cannot verify, will try"},
    {"354", "Go ahead"},
    {"421", "Service not available, closing"},
    {"450", "Mailbox unavailable for now"},
    {"451", "Local error in processing"},
    {"452", "Insufficient storage"},
    {"454", "TLS not available for now"},
    {"455", "Parameters not possible now"},
    {"500", "Command unrecognized"},
    {"501", "Syntax error in parameters"},
    {"502", "Command not implemented"},
    {"503", "Bad sequence of commands"},
    {"504", "Parameter not implemented"},
    {"521", "This host takes no mail"},
    {"530", "Authentication required"},
    {"535", "Authentication credentials invalid"},
    {"550", "Mailbox unavailable"},
    {"551", "User not local"},
    {"552", "Exceeded storage allocation"},
    {"553", "Mailbox name not allowed"},
    {"554", "Transaction failed"},
    {"555", "Parameters not recognized"},
    {"556", "Domain takes no mail"},
};

/// Letters to change, add, leave out or swap with their neighbour to make `b` of `a`.
std::size_t distance(std::string_view a, std::string_view b) {
    const std::size_t width = b.size() + 1;
    std::vector<std::size_t> d((a.size() + 1) * width);
    for (std::size_t i = 0; i <= a.size(); ++i)
        for (std::size_t j = 0; j <= b.size(); ++j) {
            auto& here = d[i * width + j];
            if (i == 0 || j == 0) {
                here = i + j;
                continue;
            }
            here = std::min({d[(i - 1) * width + j] + 1,
                             d[i * width + j - 1] + 1,
                             d[(i - 1) * width + j - 1] + (a[i - 1] == b[j - 1] ? 0 : 1)});
            if (i > 1 && j > 1 && a[i - 1] == b[j - 2] && a[i - 2] == b[j - 1])
                here = std::min(here, d[(i - 2) * width + j - 2] + 1);
        }
    return d.back();
}

} // namespace

std::string_view reply_text(std::string_view code) noexcept {
    for (const auto& [known, text] : texts)
        if (known == code)
            return text;
    switch (code.empty() ? '0' : code[0]) {
    case '2':
        return "OK";
    case '3':
        return "Go on";
    case '4':
        return "Not now";
    default:
        return "No";
    }
}

std::vector<listed_word> all_words(std::string_view domain) {
    std::vector<listed_word> all;
    const auto address = [&](std::string_view local) {
        return std::string{local}.append("@").append(domain);
    };
    const auto site = [&](std::string_view labels) {
        return std::string{"user@"}.append(labels).append(".").append(domain);
    };
    for (const std::string_view name : {"good", "user", "alice"})
        all.push_back({"accepted",
                       std::string{name} + "@",
                       address(name),
                       "accepted",
                       verdict_kind::pass,
                       cause::accepted});
    for (const auto& e : address_examples())
        all.push_back({"how words are put together",
                       e.form.empty() ? "" : std::string{e.form} + "@",
                       address(e.example),
                       std::string{e.meaning},
                       e.verdict,
                       e.why});
    for (const auto& r : named_replies()) {
        auto meaning =
            std::string{r.code}.append(" ").append(r.enhanced).append(" ").append(r.text);
        if (r.stage == at::message)
            meaning += ", after the message";
        all.push_back(
            {"replies", std::string{r.name} + "@", address(r.name), meaning, r.verdict, r.why});
    }
    for (const auto& e : effect_words())
        all.push_back({"what happens to a reply",
                       std::string{e.name}.append(e.parameter) + "@",
                       address(std::string{e.name}.append(e.sample)),
                       std::string{e.meaning},
                       e.verdict,
                       e.why});
    for (const auto& e : domain_examples())
        all.push_back({"stages, for a whole domain",
                       e.form.empty() ? "" : "@" + std::string{e.form} + ".",
                       site(e.example),
                       std::string{e.meaning},
                       e.verdict,
                       e.why});
    for (const auto& s : site_words())
        all.push_back({"DNS and hosts",
                       "@" + std::string{s.name}.append(s.parameter) + ".",
                       site(std::string{s.name}.append(s.sample)),
                       std::string{s.meaning},
                       s.verdict,
                       s.why});
    return all;
}

std::string_view nearest_word(std::string_view text, bool of_sites) {
    std::string_view nearest;
    std::size_t least = 3;
    const auto consider = [&](std::string_view name) {
        if (name.size() + 2 < text.size() || text.size() + 2 < name.size() || name.size() < 3)
            return;
        const auto d = distance(text, name);
        if (d < least && d * 2 < name.size()) {
            least = d;
            nearest = name;
        }
    };
    for (const auto& r : named_replies())
        consider(r.name);
    for (const auto& e : effect_words())
        consider(e.name);
    if (of_sites)
        for (const auto& s : site_words())
            consider(s.name);
    return nearest;
}

} // namespace cbv::fakemx::demo
