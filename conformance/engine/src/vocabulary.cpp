// Reads the vocabulary with toml++; see the header.
#include "vocabulary.hpp"

#include <toml++/toml.h>

#include <fstream>
#include <stdexcept>

namespace cbv::engine {

vocabulary::vocabulary(const std::filesystem::path& file) : file_(file) {
    toml::table table;
    try {
        std::ifstream in{file, std::ios::binary};
        if (!in)
            throw std::runtime_error{file.string() + ": cannot be read; expected the vocabulary"};
        table = toml::parse(in, file.string());
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

std::filesystem::path vocabulary::path_for(const std::filesystem::path& case_file) {
    const auto near = std::filesystem::absolute(case_file)
                          .lexically_normal()
                          .parent_path()
                          .parent_path()
                          .parent_path() /
                      "vocabulary.toml";
    std::error_code ignored;
    if (std::filesystem::exists(near, ignored))
        return near;
    return std::filesystem::path{CBV_CONFORMANCE_DIR} / "vocabulary.toml";
}

} // namespace cbv::engine
