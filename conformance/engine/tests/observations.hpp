// Hand-made cases and observations for the judge's tests: small builders, no logic of their own.
#pragma once

#include "engine/case.hpp"
#include "engine/result.hpp"

#include <chrono>
#include <string>
#include <utility>
#include <vector>

namespace cbv::engine::testing {

inline duration ms(long long n) {
    return std::chrono::milliseconds{n};
}

inline fakemx::event host_event(fakemx::event_kind kind,
                                std::string text = {},
                                std::string party = "mx1",
                                unsigned connection = 1,
                                duration at = ms(0)) {
    fakemx::event e;
    e.at = at;
    e.where = fakemx::leg::host;
    e.party = std::move(party);
    e.connection = connection;
    e.kind = kind;
    e.text = std::move(text);
    return e;
}

inline fakemx::event dns_event(std::string text) {
    fakemx::event e;
    e.where = fakemx::leg::dns;
    e.party = "dns";
    e.kind = fakemx::event_kind::query;
    e.text = std::move(text);
    return e;
}

inline step_reply
reply_at(std::size_t step, int code, std::string text = {}, duration took = ms(0)) {
    step_reply r;
    r.step = step;
    r.code = code;
    r.text = std::move(text);
    r.replied_at = took;
    return r;
}

/// EHLO, MAIL, RCPT, QUIT; the expectation is RCPT's (step 2).
inline conformance_case one_rcpt(step_expectation expect = {}) {
    conformance_case c;
    c.id = "dlg-x";
    c.requirements = {"CBV-DLG-001"};
    c.clients.resize(1);
    c.clients[0].id = "client";
    const std::pair<step_kind, const char*> lines[] = {{step_kind::ehlo, "EHLO c"},
                                                       {step_kind::mail, "MAIL FROM:<a@b.test>"},
                                                       {step_kind::rcpt, "RCPT TO:<u@t.test>"},
                                                       {step_kind::quit, "QUIT"}};
    for (const auto& [kind, line] : lines) {
        step s;
        s.kind = kind;
        s.line = line;
        c.clients[0].steps.push_back(s);
    }
    c.clients[0].steps[2].expect = std::move(expect);
    return c;
}

/// What a client sees when RCPT gets `code text`.
inline observation answered(int code, std::string text = {}, duration took = ms(0)) {
    observation seen;
    seen.replies = {reply_at(0, 250),
                    reply_at(1, 250),
                    reply_at(2, code, std::move(text), took),
                    reply_at(3, 221)};
    return seen;
}

/// "!word" for a finding that fails, "word" for a note, in order, with spaces between.
inline std::string words(const case_result& r) {
    std::string text;
    for (const auto& f : r.findings)
        text += (text.empty() ? "" : " ") + std::string{f.note ? "" : "!"} + f.word;
    return text;
}

} // namespace cbv::engine::testing
