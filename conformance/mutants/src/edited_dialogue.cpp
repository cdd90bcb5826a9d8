// Splits what hosts say into replies, changes them, and gives the verifier one for each command it
// has sent (edited_dialogue.hpp).
#include "edited_dialogue.hpp"

#include <algorithm>
#include <utility>

namespace cbv::mutants {
namespace {

constexpr std::string_view empty_line = "\r\n";
constexpr std::size_t max_line = 4096;     // a longer one is nothing to change
constexpr std::size_t max_reply = 65536;   // likewise
constexpr unsigned max_reply_lines = 1000; // likewise

stage stage_of(std::string_view line) {
    if (line.starts_with("EHLO"))
        return stage::ehlo;
    if (line.starts_with("HELO"))
        return stage::helo;
    if (line.starts_with("NOOP"))
        return stage::noop;
    if (line.starts_with("MAIL"))
        return stage::mail;
    if (line.starts_with("RSET") || line.starts_with("RCPT TO:<postmaster@"))
        return stage::control; // a path of that name has no other way either: it is asked last
    if (line.starts_with("RCPT"))
        return stage::rcpt;
    return stage::quit;
}

bool has_code(std::string_view line) {
    return line.size() >= 3 &&
           std::all_of(line.begin(), line.begin() + 3, [](char c) { return c >= '0' && c <= '9'; });
}

bool goes_on(std::string_view line) {
    return has_code(line) && line.size() > 3 && line[3] == '-';
}

std::optional<reply> parsed(std::string_view text) {
    reply_parser parser;
    if (parser.feed(text) != reply_parser::status::complete)
        return std::nullopt;
    return parser.take();
}

} // namespace

std::string wire(const reply& r) {
    std::string out;
    for (std::size_t i = 0; i < r.lines.size(); ++i) {
        out += std::to_string(r.code);
        out += i + 1 == r.lines.size() ? ' ' : '-';
        out += r.lines[i] + "\r\n";
    }
    return out;
}

std::optional<action> edited_dialogue::next_action() {
    for (;;) {
        if (!out_.empty()) {
            auto first = std::move(out_.front());
            out_.pop_front();
            return first;
        }
        auto a = inner_->next_action();
        if (!a)
            return std::nullopt;
        if (auto* s = std::get_if<act::send>(&*a)) {
            if (send(*s))
                out_.push_back(std::move(*a));
            if (const auto l = links_.find(s->id); l != links_.end())
                deliver(s->id, l->second);
            continue;
        }
        if (const auto* c = std::get_if<act::close>(&*a))
            links_.erase(c->id);
        if (auto* d = std::get_if<act::done>(&*a);
            d != nullptr && shopped_ && d->result.kind != verdict_kind::pass) {
            d->result.kind = *shopped_;
            d->result.why =
                *shopped_ == verdict_kind::fail ? cause::mailbox_refused : cause::prober_refused;
        }
        return a;
    }
}

// False when nothing goes out now.
bool edited_dialogue::send(act::send& a) {
    link& l = links_[a.id];
    if (!l.already_sent.empty() && a.octets.starts_with(l.already_sent)) {
        l.already_sent.clear();
        l.owed.push_back(stage_of(a.octets));
        return false;
    }
    if (edits_.sent)
        edits_.sent(a.octets, box_);
    if (a.octets.empty())
        return false;
    if (!edits_.inserted.empty() && !l.was_inserted && a.octets.starts_with(edits_.before)) {
        l.was_inserted = true;
        l.held = std::exchange(a.octets, edits_.inserted);
        return true;
    }
    for (std::string_view rest = a.octets; !rest.empty();) {
        l.owed.push_back(stage_of(rest));
        const auto end = rest.find("\r\n");
        rest.remove_prefix(end == rest.npos ? rest.size() : end + 2);
    }
    if (!edits_.along.empty() && a.octets.starts_with(edits_.along)) {
        const auto companion = edits_.companion(box_);
        l.already_sent = companion.substr(0, 4);
        a.octets += companion;
    }
    return true;
}

void edited_dialogue::on_connected(unsigned id, instant now) {
    now_ = now;
    links_[id];
    inner_->on_connected(id, now);
}

void edited_dialogue::on_bytes(unsigned id, std::string_view bytes, instant now) {
    now_ = now;
    const auto found = links_.find(id);
    if (found == links_.end() || found->second.untouched)
        return inner_->on_bytes(id, bytes, now);
    link& l = found->second;
    if (l.deaf)
        return;
    l.raw += bytes;
    queue_replies(l);
    deliver(id, l);
    if (l.raw.size() > max_line || l.begun.size() > max_reply || l.lines > max_reply_lines) {
        hand_on_rest(id, l);
        l.untouched = true;
    }
}

void edited_dialogue::queue_replies(link& l) {
    for (auto end = l.raw.find('\n'); end != std::string::npos; end = l.raw.find('\n')) {
        auto line = l.raw.substr(0, end);
        l.raw.erase(0, end + 1);
        if (line.ends_with('\r'))
            line.pop_back();
        take_line(l, std::move(line));
    }
}

void edited_dialogue::take_line(link& l, std::string line) {
    const auto place = l.ready.size();
    const stage at = place < l.owed.size() ? l.owed[place] : stage::quit;
    if (edits_.line && !edits_.line(at, line))
        return;
    if (edits_.each_line_is_a_reply && goes_on(line))
        line[3] = ' ';
    if (line.empty() && l.begun.empty()) { // no reply, and none is owed for it (CBV-DLG-016)
        l.ready.emplace_back(empty_line);
        return;
    }
    l.begun += line + "\r\n";
    ++l.lines;
    if (goes_on(line))
        return;
    l.ready.push_back(std::exchange(l.begun, {}));
    l.lines = 0;
}

// What comes in one piece is handed on in one piece: it matters when the verifier sees a reply.
void edited_dialogue::deliver(unsigned id, link& l) {
    std::string out;
    while (!l.ready.empty() && !l.deaf && (l.held || !l.owed.empty() || !edits_.reorders())) {
        auto text = std::move(l.ready.front());
        l.ready.pop_front();
        if (text == empty_line) {
            out += text;
            continue;
        }
        if (l.held && l.owed.empty()) { // the reply to `inserted`; the verifier knows of no such
            l.owed.push_back(stage_of(*l.held));
            out_.push_back(act::send{id, *std::exchange(l.held, std::nullopt)});
            continue;
        }
        if (l.owed.empty()) { // too early; what the verifier makes of it is its own affair
            out += text;
            continue;
        }
        const stage at = l.owed.front();
        l.owed.pop_front();
        auto h = heard::reply;
        if (auto r = parsed(text)) {
            const auto before = *r;
            if (edits_.reply)
                h = edits_.reply(at, *r);
            if (edits_.shopped)
                if (const auto kind = edits_.shopped(at, *r)) {
                    shopped_ = kind;
                    h = heard::closed;
                }
            if (!(*r == before))
                text = wire(*r);
        }
        l.deaf = l.to_close = h == heard::closed;
        if (h == heard::reply)
            out += text;
    }
    if (!out.empty())
        inner_->on_bytes(id, out, now_);
    if (std::exchange(l.to_close, false))
        inner_->on_eof(id, now_);
}

// Before the end, or when there is too much: what is there, in order.
void edited_dialogue::hand_on_rest(unsigned id, link& l) {
    std::string rest;
    for (const auto& text : l.ready)
        rest += text;
    l.ready.clear();
    rest += std::exchange(l.begun, {}) + std::exchange(l.raw, {});
    if (!rest.empty() && !l.deaf)
        inner_->on_bytes(id, rest, now_);
}

void edited_dialogue::on_eof(unsigned id, instant now) {
    now_ = now;
    if (const auto l = links_.find(id); l != links_.end())
        hand_on_rest(id, l->second);
    inner_->on_eof(id, now);
}

void edited_dialogue::on_error(unsigned id, instant now) {
    now_ = now;
    if (const auto l = links_.find(id); l != links_.end())
        hand_on_rest(id, l->second);
    inner_->on_error(id, now);
}

void edited_dialogue::on_time(instant now) {
    now_ = now;
    inner_->on_time(now);
}

} // namespace cbv::mutants
