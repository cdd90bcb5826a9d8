// What the command-line program prints: verdict as text or JSON, and the transcript. Every octet
// from the wire is escaped.
#pragma once

#include "cbv/text.hpp"
#include "cbv/trace.hpp"
#include "cbv/verdict.hpp"

#include <map>
#include <ostream>
#include <string>
#include <vector>

namespace cbv::cli {

/// Collects trace events line by line and prints them as they come if asked to.
class transcript {
public:
    struct line {
        duration at{};
        trace_kind kind = trace_kind::query;
        unsigned id = 0;
        std::string text; ///< escaped
    };

    transcript(std::ostream& out, bool live) : out_(out), live_(live) {}
    void add(const trace_event& e);
    [[nodiscard]] const std::vector<line>& lines() const noexcept { return lines_; }

private:
    void put(const trace_event& e, std::string_view text);

    std::ostream& out_;
    bool live_;
    std::vector<line> lines_;
    std::map<unsigned, std::string> unfinished_; ///< octets after the last LF, by connection
};

void print_text(std::ostream& out, const std::string& address, const verdict& v);
/// `log` may be null: no events.
void print_json(std::ostream& out,
                const std::string& address,
                const verdict& v,
                const transcript* log);

} // namespace cbv::cli
