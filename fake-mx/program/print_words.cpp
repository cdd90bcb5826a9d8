// serve.hpp: the list of the demo's words, from the tables the parsers use.
#include "cbv/text.hpp"
#include "fakemx/demo/words.hpp"
#include "serve.hpp"
#include "support.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cbv::fakemx::program {
namespace {

constexpr const char* rules =
    "Words stand before the @ or before the demo's domain, joined by dots, in any case. A word is\n"
    "[STAGE-]WORD[-PARAMETER]; without a stage it belongs to the command that carries the "
    "address.\n"
    "TIME is 5s, 300ms or 2m, 10m at most. In a domain, words need the fake DNS (or --always).\n";

std::string verdict(const demo::listed_word& w) {
    return fmt::format("{} ({})", to_string(w.verdict), to_string(w.why));
}

void print_text(const std::vector<demo::listed_word>& words) {
    print_line(rules);
    std::string_view group;
    for (const auto& w : words) {
        if (w.group != group)
            print_line(fmt::format("{}{}:", group.empty() ? "" : "\n", w.group));
        group = w.group;
        print_line(fmt::format("  {:<22} {:<44} {}", w.form, w.example, w.meaning));
    }
}

std::string cell(std::string text) {
    for (std::size_t i = 0; (i = text.find('|', i)) != std::string::npos; i += 2)
        text.insert(i, "\\");
    return text;
}

void print_markdown(const std::vector<demo::listed_word>& words) {
    std::string_view group;
    for (const auto& w : words) {
        if (w.group != group)
            print_line(fmt::format("{}**{}**\n\n| word | for example | what happens | a verifier's "
                                   "verdict |\n|---|---|---|---|",
                                   group.empty() ? "" : "\n",
                                   w.group));
        group = w.group;
        print_line(fmt::format("| {} | `{}` | {} | {} |",
                               w.form.empty() ? "" : "`" + cell(w.form) + "`",
                               w.example,
                               cell(w.meaning),
                               verdict(w)));
    }
}

void print_json(const std::vector<demo::listed_word>& words) {
    auto all = nlohmann::ordered_json::array();
    for (const auto& w : words)
        all.push_back({{"group", w.group},
                       {"form", w.form},
                       {"example", w.example},
                       {"meaning", w.meaning},
                       {"verdict", to_string(w.verdict)},
                       {"why", to_string(w.why)}});
    print_line(all.dump(2));
}

} // namespace

void print_words(list_format how, const std::string& domain) {
    const auto words = demo::all_words(domain);
    switch (how) {
    case list_format::none:
        break;
    case list_format::text:
        print_text(words);
        break;
    case list_format::markdown:
        print_markdown(words);
        break;
    case list_format::json:
        print_json(words);
        break;
    }
}

} // namespace cbv::fakemx::program
