// Mutants of section "Mail Exchangers": which hosts are found, in which order, and what a failed
// lookup means.
#include "blocks.hpp"
#include "cbv/text.hpp"
#include "refusing_connections.hpp"

#include <algorithm>
#include <set>

namespace cbv::mutants {
namespace {

bool is_mx(const act::query_dns& q) {
    return q.type == record_type::mx;
}

change rewrite_mx(std::function<void(const std::string& domain, dns_answer&)> f) {
    return rewrite_dns([f](const act::query_dns& q, dns_answer& a, const std::string&) {
        if (is_mx(q))
            f(q.name, a);
    });
}

change rewrite_addresses(std::function<void(const std::string& host, dns_answer&)> f) {
    return rewrite_dns([f](const act::query_dns& q, dns_answer& a, const std::string&) {
        if (!is_mx(q))
            f(q.name, a);
    });
}

/// The verdict for a cause is another one.
change believes(cause why, verdict_kind kind) {
    return rewrite_verdict([why, kind](verdict& v) {
        if (v.why == why)
            give(v, kind);
    });
}

/// After an MX lookup that ended with `detail` the address records are used.
change falls_back(const std::string& detail) {
    return rewrite_mx([detail](const std::string&, dns_answer& a) {
        if (a.status == dns_status::temporary && a.detail == detail)
            a.status = dns_status::ok;
    });
}

bool is_no_data(const dns_answer& a) {
    return a.status == dns_status::ok && a.mx.empty();
}

dns_answer no_data() {
    dns_answer a;
    a.status = dns_status::ok;
    return a;
}

/// The engine's DNS says so in the detail (virtual_world.cpp).
bool is_alias(const dns_answer& a) {
    return a.detail.find("CNAME") != a.detail.npos;
}

/// Gives an exchange up when one of its lookups fails, whatever the other one found.
class all_lookups_or_none : public refusing_connections {
public:
    using refusing_connections::refusing_connections;

private:
    void learn(const std::string& name, const dns_answer& answer) override {
        if (answer.status == dns_status::temporary)
            failed_.insert(name);
    }
    bool refuses(const act::connect& c) const override { return failed_.contains(c.host); }

