// Whole verifications with a mischief at every event, cancelled at every event, and with the hosts'
// octets cut in every size. The driver (virtual_world.hpp) checks each time that the call ends,
// with nothing open and nothing to wait for.
#include "cbv/verification.hpp"
#include "virtual_world.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace {

using namespace std::chrono_literals;
using cbv::cause;
using cbv::verdict_kind;
using cbv::test::course;
using cbv::test::host;
using cbv::test::upset;
using cbv::test::virtual_world;

struct scenario {
    std::string name;
    virtual_world world;
    std::string box = "joe@example.org";
};

/// Two hosts at different preferences; what each says is up to the scenario.
virtual_world two_hosts() {
    virtual_world w;
    w.mx("example.org", {{10, "mx1.example.org"}, {20, "mx2.example.org"}}, 1ms);
    w.address("mx1.example.org", {"198.18.0.1"}, 1ms);
    w.address("mx2.example.org", {"198.18.0.2"}, 1ms);
    w.at("198.18.0.1");
    w.at("198.18.0.2");
    return w;
}

std::vector<scenario> scenarios() {
    std::vector<scenario> all;
    const auto add = [&all](const std::string& name) -> virtual_world& {
        all.push_back({name, two_hosts(), "joe@example.org"});
        return all.back().world;
    };
    add("pass");
    add("refused").at("198.18.0.1").say("RCPT", "550-no\r\n550 such user");
    add("null sender refused").at("198.18.0.1").say("MAIL", "550 no bounces");
    {
        virtual_world& w = add("both refuse");
        w.at("198.18.0.1").say("EHLO", "502 what").say("RCPT", "550 no");
        w.at("198.18.0.2").say("RCPT", "550 no");
    }
    {
        virtual_world& w = add("greylisted, then refused");
        w.at("198.18.0.1").say("RCPT", "450 later").say("QUIT", "221 bye", 2s);
        w.at("198.18.0.2").say("RCPT", "550 no");
    }
    {
        virtual_world& w = add("521");
        w.at("198.18.0.1").say("greeting", "521 no mail");
        w.at("198.18.0.2").say("greeting", "521 no mail");
    }
    {
        virtual_world& w = add("pipelined, with NOOP");
        w.options.dialogue.pipelining = true;
        w.options.dialogue.noop_text = "cbv";
        w.at("198.18.0.1").script["EHLO"] = {{"250-mx\r\n250 PIPELINING\r\n"}};
        w.at("198.18.0.1").say("MAIL", "550 no");
    }
    {
        virtual_world& w = add("no SMTPUTF8");
        static_cast<void>(w);
        all.back().box = "j\xC3\xB6@example.org";
    }
    {
        virtual_world& w = add("dead");
        w.at("198.18.0.1").reachable = host::reach::refused;
        w.at("198.18.0.2").reachable = host::reach::black_hole;
    }
    all.push_back({"literal", two_hosts(), "joe@[198.18.0.1]"});
    all.back().world.at("198.18.0.1").say("RCPT", "550 no");
    return all;
}

bool was_done_before(const course& undisturbed, const course& disturbed) {
    return disturbed.done_at == undisturbed.done_at &&
           disturbed.result->kind == undisturbed.result->kind &&
           disturbed.result->why == undisturbed.result->why;
}

// CBV-TIME-004, CBV-INT-010: no fault makes a `fail`. One that comes after the verdict, or at a
// host that is asked no more, changes nothing.
TEST(verification_faults, end_every_call_and_never_make_a_fail) {
    for (scenario& s : scenarios()) {
        const course undisturbed = s.world.run(s.box);
        ASSERT_TRUE(undisturbed.result) << s.name;
        for (std::size_t event = 0; event < undisturbed.events; ++event) {
            for (const upset u : cbv::test::every_upset) {
                SCOPED_TRACE(s.name + ", " + name_of(u) + " at event " + std::to_string(event));
                const course c = s.world.run(s.box, {event, u});
                ASSERT_TRUE(c.result);
                if (was_done_before(undisturbed, c))
                    continue;
                // The host's IPv4 address was known all the same: its refusal is a real one.
                if (!c.disturbed.starts_with("AAAA")) {
                    EXPECT_NE(c.result->kind, verdict_kind::fail) << to_string(c.result->why);
                }
                EXPECT_LE(c.done_at, 240s);
                if (u == upset::cancel) {
                    EXPECT_EQ(c.result->kind, verdict_kind::tempfail);
                    EXPECT_EQ(c.result->why, cause::cancelled);
                    EXPECT_EQ(c.finished_at, c.done_at);
                }
            }
        }
    }
}

// CBV-LOAD-006: cancelled before the driver fetched anything, nothing is begun.
TEST(verification_faults, withdraws_what_was_not_fetched) {
    const cbv::instant now{};
    for (const char* box : {"joe@example.org", "joe@[198.18.0.1]"}) {
        cbv::verification v(*cbv::parse_mailbox(box), virtual_world::default_options(), now);
        v.cancel(now);
        const auto only = v.next_action();
        ASSERT_TRUE(only);
        const auto* done = std::get_if<cbv::act::done>(&*only);
        ASSERT_NE(done, nullptr);
        EXPECT_EQ(done->result.why, cause::cancelled);
        EXPECT_EQ(done->result.requirement, "CBV-LOAD-006");
        EXPECT_FALSE(v.next_action());
        EXPECT_TRUE(v.finished());
        EXPECT_FALSE(v.deadline());
        v.cancel(now); // again: nothing
        EXPECT_FALSE(v.next_action());
    }
}

// The verdict stands when the client goes while QUIT waits.
TEST(verification_faults, keeps_the_verdict_when_cancelled_after_it) {
    auto w = two_hosts();
    w.at("198.18.0.1").say("QUIT", "221 bye", 2s);
    const course whole = w.run("joe@example.org");
    const course c = w.run("joe@example.org", {whole.events - 1, upset::cancel});
    EXPECT_EQ(c.result->kind, verdict_kind::pass);
    EXPECT_EQ(c.done_at, whole.done_at);
    EXPECT_EQ(c.log, whole.log); // closed when the 221 would have come
}

TEST(verification_faults, does_the_same_in_every_segmentation) {
    for (scenario& s : scenarios()) {
        const course whole = s.world.run(s.box);
        for (std::size_t segment = 1; segment < 40; ++segment) {
            s.world.segment = segment;
            const course cut = s.world.run(s.box);
            EXPECT_EQ(cut.log, whole.log) << s.name << ", segments of " << segment;
        }
    }
}

// A host that talks without end is dropped at the bound of a reply (CBV-DLG-013), one that repeats
// its replies at the first repetition: nothing of it may decide.
TEST(verification_faults, decide_nothing_by_replies_out_of_step) {
    for (const char* point : {"greeting", "EHLO", "MAIL"}) {
        auto w = two_hosts();
        const std::string line = point == std::string("greeting") ? "220 hi" : "250 ok";
        w.at("198.18.0.1").say(point, line + "\r\n550 no\r\n550 no\r\n550 no");
        w.at("198.18.0.2").reachable = host::reach::refused;
        const course c = w.run("joe@example.org");
        EXPECT_EQ(c.result->kind, verdict_kind::tempfail) << point;
        ASSERT_EQ(c.result->attempts.size(), 2U);
        EXPECT_EQ(c.result->attempts[0].why, cause::protocol_error) << point;
    }
}

} // namespace
