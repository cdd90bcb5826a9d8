// Whole courses of a manager with a small driver that obeys it, in many orders of events drawn from
// a counter: limits hold at every moment, every client is answered once, nothing is left at the
// end.
#include "manager_desk.hpp"

#include <gtest/gtest.h>

#include <array>
#include <cstdint>
#include <deque>
#include <map>
#include <set>
#include <string>
#include <utility>

namespace {

using namespace std::chrono_literals;
using cbv::call_manager_options;
using cbv::cause;
using cbv::instant;
using cbv::ip_address;
using cbv::permission;
using cbv::verdict;
using cbv::verdict_kind;
using cbv::test::box;
using cbv::test::make_verdict;

using attempt = std::pair<unsigned, unsigned>;

class obedient_driver {
public:
    obedient_driver(const call_manager_options& o, std::uint64_t seed)
        : options_(o), manager_(o), state_(seed) {}

    void run(unsigned clients) {
        for (unsigned left = clients;
             left > 0 || !waiting_.empty() || !calls_.empty() || !lingering_.empty();) {
            ASSERT_LT(++steps_, 20000U) << "it does not end";
            const unsigned what = draw(10);
            now_ += std::chrono::milliseconds{draw(400)};
            if (what < 3 && left > 0) {
                --left;
                const instant since = now_ - std::chrono::seconds{draw(3) * 10};
                waiting_.insert(manager_.ask(box(path()), now_, {since, {}, {}}));
            } else if (what == 3 && !waiting_.empty()) {
                const unsigned gone = pick(waiting_);
                waiting_.erase(gone);
                manager_.withdraw(gone, now_);
            } else if (what == 4 && !lingering_.empty()) {
                close(pick(lingering_));
            } else if (!calls_.empty()) {
                advance(std::next(calls_.begin(), draw(calls_.size()))->first);
            }
            if (const auto due = manager_.deadline(); due && *due <= now_)
                manager_.on_time(now_);
            obey();
            check();
        }
        EXPECT_TRUE(waiting_.empty());
        EXPECT_EQ(manager_.calls(), 0U);
        EXPECT_FALSE(manager_.deadline());
    }

    /// Every place is free: as many attempts as the limits allow may be opened at once.
    void expect_all_free() {
        now_ += 24h * 365; // nothing that was kept or counted matters any more
        for (unsigned i = 0; i < options_.attempts_in_all; ++i) {
            (void)manager_.ask(box("new" + std::to_string(i) + "@d.example"), now_, {now_, {}, {}});
            obey();
            const auto call = calls_.rbegin()->first;
            const auto to = addresses[i / options_.attempts_per_address];
            EXPECT_EQ(manager_.on_connect(call, 1, to, now_), permission::now) << i;
        }
    }

    unsigned answered = 0, cancelled = 0, allowed = 0, waited = 0;

private:
    static const std::array<ip_address, 3> addresses;

    struct call_state {
        unsigned last_attempt = 0;
        bool open = false;  // the last attempt
        bool waits = false; // for its place
        bool cancel = false;
    };

    unsigned draw(std::size_t below) { // a linear congruential generator: the same on every machine
        state_ = state_ * 6364136223846793005U + 1442695040888963407U;
        return static_cast<unsigned>((state_ >> 33U) % below);
    }
    template <class Set>
    typename Set::value_type pick(const Set& all) {
        return *std::next(all.begin(), draw(all.size()));
    }
    std::string path() {
        return "u" + std::to_string(draw(8)) + "@d" + std::to_string(draw(2)) + ".example";
    }

    // The verification does something: a connection comes, goes, or it has its verdict.
    void advance(unsigned id) {
        call_state& c = calls_.at(id);
        if (c.cancel)
            return finish(id, make_verdict(verdict_kind::tempfail, cause::cancelled));
        if (c.open || c.waits) {
            if (c.waits || draw(2) == 0) { // the place never came, or the host is no help
                c.open = c.waits = false;
                return close({id, c.last_attempt});
            }
            return finish(id, verdicts()[draw(verdicts().size())]);
        }
        if (c.last_attempt == 3)
            return finish(id, make_verdict(verdict_kind::tempfail, cause::timeout));
        const attempt mine{id, ++c.last_attempt};
        const auto to = addresses[draw(addresses.size())];
        to_[mine] = to;
        switch (manager_.on_connect(id, c.last_attempt, to, now_)) {
        case permission::now:
            open_.insert(mine);
            c.open = true;
            break;
        case permission::later:
            ++waited;
            c.waits = true;
            break;
        case permission::skip: // no verdict here refuses the verifier
        case permission::never:
            break; // a cancel follows
        }
    }

    static const std::array<verdict, 4>& verdicts() {
        static const std::array all{make_verdict(verdict_kind::pass, cause::accepted),
                                    make_verdict(verdict_kind::fail, cause::mailbox_refused),
                                    make_verdict(verdict_kind::fail, cause::null_sender_refused),
                                    make_verdict(verdict_kind::tempfail, cause::temporary_reply)};
        return all;
    }