    std::set<std::string> failed_;
};

void add_choice(collection& all) {
    all.add({"mx-domain-address-too",
             "MX-001",
             "tries the domain's own address when no exchange answers",
             {"fallback-despite-mx"}},
            rewrite_mx([](const std::string& domain, dns_answer& a) {
                if (!a.mx.empty() && !a.mx.front().exchange.empty())
                    a.mx.push_back({65535, domain});
            }));
    all.add({"mx-unknown-exchange-falls-back",
             "MX-001",
             "uses the domain's address when the exchange has none",
             {"fallback-despite-mx"}},
            rewrite_mx([](const std::string& domain, dns_answer& a) {
                if (a.mx.size() == 1 && !a.mx.front().exchange.empty())
                    a.mx.push_back({65535, domain});
            }));
    all.add({"mx-no-implicit",
             "MX-002",
             "refuses a domain without MX records, as many small libraries do",
             {"no-fallback-to-a", "good-path-refused"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                if (is_no_data(a))
                    a.status = dns_status::nxdomain;
            }));
    all.add({"mx-implicit-ipv4-only",
             "MX-002",
             "looks for A records of the domain only",
             {"no-fallback-to-a"}},
            rewrite_dns([](const act::query_dns& q, dns_answer& a, const std::string& domain) {
                if (q.type == record_type::aaaa && q.name == domain)
                    a.addresses.clear();
            }));
    all.add(
        {"mx-worst-first", "MX-003", "tries the highest preference value first", {"wrong-order"}},
        rewrite_mx([](const std::string&, dns_answer& a) {
            for (auto& mx : a.mx)
                mx.preference = static_cast<std::uint16_t>(65535 - mx.preference);
        }));
    all.add({"mx-order-of-the-answer",
             "MX-003",
             "takes exchanges in the order of the answer",
             {"wrong-order"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                std::uint16_t place = 0;
                for (auto& mx : a.mx)
                    mx.preference = ++place;
            }));
    all.add({"mx-order-as-text", "MX-003", "compares preference values as text", {"wrong-order"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                auto sorted = a.mx;
                std::sort(sorted.begin(), sorted.end(), [](const mx_record& x, const mx_record& y) {
                    return std::to_string(x.preference) < std::to_string(y.preference);
                });
                std::uint16_t place = 0;
                for (auto& mx : sorted)
                    mx.preference = ++place;
                a.mx = sorted;
            }));
    all.add({"mx-ipv4-only",
             "MX-003",
             "finds no exchange that has IPv6 addresses only, as mailfromd does",
             {"good-path-refused"}},
            rewrite_addresses([](const std::string&, dns_answer& a) {
                std::erase_if(a.addresses, [](const ip_address& x) { return !x.is_v4(); });
            }));
    all.add({"mx-fixed-order",
             "MX-004",
             "always takes the first of several equal exchanges",
             {"equal-preference-not-shuffled"}},
            with_call([](verification_options& o, instant) { o.selection.seed = 1; }));
    all.add({"mx-no-mx-lookup",
             "MX-005",
             "asks the address of the domain and never its MX records",
             {"alias-not-followed"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                a.mx.clear();
                a.status = dns_status::ok;
            }));
    all.add({"mx-alias-not-followed",
             "MX-005",
             "does not follow a CNAME at the domain",
             {"alias-not-followed"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                if (is_alias(a))
                    a = no_data();
            }));
    all.add({"mx-exchange-alias-refused",
             "MX-006",
             "refuses a domain whose exchange is an alias",
             {"good-path-refused"}},
            rewrite_addresses([](const std::string&, dns_answer& a) {
                if (is_alias(a))
                    a.status = dns_status::nxdomain;
            }));
}

void add_null_and_absent(collection& all) {
    all.add({"mx-null-means-domain",
             "MX-007",
             "takes a null MX for no MX and asks the domain's address",
             {"bad-path-accepted", "unexpected-connection"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                if (a.mx.size() == 1 && (a.mx[0].exchange.empty() || a.mx[0].exchange == "."))
                    a.mx.clear();
            }));
    all.add({"mx-null-accepted",
             "MX-007",
             "accepts mail from a domain with a null MX",
             {"bad-path-accepted"}},
            believes(cause::null_mx, verdict_kind::pass));
    all.add({"mx-null-deferred", "MX-007", "defers for a null MX", {"bad-path-deferred"}},
            believes(cause::null_mx, verdict_kind::tempfail));
    all.add({"mx-null-among-others",
             "MX-008",
             "takes any exchange \".\" for a null MX",
             {"good-path-refused"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                const auto root = std::find_if(a.mx.begin(), a.mx.end(), [](const mx_record& mx) {
                    return mx.exchange.empty() || mx.exchange == ".";
                });
                if (root != a.mx.end())
                    a.mx = {*root};
            }));
    all.add({"mx-nxdomain-accepted",
             "MX-009",
             "accepts mail from a domain that does not exist",
             {"bad-path-accepted"}},
            believes(cause::domain_not_found, verdict_kind::pass));
    all.add({"mx-nxdomain-deferred",
             "MX-009",
             "defers for a domain that does not exist",
             {"bad-path-deferred"}},
            with_verification([](verification_options& o) { o.selection.soft_nxdomain = true; }));
    all.add({"mx-nxdomain-always-hard",
             "MX-009",
             "refuses although configuration lowers NXDOMAIN to tempfail",
             {"permanent-on-temporary"}},
            with_verification([](verification_options& o) { o.selection.soft_nxdomain = false; }));
    all.add({"mx-no-records-accepted",
             "MX-009",
             "accepts mail from a domain with neither MX nor address records",
             {"bad-path-accepted"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::no_address && v.mx_count == 0)
                    give(v, verdict_kind::pass);
            }));
    all.add({"mx-address-used",
             "MX-012",
             "takes an exchange that looks like an address for one",
             {"unexpected-connection"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                for (auto& mx : a.mx)
                    if (ip_address::parse(mx.exchange))
                        mx.exchange = "address-" + mx.exchange + ".invalid";
            }) + rewrite_addresses([](const std::string& host, dns_answer& a) {
                if (!host.starts_with("address-") || !host.ends_with(".invalid"))
                    return;
                const auto text = host.substr(8, host.size() - 16);
                const auto address = ip_address::parse(text);
                if (!address)
                    return;
                a.status = dns_status::ok;
                a.addresses = {*address};
            }));
}

void add_failed_lookups(collection& all) {
    for (const auto* detail : {"SERVFAIL", "REFUSED", "FORMERR", "NOTIMP"}) {
        all.add({"mx-fallback-after-" + to_lower(detail),
                 "MX-010",
                 std::string("falls back to address records after ") + detail + " to the MX query",
                 {"fallback-after-dns-failure"}},
                falls_back(detail));
        all.add({"mx-" + to_lower(detail) + "-refused",
                 "MX-010",
                 std::string("takes ") + detail + " to the MX query for NXDOMAIN",
                 {"permanent-on-temporary"}},
                rewrite_mx([detail = std::string(detail)](const std::string&, dns_answer& a) {
                    if (a.status == dns_status::temporary && a.detail == detail)
                        a.status = dns_status::nxdomain;
                }));
    }
    all.add({"mx-silence-refused",
             "MX-010",
             "refuses when the DNS does not answer the MX query",
             {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::dns_failure && v.at == stage::mx_lookup && v.mx_count == 0)
                    give(v, verdict_kind::fail);
            }));
    all.add({"mx-lookup-failure-accepted",
             "MX-010",
             "accepts when the MX lookup fails",
             {"accepted-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::dns_failure && v.at == stage::mx_lookup)
                    give(v, verdict_kind::pass);
            }));
    all.add(
        {"mx-impatient-lookup", "MX-010", "gives an MX lookup two seconds", {"good-path-deferred"}},
        with_timers([](timeouts& t) { t.dns = std::chrono::seconds{2}; }));
    all.add({"mx-exchange-servfail-refused",
             "MX-011",
             "takes a failed address lookup for no address",
             {"permanent-on-temporary"}},
            rewrite_addresses([](const std::string&, dns_answer& a) {
                if (a.status == dns_status::temporary)
                    a.status = dns_status::nxdomain;
            }));
    all.add({"mx-exchange-silence-refused",
             "MX-011",
             "refuses when the DNS does not answer an address query",
             {"permanent-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::dns_failure && v.at == stage::address_lookup)
                    give(v, verdict_kind::fail);
            }));
    all.add({"mx-exchange-servfail-accepted",
             "MX-011",
             "accepts when no exchange's address could be looked up",
             {"accepted-on-temporary"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::dns_failure && v.at == stage::address_lookup)
                    give(v, verdict_kind::pass);
            }));
    all.add({"mx-unknown-exchange-accepted",
             "MX-011",
             "accepts when no exchange has an address",
             {"bad-path-accepted"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::no_address && v.mx_count > 0)
                    give(v, verdict_kind::pass);
            }));
    all.add({"mx-unknown-exchange-deferred",
             "MX-011",
             "defers when no exchange has an address",
             {"bad-path-deferred"}},
            rewrite_verdict([](verdict& v) {
                if (v.why == cause::no_address && v.mx_count > 0)
                    give(v, verdict_kind::tempfail);
            }));
    all.add({"mx-first-exchange-only",
             "MX-011",
             "looks the best exchange up and no other",
             {"next-host-not-tried"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                if (a.mx.size() > 1)
                    a.mx = {*std::min_element(
                        a.mx.begin(), a.mx.end(), [](const mx_record& x, const mx_record& y) {
                            return x.preference < y.preference;
                        })};
            }));
    all.add({"mx-one-failed-lookup-fails-all",
             "MX-011",
             "gives up when one of an exchange's lookups fails",
             {"good-path-deferred", "next-host-not-tried"}},
            layer<all_lookups_or_none>());
}

