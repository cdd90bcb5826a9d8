// Who is never called for (CBV-ELIG-001..004), and which rule wins when several apply.
#include "cbv/eligibility.hpp"

#include <gtest/gtest.h>

#include <string>

namespace {

using cbv::cause;

cbv::path reverse_path(const std::string& text) {
    return cbv::parse_reverse_path('<' + text + '>').value();
}

cbv::session_facts from(const std::string& address, bool authenticated = false) {
    return {cbv::ip_address::parse(address).value(), authenticated};
}

cbv::eligibility_rules rules() {
    cbv::eligibility_rules r;
    r.clients = {cbv::ip_prefix::parse("198.51.100.0/28").value(),
                 cbv::ip_prefix::parse("2001:db8::/64").value()};
    r.domains = {"Partner.example"};
    r.paths = {"News@lists.example"};
    r.local_domains = {"local.example", "[192.0.2.25]"};
    return r;
}

const cbv::session_facts stranger = from("203.0.113.1");

TEST(Eligibility, CallsForAStrangersPath) {
    EXPECT_FALSE(exempt(reverse_path("a@other.example"), stranger, rules()));
    EXPECT_FALSE(exempt(reverse_path("a@other.example"), stranger, {}));
}

TEST(Eligibility, AnOverLongPathIsNotCalledFor) { // CBV-ADDR-006
    const auto path = [](const std::string& domain) {
        return cbv::parse_reverse_path('<' + std::string(65, 'x') + '@' + domain + '>',
                                       cbv::lengths::any)
            .value();
    };
    const auto e = exempt(path("other.example"), stranger, rules());
    ASSERT_TRUE(e);
    EXPECT_EQ(e->why, cause::exempt);
    EXPECT_EQ(e->requirement, "CBV-ADDR-006");
    EXPECT_FALSE(e->local);
    EXPECT_TRUE(exempt(path("local.example"), stranger, rules())->local) << "own data decide";
}

TEST(Eligibility, NullPathIsNeverCalledFor) { // CBV-ELIG-001
    const auto e = exempt(reverse_path(""), from("198.51.100.1", true), rules());
    ASSERT_TRUE(e);
    EXPECT_EQ(e->why, cause::null_reverse_path);
    EXPECT_EQ(e->requirement, "CBV-ELIG-001");
    EXPECT_FALSE(e->local);
}

TEST(Eligibility, AuthenticatedClientIsNeverCalledFor) { // CBV-ELIG-002
    for (const char* path : {"a@other.example", "a@local.example"}) {
        const auto e = exempt(reverse_path(path), from("203.0.113.1", true), rules());
        ASSERT_TRUE(e) << path;
        EXPECT_EQ(e->why, cause::exempt);
        EXPECT_EQ(e->requirement, "CBV-ELIG-002");
        EXPECT_FALSE(e->local);
    }
}

struct allow_case {
    const char* client;
    const char* path;
    bool allowed;
};

TEST(Eligibility, AllowListOfClientsDomainsAndPaths) { // CBV-ELIG-003
    const allow_case cases[] = {
        {"198.51.100.15", "a@other.example", true},
        {"198.51.100.16", "a@other.example", false},
        {"2001:db8::9", "a@other.example", true},
        {"2001:db8:0:1::9", "a@other.example", false},
        {"203.0.113.1", "a@PARTNER.example", true},
        {"203.0.113.1", "a@sub.partner.example", false},
        {"203.0.113.1", "a@artner.example", false},
        {"203.0.113.1", "News@LISTS.example", true},
        {"203.0.113.1", "news@lists.example", false}, // a local-part keeps its case
        {"203.0.113.1", "@relay.example:News@lists.example", true},
        {"198.51.100.1", "a@local.example", true},
    };
    for (const allow_case& c : cases) {
        const auto e = exempt(reverse_path(c.path), from(c.client), rules());
        EXPECT_EQ(e && e->requirement == "CBV-ELIG-003", c.allowed) << c.client << ' ' << c.path;
    }
}

TEST(Eligibility, LocalDomainIsForOwnUserData) { // CBV-ELIG-004
    for (const char* path : {"a@LOCAL.example", "a@[192.0.2.25]"}) {
        const auto e = exempt(reverse_path(path), stranger, rules());
        ASSERT_TRUE(e) << path;
        EXPECT_TRUE(e->local);
        EXPECT_EQ(e->requirement, "CBV-ELIG-004");
    }
}

TEST(Eligibility, RelayedDomainsAndRelaysAreNeverCalledFor) { // CBV-ELIG-012, CBV-ELIG-014
    auto r = rules();
    r.relayed_domains = {"b\xC3\xBC"
                         "cher.example",
                         "local.example"};
    r.relay_clients = {cbv::ip_prefix::parse("203.0.113.64/26").value()};
    r.to_ascii = [](std::string_view domain) -> std::optional<std::string> {
        return domain.starts_with("b") ? "xn--bcher-kva.example" : std::string(domain);
    };
    const auto relayed = exempt(reverse_path("a@XN--bcher-kva.example"), stranger, r);
    ASSERT_TRUE(relayed);
    EXPECT_TRUE(relayed->relayed);
    EXPECT_EQ(relayed->requirement, "CBV-ELIG-012");
    const auto local = exempt(reverse_path("a@local.example"), stranger, r);
    ASSERT_TRUE(local);
    EXPECT_TRUE(local->local && !local->relayed) << "what is known in full comes first";
    const auto relay = exempt(reverse_path("a@other.example"), from("203.0.113.65"), r);
    ASSERT_TRUE(relay);
    EXPECT_EQ(relay->requirement, "CBV-ELIG-014");
    EXPECT_FALSE(relay->local || relay->relayed);
    EXPECT_FALSE(exempt(reverse_path("a@other.example"), from("203.0.113.63"), r));
}

TEST(Eligibility, ContainsDomainIgnoresAsciiCaseOnly) {
    EXPECT_TRUE(cbv::contains_domain({"A.example"}, "a.EXAMPLE"));
    EXPECT_TRUE(cbv::contains_domain({"A.example"}, "a.example.")) << "a final dot says nothing";
    EXPECT_FALSE(cbv::contains_domain({"\xC3\x84.example"}, "\xC3\xA4.example"));
    EXPECT_FALSE(cbv::contains_domain({}, ""));
}

} // namespace
