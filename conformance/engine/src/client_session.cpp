// The client's steps and replies; see the header. A target that defers its verdict answers RCPT
// with something that matches target.pending; RSET, MAIL and RCPT are then sent again until the
// answer is final.
#include "client_session.hpp"

#include "cbv/text.hpp"
#include "regular.hpp"

#include <algorithm>
#include <utility>

namespace cbv::engine {
namespace {

constexpr std::string_view message = "Subject: conformance\r\n\r\nA short message.\r\n.\r\n";

std::string joined(const reply& r) {
    std::string text;
    for (std::size_t i = 0; i < r.lines.size(); ++i)
        text += (i == 0 ? "" : "\n") + r.lines[i];
    return text;
}

} // namespace

std::string party_of(const conformance_case& c, unsigned client) {
    return c.clients.size() > 1 ? c.clients.at(client).id : "client";
}

client_session::client_session(const conformance_case& c,
                               unsigned client,
                               const target& t,
                               observation& seen)
    : case_(c), script_(c.clients.at(client)), client_(client), target_(t), seen_(seen),
      deadline_(script_.start + t.client_timeout) {}

std::string client_session::take_output() {
    return std::exchange(output_, {});
}

void client_session::log(fakemx::event_kind kind, std::string text, duration now) {
    fakemx::event e;
    e.at = now;
    e.where = fakemx::leg::client;
    e.party = party_of(case_, client_);
    e.connection = 1;
    e.kind = kind;
    e.text = std::move(text);
    seen_.timeline.push_back(std::move(e));
}

void client_session::on_connected(duration now) {
    log(fakemx::event_kind::connected, {}, now);
    state_ = state::greeting;
    deadline_ = now + target_.client_timeout;
}

void client_session::on_refused(const std::string& why, duration now) {
    trouble("no connection to the target: " + why);
    log(fakemx::event_kind::note, "no connection to the target: " + why, now);
    finish(now);
}

void client_session::on_bytes(std::string_view bytes, duration now) {
    while (!bytes.empty() && !finished()) {
        const auto before = bytes;
        const auto status = parser_.feed(bytes);
        for (const char c : before.substr(0, before.size() - bytes.size())) {
            raw_line_ += c;
            if (c == '\n') {
                raw_line_.pop_back();
                if (raw_line_.ends_with('\r'))
                    raw_line_.pop_back();
                log(fakemx::event_kind::received, std::exchange(raw_line_, {}), now);
            }
        }
        if (status == reply_parser::status::malformed) {
            log(fakemx::event_kind::note,
                "not an SMTP reply: " + std::string{to_string(parser_.fault())} + ": " +
                    escape(bytes, 200),
                now);
            give_up(now);
        } else if (status == reply_parser::status::complete) {
            handle(parser_.take(), now);
        }
    }
}

void client_session::on_eof(duration now) {
    if (finished())
        return;
    log(fakemx::event_kind::peer_closed, {}, now);
    give_up(now);
}

void client_session::on_time(duration now) {
    if (finished() || !deadline_ || now < *deadline_)
        return;
    switch (state_) {
    case state::pausing:
        next_steps(now);
        break;
    case state::waiting_to_poll:
        start_poll(now);
        break;
    default:
        log(fakemx::event_kind::note, "no reply within the client's patience", now);
        give_up(now);
    }
}

void client_session::send_line(const std::string& line, duration now) {
    log(fakemx::event_kind::sent, line, now);
    output_ += line + "\r\n";
}

// Sends the next step, or the whole group it opens.
void client_session::next_steps(duration now) {
    const auto& steps = script_.steps;
    if (next_ >= steps.size()) {
        finish(now);
        return;
    }
    const auto group = steps[next_].group;
    do {
        const auto& s = steps[next_];
        if (s.kind == step_kind::pause) {
            ++next_;
            state_ = state::pausing;
            deadline_ = now + s.pause;
            return;
        }
        if (s.kind == step_kind::disconnect) {
            finish(now);
            return;
        }
        if (s.kind == step_kind::mail)
            mail_line_ = s.line;
        send_line(s.line, now);
        if (!s.awaited) { // a pause or the end follows
            ++next_;
            deaf_ = true;
            next_steps(now);
            return;
        }
        step_reply r;
        r.client = client_;
        r.step = next_;
        r.sent_at = now;
        seen_.replies.push_back(r);
        awaited_.push_back({next_});
        ++next_;
    } while (group > 0 && next_ < steps.size() && steps[next_].group == group);
    state_ = state::running;
    deadline_ = now + target_.client_timeout;
}

bool client_session::is_pending(const step& s, const reply& r) const {
    return s.kind == step_kind::rcpt && !target_.pending.empty() &&
           found_in(target_.pending, std::to_string(r.code) + " " + joined(r));
}

void client_session::handle(const reply& r, duration now) {
    if (state_ == state::greeting) {
        if (r.code == 220) {
            next_steps(now);
            return;
        }
        trouble("the target greets with " + r.to_string());
        finish(now);
        return;
    }
    if (awaited_.empty()) {
        if (deaf_)
            return; // the time line has it already
        log(fakemx::event_kind::note, "a reply nobody waits for", now);
        return;
    }
    auto due = awaited_.front();
    awaited_.pop_front();
    const auto& s = script_.steps[due.step];
    if (s.kind == step_kind::data && r.code == 354 && !due.in_data) {
        log(fakemx::event_kind::sent, "(message)", now);
        output_ += message;
        due.in_data = true;
        awaited_.push_front(due);
        deadline_ = now + target_.client_timeout;
        return;
    }
    if (state_ == state::polling) {
        handle_polled(r, due, now);
        return;
    }
    take_down(due.step, r, now);
    answered_ = true;
    if (s.kind == step_kind::ehlo) {
        for (const auto& line : r.lines)
            if (iequals(line, "ENHANCEDSTATUSCODES"))
                seen_.enhanced_codes = true;
    }
    if (is_pending(s, r))
        pending_.push_back(due.step);
    if (awaited_.empty())
        poll_or_go_on(now);
    else
        deadline_ = now + target_.client_timeout;
}

void client_session::poll_or_go_on(duration now) {
    if (pending_.empty()) {
        first_asked_.reset();
        next_steps(now);
        return;
    }
    if (!first_asked_)
        first_asked_ = now;
    if (now - *first_asked_ >= target_.poll_limit) {
        log(fakemx::event_kind::note, "no final answer within the time for asking again", now);
        pending_.pop_front();
        first_asked_.reset();
        poll_or_go_on(now);
        return;
    }
    state_ = state::waiting_to_poll;
    deadline_ = now + target_.poll_interval;
}

void client_session::start_poll(duration now) {
    poll_lines_ = {"RSET", mail_line_, script_.steps[pending_.front()].line};
    state_ = state::polling;
    send_poll_line(now);
}

void client_session::send_poll_line(duration now) {
    send_line(poll_lines_.front(), now);
    poll_lines_.pop_front();
    awaited_.push_back({pending_.front(), false, !poll_lines_.empty()});
    deadline_ = now + target_.client_timeout;
}

// The reply to a step that was asked: its entry was made when the command went out.
step_reply& client_session::take_down(std::size_t step, const reply& r, duration now) {
    auto& seen =
        *std::find_if(seen_.replies.begin(), seen_.replies.end(), [&](const step_reply& each) {
            return each.client == client_ && each.step == step;
        });
    seen.code = r.code;
    seen.text = joined(r);
    seen.replied_at = now;
    return seen;
}

void client_session::handle_polled(const reply& r, const awaited& due, duration now) {
    if (due.bystander) {
        send_poll_line(now);
        return;
    }
    auto& seen = take_down(due.step, r, now);
    ++seen.asked;
    if (!is_pending(script_.steps[due.step], r)) {
        pending_.pop_front();
        first_asked_.reset();
    }
    poll_or_go_on(now);
}

// The first trouble is the one that is told.
void client_session::trouble(const std::string& what) {
    if (seen_.trouble.empty())
        seen_.trouble =
            (case_.clients.size() > 1 ? party_of(case_, client_) + ": " : std::string{}) + what;
}

void client_session::finish(duration now) {
    if (state_ != state::connecting)
        log(fakemx::event_kind::closed, {}, now);
    state_ = state::finished;
    deadline_.reset();
}

// The target will not answer any more. Steps without a reply keep code 0; the judge decides what
// that means. Without a reply even to EHLO, the case says nothing of the target.
void client_session::give_up(duration now) {
    if (!answered_)
        trouble("the target did not answer the client's greeting");
    finish(now);
}

} // namespace cbv::engine
