// A bounded map by name whose entry that was touched longest ago is the first to go: names of
// domains, hosts and clients are the choice of strangers. It knows no time; every operation is
// logarithmic.
#pragma once

#include <algorithm>
#include <cstddef>
#include <iterator>
#include <list>
#include <map>
#include <string>
#include <string_view>
#include <utility>

namespace cbv {

template <class Value>
class recent {
public:
    /// At least one entry is kept, whatever `most` says.
    explicit recent(std::size_t most) : most_(std::max<std::size_t>(most, 1)) {}

    /// The entry, or nullptr. It is as old as before.
    [[nodiscard]] Value* find(std::string_view name) {
        const auto at = by_name_.find(name);
        return at == by_name_.end() ? nullptr : &at->second->second;
    }
    /// The entry, a fresh one if there was none; now the youngest.
    Value& touch(std::string_view name) {
        if (const auto at = by_name_.find(name); at != by_name_.end()) {
            entries_.splice(entries_.end(), entries_, at->second);
            return at->second->second;
        }
        if (entries_.size() >= most_)
            forget(entries_.front().first);
        entries_.emplace_back(std::string(name), Value{});
        by_name_.emplace(entries_.back().first, std::prev(entries_.end()));
        return entries_.back().second;
    }
    void forget(std::string_view name) {
        const auto at = by_name_.find(name);
        if (at == by_name_.end())
            return;
        const auto entry = at->second;
        by_name_.erase(at); // its key is in the entry
        entries_.erase(entry);
    }
    /// The entry that was touched longest ago, by name; nullptr when there is none.
    [[nodiscard]] const std::pair<std::string, Value>* oldest() const {
        return entries_.empty() ? nullptr : &entries_.front();
    }
    /// Calls `f` with each entry whose name begins so, in the order of names.
    template <class Function>
    void for_each_under(std::string_view prefix, Function f) const {
        for (auto at = by_name_.lower_bound(prefix);
             at != by_name_.end() && at->first.starts_with(prefix);
             ++at)
            f(std::as_const(at->second->second));
    }
    [[nodiscard]] std::size_t size() const noexcept { return entries_.size(); }

private:
    using entries = std::list<std::pair<std::string, Value>>;

    std::size_t most_;
    entries entries_; // oldest first
    std::map<std::string_view, typename entries::iterator> by_name_;
};

} // namespace cbv
