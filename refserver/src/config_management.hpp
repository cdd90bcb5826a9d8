// The sections [cache], [limits] and [do_not_call]: between the sessions and the calls. Which keys
// there are and what they set; the defaults are call_manager_options' own.
#pragma once

#include "cbv/call_manager.hpp"
#include "config_section.hpp"

namespace cbv::refserver {

/// Reads the three sections of the top level.
void read_management(section& top, call_manager_options& out);

} // namespace cbv::refserver
