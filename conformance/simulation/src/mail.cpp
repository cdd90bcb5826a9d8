// Messages of each kind; see the header.
#include "mail.hpp"

#include <algorithm>
#include <stdexcept>

namespace simulation {
namespace {

duration minutes(double n) {
    return duration{static_cast<duration::rep>(n * 60e6)};
}

constexpr std::uint32_t first_bot = 1'000'000; // clients' numbers below are those of domains

std::string random_word(random_source& r, std::size_t size) {
    std::string word = "x";
    while (word.size() < size)
        word += static_cast<char>('a' + r.below(26));
    return word;
}

spf_result forged_result(spf published) {
    return published == spf::none       ? spf_result::none
           : published == spf::softfail ? spf_result::softfail
                                        : spf_result::fail;
}

} // namespace

mail_source::mail_source(const settings& s, const world& w, std::uint64_t seed)
    : world_(w), window_(minutes(s.number("minutes"))), forger_(s.word("forger")),
      users_(s.count("users_per_domain")), bots_(s.count("bots")), burst_(s.count("bulk_burst")),
      forwarded_(s.number("forwarded_share")), good_retry_(s.number("good_retry_share")),
      bot_retry_(s.number("bot_retry_share")), harvested_(s.number("harvested_share")),
      trapped_(s.number("trap_share")), retry_first_(minutes(s.number("retry_first_minutes"))),
      retry_most_(minutes(s.number("retry_most_minutes"))),
      retry_for_(minutes(s.number("retry_days") * 24 * 60)) {
    for (const char* word :
         {"none", "spread", "overlong", "opt-out", "softfail", "foreign-mx", "own-domain"})
        if (forger_ == word) {
            const std::pair<mail_kind, double> rates[] = {
                {mail_kind::good, s.number("good_per_hour") / 60},
                {mail_kind::bulk,
                 s.number("bulk_per_hour") / 60 / std::max(1.0, s.number("bulk_burst"))},
                {mail_kind::forged, s.number("forged_per_hour") / 60},
                {mail_kind::run, s.number("run_per_minute")},
            };
            std::uint64_t part = 1000;
            for (std::uint32_t v = 0; v < s.count("verifiers"); ++v)
                for (const auto& [kind, rate] : rates)
                    if (++part; rate > 0)
                        streams_.push_back({kind, v, rate, 0, part_of(seed, part)});
            return;
        }
    throw std::runtime_error("no forger is called " + forger_);
}

std::optional<duration> mail_source::next(std::uint32_t number) {
    stream& s = streams_[number];
    const double place = static_cast<double>(s.sent) + s.random.share();
    const duration at = minutes(place / s.a_minute);
    if (at >= window_)
        return std::nullopt;
    return at;
}

std::vector<message> mail_source::take(std::uint32_t number) {
    stream& s = streams_[number];
    ++s.sent;
    std::vector<message> made;
    switch (s.kind) {
    case mail_kind::good:
        made.push_back(good(s.random));
        break;
    case mail_kind::bulk: {
        const std::uint32_t list = pick(s.random, role::list);
        for (std::uint64_t i = 0; i < burst_; ++i)
            made.push_back(bulk(s.random, list));
        break;
    }
    case mail_kind::forged:
        made.push_back(forged(s.random));
        break;
    case mail_kind::run:
        made.push_back(of_the_run(s.random));
        break;
    }
    for (message& m : made) {
        m.kind = s.kind;
        m.verifier = s.verifier;
    }
    return made;
}

std::uint32_t mail_source::pick(random_source& r, role which) const {
    const auto& all = world_.of(which);
    if (all.empty())
        throw std::runtime_error("mail comes from domains of which the world has none");
    return all[r.below(all.size())];
}

// Some domains and users write much more than others: the square of a uniform number.
message mail_source::good(random_source& r) const {
    const auto& all = world_.of(role::ordinary);
    if (all.empty())
        throw std::runtime_error("good mail needs domains");
    const auto skewed = [&r](std::size_t n) {
        const double u = r.share();
        return static_cast<std::size_t>(u * u * static_cast<double>(n));
    };
    message m;
    m.domain = all[skewed(all.size())];
    m.local = "u" + std::to_string(skewed(users_));
    m.client = m.domain;
    m.retries = r.chance(good_retry_);
    const spf published = world_.domains()[m.domain].publishes;
    m.checked = r.chance(forwarded_)     ? forged_result(published)
                : published == spf::none ? spf_result::none
                                         : spf_result::pass;
    return m;
}

message mail_source::bulk(random_source& r, std::uint32_t list) const {
    message m;
    m.domain = list;
    m.local = "b-" + random_word(r, 16);
    m.client = list;
    m.checked = spf_result::pass;
    return m;
}

// What both kinds of forged mail have in common.
message mail_source::from_a_bot(random_source& r) const {
    message m;
    m.client = first_bot + static_cast<std::uint32_t>(r.below(bots_));
    m.retries = r.chance(bot_retry_);
    return m;
}

message mail_source::forged(random_source& r) const {
    message m = from_a_bot(r);
    const bool harvested = r.chance(harvested_);
    m.domain = pick(r, r.chance(trapped_) ? role::trap : role::ordinary);
    m.local = harvested ? "u" + std::to_string(r.below(users_)) : random_word(r, 12);
    m.checked = forged_result(world_.domains()[m.domain].publishes);
    return m;
}

// The run's forger is told by the parameter `forger`; "none" forges the victim's domain.
message mail_source::of_the_run(random_source& r) const {
    message m = from_a_bot(r);
    if (forger_ == "none")
        m.domain = pick(r, role::victim);
    else if (forger_ == "overlong" || forger_ == "softfail" || forger_ == "spread")
        m.domain = pick(r, role::ordinary);
    else
        m.domain = pick(r, role::forger);
    // A domain that publishes ~all, if there is one.
    for (int i = 0;
         i < 1000 && forger_ == "softfail" && world_.domains()[m.domain].publishes != spf::softfail;
         ++i)
        m.domain = pick(r, role::ordinary);
    m.local = random_word(r, forger_ == "overlong" ? 65 : 12);
    m.checked = forged_result(world_.domains()[m.domain].publishes);
    return m;
}

// Doubling waits up to a most, for some days.
std::optional<duration> mail_source::waits(const message& m, instant now) const {
    if (!m.retries)
        return std::nullopt;
    duration wait = retry_first_;
    for (std::uint32_t i = 1; i < m.attempts && wait < retry_most_; ++i)
        wait *= 2;
    wait = std::min(wait, retry_most_);
    if (now + wait - m.first > retry_for_)
        return std::nullopt;
    return wait;
}

} // namespace simulation
