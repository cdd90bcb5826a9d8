// Judges the world: what the called hosts and the DNS saw, against the elements of `<expect>`
// (conformance/FORMAT.md). It reads the time line only. The client leg is judge_replies.cpp's.
#include "cbv/command.hpp"
#include "cbv/text.hpp"
#include "connection_life.hpp"
#include "judge_parts.hpp"
#include "patterns.hpp"
#include "regular.hpp"

#include <algorithm>
#include <map>
#include <set>
#include <utility>

namespace cbv::engine {
namespace {

using fakemx::event;
using fakemx::event_kind;

bool lists(const std::vector<std::string>& items, std::string_view item) {
    return std::find(items.begin(), items.end(), item) != items.end() ||
           std::find(items.begin(), items.end(), "*") != items.end();
}

bool lists_any_case(const std::vector<std::string>& items, std::string_view item) {
    return std::any_of(items.begin(), items.end(), [&](const std::string& i) {
        return i == "*" || iequals(i, item);
    });
}

/// "1.203 s mx1#2 RCPT TO:<x>"
std::string describe(const event& e) {
    return "at " + in_seconds(e.at) + " " + e.party + "#" + std::to_string(e.connection) + " " +
           std::string{to_string(e.kind)} + (e.text.empty() ? "" : " " + escape(e.text, 200));
}

/// "MX name ..." -> type and name.
std::pair<std::string, std::string> split_query(std::string_view text) {
    const auto space = text.find(' ');
    if (space == std::string_view::npos)
        return {std::string{text}, {}};
    auto name = text.substr(space + 1);
    name = name.substr(0, name.find(' '));
    return {std::string{text.substr(0, space)}, std::string{name}};
}

class world_judge {
public:
    world_judge(const conformance_case& c,
                const target& t,
                const observation& seen,
                std::vector<finding>& findings)
        : case_(c), target_(t), log_(seen.timeline), findings_(findings) {}

    void judge(const world_expectation& e) {
        current_ = &e;
        switch (e.check) {
        case world_check::connections:
            return connections();
        case world_check::command:
            return command();
        case world_check::never:
            return never();
        case world_check::query:
            return query();
        case world_check::never_query:
            return never_query();
        case world_check::order:
            return order();
        case world_check::quiet_before_greeting:
            return quiet_before_greeting();
        case world_check::one_at_a_time:
            return one_at_a_time();
        case world_check::last_command:
            return last_command();
        case world_check::hang_up:
            return hang_up();
        }
    }

private:
    finding& add(std::string_view derived, std::string expected, std::string seen) {
        finding f;
        f.word = current_->finding.empty() ? std::string{derived} : current_->finding;
        f.requirement = current_->requirement;
        if (f.requirement.empty() && !case_.requirements.empty())
            f.requirement = case_.requirements.front();
        f.expected = std::move(expected);
        f.seen = std::move(seen);
        findings_.push_back(std::move(f));
        return findings_.back();
    }

    std::string hosts() const {
        return lists(current_->hosts, "*") ? "any host" : join(current_->hosts);
    }

    bool at_host(const event& e) const {
        return e.where == fakemx::leg::host && lists(current_->hosts, e.party);
    }

    template <class Predicate>
    std::vector<const event*> select(Predicate wanted) const {
        std::vector<const event*> found;
        for (const auto& e : log_)
            if (wanted(e))
                found.push_back(&e);
        return found;
    }

    /// Events of each connection to the hosts in question.
    std::map<std::pair<std::string, unsigned>, std::vector<const event*>> by_connection() const {
        std::map<std::pair<std::string, unsigned>, std::vector<const event*>> found;
        for (const auto& e : log_)
            if (at_host(e) && e.connection > 0)
                found[{e.party, e.connection}].push_back(&e);
        return found;
    }

    void count(const std::vector<const event*>& found,
               unsigned least,
               const std::optional<unsigned>& most,
               std::string_view too_few,
               std::string_view too_many,
               const counted& what) {
        const auto n = found.size();
        if (n < least)
            add(too_few, how_many(least, most, what), std::to_string(n));
        else if (most && n > *most)
            add(too_many,
                how_many(least, most, what),
                std::to_string(n) + "; number " + std::to_string(*most + 1) + " " +
                    describe(*found[*most]));
    }

    /// The least number: `min`, or 1 unless only a most was given.
    unsigned least() const {
        return current_->min.value_or(current_->max || current_->at_once ? 0U : 1U);
    }

