// Pairs commands with replies and changes both (edited_receiver.hpp).
#include "edited_receiver.hpp"

#include "edited_dialogue.hpp"

#include <algorithm>
#include <iterator>
#include <utility>
#include <vector>

namespace cbv::mutants {

std::optional<receiver_action> edited_receiver::next_action() {
    std::vector<receiver_action> batch;
    while (auto a = inner_->next_action())
        if (!closed_)
            batch.push_back(std::move(*a));
    const bool asks = std::any_of(batch.begin(), batch.end(), [](const receiver_action& a) {
        return std::holds_alternative<receive::verify>(a);
    });
    for (auto& a : batch)
        if (edits_.withholds && asks && std::holds_alternative<receive::send>(a))
            withheld_.push_back(std::move(a));
        else
            take(std::move(a));
    if (out_.empty() || out_.front().when > now_)
        return std::nullopt;
    auto first = std::move(out_.front().what);
    out_.pop_front();
    return first;
}

void edited_receiver::take(receiver_action a) {
    if (auto* s = std::get_if<receive::send>(&a))
        take_replies(std::move(s->octets));
    else if (auto* v = std::get_if<receive::verify>(&a))
        verify(std::move(*v));
    else
        push(std::move(a));
}

void edited_receiver::push(receiver_action a) {
    auto when = now_ + std::exchange(session_.delay, {});
    if (!out_.empty())
        when = std::max(when, out_.back().when);
    out_.push_back({when, std::move(a)});
}

void edited_receiver::take_replies(std::string octets) {
    replies_ += octets;
    std::string_view rest = replies_;
    reply_parser parser;
    while (!closed_ && parser.feed(rest) == reply_parser::status::complete) {
        auto r = parser.take();
        std::string command;
        if (!commands_.empty()) {
            command = std::move(commands_.front());
            commands_.pop_front();
        }
        in_content_ = r.code == 354 || r.code == 334;
        if (edits_.reply)
            edits_.reply(command, r, session_);
        push(receive::send{wire(r)});
        if (std::exchange(session_.close, false)) {
            push(receive::close{});
            closed_ = true;
        }
    }
    replies_ = std::string(rest);
    if (session_.call && !own_call_ && !closed_) {
        own_call_ = true;
        push(receive::verify{*std::exchange(session_.call, std::nullopt),
                             {now_, std::nullopt, std::nullopt}});
    }
}

void edited_receiver::verify(receive::verify a) {
    if (edits_.verify)
        if (auto v = edits_.verify(a.box, session_)) {
            inner_->on_verdict(std::move(*v), now_);
            while (auto next = inner_->next_action())
                take(std::move(*next));
            return;
        }
    if (own_call_)
        waiting_ = std::move(a);
    else
        push(std::move(a));
}

void edited_receiver::on_bytes(std::string_view bytes, instant now) {
    now_ = now;
    if (closed_)
        return;
    if (in_content_)
        return inner_->on_bytes(bytes, now);
    line_ += bytes;
    std::string out;
    for (auto end = line_.find("\r\n"); end != std::string::npos; end = line_.find("\r\n")) {
        auto line = line_.substr(0, end);
        line_.erase(0, end + 2);
        if (line.starts_with("MAIL") || line.starts_with("mail"))
            session_.mail = line;
        if (edits_.command && !edits_.command(line, session_))
            continue;
        commands_.push_back(line);
        out += line + "\r\n";
    }
    if (!out.empty())
        inner_->on_bytes(out, now);
}

void edited_receiver::on_eof(instant now) {
    now_ = now;
    inner_->on_eof(now);
}

void edited_receiver::on_time(instant now) {
    now_ = now;
    inner_->on_time(now);
}

void edited_receiver::on_verdict(cbv::verdict v, instant now) {
    now_ = now;
    for (auto& a : std::exchange(withheld_, {}))
        take(std::move(a));
    if (std::exchange(own_call_, false)) {
        if (waiting_)
            push(*std::exchange(waiting_, std::nullopt));
        return;
    }
    if (edits_.verdict)
        edits_.verdict(v, session_);
    session_.last = v;
    inner_->on_verdict(std::move(v), now);
}

void edited_receiver::on_stored(bool ok, instant now) {
    now_ = now;
    inner_->on_stored(ok, now);
}

std::optional<instant> edited_receiver::deadline() const {
    auto first = closed_ ? std::nullopt : inner_->deadline();
    if (!out_.empty() && (!first || out_.front().when < *first))
        first = out_.front().when;
    return first;
}

bool edited_receiver::finished() const {
    return out_.empty() && (closed_ || inner_->finished());
}

} // namespace cbv::mutants
