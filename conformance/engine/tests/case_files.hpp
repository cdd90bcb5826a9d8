// Cases as files for the loader's tests: a directory for each test, and texts of small cases.
#pragma once

#include "engine/case.hpp"
#include "fakemx/xml_error.hpp"

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace cbv::engine::testing {

/// A directory of its own that vanishes with the test.
class case_files : public ::testing::Test {
protected:
    case_files() {
        root_ = std::filesystem::path{::testing::TempDir()} /
                ("load-case-" +
                 std::string{::testing::UnitTest::GetInstance()->current_test_info()->name()});
        std::filesystem::remove_all(root_);
        std::filesystem::create_directories(root_ / "cases" / "dlg");
    }
    ~case_files() override {
        std::error_code ignored;
        std::filesystem::remove_all(root_, ignored);
    }

    std::filesystem::path write(const std::string& text,
                                const std::string& name = "dlg/dlg-x.xml") {
        const auto file = root_ / "cases" / name;
        std::filesystem::create_directories(file.parent_path());
        std::ofstream{file, std::ios::binary} << text;
        return file;
    }

    conformance_case load(const std::string& text,
                          const target& t = library_target(),
                          const requirement_levels* draft = nullptr) {
        fakemx::address_allocator addresses;
        return engine::load_case(write(text), t, addresses, draft);
    }

    /// "LINE: EXPECTATION" of the error, or "" if there was none.
    std::string fault(const std::string& text, const requirement_levels* draft = nullptr) {
        try {
            (void)load(text, library_target(), draft);
            return "";
        } catch (const fakemx::xml_error& e) {
            EXPECT_GT(e.column(), 0U);
            return std::to_string(e.line()) + ": " + e.expectation();
        }
    }

    std::filesystem::path root_;
};

inline std::string whole(const std::string& client,
                         const std::string& expect = "",
                         const std::string& attributes = "") {
    return "<case id=\"dlg-x\" requirement=\"CBV-DLG-005 CBV-INT-001\" level=\"MUST\" " +
           attributes +
           ">\n<title>A title</title>\n<world><host id=\"mx1\" mx=\"10\"/></world>\n<client>\n" +
           client + "\n</client>\n" +
           (expect.empty() ? "" : "<expect>\n" + expect + "\n</expect>\n") + "</case>\n";
}

inline const std::string plain = "<mail from=\"a@{domain}\"/><rcpt verdict=\"pass\"/>";

} // namespace cbv::engine::testing
