// The events of a server session (cbv/receiver.hpp) and the one loop that reads input. Input that
// follows a command whose answer is awaited stays queued, so replies keep the commands' order
// (RFC 2920 section 3.2) and nothing read later can change an earlier decision.
#include "receiver_impl.hpp"

#include <algorithm>
#include <utility>

namespace cbv {

receiver::impl::impl(const receiver_options& o, ip_address address, instant now)
    : options(&o), client(address), last_progress(now) {
    // 220 has no enhanced code (RFC 2034 section 4).
    output = serialize({220, {o.host_name + " ESMTP " + o.software}});
    flush();
}

void receiver::impl::say(int code, std::string_view enhanced, std::string_view text) {
    std::string line;
    if (options->replies.enhanced_codes && !enhanced.empty())
        line.append(enhanced).append(" ");
    line += text;
    output += serialize({code, {std::move(line)}});
}

void receiver::impl::complain(int code, std::string_view enhanced, std::string_view text) {
    if (++bad_commands > max_bad_commands)
        hang_up(421, "4.7.0", "Too many bad commands");
    else
        say(code, enhanced, text);
}

void receiver::impl::flush() {
    if (!output.empty())
        actions.push_back(receive::send{std::exchange(output, {})});
}

void receiver::impl::hang_up(int code, std::string_view enhanced, std::string_view text) {
    if (closed)
        return;
    say(code, enhanced, options->host_name + ' ' + std::string(text));
    flush();
    drop();
}

void receiver::impl::drop() {
    closed = true;
    current.reset();
    content.reset();
    input = {};
    consumed = 0;
    actions.push_back(receive::close{});
}

void receiver::impl::pump(instant now) {
    while (!closed && waits_for == waiting::nothing && consumed < input.size()) {
        std::string_view rest = std::string_view(input).substr(consumed);
        if (mode == reading::data) {
            const bool ended = content->feed(rest);
            consumed = input.size() - rest.size();
            last_progress = now;
            if (ended)
                end_of_data();
            continue;
        }
        auto line = lines.feed(rest);
        consumed = input.size() - rest.size();
        if (!line)
            break;
        last_progress = now;
        take_line(*std::move(line), now);
    }
    if (!closed && consumed == input.size()) {
        input.clear();
        consumed = 0;
    }
    flush();
}

void receiver::impl::take_line(line_reader::line line, instant now) {
    const bool in_auth = std::exchange(mode, reading::commands) == reading::auth_response;
    if (line.too_long) // RFC 5321 section 4.5.3.1.9
        return complain(500, "5.5.2", "Line too long");
    if (line.bare_lf) // RFC 5321 section 2.3.8
        return complain(500, "5.5.2", "Lines must end with CR LF");
    if (in_auth)
        return check_credentials(line.text);
    dispatch(parse_command(line.text), now);
}

receiver::receiver(const receiver_options& options, ip_address client, instant now)
    : impl_(std::make_unique<impl>(options, client, now)) {}
receiver::~receiver() = default;
receiver::receiver(receiver&&) noexcept = default;
receiver& receiver::operator=(receiver&&) noexcept = default;

std::optional<receiver_action> receiver::next_action() {
    if (impl_->actions.empty())
        return std::nullopt;
    receiver_action out = std::move(impl_->actions.front());
    impl_->actions.pop_front();
    return out;
}

void receiver::on_bytes(std::string_view bytes, instant now) {
    if (impl_->closed || bytes.empty())
        return;
    if (impl_->input.empty())
        impl_->input_since = now;
    else if (impl_->consumed > 0) {
        impl_->input.erase(0, impl_->consumed);
        impl_->consumed = 0;
    }
    impl_->input += bytes;
    impl_->pump(now);
}

void receiver::on_eof(instant now) {
    if (impl_->closed)
        return;
    if (impl_->waits_for == impl::waiting::verdict) {
        // CBV-LOAD-006: nobody awaits it. The record shows the call that came to nothing.
        impl_->actions.push_back(receive::cancel_verify{});
        verdict broken_off;
        broken_off.why = cause::cancelled;
        broken_off.elapsed = now - impl_->current->pending_since;
        impl_->current->decided = std::move(broken_off);
        impl_->record(*impl_->current->pending, now);
    }
    impl_->output.clear();
    impl_->drop();
}

void receiver::on_time(instant now) {
    if (const auto due = deadline(); due && now >= *due)
        impl_->hang_up(421, "4.4.2", "Timeout, closing the connection");
}

void receiver::on_verdict(verdict v, instant now) {
    if (impl_->closed || impl_->waits_for != impl::waiting::verdict)
        return;
    impl_->waits_for = impl::waiting::nothing;
    impl_->last_progress = now;
    impl_->settle(std::move(v), now);
    impl_->pump(now);
}

void receiver::on_stored(bool ok, instant now) {
    if (impl_->closed || impl_->waits_for != impl::waiting::stored)
        return;
    impl_->waits_for = impl::waiting::nothing;
    impl_->last_progress = now;
    if (ok)
        impl_->say(250, "2.0.0", "Message accepted");
    else // RFC 5321 section 4.2.5: the client keeps the responsibility
        impl_->say(451, "4.3.0", "The message could not be stored, try again later");
    if (impl_->stopping)
        impl_->hang_up(421, "4.3.2", "Server is shutting down");
    else
        impl_->pump(now);
}

void receiver::shutdown(instant now) {
    if (impl_->closed)
        return;
    impl_->stopping = true;
    if (impl_->waits_for == impl::waiting::stored) // the mail may be ours already: say so first
        return;
    if (impl_->waits_for == impl::waiting::verdict) {
        // 421 is the answer to the RCPT (RFC 5321 section 3.8).
        impl_->actions.push_back(receive::cancel_verify{});
        impl_->waits_for = impl::waiting::nothing;
        impl_->last_progress = now;
    }
    impl_->hang_up(421, "4.3.2", "Server is shutting down");
}

bool receiver::wants_bytes() const {
    return !impl_->closed && (impl_->waits_for == impl::waiting::nothing ||
                              impl_->input.size() - impl_->consumed < max_queued);
}

std::optional<instant> receiver::deadline() const {
    if (impl_->closed || impl_->waits_for != impl::waiting::nothing)
        return std::nullopt;
    return impl_->last_progress + impl_->options->idle_timeout;
}

bool receiver::finished() const {
    return impl_->closed && impl_->actions.empty();
}

std::vector<decision_record> receiver::take_records() {
    return std::exchange(impl_->records, {});
}

} // namespace cbv
