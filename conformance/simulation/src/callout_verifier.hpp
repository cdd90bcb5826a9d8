// Verifiers that are not these rules: a plain callout without a cache, Exim's and Postfix's ways. A
// model of what their manuals say and of what the suite has on record; README.md has the list. Each
// callout is reckoned to its end when it begins.
#pragma once

#include "simulation/verifier.hpp"

#include <string>
#include <unordered_map>
#include <vector>

namespace simulation {

enum class finding : std::uint8_t { good, bad, unclear };

/// How a caller goes about it.
struct manners {
    duration connect_timeout = std::chrono::seconds{30};
    duration reply_timeout = std::chrono::seconds{30}; ///< of each reply
    duration no_new_host_after = std::chrono::hours{1};
    std::size_t most_hosts = 5;
    bool null_sender = true;
    bool greeting_condemns = true; ///< 5yz as greeting refuses the path
};

/// How a callout ended.
struct outcome {
    finding found = finding::unclear;
    bool before_rcpt = false; ///< it was decided before the path was named
    duration took{};
};

/// One callout for `local` at `d`, beginning now.
[[nodiscard]] outcome call_out(desk& d,
                               std::uint32_t caller,
                               const domain& to,
                               const std::string& local,
                               const manners& how,
                               instant now);

/// One callout for each question.
class plain_verifier : public verifier {
public:
    plain_verifier(desk& d, std::uint32_t who) : desk_(d), who_(who) {}
    void ask(std::uint32_t letter, instant now) override;
    void on(const event& e) override;

protected:
    /// What may be known already.
    virtual std::optional<finding> known(const message&, instant) { return std::nullopt; }
    virtual void note(const message&, const outcome&, instant) {}

    desk& desk_;
    std::uint32_t who_;
    manners how_{};

private:
    struct waiting {
        std::uint32_t letter;
        outcome what;
    };
    void say(std::uint32_t letter, finding f, instant now);
    std::unordered_map<std::uint32_t, waiting> waiting_;
    std::uint32_t last_ = 0;
};

/// require verify = sender/callout.
class exim_verifier : public plain_verifier {
public:
    exim_verifier(desk& d, std::uint32_t who);

private:
    struct record {
        finding found;
        instant until;
    };
    std::optional<finding> known(const message& m, instant now) override;
    void note(const message& m, const outcome& o, instant now) override;
    std::unordered_map<std::string, record> paths_;
    std::unordered_map<std::uint32_t, instant> refusing_domains_;
};

/// reject_unverified_sender.
class postfix_verifier : public verifier {
public:
    postfix_verifier(desk& d, std::uint32_t who, bool refuses);
    void ask(std::uint32_t letter, instant now) override;
    void on(const event& e) override;

private:
    struct record {
        std::optional<finding> found; // nothing: in progress
        instant updated{};
        instant probed{};
        finding coming = finding::unclear; // of the probe that is under way
        instant comes{};
    };
    struct waiting {
        std::uint32_t letter;
        std::string key;
    };
    void probe(record& r, const message& m, const std::string& key, instant now);
    void take_in(record& r, instant now);
    void say(std::uint32_t letter, std::optional<finding> f, instant now);

    desk& desk_;
    std::uint32_t who_;
    bool refuses_;
    manners how_{};
    std::unordered_map<std::string, record> records_;
    std::unordered_map<std::uint32_t, waiting> waiting_;
    std::uint32_t last_ = 0;
};

} // namespace simulation
