// The sections [allow], [refuse], [relay] and [spf]: who the clients are and which domains are
// known. Which keys there are and what they set.
#pragma once

#include "config_section.hpp"

namespace cbv::refserver {

/// Reads the four sections of the top level.
void read_relations(section& top, config& out);

} // namespace cbv::refserver
