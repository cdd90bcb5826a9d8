// The trace record of a decision as a line of JSON in version 1 of the draft's grammar (section
// "Trace Record", CBV-TRC-005; tests/trace_grammar_test.cpp holds it to that). Octets from client
// or called host are escaped, so that neither can forge a record (CBV-TRC-002). No message content
// and no credentials ever get here (CBV-TRC-003). Keys: README.md.
#pragma once

#include "cbv/receiver.hpp"

#include <chrono>
#include <string>

namespace cbv::refserver {

/// One record, without the line end; `end` is when the decision was made.
[[nodiscard]] std::string trace_line(const decision_record& r,
                                     std::chrono::system_clock::time_point end);

/// Appends lines to a file or to standard output. One write(2) a line: records of several processes
/// do not mix.
class trace_log {
public:
    /// `target`: a file (made when missing), "-", or empty for none. Throws std::system_error.
    explicit trace_log(const std::string& target);
    ~trace_log();
    trace_log(const trace_log&) = delete;
    trace_log& operator=(const trace_log&) = delete;

    /// Writes the line. The first failure is reported on standard error; mail goes on.
    void write(std::string line);

private:
    int fd_ = -1;
    bool owned_ = false;
    bool complained_ = false;
};

} // namespace cbv::refserver
