// What values of a case are made from: times the target declares, and its limits
// (conformance/FORMAT.md). What a target does not declare never makes a fault of the case: a time
// makes it unsupported, a limit has a default.
#include "cbv/text.hpp"
#include "fakemx/expression.hpp"
#include "load_parts.hpp"

#include <array>
#include <charconv>

namespace cbv::engine {
namespace {

// Times of a verifier's memory; not every target has one.
constexpr std::array<std::string_view, 5> memory_times{
    "pass-lifetime", "fail-lifetime", "hold-off", "refusal-pause", "patience"};

// Attributes that are times.
constexpr std::string_view time_attributes[] = {
    "delay", "gap", "drip", "for", "min", "max", "start", "watch"};

// Stands for a time the target does not declare; such a case is never run.
constexpr duration undeclared = std::chrono::seconds{1};

constexpr unsigned most_limit = 10'000;
constexpr unsigned most_count = 1'000'000;

std::optional<unsigned> whole_number(std::string_view text) {
    unsigned value = 0;
    const auto* end = text.data() + text.size();
    const auto [stop, fault] = std::from_chars(text.data(), end, value);
    if (text.empty() || fault != std::errc{} || stop != end || value > most_limit)
        return std::nullopt;
    return value;
}

} // namespace

fakemx::values times_of(const target& t) {
    fakemx::values values;
    for (const auto name : memory_times)
        values[std::string{name}] = undeclared;
    for (const auto& [name, seconds] : t.timeouts)
        values[name] =
            std::chrono::duration_cast<duration>(std::chrono::duration<double>(seconds * t.scale));
    return values;
}

void need_declared_times(const fakemx::element& e, load_context& context) {
    for (const auto attribute : time_attributes)
        if (const auto text = e.attribute(attribute))
            for (const auto name : memory_times)
                if (text->find(name) != std::string::npos &&
                    !context.declared.timeouts.contains(std::string{name}))
                    context.loaded.needs.insert("timeouts." + std::string{name});
    if (e.name() == "title" || e.name() == "why")
        return;
    for (const auto& child : e.children())
        need_declared_times(child, context);
}

std::optional<duration> load_context::time(const fakemx::element& where,
                                           std::string_view attribute) const {
    const auto text = where.attribute(attribute);
    if (!text)
        return std::nullopt;
    try {
        return fakemx::evaluate(*text, times_of(declared));
    } catch (const fakemx::expression_error& e) {
        where.fail_at(attribute,
                      std::string{attribute} + "=\"" + escape(*text, 200) + "\", character " +
                          std::to_string(e.position()) + ": " + e.what());
    }
}

duration load_context::required_time(const fakemx::element& where,
                                     std::string_view attribute) const {
    (void)where.required(attribute);
    return *time(where, attribute);
}

std::optional<unsigned> read_count(const fakemx::element& e, std::string_view name) {
    if (!e.attribute(name))
        return std::nullopt;
    return e.number(name, 0, 0, most_count);
}

std::optional<unsigned>
read_limit(const fakemx::element& e, std::string_view name, const load_context& context) {
    const auto text = e.attribute(name);
    if (!text)
        return std::nullopt;
    std::string_view rest = *text;
    unsigned sum = 0;
    bool good = true;
    const auto plus = rest.find(" + ");
    const auto first = rest.substr(0, plus);
    const auto limit = context.declared.limits.find(std::string{first});
    const auto fallback = default_limits();
    if (const auto known = fallback.find(std::string{first}); known != fallback.end()) {
        sum = limit == context.declared.limits.end() ? known->second : limit->second;
        if (plus != std::string_view::npos) {
            const auto more = whole_number(rest.substr(plus + 3));
            good = more.has_value();
            sum += more.value_or(0);
        }
    } else {
        const auto number = whole_number(rest);
        good = number.has_value();
        sum = number.value_or(0);
    }
    if (!good)
        e.fail_at(name,
                  std::string{name} + "=\"" + escape(*text, 100) +
                      "\": expected a whole number from 0 to " + std::to_string(most_limit) +
                      ", or attempts-per-call, attempts-per-address, attempts-in-all, "
                      "calls-per-domain, fails-per-client or calls-per-client, and \" + \" and a "
                      "number after these");
    return sum;
}

} // namespace cbv::engine
