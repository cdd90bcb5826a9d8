// Questions and answers at RCPT; see the header. The attributes are those Postfix 3.7 sends
// (tests/data/postfix-3.7.11).
#include "policy_front.hpp"

#include "policy_action.hpp"

#include <algorithm>

namespace cbv::engine {
namespace {

constexpr unsigned most_tries = 2;                      // smtpd_policy_service_try_limit
constexpr auto between_tries = std::chrono::seconds{1}; // smtpd_policy_service_retry_delay

std::string declared_size(const envelope_path& mail) {
    for (const auto& parameter : mail.parameters)
        if (parameter.size() > 5 &&
            (parameter.starts_with("SIZE=") || parameter.starts_with("size=")))
            return parameter.substr(5);
    return "0";
}

} // namespace

policy::attributes policy_front::request() const {
    const auto& s = session();
    const auto number = std::to_string(transactions());
    return {{"request", "smtpd_access_policy"},
            {"protocol_state", "RCPT"},
            {"protocol_name", esmtp() ? "ESMTP" : "SMTP"},
            {"client_address", s.client.to_string()},
            {"client_name", "unknown"},
            {"client_port", std::to_string(s.client_port)},
            {"reverse_client_name", "unknown"},
            {"server_address", s.server.to_string()},
            {"server_port", std::to_string(s.server_port)},
            {"helo_name", helo()},
            {"sender", mail().plain()},
            {"recipient", recipient().plain()},
            {"recipient_count", "0"},                            // at DATA only
            {"queue_id", recipients() > 0 ? s.id + number : ""}, // from the first recipient on
            {"instance", s.id + "." + number},                   // one for a message
            {"size", declared_size(mail())},
            {"etrn_domain", ""},
            {"stress", ""},
            {"sasl_method", ""},
            {"sasl_username", ""},
            {"sasl_sender", ""},
            {"ccert_subject", ""},
            {"ccert_issuer", ""},
            {"ccert_fingerprint", ""},
            {"ccert_pubkey_fingerprint", ""},
            {"encryption_protocol", ""},
            {"encryption_cipher", ""},
            {"encryption_keysize", "0"},
            {"policy_context", ""}};
}

std::optional<std::string> policy_front::unspeakable(const envelope_path& path,
                                                     bool recipient) const {
    if (policy::is_speakable(path.plain()) && policy::is_speakable(helo()))
        return std::nullopt;
    return recipient ? "501 5.1.3 Bad recipient address syntax"
                     : "501 5.1.7 Bad sender address syntax";
}

void policy_front::client_gives_recipient(duration now) {
    asking_ = true;
    tries_ = 0;
    ask(now);
}

void policy_front::client_leaves(duration) {
    if (state_ == state::connected || state_ == state::connecting)
        close();
    state_ = state::apart;
}

void policy_front::ask(duration now) {
    refused_why_.clear();
    if (state_ == state::connected) {
        put_question(now);
        return;
    }
    state_ = state::connecting;
    connect();
    await(now);
}

void policy_front::put_question(duration now) {
    const auto attributes = request();
    std::string told = "to the policy server:";
    for (const auto& [name, value] : attributes)
        if (!value.empty())
            told.append(" ").append(name).append("=").append(value);
    note(std::move(told));
    send(policy::encode(attributes));
    await(now);
}

void policy_front::target_connected(duration now) {
    state_ = state::connected;
    if (asking_)
        put_question(now);
}

void policy_front::target_refused(const std::string& why, duration now) {
    state_ = state::apart;
    refused_why_ = why;
    note("no connection to the policy server: " + why);
    try_again(now);
}

void policy_front::target_left(duration now) {
    note(reader_.in_progress() ? "the policy server closed the connection within an answer"
                               : "the policy server closed the connection");
    reader_ = {};
    state_ = state::apart;
    if (asking_)
        try_again(now);
}

void policy_front::try_again(duration now) {
    if (++tries_ < most_tries) {
        state_ = state::pausing;
        sleep_until(now + between_tries);
        return;
    }
    if (!refused_why_.empty()) // it is not there, which is no answer of its own
        add_trouble("no connection to the policy server: " + refused_why_);
    asking_ = false;
    go_on(policy::unavailable(recipient().plain()), now);
}

void policy_front::time_is_up(duration now) {
    if (state_ == state::pausing)
        ask(now);
    else
        mta_front::time_is_up(now);
}

void policy_front::target_says(std::string_view bytes, duration now) {
    while (!bytes.empty() && state_ == state::connected) {
        if (!asking_) {
            broken("octets that nobody asked for", now);
            return;
        }
        switch (reader_.feed(bytes)) {
        case policy::answer_reader::status::need_more:
            return;
        case policy::answer_reader::status::malformed:
            broken(reader_.fault(), now);
            return;
        case policy::answer_reader::status::complete:
            answered(reader_.take(), now);
        }
    }
}

void policy_front::answered(std::string_view what, duration now) {
    note("the policy server answers: action=" + std::string{what});
    auto outcome = policy::read_action(what, recipient().plain());
    if (!outcome.remark.empty())
        note(std::move(outcome.remark));
    asking_ = false;
    go_on(std::move(outcome.refusal), now);
}

void policy_front::broken(const std::string& what, duration now) {
    add_trouble("the policy server's answer is not of the protocol: " + what);
    reader_ = {};
    state_ = state::apart;
    close();
    if (std::exchange(asking_, false))
        go_on(policy::unavailable(recipient().plain()), now);
}

} // namespace cbv::engine