    // The last connection may wait for QUIT still.
    void finish(unsigned id, verdict v) {
        const call_state c = calls_.at(id);
        const attempt last{id, c.last_attempt};
        calls_.erase(id);
        if (c.open && !c.cancel && draw(2) == 0)
            lingering_.insert(last);
        else if (c.open || c.waits)
            close(last);
        manager_.on_verdict(id, std::move(v), now_);
    }

    void close(attempt a) {
        open_.erase(a);
        lingering_.erase(a);
        manager_.on_close(a.first, a.second, now_);
    }

    void obey() {
        while (const auto next = manager_.next_action()) {
            if (const auto* s = std::get_if<cbv::manage::start>(&*next)) {
                EXPECT_TRUE(calls_.emplace(s->call, call_state{}).second);
            } else if (const auto* c = std::get_if<cbv::manage::cancel>(&*next)) {
                ++cancelled;
                EXPECT_FALSE(std::exchange(calls_.at(c->call).cancel, true)) << "cancelled twice";
            } else if (const auto* w = std::get_if<cbv::manage::allow>(&*next)) {
                ++allowed;
                call_state& mine = calls_.at(w->call); // throws for a call that has ended
                EXPECT_FALSE(mine.cancel);
                EXPECT_EQ(mine.last_attempt, w->attempt);
                EXPECT_TRUE(std::exchange(mine.waits, false));
                mine.open = true;
                open_.insert({w->call, w->attempt});
            } else if (const auto* r = std::get_if<cbv::manage::answer>(&*next)) {
                ++answered;
                EXPECT_EQ(waiting_.erase(r->client), 1U) << "answered twice, or gone";
            }
        }
    }

    void check() {
        std::map<ip_address, unsigned> at;
        for (const attempt& a : open_)
            EXPECT_LE(++at[to_.at(a)], options_.attempts_per_address); // CBV-LOAD-002
        EXPECT_LE(open_.size(), options_.attempts_in_all);
        EXPECT_EQ(manager_.calls(), calls_.size());
        EXPECT_LE(calls_.size(), options_.calls_in_all);
    }

    call_manager_options options_;
    cbv::call_manager manager_;
    std::uint64_t state_;
    instant now_{1000s};
    unsigned steps_ = 0;
    std::set<unsigned> waiting_; // clients
    std::map<unsigned, call_state> calls_;
    std::set<attempt> open_, lingering_;
    std::map<attempt, ip_address> to_;
};

const std::array<ip_address, 3> obedient_driver::addresses{*ip_address::parse("198.18.0.1"),
                                                           *ip_address::parse("198.18.0.2"),
                                                           *ip_address::parse("2001:db8::1")};

void run_many(const call_manager_options& o) {
    unsigned answered = 0, cancelled = 0, allowed = 0, waited = 0;
    for (std::uint64_t seed = 1; seed <= 60; ++seed) {
        SCOPED_TRACE(seed);
        obedient_driver d{o, seed};
        d.run(60);
        d.expect_all_free();
        answered += d.answered;
        cancelled += d.cancelled;
        allowed += d.allowed;
        waited += d.waited;
        if (testing::Test::HasFailure())
            return;
    }
    // The orders are worth something: everything happened.
    EXPECT_GT(answered, 1000U);
    EXPECT_GT(waited, allowed);
    EXPECT_GT(allowed, 50U);
    if (o.answer_early_after == cbv::duration{}) {
        EXPECT_GT(cancelled, 50U);
    }
}

call_manager_options narrow() {
    call_manager_options o;
    o.attempts_per_address = 1;
    o.attempts_in_all = 2;
    o.cache.max_entries = 4;
    o.calls_per_domain = 60; // else few calls are left to look at
    return o;
}

TEST(CallManagerCourse, NothingIsLeftInTheEnd) { // CBV-LOAD-001, 002, 006
    run_many(narrow());
}

TEST(CallManagerCourse, NothingIsLeftWithoutACache) {
    auto o = narrow();
    o.cache.enabled = false;
    run_many(o);
}

TEST(CallManagerCourse, NothingIsLeftInTheBackground) { // CBV-TIME-008
    auto o = narrow();
    o.cache.enabled = false;
    o.answer_early_after = 2s;
    run_many(o);
}

TEST(CallManagerCourse, NothingIsLeftAtTheLimits) { // CBV-LOAD-003
    auto o = narrow();
    o.cache.enabled = false;
    o.calls_in_all = 5;
    o.calls_per_domain = 20;
    o.over_limit = verdict_kind::none;
    run_many(o);
}

TEST(CallManagerCourse, NothingIsLeftWhereSomeObject) { // CBV-LOAD-005
    auto o = narrow();
    o.cache.enabled = false;
    o.uncalled_addresses = {*cbv::ip_prefix::parse("2001:db8::/32")};
    o.uncalled_domains = {"d1.example"};
    run_many(o);
}

} // namespace
