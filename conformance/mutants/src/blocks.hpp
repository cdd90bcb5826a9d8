// The building blocks of mutants: each makes one kind of change to the library's machines. They
// know no case and no requirement.
#pragma once

#include "cbv/dns.hpp"
#include "change.hpp"
#include "edited_dialogue.hpp"
#include "edited_manager.hpp"
#include "edited_receiver.hpp"

#include <functional>
#include <optional>
#include <string>
#include <string_view>

namespace cbv::mutants {

/// A layer round every verification: `D(inner, args...)`.
template <class D, class... Args>
[[nodiscard]] change layer(Args... args) {
    change c;
    c.verifier.push_back([args...](engine::machine_factory inner) -> engine::machine_factory {
        return [inner = std::move(inner),
                args...](mailbox box, const verification_options& o, instant now, instant since) {
            return std::make_unique<D>(inner(std::move(box), o, now, since), args...);
        };
    });
    return c;
}

// Settings and what a verification begins with.
[[nodiscard]] change with_options(options_change f);
/// The same for the verifications alone.
[[nodiscard]] change with_verification(std::function<void(verification_options&)> f);
/// What a host needs to be believed. Who misreads a reply believes what he read: with `off` no lack
/// of standing keeps the mistake from showing.
[[nodiscard]] change with_standing(standing_mode m);
[[nodiscard]] change with_receiver(std::function<void(receiver_options&)> f);
[[nodiscard]] change with_manager(std::function<void(call_manager_options&)> f);
[[nodiscard]] change with_timers(std::function<void(timeouts&)> f);
[[nodiscard]] change with_mailbox(std::function<void(mailbox&)> f);
/// Settings that differ from call to call: `f` gets the time of its start.
[[nodiscard]] change with_call(std::function<void(verification_options&, instant)> f);

// Dialogue.
[[nodiscard]] change edit_dialogue(dialogue_edits edits);
/// The same with edits that remember: new ones for each call.
[[nodiscard]] change edit_each_dialogue(std::function<dialogue_edits()> make);
[[nodiscard]] change rewrite_sent(std::function<void(std::string& octets)> f);
[[nodiscard]] change rewrite_line(std::function<bool(stage, std::string& line)> f);
[[nodiscard]] change rewrite_received(std::function<void(stage, reply&)> f);
/// `inserted` goes out before the command that begins with `before`.
[[nodiscard]] change insert_before(std::string before, std::string inserted);

// Any action.
[[nodiscard]] change drop_action(std::function<bool(const action&)> f);
/// The action is replaced.
[[nodiscard]] change rewrite_action(std::function<void(action&)> f);

// DNS.
[[nodiscard]] change rewrite_query(std::function<void(act::query_dns&)> f);
/// `domain` is the name whose MX records were asked for; empty before that.
using dns_rewrite =
    std::function<void(const act::query_dns& asked, dns_answer& answer, const std::string& domain)>;
[[nodiscard]] change rewrite_dns(dns_rewrite f);
/// Calls addresses that the policy excludes and `f` is true for.
[[nodiscard]] change calls_anyway(std::function<bool(const ip_address&)> f);
/// Calls the address in a literal, whatever it is.
[[nodiscard]] change calls_any_literal();
/// Looks an exchange's addresses up once more before it connects.
[[nodiscard]] change looks_up_again();

// Course of a call.
/// What is known of an attempt when the next one begins.
struct past_attempt {
    ip_address to = {};
    stage at = stage::connect;
    cause why = cause::timeout; ///< temporary_reply stands for any whole reply
    std::optional<reply> last;  ///< the last one
};
/// Ends the call, with the verdict that `f` gives, where it would go on to another address.
[[nodiscard]] change stops_after(std::function<std::optional<verdict_kind>(const past_attempt&)> f);
/// Ends the call with `unverifiable` where a host is left alone.
[[nodiscard]] change ends_where_left_alone();
/// Every octet received restarts the timer of a stage.
[[nodiscard]] change restarts_timers();
/// The time of lookups counts for nothing.
[[nodiscard]] change clock_stands_for_dns();
/// Gives its verdict when the last connection is closed.
[[nodiscard]] change waits_for_quit();
/// Sends EHLO as soon as it is connected.
[[nodiscard]] change speaks_first();

[[nodiscard]] change rewrite_verdict(verdict_change f);
/// The kind, with a cause that fits it.
void give(verdict& v, verdict_kind kind);

// Between sessions and calls.
[[nodiscard]] change edit_manager(manager_edits edits);

// Session.
[[nodiscard]] change edit_receiver(receiver_edits edits);
[[nodiscard]] change
rewrite_reply(std::function<void(const std::string& command, reply& r, session& s)> f);
[[nodiscard]] change rewrite_command(std::function<void(std::string& line, session& s)> f);

// Words.
[[nodiscard]] bool begins(std::string_view text, std::string_view prefix); ///< case aside
/// The path between the first "<" and the last ">" of a command, or nothing.
[[nodiscard]] std::string path_in(std::string_view command);
/// Its mailbox, read as a careless reader does: all before the last "@", all after it.
[[nodiscard]] std::optional<mailbox> careless_mailbox(std::string_view path);
void replace_all(std::string& text, std::string_view what, std::string_view by);

} // namespace cbv::mutants
