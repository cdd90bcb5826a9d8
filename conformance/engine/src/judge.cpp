// Puts the judge's halves together: findings and status of one case. Pure.
#include "cbv/verdict.hpp"
#include "engine/run.hpp"
#include "judge_parts.hpp"

#include <algorithm>
#include <array>
#include <cstdio>

namespace cbv::engine {

std::string_view to_string(status s) noexcept {
    switch (s) {
    case status::pass:
        return "pass";
    case status::note:
        return "note";
    case status::fail:
        return "fail";
    case status::unsupported:
        return "unsupported";
    case status::error:
        return "error";
    }
    return "?";
}

std::string in_seconds(duration d) {
    std::array<char, 32> text{};
    std::snprintf(text.data(), text.size(), "%.3f s", std::chrono::duration<double>(d).count());
    return text.data();
}

std::string join(const std::vector<std::string>& items, std::string_view between) {
    std::string text;
    for (const auto& item : items) {
        if (!text.empty())
            text += between;
        text += item;
    }
    return text;
}

std::string how_many(unsigned least, const std::optional<unsigned>& most, const counted& what) {
    const auto number = !most            ? "at least " + std::to_string(least)
                        : least == *most ? "exactly " + std::to_string(least)
                                         : std::to_string(least) + " to " + std::to_string(*most);
    const auto& noun = least == 1U && most.value_or(1U) == 1U ? what.one : what.many;
    return number + " " + noun + " " + what.which;
}

namespace {

/// What is seen of a target by the way it is driven: the whole session of an SMTP server, single
/// transactions of what stands behind an MTA, neither of a command.
bool is_implied(std::string_view need, const target& t) {
    if (need == "session")
        return t.kind == target_kind::library || t.kind == target_kind::smtp;
    return need == "transactions" &&
           (t.kind != target_kind::command || t.capabilities.contains("session"));
}

} // namespace

std::optional<std::string> missing_capability(const conformance_case& c, const target& t) {
    for (const auto& need : c.needs) {
        if (is_implied(need, t))
            continue;
        if (!t.capabilities.contains(need))
            return need;
    }
    return std::nullopt;
}

namespace {

bool same(const finding& a, const finding& b) {
    return a.word == b.word && a.requirement == b.requirement && a.note == b.note;
}

// One word says it once: the first place is told.
void drop_repeats(std::vector<finding>& findings) {
    std::vector<finding> kept;
    for (auto& f : findings)
        if (std::none_of(kept.begin(), kept.end(), [&](const auto& k) { return same(k, f); }))
            kept.push_back(std::move(f));
    findings = std::move(kept);
}

duration length_of(const observation& seen) {
    duration end{};
    for (const auto& r : seen.replies)
        end = std::max(end, r.replied_at);
    for (const auto& e : seen.timeline)
        end = std::max(end, e.at);
    return end;
}

} // namespace

case_result judge(const conformance_case& c, const target& t, observation seen) {
    case_result result;
    result.id = c.id;
    result.elapsed = length_of(seen);
    if (!seen.stated_verdict.empty() && !verdict_kind_from(seen.stated_verdict)) {
        seen.trouble = "stated '" + seen.stated_verdict +
                       "'; expected pass, fail, tempfail, unverifiable or none";
        seen.stated_verdict.clear();
    }
    const bool answered =
        !seen.stated_verdict.empty() ||
        std::any_of(seen.replies.begin(), seen.replies.end(), [](auto& r) { return r.code != 0; });
    if (answered || seen.trouble.empty()) {
        judge_replies(c, t, seen, result.findings);
        judge_world(c, t, seen, result.findings);
        drop_repeats(result.findings);
    }
    const auto wrong = [](const finding& f) { return !f.note; };
    const auto silent = [](const finding& f) {
        return f.word == "no-reply" || f.word == "session-closed";
    };
    // Trouble is the suite's own, unless the target owed the very reply that is missing.
    if (!seen.trouble.empty() &&
        std::none_of(result.findings.begin(), result.findings.end(), silent)) {
        result.result = status::error;
        result.reason = seen.trouble;
    } else if (std::any_of(result.findings.begin(), result.findings.end(), wrong)) {
        result.result = status::fail;
    } else {
        result.result = result.findings.empty() ? status::pass : status::note;
    }
    result.seen = std::move(seen);
    return result;
}

} // namespace cbv::engine
