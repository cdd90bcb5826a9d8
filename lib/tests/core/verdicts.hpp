// Verdicts made by hand, for tests of what is done with them.
#pragma once

#include "cbv/verdict.hpp"

namespace cbv::test {

inline verdict make_verdict(verdict_kind kind, cause why, requirement_id requirement = {}) {
    verdict v;
    v.kind = kind;
    v.why = why;
    v.requirement = requirement;
    return v;
}

} // namespace cbv::test
