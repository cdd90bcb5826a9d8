// A world for whole verifications on virtual time: DNS and called hosts as tables, and a driver
// that carries out the machine's actions, checks that they make sense, and can do a mischief at any
// event. Bounded: a machine that never ends fails the test. No sockets, no clock.
#pragma once

#include "cbv/text.hpp"
#include "cbv/verification.hpp"
#include "script.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstddef>
#include <functional>
#include <limits>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace cbv::test {

/// What a host says at one point, some time after the moment it could.
struct utterance {
    std::string octets; ///< empty: closes the connection
    duration after = std::chrono::milliseconds{1};
};

/// A called host. As made, it accepts everything.
struct host {
    enum class reach { up, refused, black_hole } reachable = reach::up;
    std::map<std::string, std::vector<utterance>> script; ///< by "greeting" or verb

    /// At `point` it says `line`, CR LF added.
    host& say(const std::string& point,
              const std::string& line,
              duration after = std::chrono::milliseconds{1}) {
        script[point].push_back({line + "\r\n", after});
        return *this;
    }
    host& hold(const std::string& point) { // says nothing, for ever
        script[point].clear();
        return *this;
    }
    host& drop(const std::string& point) { // closes
        script[point] = {{}};
        return *this;
    }
};

/// One thing the machine asked for.
struct entry {
    duration at; ///< since the verification began
    std::string text;
    friend bool operator==(const entry&, const entry&) = default;
    friend std::ostream& operator<<(std::ostream& out, const entry& e) {
        return out << e.at.count() << "us " << escape(e.text);
    }
};

/// How one verification went.
struct course {
    std::optional<verdict> result;
    duration done_at{};     ///< of act::done
    duration finished_at{}; ///< of the last close
    bool finished = false;
    std::vector<entry> log;
    std::size_t events = 0; ///< delivered by the world, timers not counted
    std::string disturbed;  ///< the query whose answer the mischief hit, if it was one

    /// How many entries begin with `text`.
    [[nodiscard]] std::size_t count(const std::string& text) const {
        return static_cast<std::size_t>(std::count_if(
            log.begin(), log.end(), [&](const entry& e) { return e.text.starts_with(text); }));
    }
    /// When the first entry beginning with `text` came; -1 us if none did.
    [[nodiscard]] duration when(const std::string& text) const {
        for (const entry& e : log) {
            if (e.text.starts_with(text))
                return e.at;
        }
        return duration{-1};
    }
};

/// A mischief in place of one event.
struct mischief {
    std::size_t event = std::numeric_limits<std::size_t>::max();
    upset what = upset::close;
};

class virtual_world {
public:
    verification_options options = default_options();
    std::optional<instant> client_waits_since;
    std::size_t segment = std::numeric_limits<std::size_t>::max(); ///< octets delivered at once
    instant begin{std::chrono::seconds{1000}};

    /// An address without a host refuses connections.
    host& at(const std::string& address) { return hosts_[address]; }

    void mx(const std::string& name, std::vector<mx_record> records, duration after = {}) {
        dns_answer a;
        a.status = dns_status::ok;
        a.mx = std::move(records);
        answer(name, record_type::mx, a, after);
    }
    void address(const std::string& name,
                 const std::vector<std::string>& addresses,
                 duration after = {},
                 record_type type = record_type::a) {
        dns_answer a;
        a.status = dns_status::ok;
        for (const std::string& text : addresses)
            a.addresses.push_back(ip_address::parse(text).value());
        answer(name, type, a, after);
    }
    void answer(const std::string& name, record_type type, dns_answer a, duration after = {}) {
        zone_[{name, type}] = {std::move(a), after};
    }
    void status(const std::string& name, record_type type, dns_status s) {
        dns_answer a;
        a.status = s;
        answer(name, type, a);
    }
    void silent(const std::string& name, record_type type) { zone_[{name, type}] = std::nullopt; }

    [[nodiscard]] course run(const std::string& box, mischief m = {}) {
        return run(*parse_mailbox(box), m);
    }
    [[nodiscard]] course run(mailbox box, mischief m = {}) {
        driver d(*this, std::move(box), m);
        return d.run();
    }

    /// The answer where the zone has no record of a type: NODATA, or NXDOMAIN if it has no name.
    [[nodiscard]] dns_answer nothing(const std::string& name) const {
        dns_answer a;
        const bool known = std::any_of(
            zone_.begin(), zone_.end(), [&](const auto& r) { return r.first.first == name; });
        a.status = known ? dns_status::ok : dns_status::nxdomain;
        return a;
    }