    void connections() {
        const auto found =
            select([&](const event& e) { return e.kind == event_kind::connected && at_host(e); });
        count(found,
              least(),
              current_->max,
              "missing-connection",
              current_->max == 0U ? "unexpected-connection" : "extra-connection",
              {"connection", "connections", "to " + hosts()});
        if (current_->at_once)
            at_once(*current_->at_once);
    }

    void at_once(unsigned most) {
        std::vector<connection_life> lives;
        for (const auto& [key, events] : by_connection())
            lives.push_back(life_of(events));
        const bool live = target_.kind != target_kind::library;
        if (const auto* beyond = first_beyond(lives, most, live))
            add("too-many-at-once",
                "at most " + std::to_string(most) + " connections open at once to " + hosts(),
                "number " + std::to_string(most + 1) + " " + describe(*beyond));
    }

    bool is_match(const std::string& line) const {
        return matches_whole(current_->matches, line) ||
               matches_whole(current_->matches, with_upper_verb(line));
    }

    bool is_wanted(const std::string& line) const {
        if (!current_->matches.empty())
            return is_match(line);
        return same_command(line, current_->is);
    }

    void command() {
        const auto found = select([&](const event& e) {
            return e.kind == event_kind::received && at_host(e) && is_wanted(e.text);
        });
        const auto line = current_->matches.empty() ? current_->is : "/" + current_->matches + "/";
        // FORMAT.md: the least number is 1, also when only `max` is given above zero.
        const auto low = current_->min.value_or(current_->max == 0U ? 0U : 1U);
        const auto before = findings_.size();
        count(found,
              low,
              current_->max,
              "command-syntax",
              "command-syntax",
              {"line", "lines", escape(line, 300) + " at " + hosts()});
        if (findings_.size() > before && found.size() < low)
            findings_.back().seen += lines_like(line);
    }

    /// For the report: the lines that came instead, those of the same verb first.
    std::string lines_like(const std::string& wanted) const {
        const auto verb = to_upper(wanted.substr(0, wanted.find_first_of(" :")));
        std::string text;
        for (const auto& e : log_)
            if (e.kind == event_kind::received && at_host(e) &&
                (!current_->matches.empty() || to_upper(e.text).starts_with(verb)))
                text += (text.empty() ? "; seen instead: " : " | ") + escape(e.text, 100);
        return text.substr(0, 600);
    }

    void never() {
        const bool connection = current_->commands.empty() && current_->matches.empty();
        const auto found = select([&](const event& e) {
            if (!at_host(e))
                return false;
            if (connection)
                return e.kind == event_kind::connected;
            if (e.kind != event_kind::received)
                return false;
            if (!current_->matches.empty() && is_match(e.text))
                return true;
            return !current_->commands.empty() &&
                   lists_any_case(current_->commands, parse_command(e.text).name);
        });
        if (found.empty())
            return;
        if (connection)
            // After the last client: that its end was noticed too late is a matter of time.
            add("unexpected-connection", "no connection to " + hosts(), describe(*found.front()))
                .timing = case_.watch > duration::zero();
        else if (!current_->commands.empty())
            add("data-sent",
                "never " + join(current_->commands) + " at " + hosts(),
                describe(*found.front()));
        else
            add("command-syntax",
                "never a line matching " + escape(current_->matches, 200) + " at " + hosts(),
                describe(*found.front()));
    }

    std::vector<const event*> queries() const {
        return select([&](const event& e) {
            if (e.where != fakemx::leg::dns || e.kind != event_kind::query)
                return false;
            const auto [type, name] = split_query(e.text);
            return lists_any_case(current_->types, type) &&
                   (current_->name.empty() || current_->name == "*" ||
                    iequals(name, current_->name));
        });
    }

    counted queries_meant() const {
        const auto types = join(current_->types, "/");
        return {types + " query",
                types + " queries",
                "for " + (current_->name.empty() ? "any name" : current_->name)};
    }

    void query() {
        count(queries(), least(), current_->max, "missing-query", "extra-query", queries_meant());
    }

    void never_query() {
        const auto found = queries();
        const auto meant = queries_meant();
        if (!found.empty())
            add("extra-query", "no " + meant.one + " " + meant.which, describe(*found.front()));
    }

