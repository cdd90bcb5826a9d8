// The MTA in front of a target that is none itself: a plain ESMTP server towards the case's client,
// which asks the target (a policy server, a milter) what it thinks and has itself no opinion about
// mail. Sans-I/O: octets of the client and of the target in, replies and octets out. It checks no
// path, looks nothing up and keeps no mail.
#pragma once

#include "cbv/command.hpp"
#include "cbv/ip_address.hpp"
#include "cbv/time.hpp"

#include <cstdint>
#include <deque>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace cbv::engine {

/// What the MTA knows of one session before its first command.
struct front_session {
    std::string id; ///< unique in the run; what the target is told as queue id begins with it
    std::string host_name; ///< the MTA's own
    ip_address client;
    std::uint16_t client_port = 0;
    ip_address server;
    std::uint16_t server_port = 25;
    duration patience{}; ///< how long an answer of the target is awaited
};

/// The path and the parameters of a MAIL or RCPT, as the client wrote them.
struct envelope_path {
    std::string path; ///< without <>
    std::vector<std::string> parameters;

    /// The path as Postfix hands it on: without source route, the local-part without quotes. What
    /// is no mailbox stays as it is.
    [[nodiscard]] std::string plain() const;
    /// What follows the last @ of plain(); empty if there is none.
    [[nodiscard]] std::string domain() const;
};

class mta_front {
public:
    /// What the driver does with the connection to the target. `send` after `close` does not
    /// happen.
    enum class move { connect, send, close };
    struct action {
        move what;
        std::string octets; ///< send
    };

    explicit mta_front(front_session session) : session_(std::move(session)) {}
    virtual ~mta_front() = default;
    mta_front(const mta_front&) = delete;
    mta_front& operator=(const mta_front&) = delete;

    void on_client_connected(duration now);
    void on_client_bytes(std::string_view bytes, duration now);
    void on_client_eof(duration now); ///< the client is gone or done
    void on_target_connected(duration now);
    void on_target_refused(const std::string& why, duration now);
    void on_target_bytes(std::string_view bytes, duration now);
    void on_target_eof(duration now); ///< closed or reset by the target; never after `close`
    void on_time(duration now);

    /// When on_time() is due.
    [[nodiscard]] std::optional<duration> deadline() const noexcept { return deadline_; }
    /// The next thing to do with the target's connection, in order.
    [[nodiscard]] std::optional<action> next_action();
    /// Octets for the client; clears them.
    [[nodiscard]] std::string take_client_output() { return std::exchange(output_, {}); }
    /// The client's connection is closed, after the octets for it.
    [[nodiscard]] bool hung_up() const noexcept { return hung_up_; }
    /// What was said to the target and by it, raw; clears them.
    [[nodiscard]] std::vector<std::string> take_notes() { return std::exchange(notes_, {}); }
    /// Why the case says nothing of the target; empty: it does.
    [[nodiscard]] const std::string& trouble() const noexcept { return trouble_; }

protected:
    // What the client did. Each but the last two is answered with go_on(), at once or later; until
    // then nothing of the client is read. `reset`: the transaction ends without a message.
    virtual void client_connected(duration now) = 0;
    virtual void client_greets(duration now) = 0;
    virtual void client_gives_mail(duration now) = 0;
    virtual void client_gives_recipient(duration now) = 0;
    virtual void client_asks_for_data(duration now) = 0;
    virtual void client_gives_message(std::string message, duration now) = 0;
    virtual void client_resets(duration now) = 0;
    virtual void client_leaves(duration now) = 0;
    // What the target did.
    virtual void target_connected(duration now) = 0;
    virtual void target_refused(const std::string& why, duration now) = 0;
    virtual void target_says(std::string_view bytes, duration now) = 0;
    virtual void target_left(duration now) = 0;
    /// The time of await() or sleep_until() is over; by default the target was silent.
    virtual void time_is_up(duration now);
    /// Why the front cannot tell the target of this path or parameter; a reply. Nothing: it can.
    [[nodiscard]] virtual std::optional<std::string> unspeakable(const envelope_path& path,
                                                                 bool recipient) const = 0;

    /// The target's answer is there. `refusal`: the reply, "CODE text", of several lines with CR LF
    /// between; nothing: no objection.
    void go_on(std::optional<std::string> refusal, duration now);
    void await(duration now) { deadline_ = now + session_.patience; }
    void sleep_until(duration then) { deadline_ = then; }
    void connect() { actions_.push_back({move::connect, {}}); }
    void send(std::string octets) { actions_.push_back({move::send, std::move(octets)}); }
    void close() { actions_.push_back({move::close, {}}); }
    void hang_up();
    void note(std::string text) { notes_.push_back(std::move(text)); }
    void add_trouble(const std::string& what); ///< noted too; the first is told

    [[nodiscard]] const front_session& session() const noexcept { return session_; }
    [[nodiscard]] const std::string& helo() const noexcept { return helo_; }
    [[nodiscard]] bool esmtp() const noexcept { return esmtp_; }
    [[nodiscard]] const envelope_path& mail() const noexcept { return *mail_; }
    [[nodiscard]] const envelope_path& recipient() const noexcept { return recipient_; }
    [[nodiscard]] unsigned transactions() const noexcept { return transactions_; } ///< so far
    [[nodiscard]] unsigned recipients() const noexcept { return recipients_; } ///< accepted so far

private:
    enum class question { none, connect, greet, mail, rcpt, data, message };

    void process(duration now);
    void take_line(std::string_view line, duration now);
    void take_greeting(const cbv::command& c, duration now);
    void take_mail(const cbv::command& c, duration now);
    void take_rcpt(const cbv::command& c, duration now);
    void take_data(duration now);
    void take_message(duration now);
    void accept(question done, duration now);
    void say(std::string_view reply);
    void end_transaction(duration now);

    front_session session_;
    std::string input_; // of the client, not yet taken
    std::string output_;
    std::deque<action> actions_;
    std::vector<std::string> notes_;
    std::string trouble_;
    std::optional<duration> deadline_;
    question pending_ = question::none; // what the target is asked about
    line_reader lines_{16384};          // paths are taken as given, so the limit is far away
    std::string helo_;
    bool esmtp_ = false;
    std::optional<envelope_path> mail_;
    envelope_path recipient_;
    unsigned transactions_ = 0;
    unsigned recipients_ = 0;
    bool in_message_ = false;
    bool hung_up_ = false;
    bool client_gone_ = false;
};

} // namespace cbv::engine
