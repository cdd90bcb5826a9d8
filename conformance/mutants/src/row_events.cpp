// The words of the decision table's column "event" (rows.hpp; draft, section "Interpretation of
// Replies").
#include "cbv/softening.hpp"
#include "cbv/text.hpp"
#include "rows.hpp"

#include <algorithm>
#include <charconv>

namespace cbv::mutants {
namespace {

int code_of(std::string_view event) {
    int code = 0;
    const auto [end, error] = std::from_chars(event.data(), event.data() + event.size(), code);
    return error == std::errc{} && end == event.data() + event.size() ? code : 0;
}

// "500-504 530 555" -> 500, 501, ...; nothing when there is anything else in it.
std::vector<int> codes_in(std::string_view list) {
    std::vector<int> codes;
    while (!list.empty()) {
        const auto space = std::min(list.find(' '), list.size());
        const auto item = list.substr(0, space);
        list.remove_prefix(std::min(space + 1, list.size()));
        const auto dash = std::min(item.find('-'), item.size());
        const int from = code_of(item.substr(0, dash));
        const int to = dash == item.size() ? from : code_of(item.substr(dash + 1));
        if (from == 0 || to == 0)
            return {};
        for (int code = from; code <= to; ++code)
            codes.push_back(code);
    }
    return codes;
}

bool is_command_code(int code) {
    return (code >= 500 && code <= 504) || code == 530 || code == 555;
}

// Of the rows that a reply fits, the first one decides; this is what the class rows leave over.
bool fits(std::string_view event, stage at, const reply& r) {
    const bool on_path = at == stage::mail || at == stage::rcpt;
    if (const auto codes = codes_in(event); !codes.empty())
        return std::find(codes.begin(), codes.end(), r.code) != codes.end();
    if (event == "2yz" || event == "SMTPUTF8 missing")
        return r.klass() == 2;
    if (event == "4yz")
        return r.klass() == 4 && !(at == stage::noop && r.code == 421);
    if (event == "other")
        return r.klass() == 3;
    if (r.klass() != 5)
        return false;
    if (!on_path)
        return event == "5yz";
    const auto softer = softens(at, r);
    if (is_command_code(r.code))
        return false;
    if (event == "5yz softening code")
        return softer == softening::policy;
    if (r.code == 552)
        return false;
    if (event == "5yz X.2.2")
        return softer == softening::storage;
    if (event == "5yz temporary code")
        return softer == softening::temporary;
    return event == "5yz" && softer == softening::none;
}

std::optional<cause> fault_of(std::string_view event) {
    if (event == "timeout")
        return cause::timeout;
    if (event == "lost")
        return cause::connection_lost;
    if (event == "refused")
        return cause::connection_refused;
    if (event == "other")
        return cause::protocol_error;
    return std::nullopt;
}

std::optional<stage> stage_in(std::string_view cell) {
    std::string word(cell);
    std::transform(word.begin(), word.end(), word.begin(), [](char c) {
        return c >= 'A' && c <= 'Z' ? static_cast<char>(c - 'A' + 'a') : c;
    });
    return stage_from(word);
}

} // namespace

std::string row_event::slug() const {
    std::string out(to_string(at));
    out += '-';
    for (const char c : event)
        out += c == ' ' || c == '.' ? '-' : c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c;
    return out;
}

bool row_event::ended(const attempt& a) const {
    if (a.last_stage != at)
        return false;
    if (const auto fault = fault_of(event))
        return a.why == *fault;
    if (event == "SMTPUTF8 missing")
        return a.why == cause::smtputf8_missing;
    if (event == "5yz no standing")
        return a.why == cause::no_standing;
    return a.reply && fits(event, at, *a.reply);
}

bool row_event::ended(const past_attempt& a) const {
    if (a.at != at)
        return false;
    if (const auto fault = fault_of(event))
        return a.why == *fault;
    return a.why == cause::temporary_reply && a.last && fits(event, at, *a.last);
}

bool row_event::is(stage where, const reply& r) const {
    return where == at && fits(event, at, r);
}

std::optional<row_event> event_of(std::string_view stage_cell, std::string_view event_cell) {
    if (const auto at = stage_in(stage_cell))
        return row_event{*at, std::string(event_cell)};
    return std::nullopt;
}

std::vector<row_event> single_events(const row_event& e) {
    const auto codes = codes_in(e.event);
    if (codes.size() < 2)
        return {e};
    std::vector<row_event> events;
    for (const int code : codes)
        events.push_back({e.at, std::to_string(code)});
    return events;
}

} // namespace cbv::mutants
