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
    /// The words the engine was built with.
    vocabulary();

    /// Reads `file`. Throws std::runtime_error with file and line for anything that is not
    /// `word = "sentence"`.
    explicit vocabulary(const std::filesystem::path& file);

    /// Where the words are from.
    [[nodiscard]] const std::filesystem::path& file() const noexcept { return file_; }

    [[nodiscard]] bool contains(std::string_view word) const;
    [[nodiscard]] const std::map<std::string, std::string, std::less<>>& words() const noexcept {
        return words_;
    }

    /// The words for a case: those of `vocabulary.toml` beside the directory that holds the areas
    /// (`cases/<area>/<id>.xml`); where there is none, those built in.
    [[nodiscard]] static vocabulary of(const std::filesystem::path& case_file);

private:
    /// `file` is what errors call the text.
    vocabulary(std::string_view text, const std::filesystem::path& file);

    /// The text of conformance/vocabulary.toml.
    [[nodiscard]] static std::string_view built_in() noexcept;

    std::filesystem::path file_;
    std::map<std::string, std::string, std::less<>> words_;
};

} // namespace cbv::engine
