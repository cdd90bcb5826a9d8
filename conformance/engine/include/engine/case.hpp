// A conformance case as plain data, and its loader. What the elements mean is in
// conformance/FORMAT.md; judging is judge.hpp's job.
#pragma once

#include "engine/target.hpp"
#include "fakemx/load_world.hpp"
#include "fakemx/world.hpp"

#include <filesystem>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <vector>

namespace cbv::engine {

/// What a step expects of its reply.
struct step_expectation {
    std::vector<std::string> verdicts; ///< acceptable, best first
    std::vector<std::string> replies;  ///< patterns, best first
    std::vector<std::string> enhanced; ///< patterns
    std::string text;                  ///< regular expression
    std::optional<duration> min, max;  ///< latency
    std::string finding;               ///< word to report; empty: derived
};

enum class step_kind {
    ehlo,
    helo,
    mail,
    rcpt,
    data,
    rset,
    noop,
    quit,
    send,
    auth,
    pause,
    disconnect
};

/// One thing the client does. `<repeat>` is unrolled by the loader; steps of one `<group>` carry
/// the same group number above zero.
struct step {
    step_kind kind = step_kind::noop;
    std::string line;     ///< command line without CR LF (octets, already unescaped)
    std::string argument; ///< rcpt, mail: the path without <>
    duration pause{};
    unsigned group = 0;
    bool added = false;  ///< by the loader, not by the author: EHLO and QUIT
    bool awaited = true; ///< false: await="no"; the client does not wait for the reply
    step_expectation expect;
};

/// One client: a session with the target. `<client times="N">` is unrolled by the loader.
struct client_script {
    std::string id;                    ///< unique in the case
    std::string helo;                  ///< the name it greets with
    std::optional<ip_address> address; ///< its source; absent: the runner gives one
    duration start{};                  ///< when it connects, from the case's start
    std::vector<step> steps;
};

enum class world_check {
    connections,
    command,
    never,
    query,
    never_query,
    order,
    quiet_before_greeting,
    one_at_a_time,
    last_command,
    hang_up
};

/// One element of `<expect>`.
struct world_expectation {
    world_check check = world_check::connections;
    std::vector<std::string> hosts;    ///< host ids, or "*"
    std::vector<std::string> commands; ///< verbs
    std::string is;                    ///< exact line
    std::string matches;               ///< regular expression
    std::vector<std::string> types;    ///< DNS types
    std::string name;                  ///< DNS name
    std::optional<unsigned> min, max, at_once;
    std::optional<duration> within;
    std::string finding;
    std::string requirement;
};

struct conformance_case {
    std::string id;
    std::string area;
    std::vector<std::string> requirements; ///< the first is the case's own
    std::string level;                     ///< MUST, SHOULD, MAY
    std::string title;
    std::string why;
    /// Capabilities; "session" or "transactions", and "verifier" or "called-host", are added where
    /// implied, and
    /// "timeouts.NAME" for a time the case uses and the target does not declare.
    std::set<std::string> needs;
    std::string file;
    fakemx::world world;
    std::vector<client_script> clients; ///< at least one; all run at once
    std::vector<world_expectation> expect;
    duration watch{}; ///< hosts and DNS are watched at least so long after the last client's end
};

/// The draft's requirements, as far as a case says something of them: id -> MUST, SHOULD or MAY
/// (the level without NOT).
using requirement_levels = std::map<std::string, std::string, std::less<>>;

/// Loads one case for a target: times and placeholders come from the target's declarations. Where
/// `draft` is given, an id it does not have and a level that is not the first requirement's are
/// faults. Throws fakemx::xml_error with file, line, column and what was expected.
[[nodiscard]] conformance_case load_case(const std::filesystem::path& file,
                                         const target& t,
                                         fakemx::address_allocator& addresses,
                                         const requirement_levels* draft = nullptr);

/// Every `*.xml` below the directory `where`, in order of path; `where` alone if it is a file.
/// Throws std::runtime_error when there is nothing of that name, or when a `*.xml` is no file.
[[nodiscard]] std::vector<std::filesystem::path> case_files(const std::filesystem::path& where);

/// Loads every one of case_files(where); a duplicate id is an error that names both files.
[[nodiscard]] std::vector<conformance_case> load_cases(const std::filesystem::path& where,
                                                       const target& t,
                                                       const requirement_levels* draft = nullptr);

} // namespace cbv::engine
