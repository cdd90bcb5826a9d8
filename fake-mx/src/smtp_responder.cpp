// fakemx/smtp_responder.hpp: one output at a time. A line is answered only when the output before
// it is done, so a delayed reply delays the later ones.
#include "fakemx/smtp_responder.hpp"

#include "cbv/reply.hpp"
#include "default_reply.hpp"
#include "fakemx/glob.hpp"

#include <algorithm>

namespace cbv::fakemx {
namespace {

constexpr std::size_t most_pending = 1000;                   // lines received and not yet answered
constexpr duration least_gap = std::chrono::milliseconds{1}; // of an endless reply

/// Octets of the peer in a reply of ours: no line end may come from them.
std::string tame(std::string_view text) {
    std::string out{text};
    std::replace_if(
        out.begin(), out.end(), [](char c) { return (c >= 0 && c < 0x20) || c == 0x7F; }, '?');
    return out;
}

/// Whether no client could wait for more: a whole reply, or no reply at all.
bool is_whole_reply(std::string_view octets) {
    reply_parser parser;
    return parser.feed(octets) != reply_parser::status::need_more;
}

} // namespace

smtp_responder::smtp_responder(smtp_host& h, sink to_timeline, std::string peer)
    : host_(&h), sink_(std::move(to_timeline)), peer_(std::move(peer)) {
    if (h.author)
        author_ = h.author(*h.about, peer_);
}

void smtp_responder::log(event_kind kind, std::string text) const {
    sink_(kind, std::move(text));
}

void smtp_responder::on_connected(instant now) {
    connection_ = ++host_->connections;
    log(event_kind::connected, author_ ? peer_ : std::string{});
    if (const rule* const r = match(at::connect, "", "", now))
        say(r, octets_of(r, "", "", ""), now);
    else
        start_banner(now);
    advance(now);
}

void smtp_responder::start_banner(instant now) {
    banner_started_ = true;
    const rule* const r = match(at::banner, "", "", now);
    say(r, octets_of(r, default_greeting(*host_->about), "", ""), now);
    sending_->is_greeting = true;
}

void smtp_responder::on_bytes(std::string_view bytes, instant now) {
    if (state_ == state::gone || bytes.empty())
        return;
    if (!greeted_ && (state_ == state::open || state_ == state::silent))
        log(event_kind::early_octets, std::string{bytes.substr(0, 1024)});
    while (auto line = reader_.feed(bytes)) {
        if (in_data_ && lines_.empty()) {
            take_line(std::move(line->text), now);
            continue;
        }
        if (greeted_ && state_ == state::open && (sending_ || !lines_.empty() || !out_.empty()))
            log(event_kind::note, std::string{pipelined_note});
        log(event_kind::received, line->text);
        if (line->too_long)
            log(event_kind::note, "the line was over the limit and is cut");
        if (line->bare_lf)
            log(event_kind::note, "the line ended with LF alone");
        if (state_ != state::open)
            continue;
        if (lines_.size() < most_pending)
            lines_.push_back(std::move(line->text));
        else
            log(event_kind::note, "too many lines wait for an answer; this one gets none");
        advance(now);
    }
}

void smtp_responder::on_eof(instant) {
    if (state_ == state::gone)
        return;
    end_endless();
    log(event_kind::peer_closed);
    sending_.reset();
    lines_.clear();
    out_.clear();
    if (state_ == state::open || state_ == state::silent)
        end_with(then::close);
}

void smtp_responder::on_reset(instant) {
    if (state_ == state::gone)
        return;
    end_endless();
    log(event_kind::peer_reset);
    sending_.reset();
    lines_.clear();
    out_.clear();
    state_ = state::gone;
}

void smtp_responder::on_time(instant now) {
    advance(now);
}

void smtp_responder::on_written(instant now) {
    unwritten_ = false;
    advance(now);
}

std::string smtp_responder::take_output() {
    unwritten_ = unwritten_ || !out_.empty();
    return std::exchange(out_, {});
}

bool smtp_responder::wants_close() const noexcept {
    return state_ == state::closing && out_.empty();
}

bool smtp_responder::wants_reset() const noexcept {
    return state_ == state::resetting && out_.empty();
}

std::optional<instant> smtp_responder::deadline() const noexcept {
    if (!sending_ || held_back())
        return std::nullopt;
    return sending_->due;
}

/// An endless reply waits until what it sent has been written: memory is bounded.
bool smtp_responder::held_back() const noexcept {
    return sending_->endless && (unwritten_ || !out_.empty());
}

void smtp_responder::advance(instant now) {
    for (;;) {
        if (sending_) {
            if (now < sending_->due || held_back())
                return;
            send_piece(now);
        } else if (state_ == state::open && !lines_.empty()) {
            auto line = std::move(lines_.front());
            lines_.pop_front();
            take_line(std::move(line), now);
        } else {
            return;
        }
    }
}

void smtp_responder::take_line(std::string line, instant now) {
    if (!in_data_)
        return answer(line, now);
    if (line != ".") {
        data_octets_ += line.size() + 2;
        if (author_)
            author_->on_message_line(line);
        return;
    }
    in_data_ = false;
    if (!author_) // which knows more about it
        log(event_kind::note, "a message of " + std::to_string(data_octets_) + " octets");
    data_octets_ = 0;
    const rule* const r = match(at::message, "", "", now);
    say(r, octets_of(r, default_message_reply(*host_->about), "", ""), now);
    advance(now);
}

void smtp_responder::answer(const std::string& line, instant now) {
    const command c = parse_command(line);
    const auto path = path_of(c);
    const rule* const r = match(stage_of(c.v), path, line, now);
    say(r, octets_of(r, default_reply(*host_->about, c.v), path, line), now);
    sending_->starts_data = c.v == verb::data && sending_->octets.starts_with('3');
    sending_->ends_session = c.v == verb::quit && sending_->octets.starts_with("221");
}

const rule*
smtp_responder::match(at where, std::string_view argument, std::string_view line, instant now) {
    if (author_)
        if (const rule* const r = author_->next(where, argument, line, now))
            return r;
    const bool is_command = where != at::connect && where != at::banner && where != at::message;
    for (std::size_t i = 0; i < host_->about->rules.size(); ++i) {
        const rule& r = host_->about->rules[i];
        if (r.where != where && !(r.where == at::any && is_command))
            continue;
        if (r.connection != 0 && r.connection != connection_)
            continue;
        if (!r.match.empty() && !glob_match(r.match, argument))
            continue;
        if (r.times != 0 && host_->matches[i] >= r.times)
            continue;
        ++host_->matches[i];
        return &r;
    }
    return nullptr;
}

std::string smtp_responder::octets_of(const rule* r,
                                      std::string otherwise,
                                      std::string_view path,
                                      std::string_view line) {
    if (r == nullptr || r->default_reply)
        return otherwise;
    if (!r->octets)
        return {};
    const std::string_view text = *r->octets;
    std::string out;
    for (std::size_t i = 0; i < text.size(); ++i) {
        const auto rest = text.substr(i);
        const auto fill = [&](std::string_view placeholder, std::string_view value) {
            if (!rest.starts_with(placeholder))
                return false;
            out += value;
            i += placeholder.size() - 1;
            return true;
        };
        if (!fill("{{", "{") && !fill("{name}", host_->about->name) &&
            !fill("{path}", tame(path)) && !fill("{line}", tame(line)))
            out += text[i];
    }
    return out;
}

/// Makes `octets` the output, in the way the rule wants it.
void smtp_responder::say(const rule* r, std::string octets, instant now) {
    output o;
    o.octets = std::move(octets);
    o.due = now;
    if (r != nullptr) {
        o.due = now + r->delay;
        o.gap = r->endless ? std::max(r->gap, least_gap) : r->gap;
        o.pieces = r->drip ? static_cast<unsigned>(o.octets.size()) : r->segments;
        o.endless = r->endless && !o.octets.empty();
        o.after = r->after;
    }
    o.pieces = std::clamp(o.pieces, 1U, std::max(1U, static_cast<unsigned>(o.octets.size())));
    sending_ = std::move(o);
}

void smtp_responder::send_piece(instant now) {
    auto& o = *sending_;
    ++o.piece;
    const std::size_t end = o.octets.size() * o.piece / o.pieces;
    out_.append(o.octets, o.at, end - o.at);
    if (o.rounds > 0)
        endless_octets_ += end - o.at;
    o.at = end;
    if (o.rounds == 0)
        log_lines();
    if (o.piece < o.pieces) {
        o.due = now + o.gap;
    } else if (o.endless) {
        o.at = 0;
        o.piece = 0;
        o.rounds = 1;
        o.due = now + o.gap;
    } else {
        finish_output(now);
    }
}

/// Lines whose last octet has gone out; the last line also without its end.
void smtp_responder::log_lines() {
    auto& o = *sending_;
    const bool all = o.at == o.octets.size();
    while (o.logged < o.at) {
        const auto end = o.octets.find('\n', o.logged);
        if (end == std::string::npos ? !all : end >= o.at)
            return;
        auto line = o.octets.substr(o.logged, end - o.logged);
        if (end != std::string::npos && line.ends_with('\r'))
            line.pop_back();
        log(event_kind::sent, std::move(line));
        o.logged = end == std::string::npos ? o.octets.size() : end + 1;
    }
}

void smtp_responder::finish_output(instant now) {
    const auto done = std::move(*sending_);
    sending_.reset();
    if (done.is_greeting && !done.octets.empty() && is_whole_reply(done.octets)) {
        greeted_ = true;
        log(event_kind::greeting_done);
    }
    in_data_ = in_data_ || done.starts_data;
    if (done.after != then::keep)
        return end_with(done.after);
    if (done.ends_session)
        return end_with(then::close);
    if (!banner_started_)
        start_banner(now);
}

void smtp_responder::end_with(then what) {
    lines_.clear();
    in_data_ = false;
    switch (what) {
    case then::keep:
        break;
    case then::silent:
        state_ = state::silent;
        break;
    case then::close:
        state_ = state::closing;
        log(event_kind::closed);
        break;
    case then::reset:
        state_ = state::resetting;
        log(event_kind::reset);
        break;
    }
}

void smtp_responder::end_endless() {
    if (endless_octets_ > 0)
        log(event_kind::note, std::to_string(endless_octets_) + " octets more were sent");
    endless_octets_ = 0;
}

} // namespace cbv::fakemx
