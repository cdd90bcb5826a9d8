// The names of the counts, which are those of the results' schema; see run.hpp.
#include "simulation/run.hpp"

#include <algorithm>

namespace simulation {
namespace {

// The delay that `share` of a hundred do not exceed.
std::uint32_t quantile(const std::vector<std::uint32_t>& sorted, std::size_t share) {
    return sorted.empty() ? 0 : sorted[(sorted.size() - 1) * share / 100];
}

} // namespace

std::map<std::string, std::uint64_t> counts::named() const {
    std::map<std::string, std::uint64_t> all{
        {"connections", connections},
        {"recipients", recipients},
        {"victim_connections", victim_connections},
        {"victim_peak", victim_peak},
        {"backscatter", backscatter},
        {"listed", listed},
    };
    constexpr std::array<const char*, 4> kinds{"good", "bulk", "forged", "run"};
    for (std::size_t i = 0; i < kinds.size(); ++i) {
        const mail_count& m = mail[i];
        if (m.sent == 0)
            continue;
        const std::string kind = kinds[i];
        all[kind + "_sent"] = m.sent;
        all[kind + "_admitted"] = m.admitted;
        all[kind + "_refused"] = m.refused;
        all[kind + "_by_spf"] = m.by_spf;
        all[kind + "_never"] = m.never;
        all[kind + "_late"] = m.late;
        for (const auto& [way, number] : m.ways)
            all[kind + "_admitted_" + way] = number;
        if (i > 1)
            continue;
        auto sorted = m.delays;
        std::sort(sorted.begin(), sorted.end());
        for (const std::size_t share : {50U, 90U, 99U, 100U})
            all[kind + "_delay_" + std::to_string(share)] = quantile(sorted, share);
        for (const auto& [name, limit] :
             {std::pair{"1m", 60U}, {"15m", 900U}, {"1h", 3600U}, {"4h", 14400U}, {"24h", 86400U}})
            all[kind + "_within_" + name] = static_cast<std::uint64_t>(
                std::upper_bound(sorted.begin(), sorted.end(), limit) - sorted.begin());
    }
    return all;
}

} // namespace simulation
