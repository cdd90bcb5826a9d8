// The reply table row by row, softened rows, the form of every reply, and hostile text.
#include "cbv/reply_policy.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <string>
#include <vector>

namespace {

using cbv::cause;
using cbv::codes_for;
using cbv::verdict_kind;

constexpr cause all_causes[] = {
    cause::accepted,
    cause::mailbox_refused,
    cause::null_sender_refused,
    cause::null_mx,
    cause::domain_not_found,
    cause::no_address,
    cause::hosts_prohibited,
    cause::smtputf8_missing,
    cause::dns_failure,
    cause::timeout,
    cause::connection_refused,
    cause::connection_lost,
    cause::protocol_error,
    cause::temporary_reply,
    cause::storage_reply,
    cause::budget_exhausted,
    cause::cancelled,
    cause::prober_refused,
    cause::command_refused,
    cause::tls_failure,
    cause::own_host,
    cause::limit,
    cause::hold_off,
    cause::in_progress,
    cause::invalid_address,
    cause::null_reverse_path,
    cause::exempt,
};

cbv::verdict verdict(verdict_kind kind, cause why) {
    cbv::verdict v;
    v.kind = kind;
    v.why = why;
    return v;
}

std::string codes(verdict_kind kind, cause why, const cbv::reply_options& options = {}) {
    const auto c = codes_for(kind, why, options);
    return std::to_string(c.code) + ' ' + c.enhanced.to_string();
}

struct row {
    cause why;
    const char* codes;
};

TEST(ReplyPolicy, FailHasTheCodesOfTheTable) { // CBV-RPLY-001, CBV-RPLY-004
    const row rows[] = {
        {cause::null_mx, "550 5.7.27"},
        {cause::domain_not_found, "550 5.1.8"},
        {cause::no_address, "550 5.1.8"},
        {cause::hosts_prohibited, "550 5.1.8"},
        {cause::null_sender_refused, "550 5.1.8"},
        {cause::mailbox_refused, "550 5.1.0"},
        {cause::smtputf8_missing, "550 5.6.7"},
    };
    for (const row& r : rows)
        EXPECT_EQ(codes(verdict_kind::fail, r.why), r.codes) << to_string(r.why);
}

TEST(ReplyPolicy, AnOperatorMayAcceptTempfail) { // CBV-RPLY-002
    cbv::reply_options options;
    options.accept_tempfail = true;
    EXPECT_EQ(codes_for(verdict_kind::tempfail, cause::timeout, options).code, 0);
    EXPECT_EQ(codes_for(verdict_kind::fail, cause::null_mx, options).code, 550);
}

TEST(ReplyPolicy, WhoObservesActsOnNothing) { // CBV-RPLY-010
    cbv::reply_options options;
    options.observe = options.defer_unverifiable = true;
    for (const auto kind : {verdict_kind::fail, verdict_kind::tempfail, verdict_kind::unverifiable})
        EXPECT_EQ(codes_for(kind, cause::timeout, options).code, 0) << to_string(kind);
    EXPECT_FALSE(reply_for(verdict(verdict_kind::fail, cause::null_mx), "a@b.example", options));
}

TEST(ReplyPolicy, TempfailHasTheCodesOfTheTable) { // CBV-RPLY-002, CBV-RPLY-004
    const row rows[] = {
        {cause::dns_failure, "451 4.4.3"},
        {cause::timeout, "451 4.4.1"},
        {cause::connection_refused, "451 4.4.1"},
        {cause::budget_exhausted, "451 4.4.1"},
        {cause::connection_lost, "451 4.4.2"},
        {cause::protocol_error, "451 4.4.2"},
        {cause::tls_failure, "451 4.4.2"},
        {cause::temporary_reply, "451 4.1.0"},
        {cause::storage_reply, "451 4.1.0"},
        {cause::in_progress, "451 4.1.0"},
        {cause::hold_off, "451 4.1.0"},
        {cause::limit, "451 4.3.2"},
        {cause::cancelled, "451 4.3.2"},
        // Softened ones: CBV-MX-009, CBV-SMX-002, CBV-CACHE-004.
        {cause::domain_not_found, "451 4.1.0"},
        {cause::no_address, "451 4.1.0"},
        {cause::mailbox_refused, "451 4.1.0"},
        {cause::null_sender_refused, "451 4.1.0"},
        {cause::smtputf8_missing, "451 4.1.0"},
    };
    for (const row& r : rows)
        EXPECT_EQ(codes(verdict_kind::tempfail, r.why), r.codes) << to_string(r.why);
}

TEST(ReplyPolicy, TheKindAloneDecidesTheClass) {
    cbv::reply_options deferring;
    deferring.defer_unverifiable = true;
    for (const cause why : all_causes) {
        EXPECT_EQ(codes_for(verdict_kind::fail, why).code, 550) << to_string(why);
        EXPECT_EQ(codes_for(verdict_kind::tempfail, why).code, 451) << to_string(why);
        EXPECT_EQ(codes_for(verdict_kind::unverifiable, why, deferring).code, 451);
        for (const auto kind :
             {verdict_kind::pass, verdict_kind::none, verdict_kind::unverifiable}) { // CBV-RPLY-003
            EXPECT_EQ(codes_for(kind, why).code, 0) << to_string(why);
            EXPECT_FALSE(reply_for(verdict(kind, why), "a@b.example"));
        }
        for (const auto kind : {verdict_kind::fail, verdict_kind::tempfail}) {
            const auto c = codes_for(kind, why);
            EXPECT_EQ(c.enhanced.klass, c.code / 100) << to_string(why);
        }
    }
}

TEST(ReplyPolicy, TextSaysWhatWasCheckedAndWhy) { // CBV-RPLY-009
    const auto r = reply_for(verdict(verdict_kind::fail, cause::mailbox_refused), "bad@d.example");
    ASSERT_TRUE(r);
    EXPECT_EQ(serialize(*r),
              "550-5.1.0 The return path <bad@d.example> was checked by call-back verification\r\n"
              "550 5.1.0 mailbox-refused: its mail system refuses this mailbox\r\n");
    cbv::reply_options plain;
    plain.enhanced_codes = false;
    const auto p =
        reply_for(verdict(verdict_kind::tempfail, cause::timeout), "bad@d.example", plain);
    EXPECT_EQ(serialize(p.value()),
              "451-The return path <bad@d.example> was checked by call-back verification\r\n"
              "451 timeout: its mail system did not answer in time\r\n");
}

// CBV-HOST-011: a bound on what is asked is no sign of load.
TEST(ReplyPolicy, ALimitIsNamedForWhatItIs) {
    EXPECT_EQ(cbv::explain(verdict_kind::tempfail, cause::limit), cbv::explain(cause::limit));
    EXPECT_EQ(cbv::explain(verdict_kind::unverifiable, cause::limit),
              "not all of its mail hosts can be asked from here");
    cbv::reply_options deferring;
    deferring.defer_unverifiable = true;
    const auto r =
        reply_for(verdict(verdict_kind::unverifiable, cause::limit), "a@d.example", deferring);
    EXPECT_NE(serialize(r.value()).find("limit: not all of its mail hosts"), std::string::npos);
}

TEST(ReplyPolicy, EveryCauseHasWords) {
    std::vector<std::string> seen;
    for (const cause why : all_causes) {
        const std::string text(cbv::explain(why));
        EXPECT_FALSE(text.empty()) << to_string(why);
        EXPECT_FALSE(text.ends_with('.')) << text;
        seen.push_back(text);
    }
    std::sort(seen.begin(), seen.end());
    EXPECT_EQ(std::adjacent_find(seen.begin(), seen.end()), seen.end());
}

/// CBV-RPLY-008: CR LF only as line ends, printable ASCII, 512 octets, one code.
void expect_clean(const std::string& wire) {
    ASSERT_TRUE(wire.ends_with("\r\n"));
    std::size_t at = 0;
    while (at < wire.size()) {
        const std::size_t end = wire.find("\r\n", at);
        ASSERT_NE(end, wire.npos);
        EXPECT_LE(end + 2 - at, cbv::max_reply_line);
        const std::string line = wire.substr(at, end - at);
        EXPECT_EQ(line.substr(0, 3), wire.substr(0, 3));
        EXPECT_EQ(line[3], end + 2 == wire.size() ? ' ' : '-');
        EXPECT_TRUE(std::all_of(line.begin(), line.end(), [](char c) {
            return c >= 0x20 && c <= 0x7E;
        })) << line;
        at = end + 2;
    }
}

TEST(ReplyPolicy, HostileTextStaysInItsLine) {
    cbv::verdict v = verdict(verdict_kind::fail, cause::mailbox_refused);
    v.host = "mx.d.example";
    v.address = cbv::ip_address::parse("192.0.2.1");
    v.reply = cbv::reply{550, {"5.1.1 no\r\n250 ok\xFF\x1B", std::string(2000, 'x')}};
    cbv::reply_options quoting;
    quoting.quote_called_host = true;
    const std::string longest = std::string(64, '\xC3') + "@" + std::string(189, '\xA4');
    for (const std::string& path : {std::string("a@b.example"), longest, std::string(5000, 'y')}) {
        const auto quoted = reply_for(v, path, quoting);
        ASSERT_TRUE(quoted);
        EXPECT_EQ(quoted->lines.size(), 3U);
        expect_clean(serialize(*quoted));
        const auto silent = reply_for(v, path);
        EXPECT_EQ(silent->lines.size(), 2U);
        expect_clean(serialize(*silent));
    }
    EXPECT_NE(
        serialize(*reply_for(v, "a@b.example", quoting))
            .find("550 5.1.0 mx.d.example [192.0.2.1] said: 550 5.1.1 no\\r\\n250 ok\\xff\\x1b"),
        std::string::npos);
}

TEST(ReplyPolicy, SerializesAnyReplyCleanly) {
    EXPECT_EQ(cbv::serialize({250, {}}), "250\r\n");
    EXPECT_EQ(cbv::serialize({250, {"a", "b"}}), "250-a\r\n250 b\r\n");
    EXPECT_EQ(cbv::serialize({250, {"\"a\\b\""}}), "250 \"a\\b\"\r\n");
    expect_clean(cbv::serialize({250, {"a\r\n550 b", std::string(600, 'z')}}));
    EXPECT_EQ(cbv::serialize({250, {std::string(600, 'z')}}).size(), cbv::max_reply_line);
}

} // namespace
