// The outcome of one case: status, findings and the whole time line. Plain data for reports.
#pragma once

#include "cbv/time.hpp"
#include "fakemx/timeline.hpp"

#include <string>
#include <vector>

namespace cbv::engine {

enum class status { pass, note, fail, unsupported, error };

[[nodiscard]] std::string_view to_string(status s) noexcept;

/// One deviation, in a word of the vocabulary and a sentence.
struct finding {
    std::string word;        ///< of conformance/vocabulary.toml
    std::string requirement; ///< the id it concerns
    std::string expected;
    std::string seen;
    bool timing = false; ///< missed a time bound only: rerun before it counts
    bool note = false;   ///< acceptable, not preferred
};

/// One reply the client saw.
struct step_reply {
    unsigned client = 0;  ///< index into conformance_case::clients
    std::size_t step = 0; ///< index into client_script::steps
    int code = 0;         ///< 0: no reply (timeout, closed)
    std::string text;     ///< lines joined with "\n", raw
    duration sent_at{};
    duration replied_at{};
    unsigned asked = 1; ///< times the question was put (deferred-verdict)
};

/// What was observed of one case.
struct observation {
    std::vector<step_reply> replies;
    fakemx::timeline_log timeline;
    bool enhanced_codes = false; ///< the target advertised ENHANCEDSTATUSCODES
    std::string stated_verdict;  ///< command targets: the word they stated
    std::string trouble;         ///< why the case could not be run to its end; empty: it was
};

struct case_result {
    std::string id;
    engine::status result = engine::status::error;
    std::vector<finding> findings;
    observation seen;
    duration elapsed{};
    std::string reason; ///< unsupported: the missing capability; error: what went wrong
};

} // namespace cbv::engine
