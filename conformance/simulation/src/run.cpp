// The run's loop; see the header.
#include "simulation/run.hpp"

#include "callout_verifier.hpp"
#include "library_verifier.hpp"
#include "mail.hpp"

#include <algorithm>
#include <limits>
#include <stdexcept>

namespace simulation {
namespace {

constexpr instant beginning{std::chrono::hours{1000}};

/// No verification: everything is accepted.
class open_door : public verifier {
public:
    explicit open_door(desk& d) : desk_(d) {}
    void ask(std::uint32_t letter, instant now) override {
        desk_.decide(letter, answer::accept, cbv::verdict_kind::none, now);
    }
    void on(const event&) override {}

private:
    desk& desk_;
};

class one_run : public desk {
public:
    one_run(const settings& s, const policy& p, std::uint64_t seed)
        : world_(s, seed), mail_(s, world_, seed), bounces_(part_of(seed, 2)),
          bounce_share_(s.number("bounce_share")), refuses_by_spf_(s.number("refuses_by_spf") > 0),
          minutes_(static_cast<std::size_t>(s.count("minutes")) + 1, 0) {
        const std::uint64_t n = s.count("verifiers");
        if (n < 1 || n > 1'000'000)
            throw std::runtime_error("verifiers must be 1 to 1000000");
        rules_ = p.kind == "rules" ? std::optional(rules_of(p)) : std::nullopt;
        for (std::uint32_t v = 0; v < n; ++v)
            verifiers_.push_back(make(p, v, part_of(seed, 100'000'000 + v).next()));
        end_ = beginning + std::chrono::minutes{static_cast<std::int64_t>(s.count("minutes"))};
    }

    counts go() {
        for (std::uint32_t i = 0; i < mail_.streams(); ++i)
            plan_next(i);
        while (!queue_.empty()) {
            const event e = queue_.take();
            ++counts_.events;
            if (e.what == event_kind::arrival)
                arrive(e);
            else if (e.what == event_kind::retry)
                offer(e.call, e.at);
            else
                verifiers_[e.who]->on(e);
        }
        counts_.listed = world_.ever_listed();
        counts_.victim_peak = *std::max_element(minutes_.begin(), minutes_.end());
        for (const mail_count& m : counts_.mail)
            if (m.sent != m.admitted + m.refused + m.by_spf + m.never)
                throw std::logic_error("a message was lost by the simulation");
        return std::move(counts_);
    }

    world& here() override { return world_; }
    event_queue& plan() override { return queue_; }
    const message& letter(std::uint32_t number) override { return letters_[number]; }
    void connects(std::uint32_t host, instant now) override {
        ++counts_.connections;
        if (!world_.at(host).victim || now >= end_)
            return;
        ++counts_.victim_connections;
        ++minutes_[static_cast<std::size_t>((now - beginning) / std::chrono::minutes{1})];
    }
    void asks_recipient(std::uint32_t) override { ++counts_.recipients; }

    void decide(std::uint32_t number, answer a, cbv::verdict_kind kind, instant now) override {
        const message& m = letters_[number];
        mail_count& c = counts_.mail[static_cast<std::size_t>(m.kind)];
        if (a == answer::defer) {
            if (const auto wait = mail_.waits(m, now))
                return queue_.add({now + *wait, 0, event_kind::retry, m.verifier, number, 0});
            ++c.never;
        } else if (a == answer::refuse) {
            ++c.refused;
        } else {
            ++c.admitted;
            c.late += m.attempts > 1 ? 1 : 0;
            ++c.ways[std::string(cbv::to_string(kind))];
            if (m.kind == mail_kind::good || m.kind == mail_kind::bulk)
                c.delays.push_back(
                    static_cast<std::uint32_t>((now - m.first) / std::chrono::seconds{1}));
            // A bounce later on; the victim's own number for it is the same for every policy.
            if (m.kind == mail_kind::run && bounces_.chance(bounce_share_) && now < end_)
                ++counts_.backscatter;
        }
        free_.push_back(number);
    }

private:
    std::unique_ptr<verifier> make(const policy& p, std::uint32_t who, std::uint64_t seed) {
        if (p.kind == "rules")
            return std::make_unique<library_verifier>(*rules_, *this, who, seed);
        if (p.kind == "postfix") {
            const auto code = p.settings.find("reject_code");
            return std::make_unique<postfix_verifier>(
                *this, who, code != p.settings.end() && std::get<double>(code->second) >= 500);
        }
        if (!p.settings.empty())
            throw std::runtime_error("policy " + p.name + ": its kind has no settings");
        if (p.kind == "exim")
            return std::make_unique<exim_verifier>(*this, who);
        if (p.kind == "plain")
            return std::make_unique<plain_verifier>(*this, who);
        return std::make_unique<open_door>(*this);
    }

    void plan_next(std::uint32_t stream) {
        if (const auto at = mail_.next(stream))
            queue_.add({beginning + *at, 0, event_kind::arrival, 0, stream, 0});
    }

    void arrive(const event& e) {
        for (message& m : mail_.take(e.call)) {
            m.first = e.at;
            mail_count& c = counts_.mail[static_cast<std::size_t>(m.kind)];
            ++c.sent;
            if (refuses_by_spf_ && m.checked == spf_result::fail) {
                ++c.by_spf;
                continue;
            }
            std::uint32_t number = 0;
            if (free_.empty()) {
                number = static_cast<std::uint32_t>(letters_.size());
                letters_.push_back(std::move(m));
            } else {
                number = free_.back();
                free_.pop_back();
                letters_[number] = std::move(m);
            }
            offer(number, e.at);
        }
        plan_next(e.call);
    }

    void offer(std::uint32_t number, instant now) {
        ++letters_[number].attempts;
        verifiers_[letters_[number].verifier]->ask(number, now);
    }

    world world_;
    mail_source mail_;
    random_source bounces_;
    double bounce_share_;
    bool refuses_by_spf_;
    std::vector<std::uint64_t> minutes_; // connections at the victim
    std::optional<rule_settings> rules_;
    std::vector<std::unique_ptr<verifier>> verifiers_;
    event_queue queue_;
    std::vector<message> letters_;
    std::vector<std::uint32_t> free_;
    instant end_{};
    counts counts_;
};

} // namespace

counts run(const settings& s, const policy& p, std::uint64_t seed) {
    return one_run(s, p, seed).go();
}

} // namespace simulation
