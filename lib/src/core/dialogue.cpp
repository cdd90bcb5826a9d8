// One SMTP connection to a called host (cbv/dialogue.hpp). Every meaning comes from decide(); what
// is here is the order of commands, the timer of each stage, and when the connection is still good
// for a QUIT.
#include "cbv/dialogue.hpp"

#include "cbv/text.hpp"

#include <algorithm>
#include <stdexcept>
#include <utility>
#include <vector>

namespace cbv {

namespace {

bool has_control_octet(std::string_view text) noexcept {
    return std::any_of(text.begin(), text.end(), [](char c) {
        const auto octet = static_cast<unsigned char>(c);
        return octet < 0x20 || octet == 0x7F;
    });
}

bool fits_on_wire(std::string_view text) noexcept {
    return !text.empty() && !has_control_octet(text);
}

// `String = Atom / Quoted-string` (RFC 5321 section 4.1.2): what may stand before the at sign, but
// for dots, which the atom of a String lacks.
bool is_string(std::string_view text) {
    const bool quoted = text.starts_with('"');
    return is_ascii(text) && (quoted || text.find('.') == std::string_view::npos) &&
           parse_mailbox(std::string(text) + "@example.org").has_value();
}

std::string_view first_word(std::string_view line) noexcept {
    return line.substr(0, line.find(' '));
}

std::vector<std::string_view> words_of(std::string_view line) {
    constexpr std::string_view blanks = " \t\r";
    std::vector<std::string_view> words;
    for (auto at = line.find_first_not_of(blanks); at != line.npos;
         at = line.find_first_not_of(blanks, at)) {
        const auto end = std::min(line.find_first_of(blanks, at), line.size());
        words.push_back(line.substr(at, end - at));
        at = end;
    }
    return words;
}

} // namespace

std::optional<std::string> dialogue_options::problem() const {
    if (auto text = timers.problem())
        return text;
    // An underscore is for paths, which are asked about as they are; hosts refuse it in a HELO
    // name.
    if (!is_ascii(helo_name) || helo_name.find('_') != std::string::npos ||
        !parse_mailbox("x@" + helo_name))
        return "the HELO name must be a domain in ASCII or an address literal, not \"" +
               escape(helo_name) + "\" (CBV-DLG-003)";
    if (!noop_text.empty() && !is_string(noop_text))
        return "the text of NOOP must be an atom or a quoted string, not \"" + escape(noop_text) +
               "\" (CBV-DLG-010)";
    if (limits.max_lines < 1 || limits.max_octets < 512)
        return "the bounds of a reply must be at least 1 line and 512 octets (CBV-DLG-013)";
    return std::nullopt;
}

dialogue::dialogue(probe_target target, const dialogue_options& options, instant now)
    : dialogue(std::move(target), std::make_shared<const dialogue_options>(options), now) {}

dialogue::dialogue(probe_target target,
                   std::shared_ptr<const dialogue_options> options,
                   instant now)
    : target_(std::move(target)), options_(std::move(options)), parser_(options_->limits),
      stage_began_(now), deadline_(now + options_->timers.connect) {
    // The last line of defence against injection: no caller can make us send a forged command.
    if (!fits_on_wire(target_.local_part) || !fits_on_wire(target_.ascii_domain) ||
        !fits_on_wire(options_->helo_name) || has_control_octet(options_->noop_text))
        throw std::logic_error("cbv::dialogue: the mailbox, the HELO name or the text of NOOP is "
                               "empty or has a control octet (CBV-ADDR-005)");
}

void dialogue::on_connected(instant now) {
    if (closing())
        return;
    if (stage_ != stage::connect)
        throw std::logic_error("cbv::dialogue: on_connected() on an open connection");
    enter(stage::greeting, options_->timers.greeting, now);
}

void dialogue::on_bytes(std::string_view bytes, instant now) {
    if (closing())
        return;
    if (stage_ == stage::connect)
        throw std::logic_error("cbv::dialogue: on_bytes() before on_connected()");
    while (!bytes.empty() && !closing()) {
        if (skip_empty_line(bytes))
            continue;
        // Octets in hand before the command they would answer has left: we no longer know which
        // reply answers what, so nothing that follows may decide. Once the outcome is set they can
        // do no harm.
        if (!output_.empty() && !outcome_)
            return handle_fault(fault::protocol);
        switch (parser_.feed(bytes)) {
        case reply_parser::status::need_more:
            return;
        case reply_parser::status::malformed:
            return handle_fault(fault::protocol);
        case reply_parser::status::complete:
            empty_line_ = empty_line::may_come;
            handle_reply(parser_.take(), now);
            break;
        }
    }
}

// One, CR LF alone, after each reply (CBV-DLG-016). With a CR and no LF no reply begins.
bool dialogue::skip_empty_line(std::string_view& bytes) {
    if (empty_line_ == empty_line::none)
        return false;
    const char expected = empty_line_ == empty_line::may_come ? '\r' : '\n';
    if (bytes.front() != expected) {
        if (std::exchange(empty_line_, empty_line::none) == empty_line::cr_came)
            handle_fault(fault::protocol);
        return closing();
    }
    empty_line_ = empty_line_ == empty_line::may_come ? empty_line::cr_came : empty_line::none;
    bytes.remove_prefix(1);
    return true;
}

void dialogue::on_eof(instant now) {
    on_error(now);
}

void dialogue::on_refused(instant now) {
    on_not_connected(fault::refused, now);
}

void dialogue::on_not_connected(fault why, instant /*now*/) {
    if (closing())
        return;
    if (stage_ != stage::connect)
        throw std::logic_error("cbv::dialogue: an open connection cannot fail to come about");
    handle_fault(why);
}

void dialogue::on_error(instant /*now*/) {
    if (closing())
        return;
    output_.clear(); // a QUIT not yet taken has nobody to go to
    handle_fault(fault::lost);
}

void dialogue::on_time(instant now) {
    if (deadline_ && now >= *deadline_)
        handle_fault(fault::timeout);
}

void dialogue::cancel(instant /*now*/) {
    if (closing())
        return;
    output_.clear();
    close_now();
}

dialogue::action dialogue::pending() const noexcept {
    if (!output_.empty())
        return action::send;
    return want_close_ ? action::close : action::none;
}

std::string dialogue::take_output() {
    if (pending() != action::send)
        throw std::logic_error("cbv::dialogue: take_output() without a pending send");
    return std::exchange(output_, {});
}

void dialogue::take_close() {
    if (pending() != action::close)
        throw std::logic_error("cbv::dialogue: take_close() without a pending close");
    want_close_ = false;
    finished_ = true;
}

void dialogue::handle_reply(reply r, instant now) {
    if (outcome_) {
        // Courtesy from here on: any reply to QUIT will do, and QUIT waits for the reply to a
        // pipelined RCPT.
        if (stage_ == stage::quit)
            close_now();
        else
            send_quit(now);
        return;
    }
    if (stage_ == stage::control)
        return go_on_with_control(r, now);
    ruling cell = decide(stage_, r, options_->decisions);
    if (stage_ == stage::rcpt && cell.kind == verdict_kind::fail && !believed(r)) {
        if (may_ask_control()) {
            deciding_ = std::move(r);
            return send("RSET", stage::control, options_->timers.mail, now);
        }
        cell = decide_no_standing();
    }
    if (cell.then == next_step::next_stage)
        return go_on(r, now);
    if (cell.then == next_step::try_helo)
        return send("HELO " + options_->helo_name, stage::helo, options_->timers.ehlo, now);

    const bool rcpt_outstanding = stage_ == stage::mail && pipelined_;
    deciding_ = std::move(r);
    settle(cell);
    // After a 3yz the host may take QUIT for something else (a line of data, for instance).
    if (cell.why == cause::protocol_error)
        close_now();
    else if (rcpt_outstanding)
        enter(stage::rcpt, options_->timers.quit, now);
    else
        send_quit(now);
}

void dialogue::handle_fault(fault f) {
    if (!outcome_) {
        output_.clear();
        if (stage_ == stage::control)
            control_accepted_ = false;
        settle(decide(stage_, f));
    }
    close_now();
}

// Whether the host has the standing to condemn by this reply, as far as is known (CBV-INT-015).
bool dialogue::believed(const reply& r) const {
    return options_->decisions.standing == standing_mode::off ||
           target_.standing == standing_evidence::given || gives_standing(r, has_enhanced_codes_);
}

bool dialogue::may_ask_control() const {
    return options_->decisions.standing == standing_mode::postmaster && !target_.is_role &&
           target_.standing == standing_evidence::unknown;
}

// RSET, MAIL and RCPT for postmaster, one after the other; the refusal that is in question stays
// the deciding reply.
void dialogue::go_on_with_control(const reply& r, instant now) {
    const bool consents = r.klass() == 2;
    if (consents && ++control_step_ == 1)
        return send("MAIL FROM:<>", stage::control, options_->timers.mail, now);
    if (consents && control_step_ == 2)
        return send("RCPT TO:<postmaster@" + target_.ascii_domain + '>',
                    stage::control,
                    options_->timers.rcpt,
                    now);
    control_accepted_ = consents;
    settle(decide(stage::control, r, options_->decisions));
    if (r.klass() == 3) // it may take QUIT for something else
        close_now();
    else
        send_quit(now);
}

void dialogue::go_on(const reply& r, instant now) {
    switch (stage_) {
    case stage::greeting:
        return send("EHLO " + options_->helo_name, stage::ehlo, options_->timers.ehlo, now);
    case stage::ehlo:
        read_extensions(r);
        return send_after_hello(now);
    case stage::helo:
        return send_after_hello(now);
    case stage::noop:
        return send_mail(now);
    case stage::mail:
        if (pipelined_)
            return enter(stage::rcpt, options_->timers.rcpt, now);
        return send(rcpt_line(), stage::rcpt, options_->timers.rcpt, now);
    default:
        throw std::logic_error("cbv::dialogue: the decision table goes on past its last stage");
    }
}

void dialogue::send_after_hello(instant now) {
    if (target_.needs_smtputf8 && !has_smtputf8_) {
        settle(decide_smtputf8_missing()); // neither MAIL nor RCPT (CBV-ADDR-007)
        return send_quit(now);
    }
    if (options_->noop_text.empty())
        return send_mail(now);
    // The draft has no timer for NOOP: it is part of the exchange of names.
    send("NOOP " + options_->noop_text, stage::noop, options_->timers.ehlo, now);
}

void dialogue::send_mail(instant now) {
    // Null in every attempt and bare but for SMTPUTF8 (CBV-DLG-005, CBV-DLG-004, CBV-ADDR-008).
    std::string text = target_.needs_smtputf8 ? "MAIL FROM:<> SMTPUTF8" : "MAIL FROM:<>";
    pipelined_ = options_->pipelining && has_pipelining_;
    if (pipelined_)
        text += "\r\n" + rcpt_line();
    send(std::move(text), stage::mail, options_->timers.mail, now);
}

std::string dialogue::rcpt_line() const {
    return "RCPT TO:<" + target_.local_part + '@' + target_.ascii_domain + '>';
}

void dialogue::send_quit(instant now) {
    send("QUIT", stage::quit, options_->timers.quit, now);
}

void dialogue::settle(ruling r) {
    outcome_ = r;
    decided_at_ = stage_;
}

// One timer a stage: lines of a reply do not restart it (CBV-TIME-006).
void dialogue::enter(stage next, duration limit, instant now) {
    // The control question is one stage of three commands. What comes after the outcome is courtesy,
    // and no part of the answer.
    if (!outcome_ && next != stage_) {
        past_stages_.push_back({stage_, now - stage_began_});
        stage_began_ = now;
    }
    stage_ = next;
    deadline_ = now + limit;
}

void dialogue::send(std::string text, stage next, duration limit, instant now) {
    output_ = std::move(text);
    output_ += "\r\n";
    enter(next, limit, now);
}

std::vector<stage_time> dialogue::stages(instant now) const {
    auto all = past_stages_;
    all.push_back({outcome_ ? decided_at_ : stage_, now - stage_began_});
    return all;
}

void dialogue::close_now() {
    want_close_ = true;
    deadline_.reset();
}

// What cannot be read is passed over (CBV-DLG-011). SMTPUTF8 is found however carelessly it is
// written, since a host of which it is missed would be said to lack it (CBV-INT-012): behind
// blanks, before a stray CR, and on the first line, which is the host's name otherwise.
void dialogue::read_extensions(const reply& r) {
    for (std::size_t i = 0; i < r.lines.size(); ++i) {
        auto words = words_of(r.lines[i]);
        if (i > 0 && !words.empty())
            words.resize(1);
        if (std::any_of(words.begin(), words.end(), [](std::string_view word) {
                return iequals(word, "SMTPUTF8");
            }))
            has_smtputf8_ = true;
        // What hardens or changes the course is believed only where it is written as it should be.
        const std::string_view keyword = i > 0 ? first_word(r.lines[i]) : std::string_view{};
        if (iequals(keyword, "PIPELINING"))
            has_pipelining_ = true;
        else if (iequals(keyword, "ENHANCEDSTATUSCODES"))
            has_enhanced_codes_ = true;
    }
}

} // namespace cbv
