// The cases of the virtual run's tests, loaded for the library.
#pragma once

#include "engine/case.hpp"

#include <filesystem>
#include <string>

namespace cbv::engine::testing {

/// `name`: below data/cases, without suffix.
inline conformance_case load(const std::string& name) {
    fakemx::address_allocator addresses;
    return load_case(std::filesystem::path{CBV_ENGINE_TEST_DATA} / "cases" / (name + ".xml"),
                     library_target(),
                     addresses);
}

} // namespace cbv::engine::testing
