// Mutants of section "Timers": timers that are missing, too short, restarted or taken for a
// refusal, and a client that waits too long.
#include "blocks.hpp"

#include <map>

namespace cbv::mutants {
namespace {

using std::chrono::seconds;

/// The timer of a stage is `factor` times what was declared.
change stretched(duration timeouts::*timer, int factor) {
    return with_timers([timer, factor](timeouts& t) { t.*timer *= factor; });
}

change shortened(duration timeouts::*timer, int divisor) {
    return with_timers([timer, divisor](timeouts& t) { t.*timer /= divisor; });
}

change fails_on_timeout(stage at) {
    return rewrite_verdict([at](verdict& v) {
        if (v.why == cause::timeout && v.at == at)
            give(v, verdict_kind::fail);
    });
}

/// Gives a connection up whose reply comes in more than ten pieces.
class wants_whole_replies : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    void on_bytes(unsigned id, std::string_view bytes, instant now) override {
        auto& pieces = pieces_[id];
        pieces = bytes.ends_with('\n') ? 0 : pieces + 1;
        if (pieces > 10)
            inner_->on_error(id, now);
        else
            inner_->on_bytes(id, bytes, now);
    }

private:
    std::map<unsigned, unsigned> pieces_;
};

} // namespace

void add_time(collection& all) {
    struct one {
        const char* name;
        duration timeouts::*timer;
    };
    for (const auto& [name, timer] : {one{"connect", &timeouts::connect},
                                      one{"greeting", &timeouts::greeting},
                                      one{"ehlo", &timeouts::ehlo},
                                      one{"mail", &timeouts::mail},
                                      one{"rcpt", &timeouts::rcpt},
                                      one{"quit", &timeouts::quit},
                                      one{"dns", &timeouts::dns}})
        all.add({std::string("time-no-timer-") + name,
                 "TIME-001",
                 std::string("waits three times as long as declared at ") + name,
                 {"timer-missing"}},
                stretched(timer, 3));
    for (const auto& [name, timer] : {one{"greeting", &timeouts::greeting},
                                      one{"ehlo", &timeouts::ehlo},
                                      one{"mail", &timeouts::mail},
                                      one{"rcpt", &timeouts::rcpt},
                                      one{"dns", &timeouts::dns}})
        all.add({std::string("time-impatient-") + name,
                 "TIME-001",
                 std::string("waits a tenth of the declared time at ") + name,
                 {"good-path-deferred", "shopped-for-verdict"}},
                shortened(timer, 10));
    all.add({"time-one-timer",
             "TIME-001",
             "has one timer of 35 seconds for every stage, as in 2004",
             {"good-path-deferred", "timer-missing"}},
            with_timers([](timeouts& t) {
                t.connect = t.greeting = t.ehlo = t.mail = t.rcpt = t.quit = t.dns = seconds{35};
            }));
    all.add({"time-rcpt-30s",
             "TIME-005",
             "gives RCPT 30 seconds",
             {"good-path-deferred", "shopped-for-verdict"}},
            with_timers([](timeouts& t) { t.rcpt = seconds{30}; }));
    all.add({"time-budget-270",
             "TIME-003",
             "goes on for 30 seconds after its budget",
             {"budget-exceeded"}},
            with_timers([](timeouts& t) { t.budget = seconds{270}; }));
    all.add({"time-budget-without-dns",
             "TIME-003",
             "does not count lookups against the budget",
             {"budget-exceeded"}},
            clock_stands_for_dns());
    all.add({"time-verdict-late",
             "TIME-007",
             "answers the client 20 seconds after the end of the budget",
             {"budget-exceeded"}},
            edit_receiver({.verdict = [](verdict& v, session& s) {
                if (v.why == cause::budget_exhausted)
                    s.delay = seconds{20};
            }}));
    all.add({"time-budget-refused",
             "TIME-007",
             "refuses when the budget is used up",
             {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::budget_exhausted)
                    give(v, verdict_kind::fail);
            }));
    all.add({"time-budget-accepted",
             "TIME-007",
             "accepts when the budget is used up",
             {"accepted-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::budget_exhausted)
                    give(v, verdict_kind::pass);
            }));
    all.add({"time-lookup-timeout-refused",
             "TIME-004",
             "refuses when the DNS is too slow",
             {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::dns_failure)
                    give(v, verdict_kind::fail);
            }));
    for (const auto at :
         {stage::connect, stage::greeting, stage::ehlo, stage::helo, stage::mail, stage::rcpt})
        all.add({"time-refused-at-" + std::string(to_string(at)),
                 "TIME-004",
                 "refuses a path for silence at " + std::string(to_string(at)) + ", as in 2004",
                 {"permanent-on-temporary"}},
                fails_on_timeout(at));
    all.add({"time-restarted",
             "TIME-006",
             "restarts the timer of a stage with each octet, as Postfix does",
             {"timer-restarted"}},
            restarts_timers());
    all.add({"time-drip-refused",
             "TIME-006",
             "takes a reply that comes in many pieces for a lost connection",
             {"bad-path-deferred"}},
            layer<wants_whole_replies>());
    all.add({"time-replies-withheld",
             "TIME-009",
             "keeps the reply to MAIL while it calls",
             {"replies-withheld"}},
            edit_receiver({.withholds = true}));
}

} // namespace cbv::mutants
