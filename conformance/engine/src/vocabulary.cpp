// Reads the vocabulary with toml++; see the header.
#include "vocabulary.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

namespace cbv::engine {

namespace {

std::string text_of(const std::filesystem::path& file) {
    std::ifstream in{file, std::ios::binary};
    if (!in)
        throw std::runtime_error{file.string() + ": cannot be read; expected the vocabulary"};
    return {std::istreambuf_iterator<char>{in}, std::istreambuf_iterator<char>{}};
}

} // namespace

vocabulary::vocabulary() : vocabulary(built_in(), "vocabulary.toml (built in)") {}

vocabulary::vocabulary(const std::filesystem::path& file) : vocabulary(text_of(file), file) {}

vocabulary::vocabulary(std::string_view text, const std::filesystem::path& file) : file_(file) {
    toml::table table;
    try {
        table = toml::parse(text, file.string());
    } catch (const toml::parse_error& e) {
        throw std::runtime_error{file.string() + ":" + std::to_string(e.source().begin.line) +
                                 ": " + std::string{e.description()}};
    }
    for (const auto& [key, node] : table) {
        const auto sentence = node.value<std::string>();
        if (!sentence)
            throw std::runtime_error{file.string() + ":" +
                                     std::to_string(node.source().begin.line) +
                                     ": expected `word = \"sentence\"`"};
        words_.emplace(std::string{key.str()}, *sentence);
    }
}

bool vocabulary::contains(std::string_view word) const {
    return words_.contains(word);
}

vocabulary vocabulary::of(const std::filesystem::path& case_file) {
    const auto near = std::filesystem::absolute(case_file)
                          .lexically_normal()
                          .parent_path()
                          .parent_path()
                          .parent_path() /
                      "vocabulary.toml";
    std::error_code ignored;
    return std::filesystem::exists(near, ignored) ? vocabulary{near} : vocabulary{};
}

} // namespace cbv::engine
