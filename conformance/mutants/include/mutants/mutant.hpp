// The registry of mutants: implementations with exactly one rule broken, by which the suite is
// proved. A mutant changes the library from outside, through its machines or its options; nothing
// in the library knows of it.
#pragma once

#include "cbv/call_manager.hpp"
#include "cbv/receiver.hpp"
#include "cbv/verdict.hpp"
#include "cbv/verification.hpp"
#include "engine/verifier_machine.hpp"

#include <functional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::mutants {

/// A change of the library's settings before anything is made; as engine::virtual_hooks::options.
using options_change =
    std::function<void(verification_options&, receiver_options&, call_manager_options&)>;
/// A change of a verdict on its way to the session.
using verdict_change = std::function<void(verdict&)>;

/// One mutant.
struct mutant {
    std::string id;                    ///< `[a-z0-9-]+`, never reused
    std::string requirement;           ///< the rule it breaks, an id of the draft
    std::string sentence;              ///< what it does wrong: "calls loopback addresses"
    std::vector<std::string> expected; ///< words of the vocabulary, one of which must be found
    engine::virtual_hooks hooks;       ///< the mutant in virtual time
    /// The same mutant as a real server; empty where the change goes deeper than that.
    options_change options;
    verdict_change verdict;

    /// Whether it can run as a real server (cbv-mutant-server).
    [[nodiscard]] bool live() const { return options || verdict; }
};

/// Every mutant, in groups of requirements. Made once; safe to read from several threads.
[[nodiscard]] const std::vector<mutant>& registry();

/// The mutant with this id, or nullptr.
[[nodiscard]] const mutant* find(std::string_view id);

} // namespace cbv::mutants
