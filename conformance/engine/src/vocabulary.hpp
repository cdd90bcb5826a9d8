// The fixed vocabulary of findings, read from conformance/vocabulary.toml. It knows the words, not
// when they apply: that is the judge's business.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>

namespace cbv::engine {

class vocabulary {
public:
    /// Reads `file`. Throws std::runtime_error with file and line for anything that is not
    /// `word = "sentence"`.
    explicit vocabulary(const std::filesystem::path& file);

    /// Where the words are from.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    [[nodiscard]] bool contains(std::string_view word) const;
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& words() const noexcept {
        return words_;
    }

    /// `vocabulary.toml` beside the directory that holds the areas (`cases/<area>/<id>.xml`); where
    /// there is none, the one of the source tree the engine was built from.
    [[nodiscard]] static std::filesystem::path path_for(const std::filesystem::path& case_file);

private:
    std::filesystem::path file_;
    std::map<std::string, std::string, std::less<>> words_;
};

} // namespace cbv::engine
