// One table of the configuration file: typed access, and errors that name the place. It remembers
// which keys were asked for, so that any other is an error. It knows no key by itself.
#pragma once

#include "cbv/time.hpp"
#include "refserver/config.hpp"

#include <toml++/toml.h>

#include <functional>
#include <set>
#include <string>
#include <vector>

namespace cbv::refserver {

class section {
public:
    /// `name` is empty for the top level. `file` is for errors.
    section(const toml::table& table, std::string name, std::string file);

    // Each sets `out` when the key is there and leaves it otherwise; true when it was there.
    bool read(std::string_view key, std::string& out);
    bool read(std::string_view key, bool& out);
    bool read(std::string_view key, duration& out);                ///< above zero, up to 24 h
    bool read(std::string_view key, duration& out, duration most); ///< from zero
    /// An integer from `least` to `most`.
    bool read(std::string_view key, std::int64_t& out, std::int64_t least, std::int64_t most);
    template <class Unsigned>
    bool read_count(std::string_view key, Unsigned& out, std::int64_t least, std::int64_t most) {
        std::int64_t value = 0;
        if (!read(key, value, least, most))
            return false;
        out = static_cast<Unsigned>(value);
        return true;
    }
    /// A list of strings; each goes to `take`, which returns false when it is not `expected`.
    bool read_list(std::string_view key,
                   std::string_view expected,
                   const std::function<bool(const std::string&)>& take);
    /// A single string checked likewise.
    bool read_checked(std::string_view key,
                      std::string_view expected,
                      const std::function<bool(const std::string&)>& take);
    /// The table of that name, or an empty one.
    [[nodiscard]] section sub(std::string_view key);
    /// Every key of this table, for one whose keys are free (users of AUTH).
    [[nodiscard]] std::vector<std::string> keys() const;

    [[nodiscard]] bool has(std::string_view key) const { return table_.contains(key); }
    /// "FILE:LINE:COLUMN: KEY" of the key, or of the table when the key is missing.
    [[nodiscard]] std::string place(std::string_view key) const;
    /// Throws config_error at the key, or at the table when the key is missing.
    [[noreturn]] void fail(std::string_view key, const std::string& what) const;
    /// Throws when a key was never asked for.
    void finish() const;

private:
    const toml::node* find(std::string_view key);
    [[nodiscard]] std::string place_of(const toml::source_region& where) const;
    [[noreturn]] void fail_at(const toml::source_region& where, const std::string& what) const;
    [[nodiscard]] std::string full_name(std::string_view key) const;

    const toml::table& table_;
    std::string name_;
    std::string file_;
    std::set<std::string, std::less<>> known_;
};

} // namespace cbv::refserver
