// What the enhanced status code of a 5yz reply to MAIL or RCPT takes from the refusal (draft,
// section "Enhanced Codes"; CBV-INT-005, CBV-INT-006, CBV-INT-012). Pure. A code only ever softens:
// nothing here makes a reply harder than its basic code, and what the basic code means is
// decision.hpp's.
#pragma once

#include "cbv/reply.hpp"
#include "cbv/verdict.hpp"

namespace cbv {

/// How far a refusal is softened; a later one is softer.
enum class softening {
    none,      ///< the basic code stands
    temporary, ///< `tempfail`: the mailbox may take the bounce another day
    storage,   ///< the same, for X.2.2: a full mailbox
    policy,    ///< `unverifiable`: the code may be about the verifier, or about anything else
};

/// What one code does to a 5yz reply at `at` (mail or rcpt), by the draft's table of enhanced
/// codes. Class 4 is `temporary` at least, class 2 `policy`: both contradict the reply.
[[nodiscard]] softening softens(stage at, const enhanced_code& code) noexcept;

/// What all codes of a reply do together: where lines differ, the softest. Codes are found at the
/// beginning of a line, also behind blanks, a colon, `#` or the basic code once more, and as
/// "(#5.7.1)" at the end of one; nowhere else. Whether ENHANCEDSTATUSCODES was offered does not
/// matter. `none` for a reply that is no 5yz.
[[nodiscard]] softening softens(stage at, const reply& r);

} // namespace cbv
