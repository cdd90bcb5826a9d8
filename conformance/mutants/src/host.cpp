// Mutants of section "Addresses": which addresses are called, and how many.
#include "blocks.hpp"
#include "cbv/address_policy.hpp"
#include "cbv/text.hpp"
#include "refusing_connections.hpp"

#include <algorithm>
#include <initializer_list>
#include <set>

namespace cbv::mutants {
namespace {

using address_test = std::function<bool(const ip_address&)>;

/// Addresses in any of these ranges.
address_test in(std::initializer_list<const char*> ranges) {
    std::vector<ip_prefix> prefixes;
    for (const auto* text : ranges)
        prefixes.push_back(ip_prefix::parse(text).value());
    return [prefixes](const ip_address& a) { return covers(prefixes, a); };
}

// As in the suite's own set-up: what the lab's hosts use.
const auto lab = in({"198.18.0.0/15", "203.0.113.0/24", "2001:db8::/32"});

/// The policy forgets its own addresses.
change without_own_addresses() {
    return with_verification([](verification_options& o) {
        address_policy fresh;
        for (const auto* range :
             {"198.18.0.0/15", "203.0.113.0/24", "2001:db8::/32", "192.0.2.0/24"})
            fresh.permit(ip_prefix::parse(range).value());
        o.addresses = fresh;
    });
}

change rewrite_addresses(std::function<void(dns_answer&)> f) {
    return rewrite_dns([f](const act::query_dns& q, dns_answer& a, const std::string&) {
        if (q.type != record_type::mx)
            f(a);
    });
}

change believes_prohibited(verdict_kind kind) {
    return rewrite_verdict([kind](verdict& v) {
        if (v.why == cause::hosts_prohibited)
            give(v, kind);
    });
}

/// Changes an MX answer that has our name in it.
change change_own_exchange(std::function<void(dns_answer&)> f) {
    change c;
    c.verifier.push_back([f](engine::machine_factory inner) -> engine::machine_factory {
        return [f, inner = std::move(inner)](
                   mailbox box, const verification_options& o, instant now, instant since) {
            const auto own = o.dialogue.helo_name;
            return rewrite_dns([f, own](const act::query_dns&, dns_answer& a, const std::string&) {
                       if (std::any_of(a.mx.begin(), a.mx.end(), [&](const mx_record& mx) {
                               return iequals(mx.exchange, own);
                           }))
                           f(a);
                   })
                .verifier.front()(inner)(std::move(box), o, now, since);
        };
    });
    return c;
}

/// Takes every connection to IPv4 for refused where there was an AAAA record.
class ipv6_or_nothing : public refusing_connections {
public:
    using refusing_connections::refusing_connections;

private:
    void learn(const std::string& name, const dns_answer& answer) override {
        if (!answer.addresses.empty() && answer.addresses.front().is_v6())
            dual_.insert(name);
    }
    bool refuses(const act::connect& c) const override {
        return c.address.is_v4() && dual_.contains(c.host);
    }

    std::set<std::string> dual_;
};

/// Spends its last attempt on the best preference value: the fourth goes nowhere else.
class spends_all_attempts : public refusing_connections {
public:
    using refusing_connections::refusing_connections;

private:
    void learn(const std::string&, const dns_answer&) override {}
    bool refuses(const act::connect&) const override { return ++connects_ > 3; }

