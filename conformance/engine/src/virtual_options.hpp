// The library's settings for one virtual run, made from the target's declarations. Settings only.
#pragma once

#include "cbv/call_manager.hpp"
#include "cbv/receiver.hpp"
#include "cbv/verification.hpp"
#include "engine/case.hpp"
#include "engine/target.hpp"

namespace cbv::engine {

[[nodiscard]] verification_options verification_options_for(const conformance_case& c,
                                                            const target& t);
[[nodiscard]] receiver_options receiver_options_for(const target& t);
[[nodiscard]] call_manager_options call_manager_options_for(const conformance_case& c,
                                                            const target& t);

} // namespace cbv::engine