void add_bounds(collection& all) {
    all.add({"mx-asks-every-exchange",
             "MX-013",
             "looks up every exchange that somebody lists",
             {"too-many-lookups"}},
            with_verification([](verification_options& o) {
                o.selection.max_exchanges = 1000;
                o.selection.max_lookups = 2000;
            }));
    all.add({"mx-long-chain-means-none",
             "MX-014",
             "takes a chain of aliases that it does not follow for the lack of records",
             {"permanent-on-policy"}},
            rewrite_dns([](const act::query_dns&, dns_answer& a, const std::string&) {
                if (a.status == dns_status::ok && a.aliases > selection_options{}.max_aliases)
                    a = no_data();
            }));
    all.add({"mx-truncated-means-none",
             "MX-010",
             "takes an answer that is truncated over TCP for one without records",
             {"permanent-on-temporary"}},
            rewrite_dns([](const act::query_dns&, dns_answer& a, const std::string&) {
                if (a.status == dns_status::temporary && a.detail.starts_with("truncated"))
                    a = no_data();
            }));
    all.add({"mx-foreign-owner-used",
             "MX-015",
             "uses MX records whatever name they belong to",
             {"foreign-record-used"}},
            rewrite_mx([](const std::string&, dns_answer& a) {
                a.mx.insert(a.mx.end(), a.foreign_mx.begin(), a.foreign_mx.end());
            }));
}

} // namespace

void add_mx(collection& all) {
    add_choice(all);
    add_null_and_absent(all);
    add_failed_lookups(all);
    add_bounds(all);
}

} // namespace cbv::mutants
