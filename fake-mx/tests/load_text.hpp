// Loads a `<world>` given as text, for tests.
#pragma once

#include "fakemx/load_world.hpp"

#include <string>

namespace cbv::fakemx::test {

inline load_options options() {
    load_options o;
    o.times = {{"rcpt-timeout", std::chrono::seconds{10}}, {"budget", std::chrono::seconds{100}}};
    o.placeholders = {{"recipient", "user@local.test"}};
    return o;
}

/// The world of the case "case1"; the file's name in errors is "w.xml".
inline world load(const std::string& text, const std::string& id = "case1") {
    address_allocator addresses;
    const xml_document document{text, "w.xml"};
    return load_world(document.root(), id, options(), addresses);
}

} // namespace cbv::fakemx::test