    static verification_options default_options() {
        verification_options o;
        o.dialogue.decisions.standing = standing_mode::off; // verification_standing_test.cpp has it
        o.dialogue.helo_name = "verifier.example.net";
        o.addresses.permit(*ip_prefix::parse("198.18.0.0/15"));
        o.addresses.permit(*ip_prefix::parse("2001:db8::/32"));
        return o;
    }

private:
    using record = std::optional<std::pair<dns_answer, duration>>; // nothing: never answers

    /// One run.
    class driver {
    public:
        driver(virtual_world& world, mailbox box, mischief m)
            : world_(world), mischief_(m), now_(world.begin),
              machine_(std::move(box), world.options, now_, world.client_waits_since) {}

        course run() {
            for (int step = 0; step < 5000; ++step) {
                drain();
                if (machine_.finished())
                    break;
                const auto due = machine_.deadline();
                if (!events_.empty() && (!due || events_.begin()->first <= *due)) {
                    now_ = events_.begin()->first;
                    const auto next = std::move(events_.begin()->second);
                    events_.erase(events_.begin());
                    deliver(next);
                } else if (due) {
                    now_ = std::max(now_, *due);
                    machine_.on_time(now_);
                } else {
                    ADD_FAILURE() << "nothing to wait for, and not finished";
                    break;
                }
            }
            course_.finished = machine_.finished();
            course_.finished_at = now_ - world_.begin;
            course_.result = machine_.result();
            check_end();
            return course_;
        }

    private:
        enum class kind { dns, connected, refused, octets, eof };
        struct event {
            kind what;
            unsigned id;
            std::string octets{};
            dns_answer answer{};
        };

        void drain() {
            while (auto a = machine_.next_action())
                std::visit([this](auto& act) { perform(act); }, *a);
        }
        void note(std::string text) {
            course_.log.push_back({now_ - world_.begin, std::move(text)});
        }
        void schedule(duration after, event e) { events_.emplace(now_ + after, std::move(e)); }

        void perform(act::query_dns& a) {
            EXPECT_FALSE(done_) << "a query after the verdict";
            EXPECT_TRUE(ids_.insert(a.id).second) << "id used twice";
            queries_[a.id] = std::string(to_string(a.type)) + " " + a.name;
            note("query " + queries_[a.id]);
            const auto found = world_.zone_.find({a.name, a.type});
            if (found == world_.zone_.end())
                schedule({}, {kind::dns, a.id, {}, world_.nothing(a.name)});
            else if (found->second)
                schedule(found->second->second, {kind::dns, a.id, {}, found->second->first});
        }
        void perform(act::connect& a) {
            EXPECT_FALSE(done_) << "a connection after the verdict";
            EXPECT_TRUE(ids_.insert(a.id).second) << "id used twice";
            EXPECT_EQ(a.port, world_.options.port);
            note("connect " + a.address.to_string() + " " + a.host);
            open_[a.id] = a.address.to_string();
            const auto found = world_.hosts_.find(open_[a.id]);
            const auto reach =
                found == world_.hosts_.end() ? host::reach::refused : found->second.reachable;
            if (reach == host::reach::up)
                schedule(std::chrono::milliseconds{1}, {kind::connected, a.id});
            else if (reach == host::reach::refused)
                schedule(std::chrono::milliseconds{1}, {kind::refused, a.id});
        }
        void perform(act::send& a) {
            ASSERT_TRUE(open_.contains(a.id)) << "octets for a closed connection";
            note("send " + open_[a.id] + " " + a.octets);
            std::size_t from = 0;
            while (from < a.octets.size()) { // one answer for each command
                const std::size_t end = a.octets.find("\r\n", from);
                ASSERT_NE(end, std::string::npos) << "a command without CR LF";
                const std::string line = a.octets.substr(from, end - from);
                speak(a.id, line.substr(0, line.find(' ')));
                from = end + 2;
            }
        }
        void perform(act::close& a) {
            ASSERT_EQ(open_.count(a.id), 1U) << "closed twice, or never opened";
            note("close " + open_[a.id]);
            open_.erase(a.id);
        }
        void perform(act::done& a) {
            EXPECT_FALSE(done_) << "two verdicts";
            done_ = true;
            course_.done_at = now_ - world_.begin;
            EXPECT_EQ(a.result.elapsed, course_.done_at);
            note("done " + std::string(to_string(a.result.kind)) + " " +
                 std::string(to_string(a.result.why)));
        }

