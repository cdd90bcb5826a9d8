// What a call manager's settings must be like; see cbv/call_manager.hpp.
#include "cbv/call_manager.hpp"

namespace cbv {
namespace {

constexpr duration least_refusal_pause = std::chrono::hours{1}; // CBV-LOAD-007

} // namespace

std::optional<std::string> call_manager_options::problem() const {
    if (const auto trouble = cache.problem())
        return trouble;
    if (attempts_per_address < 1 || attempts_in_all < 1)
        return "attempts_per_address and attempts_in_all must be at least 1 (CBV-LOAD-002)";
    if (calls_in_all < 1)
        return "calls_in_all must be at least 1";
    if ((calls_per_domain > 0 || fails_per_client > 0 || calls_per_client > 0) &&
        rate_window <= duration{})
        return "rate_window must be positive (CBV-LOAD-003)";
    if (over_limit != verdict_kind::tempfail && over_limit != verdict_kind::none)
        return "over_limit must be tempfail or none (CBV-LOAD-014)";
    if (refusal_pause != duration{} && refusal_pause < least_refusal_pause)
        return "refusal_pause must be 0 or at least 1 hour (CBV-LOAD-007)";
    if (patience < duration{})
        return "patience must not be negative (CBV-CACHE-011)";
    if (answer_early_after < duration{})
        return "answer_early_after must not be negative";
    if (client_budget <= duration{} || client_budget > timeouts::max_budget)
        return "client_budget must be above 0 and at most 270 s (CBV-TIME-003)";
    return std::nullopt;
}

} // namespace cbv
