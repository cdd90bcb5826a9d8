// fakemx/demo/demo.hpp.
#include "fakemx/demo/demo.hpp"

#include "cbv/text.hpp"
#include "session.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>

namespace cbv::fakemx::demo {

demo::demo(surroundings where, site always, address_allocator addresses, observer& hears)
    : where_(std::move(where)), always_(std::move(always)), addresses_(addresses), hears_(hears) {
    always_.words.clear(); // it is the main host's: no labels before the domain
}

demo::~demo() = default;

world demo::main() const {
    auto w = main_world(where_);
    w.hosts.front().keywords = usual_keywords(always_.without);
    return w;
}

std::optional<world> demo::more(std::string_view name) {
    const auto labels = labels_before(name, where_.domain);
    if (!labels || labels->empty())
        return std::nullopt;
    if (sites_.contains(*labels))
        return std::nullopt;
    auto s = read_site(*labels);
    if (!s.problem.empty()) {
        if (!is_below_a_site(*labels) && std::exchange(last_problem_, *labels) != *labels)
            hears_.on_hint("", escape(name, 200) + " does not exist: " + s.problem);
        return std::nullopt;
    }
    if (sites_.size() >= most_sites)
        throw std::runtime_error{"over " + std::to_string(most_sites) +
                                 " domains have been asked for; no more are made"};
    auto w = site_world(s, where_, addresses_);
    sites_.emplace(*labels, std::move(s));
    return w;
}

/// A name that a site's own world answers for.
bool demo::is_below_a_site(std::string_view labels) const {
    for (auto dot = labels.find('.'); dot != labels.npos; dot = labels.find('.')) {
        labels.remove_prefix(dot + 1);
        if (sites_.contains(labels))
            return true;
    }
    return false;
}

std::unique_ptr<rule_author> demo::author(const host& h, const std::string& peer) {
    const auto labels = labels_before(h.name, where_.domain);
    const auto found = labels ? sites_.find(*labels) : sites_.end();
    return std::make_unique<session>(
        *this, found == sites_.end() ? always_ : found->second, h, peer);
}

std::string problem_as_always(const site& s) {
    if (!s.problem.empty())
        return s.problem;
    if (s.what != site_fault::none || s.dns_delay > duration{})
        return "words for the DNS or for connections say nothing here";
    return {};
}

} // namespace cbv::fakemx::demo
