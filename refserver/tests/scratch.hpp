// A directory that goes away with the test.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <string>
#include <vector>

namespace cbv::refserver::test {

class scratch {
public:
    scratch() {
        std::string name = (std::filesystem::temp_directory_path() / "refserver.XXXXXX").string();
        if (!::mkdtemp(name.data()))
            throw std::runtime_error("mkdtemp failed");
        path = name;
    }
    ~scratch() {
        std::error_code ignored;
        std::filesystem::remove_all(path, ignored);
    }
    scratch(const scratch&) = delete;
    scratch& operator=(const scratch&) = delete;

    std::filesystem::path path;
};

inline std::string read_file(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

/// The contents of every file in a directory; none when there is no directory.
inline std::vector<std::string> files_in(const std::filesystem::path& directory) {
    std::vector<std::string> out;
    if (std::filesystem::exists(directory))
        for (const auto& entry : std::filesystem::directory_iterator(directory))
            out.push_back(read_file(entry.path()));
    return out;
}

} // namespace cbv::refserver::test