    mutable unsigned connects_ = 0;
};

/// Lets every failed lookup of an address count against a host that was asked all the same.
class counts_every_failure : public engine::forwarding_verifier {
public:
    using forwarding_verifier::forwarding_verifier;
    void on_dns(unsigned id, dns_answer answer, instant now) override {
        failed_ = failed_ || answer.status == dns_status::temporary;
        inner_->on_dns(id, std::move(answer), now);
    }
    std::optional<action> next_action() override {
        auto a = inner_->next_action();
        if (a && failed_)
            if (auto* d = std::get_if<act::done>(&*a))
                if (d->result.kind == verdict_kind::unverifiable)
                    give(d->result, verdict_kind::tempfail);
        return a;
    }

private:
    bool failed_ = false;
};

change believes_by(std::string_view requirement, verdict_kind kind) {
    return rewrite_verdict([requirement, kind](verdict& v) {
        if (v.requirement == requirement)
            give(v, kind);
    });
}

void add_late_and_untried(collection& all) {
    all.add({"host-waits-for-every-lookup",
             "HOST-009",
             "calls nobody before every lookup is answered",
             {"late-lookup-waited-for"}},
            with_verification(
                [](verification_options& o) { o.selection.late_after = std::chrono::hours{1}; }));
    all.add({"host-silence-eats-the-time",
             "HOST-009",
             "gives a silent lookup all the time there is for lookups",
             {"next-host-not-tried", "good-path-deferred"}},
            with_verification([](verification_options& o) {
                o.selection.late_after = std::chrono::hours{1};
                o.kept_share = 0;
            }));
    all.add({"host-late-self-ignored",
             "HOST-010",
             "believes a refusal although it found itself among the exchanges meanwhile",
             {"permanent-on-policy"}},
            believes_by("CBV-HOST-010", verdict_kind::fail));
    all.add({"host-untried-means-none",
             "HOST-011",
             "refuses for what it left untried",
             {"permanent-on-policy"}},
            believes_by("CBV-HOST-011", verdict_kind::fail));
    all.add({"host-untried-deferred",
             "HOST-016",
             "looks up sixteen exchanges and defers for the others",
             {"good-path-deferred", "deferred-on-policy"}},
            with_verification([](verification_options& o) { o.selection.max_exchanges = 16; }) +
                believes_by("CBV-HOST-011", verdict_kind::tempfail));
    all.add({"host-sixteen-exchanges",
             "HOST-006",
             "does not know of a domain whose exchanges are all prohibited when there are many",
             {"bad-path-accepted"}},
            with_verification([](verification_options& o) { o.selection.max_exchanges = 16; }));
    all.add({"host-last-attempt-spent",
             "HOST-012",
             "spends all attempts on the best exchange",
             {"next-host-not-tried"}},
            layer<spends_all_attempts>());
    all.add({"host-no-time-kept",
             "HOST-013",
             "gives the best exchange all the time there is",
             {"next-host-not-tried"}},
            with_verification([](verification_options& o) { o.kept_share = 0; }));
    all.add({"host-half-a-lookup",
             "HOST-014",
             "defers because one of two lookups of a host failed that it has asked",
             {"deferred-on-policy"}},
            layer<counts_every_failure>());
    all.add({"host-keeps-before-it-tests",
             "HOST-015",
             "keeps the first thirty-two addresses and tests them then",
             {"good-path-refused", "missing-connection", "called-worse-than-self"}},
            rewrite_addresses([](dns_answer& a) {
                if (a.addresses.size() > 32)
                    a.addresses.resize(32);
            }));
}

struct reach {
    const char* id;
    const char* requirement;
    const char* sentence;
    std::vector<std::string> expected;
    address_test called;
};

} // namespace

void add_host(collection& all) {
    const std::vector<reach> reaches{
        {"host-loopback-called",
         "HOST-001",
         "calls 127.0.0.0/8, as Exim does unless told not to",
         {"called-loopback"},
         in({"127.0.0.0/8"})},
        {"host-localhost-only",
         "HOST-001",
         "knows 127.0.0.1 as the only loopback address",
         {"called-loopback"},
         [](const ip_address& a) {
             return in({"127.0.0.0/8"})(a) && a.to_string() != "127.0.0.1";
         }},
        {"host-loopback-ipv6-called",
         "HOST-001",
         "calls ::1, the loopback address of IPv6",
         {"called-loopback"},
         in({"::1/128"})},
        {"host-unspecified-called",
         "HOST-001",
         "calls 0.0.0.0",
         {"bad-path-deferred"},
         in({"0.0.0.0/8"})},
        {"host-private-called",
         "HOST-002",
         "calls private addresses",
         {"called-prohibited-address"},
         in({"10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16"})},
        {"host-only-ten",
         "HOST-002",
         "knows 10.0.0.0/8 as the only private range",
         {"called-prohibited-address"},
         in({"172.16.0.0/12", "192.168.0.0/16"})},
        {"host-shared-space-called",
         "HOST-002",
         "calls 100.64.0.0/10",
         {"called-prohibited-address", "bad-path-deferred"},
         in({"100.64.0.0/10"})},
        {"host-link-local-called",
         "HOST-002",
         "calls link-local addresses",
         {"called-prohibited-address"},
         in({"169.254.0.0/16", "fe80::/10"})},
        {"host-unique-local-called",
         "HOST-002",
         "calls fc00::/7",
         {"called-prohibited-address"},
         in({"fc00::/7"})},
        {"host-reserved-called",
         "HOST-002",
         "calls 240.0.0.0/4",
         {"called-prohibited-address"},
         in({"240.0.0.0/4"})},
        {"host-multicast-called",
         "HOST-002",
         "calls multicast addresses",
         {"bad-path-deferred"},
         in({"224.0.0.0/4", "ff00::/8"})},
        {"host-special-called",
         "HOST-002",
         "heeds no registry of special-purpose addresses",
         {"called-prohibited-address", "bad-path-deferred"},
         [](const ip_address& a) {
             return !lab(a) && !in({"127.0.0.0/8", "0.0.0.0/8", "::/127", "192.0.2.25/32"})(a);
         }},
        {"host-mapped-called",
         "HOST-003",
         "does not look into ::ffff:0:0/96",
         {"called-loopback"},
         in({"::ffff:0:0/96"})},
        {"host-nat64-called",
         "HOST-003",
         "does not look into 64:ff9b::/96",
         {"called-prohibited-address"},
         in({"64:ff9b::/96"})},
        {"host-6to4-called",
         "HOST-003",
         "does not look into 2002::/16",
         {"called-prohibited-address"},
         in({"2002::/16"})},
    };
    for (const auto& r : reaches) {
        auto c = calls_anyway(r.called);
        if (std::string(r.id) == "host-mapped-called") // such a socket reaches the IPv4 host
            c = c + rewrite_action([](action& a) {
                    if (auto* to = std::get_if<act::connect>(&a))
                        if (in({"::ffff:0:0/96"})(to->address))
                            to->address = embedded_v4(to->address).value();
                });
        all.add({r.id, r.requirement, r.sentence, r.expected}, c);
    }
    all.add({"host-own-names-unknown",
             "HOST-004",
             "does not know its own name among the exchanges",
             {"called-worse-than-self", "bad-path-deferred"}},
            with_verification([](verification_options& o) { o.selection.own_names.clear(); }) +
                without_own_addresses());
    all.add({"host-own-addresses-unknown",
             "HOST-004",
             "does not know its own address",
             {"called-worse-than-self", "bad-path-deferred"}},
            without_own_addresses());
    all.add({"host-own-address-mapped-unknown",
             "HOST-003",
             "does not know its own address inside an IPv6 one",
             {"called-worse-than-self"}},
            rewrite_addresses([](dns_answer& a) {
                std::erase_if(a.addresses, [](const ip_address& x) {
                    const auto inner = embedded_v4(x);
                    return inner && in({"192.0.2.25/32"})(*inner);
                });
            }));
    all.add({"host-self-skipped-only",
             "HOST-004",
             "drops itself and keeps the exchanges behind",
             {"called-worse-than-self"}},
            with_verification([](verification_options& o) { o.selection.own_names.clear(); }) +
                without_own_addresses() + rewrite_addresses([](dns_answer& a) {
                    if (std::erase_if(a.addresses, in({"192.0.2.25/32"})) > 0 &&
                        a.addresses.empty())
                        a.status = dns_status::nxdomain;
                }));
    all.add({"host-self-drops-all",
             "HOST-004",
             "refuses every domain that it is an exchange of",
             {"missing-connection", "permanent-on-temporary"}},
            change_own_exchange([](dns_answer& a) {
                a.mx = {{0, "."}};
            }));
    all.add({"host-one-prohibited-fails",
             "HOST-005",
             "refuses a domain for one prohibited address",
             {"good-path-refused",
              "missing-connection",
              "next-host-not-tried",
              "permanent-on-temporary"}},
            rewrite_addresses([](dns_answer& a) {
                const auto loopback = in({"127.0.0.0/8"});
                if (std::any_of(a.addresses.begin(), a.addresses.end(), loopback))
                    std::erase_if(a.addresses, [&](const ip_address& x) { return !loopback(x); });
            }));
    all.add({"host-prohibited-accepted",
             "HOST-006",
             "accepts when every address is prohibited",
             {"bad-path-accepted"}},
            believes_prohibited(verdict_kind::pass));
    all.add({"host-prohibited-deferred",
             "HOST-006",
             "defers when every address is prohibited",
             {"bad-path-deferred"}},
            believes_prohibited(verdict_kind::tempfail));
    all.add({"host-second-lookup",
             "HOST-007",
             "resolves an exchange again when it connects",
             {"called-rebound-address"}},
            looks_up_again());
    all.add(
        {"host-one-attempt", "HOST-008", "tries one address and no other", {"next-host-not-tried"}},
        stops_after([](const past_attempt&) { return verdict_kind::tempfail; }));
    all.add({"host-first-address-only",
             "HOST-008",
             "tries one address of an exchange",
             {"next-host-not-tried"}},
            rewrite_addresses([](dns_answer& a) {
                if (a.addresses.size() > 1)
                    a.addresses.resize(1);
            }));
    all.add({"host-one-family",
             "HOST-008",
             "calls no IPv4 address of a host that has IPv6 addresses",
             {"next-host-not-tried"}},
            layer<ipv6_or_nothing>());
    all.add({"host-address-twice",
             "HOST-008",
             "calls an address once for each exchange that has it",
             {"too-many-attempts"}},
            calls_anyway([](const ip_address& a) { return lab(a) && a.is_v4(); }));
    all.add({"host-no-bound",
             "HOST-008",
             "tries as many addresses as there are",
             {"too-many-attempts"}},
            with_verification([](verification_options& o) { o.max_attempts = 100; }));
    all.add({"host-exchanges-counted",
             "HOST-008",
             "bounds the exchanges, and not their addresses",
             {"too-many-attempts"}},
            with_verification([](verification_options& o) { o.max_attempts = 40; }) +
                rewrite_dns([](const act::query_dns& q, dns_answer& a, const std::string&) {
                    if (q.type == record_type::mx && a.mx.size() > 4)
                        a.mx.resize(4);
                }));
    add_late_and_untried(all);
}

} // namespace cbv::mutants
