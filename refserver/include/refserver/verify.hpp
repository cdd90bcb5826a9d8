// What the server needs of a verifier, as functions, so that a test can put another one in. It
// verifies nothing itself.
#pragma once

#include "cbv/verdict.hpp"
#include "cbv/verifier.hpp"

#include <functional>

namespace cbv::refserver {

/// Ends a verification nobody awaits any more. After it the verdict is not delivered, or is of
/// no interest.
using cancel_function = std::function<void()>;

/// Starts one verification. `done` is called at most once, on the executor and never from within
/// this call.
using verify_function =
    std::function<cancel_function(verify_request request, std::function<void(verdict)> done)>;

/// By the library's verifier, which must outlive the function and what it started.
[[nodiscard]] verify_function verify_by(verifier& v);

} // namespace cbv::refserver
