// A whole server in this process: spool, trace, verifier, signals and the line "ready
// ADDRESS:PORT". It reads no options and no file; what the programs that serve have in common.
#pragma once

#include "refserver/config.hpp"
#include "refserver/server.hpp"

#include <functional>
#include <string>

namespace cbv::refserver {

/// Serves until SIGTERM or SIGINT; a second signal ends it by force. `complain` gets troubles, for
/// people. `change` may put something else into the services before the server is made. Throws what
/// keeps it from running: std::runtime_error naming the setting, listen_error, std::system_error.
void serve(const config& settings,
           const std::function<void(const std::string&)>& complain,
           const std::function<void(services&)>& change = {});

} // namespace cbv::refserver
