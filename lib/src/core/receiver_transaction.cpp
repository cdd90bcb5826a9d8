// One mail transaction: MAIL, RCPT with its one decision, DATA. The order of the checks at RCPT is
// the draft's: everything that refuses without a call comes first (CBV-ELIG-006).
#include "ascii.hpp"
#include "cbv/text.hpp"
#include "receiver_impl.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <utility>

namespace cbv {
namespace {

/// The SMTPUTF8 parameter is needed: a part of the mailbox is not ASCII (RFC 6531 section 3.4).
bool is_internationalized(const path& p) {
    return p.box && !is_ascii(p.box->to_string());
}

bool is_postmaster(const mailbox& box) {
    return iequals(box.unquoted_local_part(), "postmaster");
}

bool has_duplicates(const std::vector<esmtp_parameter>& parameters) {
    for (std::size_t i = 0; i < parameters.size(); ++i)
        for (std::size_t j = 0; j < i; ++j)
            if (parameters[i].keyword == parameters[j].keyword)
                return true;
    return false;
}

/// size-value = 1*20DIGIT (RFC 1870 section 4). A number beyond 64 bits is the largest one.
std::optional<std::uint64_t> read_size(const std::optional<std::string>& value) {
    if (!value || value->empty() || value->size() > 20 ||
        !std::all_of(value->begin(), value->end(), ascii::is_digit))
        return std::nullopt;
    std::uint64_t size = UINT64_MAX;
    std::from_chars(value->data(), value->data() + value->size(), size);
    return size;
}

} // namespace

bool receiver::impl::is_local(const mailbox& box) const {
    const eligibility_rules& rules = options->eligibility;
    return contains_domain(rules.local_domains, box.domain, rules.to_ascii);
}

// Every local domain has a postmaster (RFC 5321 section 4.5.1).
bool receiver::impl::exists(const mailbox& box) const {
    return is_postmaster(box) || !options->mailbox_exists || options->mailbox_exists(box);
}

/// The own data say that the mailbox of the path does not exist.
bool receiver::impl::is_known_missing(const exemption& e) const {
    if (e.local)
        return !exists(*current->reverse_path.box);
    return e.relayed && options->relayed_mailbox_exists &&
           !options->relayed_mailbox_exists(*current->reverse_path.box).value_or(true);
}

void receiver::impl::mail(const command& c) {
    if (helo.empty())
        return complain(503, "5.5.1", "Send EHLO or HELO first");
    if (current)
        return complain(503, "5.5.1", "A transaction is open already");
    const auto argument = parse_mail_argument(c.argument);
    if (!argument) {
        // No call for what is refused here (CBV-ELIG-009, CBV-ADDR-005).
        const argument_error& error = argument.error();
        return complain(501,
                        error.what == argument_error::kind::path ? "5.1.7" : "5.5.4",
                        error.detail.message);
    }
    transaction t;
    t.reverse_path = argument->path;
    if (!mail_parameters(argument->parameters, t))
        return;
    if (is_internationalized(t.reverse_path) && !t.smtputf8) // RFC 6531 section 3.5
        return say(550, "5.6.7", "A non-ASCII address needs SMTPUTF8");
    current = std::move(t);
    say(250, "2.1.0", "Ok"); // CBV-RPLY-005
}

bool receiver::impl::mail_parameters(const std::vector<esmtp_parameter>& parameters,
                                     transaction& t) {
    if (has_duplicates(parameters)) {
        complain(501, "5.5.4", "A parameter is given twice");
        return false;
    }
    for (const esmtp_parameter& p : parameters) {
        bool good = true;
        if (extended && p.keyword == "SIZE") {
            const auto size = read_size(p.value);
            good = size.has_value();
            if (size && *size > options->max_message_size) {
                say(552, "5.3.4", "The message is too big");
                return false;
            }
        } else if (extended && p.keyword == "BODY") {
            good = p.value && (iequals(*p.value, "7BIT") || iequals(*p.value, "8BITMIME"));
        } else if (extended && p.keyword == "SMTPUTF8") {
            good = !p.value;
            t.smtputf8 = true;
        } else if (extended && p.keyword == "AUTH" && options->authenticate) {
            good = p.value.has_value(); // RFC 4954 section 5: not trusted, so not used
        } else {
            complain(555, "5.5.4", "Parameter not recognized");
            return false;
        }
        if (!good) {
            complain(501, "5.5.4", "Bad value of the parameter " + p.keyword);
            return false;
        }
    }
    return true;
}

void receiver::impl::rcpt(const command& c, instant now) {
    if (!current)
        return complain(503, "5.5.1", "Send MAIL first");
    auto argument = parse_rcpt_argument(c.argument);
    if (!argument) {
        const argument_error& error = argument.error();
        return complain(501,
                        error.what == argument_error::kind::path ? "5.1.3" : "5.5.4",
                        error.detail.message);
    }
    if (!argument->parameters.empty())
        return complain(555, "5.5.4", "Parameter not recognized");
    if (is_internationalized(argument->path) && !current->smtputf8)
        return say(553, "5.6.7", "A non-ASCII address needs SMTPUTF8");
    mailbox recipient = *argument->path.box;
    if (current->recipients.size() >= options->max_recipients) // RFC 5321 section 4.5.3.1.10
        return say(452, "4.5.3", "Too many recipients");
    if (!recipient.domain.empty() && !is_local(recipient))
        return say(550, "5.7.1", "Relaying is not permitted");
    if (!exists(recipient))
        return say(550, "5.1.1", "No such mailbox");
    if (is_postmaster(recipient)) { // CBV-ELIG-010: the way to repair a wrong verdict
        current->recipients.push_back(std::move(recipient));
        return say(250, "2.1.5", "Ok");
    }
    if (covers(options->refused_clients, client)) // CBV-ELIG-008
        return say(550, "5.7.1", "Refused by a local rule");
    judge(std::move(recipient), now);
}

void receiver::impl::judge(mailbox recipient, instant now) {
    if (current->decided || !options->verify)
        return answer(std::move(recipient));
    const path& from = current->reverse_path;
    current->pending = std::move(recipient);
    current->pending_since = input_since;
    const auto exemption = exempt(from, {client, authenticated}, options->eligibility);
    if (!exemption) {
        flush(); // CBV-TIME-009
        waits_for = waiting::verdict;
        const auto spf = options->spf ? options->spf(client, helo, *from.box) : std::nullopt;
        actions.push_back(receive::verify{*from.box, {input_since, client, spf}});
    } else if (is_known_missing(*exemption)) {
        settle(without_call(verdict_kind::fail,
                            cause::mailbox_refused,
                            exemption->relayed ? "CBV-ELIG-013" : exemption->requirement),
               now);
    } else {
        settle(without_call(verdict_kind::none, exemption->why, exemption->requirement), now);
    }
}

void receiver::impl::settle(verdict v, instant now) {
    current->decided = std::move(v);
    record(*current->pending, now);
    mailbox recipient = *std::exchange(current->pending, std::nullopt);
    answer(std::move(recipient));
}

void receiver::impl::answer(mailbox recipient) {
    if (current->decided) {
        const auto refusal =
            reply_for(*current->decided, current->reverse_text(), options->replies);
        if (refusal) { // CBV-RPLY-006: the session goes on
            output += serialize(*refusal);
            return;
        }
    }
    current->recipients.push_back(std::move(recipient));
    say(250, "2.1.5", "Ok");
}

void receiver::impl::record(const mailbox& recipient, instant now) {
    decision_record r;
    r.helo = helo;
    r.client = client;
    r.reverse_path = current->reverse_text();
    r.recipient = recipient.to_string();
    r.result = *current->decided;
    if (r.result.why != cause::cancelled)
        r.answer = reply_for(r.result, r.reverse_path, options->replies);
    r.total = now - current->pending_since;
    records.push_back(std::move(r));
}

void receiver::impl::data(const command& c) {
    if (!current)
        return complain(503, "5.5.1", "Send MAIL and RCPT first");
    if (!c.argument.empty())
        return complain(501, "5.5.4", "DATA takes no argument");
    // CBV-RPLY-007. Not counted as a bad command: a client that pipelines cannot know (RFC 2920),
    // and refusals must not end the session (CBV-RPLY-006).
    if (current->recipients.empty())
        return say(503, "5.5.1", "No valid recipients");
    content.emplace(options->max_message_size);
    mode = reading::data;
    output += "354 End data with <CR><LF>.<CR><LF>\r\n";
}

void receiver::impl::end_of_data() {
    mode = reading::commands;
    const transaction t = *std::exchange(current, std::nullopt);
    data_reader read = *std::exchange(content, std::nullopt);
    if (read.too_large())
        return say(552, "5.3.4", "The message is too big");
    if (read.bare_line_end()) // RFC 5321 section 2.3.8; passed on, it could end a message early
        return say(550, "5.6.0", "The message has a CR or LF that is not part of CR LF");
    received_message m;
    m.reverse_path = t.reverse_text();
    m.recipients = t.recipients;
    m.content = read.take_content();
    m.helo = helo;
    m.client = client;
    m.protocol = t.smtputf8 ? "UTF8SMTP" : extended ? "ESMTP" : "SMTP"; // RFC 3848, RFC 6531
    if (authenticated)
        m.protocol += 'A';
    flush();
    waits_for = waiting::stored;
    actions.push_back(receive::store{std::move(m)});
}

} // namespace cbv
