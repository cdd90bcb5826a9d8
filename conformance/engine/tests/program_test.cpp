// The program cbv-engine as an author of cases starts it: what it says and how it ends. What it
// checks is the loader's, tested there.
#include "case_files.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdio>
#include <sys/wait.h>

namespace cbv::engine {
namespace {

struct outcome {
    int status = -1;
    std::string text; // of both streams
};

class engine_program : public testing::case_files {
protected:
    /// Arguments are the test's own words and need no quotes.
    outcome run(const std::string& arguments) {
        outcome o;
        const auto command = std::string{"'" CBV_ENGINE_PROGRAM "' "} + arguments + " 2>&1";
        auto* const pipe = ::popen(command.c_str(), "r");
        if (pipe == nullptr)
            return o;
        std::array<char, 4096> piece{};
        while (const auto n = std::fread(piece.data(), 1, piece.size(), pipe))
            o.text.append(piece.data(), n);
        const int ended = ::pclose(pipe);
        o.status = WIFEXITED(ended) ? WEXITSTATUS(ended) : -1;
        return o;
    }

    void expect(const std::string& arguments, int status, const std::string& text) {
        const auto o = run(arguments);
        EXPECT_EQ(o.status, status) << arguments;
        EXPECT_NE(o.text.find(text), std::string::npos) << arguments << "\n" << o.text;
    }

    std::string cases() const { return (root_ / "cases").string(); }
};

using testing::plain;
using testing::whole;

TEST_F(engine_program, checks_a_file_or_a_directory) {
    const auto file = write(whole(plain)).string();
    expect("check " + file, 0, "1 case is well formed");
    expect("check " + cases(), 0, "1 case is well formed");
    expect("virtual " + file, 0, "1 cases: 1 passed");
    expect("check " + cases() + "/none", 4, "expected a case or a directory");
}

TEST_F(engine_program, compares_ids_with_the_draft) {
    auto text = whole(plain);
    text.replace(text.find("CBV-INT-001"), 11, "CBV-NONE-999");
    const auto file = write(text).string();
    expect("check " + file, 4, "dlg-x.xml:1:18: requirement=\"CBV-NONE-999\": expected an id");
    expect("virtual " + file, 4, "requirement=\"CBV-NONE-999\"");
    expect("check --draft " + file + " " + file, 4, "dlg-x.xml:"); // no draft
    expect("check --draft /nowhere.xml " + file, 4, "/nowhere.xml");
}

TEST_F(engine_program, says_that_there_is_no_such_case) {
    write(whole(plain));
    expect("virtual " + cases() + " --case nosuch", 4, "no such case: nosuch");
    expect("virtual " + cases() + " --case dlg-x", 0, "1 cases: 1 passed");
}

TEST_F(engine_program, takes_nothing_for_a_fault) {
    expect("check " + cases(), 4, "expected at least one case");
    expect("virtual " + cases(), 4, "expected at least one case");
}

} // namespace
} // namespace cbv::engine
