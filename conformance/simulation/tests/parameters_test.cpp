// The parameter file: the committed one can be read, and mistakes are refused with their place.
#include "simulation/parameters.hpp"

#include <gtest/gtest.h>

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <stdexcept>

namespace simulation {
namespace {

std::string problem_with(const std::string& text) {
    const auto file =
        std::filesystem::temp_directory_path() /
        ("cbv-parameters-" + std::to_string(::testing::UnitTest::GetInstance()->random_seed()) +
         std::to_string(reinterpret_cast<std::uintptr_t>(&text)) + ".toml");
    std::ofstream(file) << text;
    std::string said;
    try {
        (void)read_parameters(file.string());
    } catch (const std::runtime_error& error) {
        said = error.what();
    }
    std::filesystem::remove(file);
    return said;
}

const std::string good = "[parameters.a]\nvalue = 1\nunit = \"u\"\nreason = \"r\"\n"
                         "[policies.p]\nkind = \"rules\"\nreason = \"r\"\n"
                         "[[experiments]]\nname = \"e\"\ntitle = \"t\"\nseeds = 2\n";

TEST(Parameters, OfTheHouseCanBeRead) {
    const parameters all = read_parameters(CBV_SIMULATION_PARAMETERS);
    EXPECT_GE(all.experiments.size(), 8U);
    EXPECT_TRUE(all.policies.contains("rules"));
}

TEST(Parameters, AreRefusedWithTheirPlace) {
    EXPECT_EQ(problem_with(good + "policies = [\"p\"]\n"), "");
    EXPECT_NE(problem_with(good).find("experiment e: needs policies"), std::string::npos);
    EXPECT_NE(problem_with(good + "policies = [\"q\"]\n").find("no policy 'q'"), std::string::npos);
    EXPECT_NE(
        problem_with(good + "policies = [\"p\"]\nsweep = { b = [1] }\n").find("no parameter b"),
        std::string::npos);
    EXPECT_NE(problem_with("[parameters.a]\nvalue = 1\nunit = \"u\"\n[policies]\n").find("needs"),
              std::string::npos);
}

TEST(Parameters, EveryCombinationIsAPoint) {
    experiment e;
    e.sweep["a"] = {1.0, 2.0};
    e.sweep["b"] = {std::string("x"), std::string("y"), std::string("z")};
    const auto points = points_of(e);
    ASSERT_EQ(points.size(), 6U);
    EXPECT_EQ(std::get<double>(points[3].at("a")), 2.0);
    EXPECT_EQ(std::get<std::string>(points[3].at("b")), "x");
    EXPECT_EQ(points_of({}).size(), 1U);
}

} // namespace
} // namespace simulation
