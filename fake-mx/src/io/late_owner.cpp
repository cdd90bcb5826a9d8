// late_owner.hpp.
#include "late_owner.hpp"

#include "cbv/text.hpp"

#include <algorithm>

namespace cbv::fakemx {

std::optional<std::size_t> domain_named_in(std::string_view text,
                                           const std::vector<std::string>& domains) {
    const auto lower = to_lower(text);
    const auto of_label = [](char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '-';
    };
    for (std::size_t i = 0; i < domains.size(); ++i) {
        const auto& domain = domains[i];
        for (auto at = lower.find(domain); at != std::string::npos;
             at = lower.find(domain, at + 1)) {
            const auto end = at + domain.size();
            if ((at == 0 || !of_label(lower[at - 1])) &&
                (end == lower.size() || !of_label(lower[end])))
                return i;
        }
    }
    return std::nullopt;
}

void late_owner::on_event(event_kind kind, std::string text) {
    if (!owner_ && kind == event_kind::received)
        owner_ = domain_named_in(text, domains_);
    if (!owner_) {
        if (kept_.size() < most_kept)
            kept_.emplace_back(kind, std::move(text));
        return;
    }
    for (auto& [before, words] : std::exchange(kept_, {}))
        tell_(*owner_, before, std::move(words));
    tell_(*owner_, kind, std::move(text));
}

} // namespace cbv::fakemx