        void speak(unsigned id, const std::string& point) {
            const host& h = world_.hosts_.at(open_.at(id));
            static const std::map<std::string, std::string> good{{"greeting", "220 mx ESMTP"},
                                                                 {"QUIT", "221 bye"}};
            const auto own = h.script.find(point);
            std::vector<utterance> all;
            if (own != h.script.end())
                all = own->second;
            else
                all = {{(good.contains(point) ? good.at(point) : "250 ok") + "\r\n"}};
            duration at{};
            for (const utterance& u : all) {
                at += u.after;
                if (u.octets.empty())
                    schedule(at, {kind::eof, id});
                for (std::size_t from = 0; from < u.octets.size();) {
                    const std::size_t size = std::min(world_.segment, u.octets.size() - from);
                    schedule(at, {kind::octets, id, u.octets.substr(from, size)});
                    from += size;
                }
            }
        }

        void deliver(const event& e) {
            if (e.what != kind::dns && (!open_.contains(e.id) || muted_.contains(e.id)))
                return;
            const std::size_t number = course_.events++;
            if (number == mischief_.event)
                return disturb(e);
            switch (e.what) {
            case kind::dns:
                return machine_.on_dns(e.id, e.answer, now_);
            case kind::connected:
                machine_.on_connected(e.id, now_);
                return speak(e.id, "greeting");
            case kind::refused:
                return machine_.on_refused(e.id, now_);
            case kind::octets:
                return machine_.on_bytes(e.id, e.octets, now_);
            case kind::eof:
                return machine_.on_eof(e.id, now_);
            }
        }

        void disturb(const event& e) {
            if (e.what == kind::dns)
                course_.disturbed = queries_.at(e.id);
            if (mischief_.what == upset::cancel)
                return machine_.cancel(now_);
            if (mischief_.what == upset::timeout) {
                muted_.insert(e.id);
                return;
            }
            if (e.what == kind::dns)
                return machine_.on_dns(e.id, {}, now_);
            if (e.what == kind::connected || e.what == kind::refused)
                return machine_.on_refused(e.id, now_);
            muted_.insert(e.id);
            switch (mischief_.what) {
            case upset::close:
                return machine_.on_eof(e.id, now_);
            case upset::malformed:
                return machine_.on_bytes(e.id, "what?\r\n", now_);
            case upset::half:
                machine_.on_bytes(e.id, e.octets.substr(0, e.octets.find('\n') / 2), now_);
                break;
            default:
                break;
            }
            machine_.on_error(e.id, now_);
        }

        // CBV-LOAD-006 and the contract: nothing lingers, and late events change nothing.
        void check_end() {
            EXPECT_TRUE(course_.finished);
            EXPECT_TRUE(open_.empty()) << "a connection was left open";
            EXPECT_TRUE(done_);
            EXPECT_FALSE(machine_.deadline());
            for (unsigned id = 0; id < 50; ++id) {
                machine_.on_dns(id, {}, now_);
                machine_.on_connected(id, now_);
                machine_.on_bytes(id, "250 late\r\n", now_);
                machine_.on_eof(id, now_);
                machine_.on_refused(id, now_);
                machine_.on_error(id, now_);
            }
            machine_.on_time(now_ + std::chrono::hours{1});
            machine_.cancel(now_);
            EXPECT_FALSE(machine_.next_action());
            EXPECT_TRUE(machine_.finished() || !course_.finished);
        }

        virtual_world& world_;
        mischief mischief_;
        instant now_;
        verification machine_;
        std::multimap<instant, event> events_; // equal times in the order of insertion
        std::map<unsigned, std::string> open_, queries_;
        std::set<unsigned> ids_, muted_;
        bool done_ = false;
        course course_;
    };

    std::map<std::pair<std::string, record_type>, record> zone_;
    std::map<std::string, host> hosts_;
};

/// The call came to this verdict, for this reason and by this rule.
inline void expect(const course& c, verdict_kind kind, cause why, std::string_view requirement) {
    ASSERT_TRUE(c.result);
    EXPECT_EQ(c.result->kind, kind) << to_string(c.result->kind);
    EXPECT_EQ(c.result->why, why) << to_string(c.result->why);
    EXPECT_EQ(c.result->requirement, requirement);
}

} // namespace cbv::test