    void order() {
        std::vector<std::pair<std::size_t, std::string>> firsts;
        for (const auto& host : current_->hosts) {
            const auto found = std::find_if(log_.begin(), log_.end(), [&](const event& e) {
                return e.where == fakemx::leg::host && e.party == host &&
                       e.kind == event_kind::connected;
            });
            if (found == log_.end()) {
                add("missing-connection", "a connection to " + host, "none");
                return;
            }
            firsts.emplace_back(found - log_.begin(), host);
        }
        if (std::is_sorted(firsts.begin(), firsts.end()))
            return;
        std::sort(firsts.begin(), firsts.end());
        std::vector<std::string> names;
        for (const auto& first : firsts)
            names.push_back(first.second);
        add("wrong-order", "first connections in the order " + join(current_->hosts), join(names));
    }

    void quiet_before_greeting() {
        const auto found = select(
            [&](const event& e) { return e.kind == event_kind::early_octets && at_host(e); });
        if (!found.empty())
            add("spoke-before-greeting",
                "not one octet before the greeting of " + hosts(),
                describe(*found.front()));
    }

    // A host notes lines that came too early; a line after one that was never answered is seen from
    // the order. QUIT after a timer's expiry is the exception: it gives up (CBV-DLG-008).
    // With verbs named, only their lines have to wait: MAIL and RCPT may go out together where
    // PIPELINING is offered, QUIT may not. Unnamed, a QUIT that does not wait is courtesy cut
    // short.
    void one_at_a_time() {
        const auto& verbs = current_->commands;
        for (const auto& [key, events] : by_connection()) {
            unsigned unanswered = 0;
            bool noted = false;
            for (const auto* e : events) {
                if (e->kind == event_kind::sent && (e->text.size() < 4 || e->text[3] != '-'))
                    unanswered -= unanswered > 0 ? 1 : 0;
                noted = noted || (e->kind == event_kind::note && e->text == fakemx::pipelined_note);
                if (e->kind != event_kind::received)
                    continue;
                const auto verb = to_upper(e->text.substr(0, e->text.find(' ')));
                const bool early = noted || (unanswered > 0 && (!verbs.empty() || verb != "QUIT"));
                if (early && (verbs.empty() || lists(verbs, verb))) {
                    add("pipelined-without-offer",
                        "each command after the reply to the one before it",
                        describe(*e));
                    return;
                }
                ++unanswered;
                noted = false;
            }
        }
    }

    // A client that said QUIT has ended the session itself, though the host is the first to close
    // (RFC 5321 section 4.1.1.10).
    void last_command() {
        for (const auto& [key, events] : by_connection()) {
            const event* last = nullptr;
            bool we_ended = false; // the host ended it: nothing more could be sent
            for (const auto* e : events) {
                if (e->kind == event_kind::received)
                    last = e;
                if (e->kind == event_kind::closed || e->kind == event_kind::reset)
                    we_ended = true;
                if (e->kind == event_kind::peer_closed || e->kind == event_kind::peer_reset)
                    break;
            }
            const bool right = last != nullptr && same_command(last->text, current_->is);
            const bool said_quit = last != nullptr && same_command(last->text, "QUIT");
            if (right || (we_ended && !said_quit))
                continue;
            add("no-quit",
                "last line of " + key.first + "#" + std::to_string(key.second) + ": " +
                    escape(current_->is, 200),
                last == nullptr ? "no line at all" : describe(*last));
            return;
        }
    }

    void hang_up() {
        for (const auto& [key, events] : by_connection()) {
            const auto start = events.front()->at;
            const event* end = nullptr;
            for (const auto* e : events)
                if (ends_connection(e->kind)) {
                    end = e;
                    break;
                }
            const auto bound = *current_->within;
            if (end != nullptr && end->at - start <= bound + target_.slack)
                continue;
            add("timer-missing",
                key.first + "#" + std::to_string(key.second) + " closed within " +
                    in_seconds(bound),
                end == nullptr ? "still open at the end" : "after " + in_seconds(end->at - start))
                .timing = true;
            return;
        }
    }

    const conformance_case& case_;
    const target& target_;
    const fakemx::timeline_log& log_;
    std::vector<finding>& findings_;
    const world_expectation* current_ = nullptr;
};

} // namespace

void judge_world(const conformance_case& c,
                 const target& t,
                 const observation& seen,
                 std::vector<finding>& findings) {
    world_judge judge{c, t, seen, findings};
    for (const auto& e : c.expect)
        judge.judge(e);
}

} // namespace cbv::engine
