// The inside of cbv::receiver: the state of a session, shared by receiver.cpp (events and input),
// receiver_commands.cpp (session commands) and receiver_transaction.cpp (MAIL to the stored
// message).
#pragma once

#include "cbv/receiver.hpp"
#include "data_reader.hpp"

#include <deque>

namespace cbv {

struct receiver::impl {
    /// What the next octets are.
    enum class reading { commands, auth_response, data };
    /// Whose answer holds the input back.
    enum class waiting { nothing, verdict, stored };

    /// From MAIL to the end of data, RSET, EHLO or another MAIL (RFC 5321 section 3.3).
    struct transaction {
        path reverse_path;
        bool smtputf8 = false;
        std::vector<mailbox> recipients; // accepted ones
        std::optional<verdict> decided;  // holds for every recipient (CBV-ELIG-007)
        std::optional<mailbox> pending;  // the recipient that waits for the verdict
        instant pending_since{};

        [[nodiscard]] std::string reverse_text() const {
            return reverse_path.is_null() ? std::string() : reverse_path.box->to_string();
        }
    };

    impl(const receiver_options& o, ip_address address, instant now);

    // receiver.cpp: the session.
    void pump(instant now);
    void take_line(line_reader::line line, instant now);
    void flush();
    void hang_up(int code, std::string_view enhanced, std::string_view text);
    void drop();
    /// Queues a reply; `enhanced` is left out where ENHANCEDSTATUSCODES is not offered.
    void say(int code, std::string_view enhanced, std::string_view text);
    /// As say() for 500..504 and 555, which are counted: after too many, 421 and the end.
    void complain(int code, std::string_view enhanced, std::string_view text);

    // receiver_commands.cpp
    void dispatch(const command& c, instant now);
    void greet(const command& c);
    void say_extensions();
    void authenticate(const command& c);
    void check_credentials(std::string_view base64);

    // receiver_transaction.cpp
    void mail(const command& c);
    bool mail_parameters(const std::vector<esmtp_parameter>& parameters, transaction& t);
    void rcpt(const command& c, instant now);
    void judge(mailbox recipient, instant now);
    void settle(verdict v, instant now);
    void answer(mailbox recipient);
    void record(const mailbox& recipient, instant now);
    void data(const command& c);
    void end_of_data();
    [[nodiscard]] bool is_local(const mailbox& box) const;
    [[nodiscard]] bool exists(const mailbox& box) const;
    [[nodiscard]] bool is_known_missing(const exemption& e) const;

    const receiver_options* options;
    ip_address client;

    std::deque<receiver_action> actions;
    std::vector<decision_record> records;
    std::string output; // replies not yet in an action
    std::string input;  // octets not yet read, from `consumed`
    std::size_t consumed = 0;
    instant input_since{}; // arrival of the first of them
    line_reader lines;
    reading mode = reading::commands;
    waiting waits_for = waiting::nothing;
    bool closed = false;
    bool stopping = false;
    instant last_progress;
    unsigned bad_commands = 0;

    std::string helo; // empty before EHLO or HELO
    bool extended = false;
    bool authenticated = false;
    std::optional<transaction> current;
    std::optional<data_reader> content;
};

} // namespace cbv
