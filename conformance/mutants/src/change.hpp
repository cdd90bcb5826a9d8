// One change of the library: layers round its machines, changed settings, a changed verdict.
// Changes add up; a mutant is one of them, or a sum.
#pragma once

#include "mutants/mutant.hpp"

#include <functional>
#include <vector>

namespace cbv::mutants {

struct change {
    std::vector<std::function<engine::machine_factory(engine::machine_factory)>> verifier = {};
    std::vector<std::function<engine::receiver_factory(engine::receiver_factory)>> receiver = {};
    std::vector<std::function<engine::manager_factory(engine::manager_factory)>> manager = {};
    std::vector<options_change> options = {};
    verdict_change verdict = {}; ///< at most one in a sum

    /// As hooks of a virtual run.
    [[nodiscard]] engine::virtual_hooks hooks() const;
    /// The settings' changes as one; empty when there is none.
    [[nodiscard]] options_change all_options() const;
};

/// Both; the layers of `b` lie outside.
[[nodiscard]] change operator+(change a, change b);

/// Where a group of mutants is written down.
class collection {
public:
    struct heading {
        std::string id;
        std::string requirement; ///< without "CBV-"
        std::string sentence;
        std::vector<std::string> expected;
    };
    void add(heading h, const change& c);
    [[nodiscard]] std::vector<mutant> take() { return std::move(mutants_); }

private:
    std::vector<mutant> mutants_;
};

// The groups, one source file each.
void add_elig(collection& all);
void add_addr(collection& all);
void add_mx(collection& all);
void add_host(collection& all);
void add_dlg(collection& all);
void add_dlg_reading(collection& all);
void add_time(collection& all);
void add_int(collection& all);
void add_standing(collection& all);
void add_rply(collection& all);
void add_smx_grey(collection& all);
void add_cache(collection& all);
void add_load(collection& all);
void add_resp(collection& all);
void add_rows(collection& all); ///< one mutant for each cell of the decision table

} // namespace cbv::mutants
