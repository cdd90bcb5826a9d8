// What is written: stored messages with their trace headers, and trace records with hostile octets.
#include "cbv/reply_policy.hpp"
#include "refserver/message.hpp"
#include "refserver/trace.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <algorithm>
#include <set>
#include <string>
#include <system_error>

namespace {

using namespace std::chrono_literals;
using namespace cbv::refserver;

const auto noon = std::chrono::system_clock::from_time_t(1795521600); // 2026-11-24 12:00:00 UTC

cbv::received_message message() {
    cbv::received_message m;
    m.reverse_path = "a@d.example";
    m.recipients = {cbv::parse_mailbox("u@local.example").value()};
    m.content = "Subject: x\r\n\r\nline\r\n\r\n";
    m.helo = "c.example";
    m.client = cbv::ip_address::parse("198.51.100.7").value();
    m.protocol = "ESMTP";
    return m;
}

TEST(StoredText, HasTraceHeadersAndUnixLineEnds) {
    EXPECT_EQ(stored_text(message(), "mx.example", noon),
              "Return-Path: <a@d.example>\n"
              "Delivered-To: u@local.example\n"
              "Received: from c.example ([198.51.100.7])\n\tby mx.example with ESMTP\n"
              "\tfor <u@local.example>;\n\tTue, 24 Nov 2026 12:00:00 +0000\n"
              "Subject: x\n\nline\n\n");
}

TEST(StoredText, SeveralRecipientsAreNotInReceived) {
    auto m = message();
    m.reverse_path = "";
    m.client = cbv::ip_address::parse("2001:db8::7").value();
    m.recipients.push_back(cbv::parse_mailbox("v@local.example").value());
    const std::string text = stored_text(m, "mx.example", noon);
    EXPECT_TRUE(text.starts_with("Return-Path: <>\nDelivered-To: u@local.example\n"
                                 "Delivered-To: v@local.example\nReceived: from c.example "
                                 "([IPv6:2001:db8::7])\n\tby mx.example with ESMTP;\n"));
}

TEST(StoredText, HostileHeloStaysAName) {
    auto m = message();
    m.helo = "a(b);\xC3\xA4\"\\";
    EXPECT_NE(stored_text(m, "mx.example", noon).find("from a?b?????? (["), std::string::npos);
}

TEST(StoredText, EveryByteOfTheContentStays) {
    auto m = message();
    m.content.clear();
    EXPECT_TRUE(stored_text(m, "mx.example", noon).ends_with("+0000\n"));
    m.content = std::string("a\0b\r\n\xFF", 6);
    EXPECT_TRUE(stored_text(m, "mx.example", noon).ends_with(std::string("a\0b\n\xFF", 5)));
}

cbv::decision_record record() {
    cbv::decision_record r;
    r.helo = "c.example";
    r.client = cbv::ip_address::parse("198.51.100.7").value();
    r.reverse_path = "bad@d.example";
    r.recipient = "u@local.example";
    r.total = 1234ms;
    r.result.kind = cbv::verdict_kind::fail;
    r.result.why = cbv::cause::mailbox_refused;
    r.result.at = cbv::stage::rcpt;
    r.result.requirement = "CBV-INT-003";
    r.result.mx_count = 3;
    cbv::attempt a;
    a.host = "mx1.d.example";
    a.address = cbv::ip_address::parse("198.18.0.1").value();
    a.preference = 10;
    a.last_stage = cbv::stage::rcpt;
    a.reply = cbv::reply{550, {"no such user"}};
    a.kind = cbv::verdict_kind::fail;
    a.why = cbv::cause::mailbox_refused;
    a.elapsed = 1000ms;
    a.stages = {{cbv::stage::connect, 10ms}, {cbv::stage::rcpt, 990ms}};
    r.result.attempts = {a};
    r.answer = cbv::reply_for(r.result, r.reverse_path);
    return r;
}

TEST(Trace, RecordHasEverything) { // CBV-TRC-001, CBV-TRC-006, CBV-TRC-007
    const std::string line = trace_line(record(), noon);
    EXPECT_EQ(
        line,
        R"({"version":1,"time":"2026-11-24T11:59:58.766Z","state":"rcpt","cip":"198.51.100.7",)"
        R"("cdn":"c.example","from":"bad@d.example","rcpt":"u@local.example","tests":[],"mx":3,)"
        R"("attempts":[{"host":"mx1.d.example","address":"198.18.0.1","preference":10,)"
        R"("stage":"rcpt","code":550,"reply":"550 no such user","verdict":"fail",)"
        R"("cause":"mailbox-refused","stages":{"connect":10,"rcpt":990},"ms":1000}],"verdict":"fail",)"
        R"("cause":"mailbox-refused","cached":false,"stage":"rcpt","requirement":"CBV-INT-003",)"
        R"("reply":"550 5.1.0 The return path <bad@d.example> was checked by call-back )"
        R"(verification / 5.1.0 mailbox-refused: its mail system refuses this mailbox",)"
        R"("ms":1234})");
}

TEST(Trace, HostileOctetsForgeNothing) { // CBV-TRC-002
    auto r = record();
    const std::string hostile("x\r\n{\"verdict\":\"pass\"}\x1b\0\xFF\"\\", 26);
    r.helo = r.reverse_path = r.recipient = hostile;
    r.result.attempts[0].host = hostile;
    r.result.attempts[0].reply = cbv::reply{550, {hostile}};
    r.answer = cbv::reply_for(r.result, r.reverse_path);
    const std::string line = trace_line(r, noon);
    EXPECT_TRUE(
        std::all_of(line.begin(), line.end(), [](char c) { return c >= 0x20 && c < 0x7F; }));
    const auto parsed = nlohmann::json::parse(line);
    EXPECT_EQ(parsed["verdict"], "fail");
    EXPECT_EQ(parsed["from"], "x\\r\\n{\"verdict\":\"pass\"}\\x1b\\x00\\xff\"\\\\");
}

TEST(Trace, CausesAreToldApart) { // CBV-TRC-004
    std::set<std::string> seen;
    for (const auto why : {cbv::cause::timeout,
                           cbv::cause::connection_refused,
                           cbv::cause::connection_lost,
                           cbv::cause::mailbox_refused,
                           cbv::cause::dns_failure,
                           cbv::cause::hosts_prohibited,
                           cbv::cause::hold_off,
                           cbv::cause::limit,
                           cbv::cause::exempt}) {
        auto r = record();
        r.result.why = why;
        seen.insert(nlohmann::json::parse(trace_line(r, noon))["cause"].get<std::string>());
    }
    EXPECT_EQ(seen.size(), 9U);
}

TEST(Trace, WhatWasKnownIsToldFromACall) { // CBV-TRC-004
    auto r = record();
    r.result.cached = true;
    const auto line = nlohmann::json::parse(trace_line(r, noon));
    EXPECT_EQ(line["cached"], true);
    EXPECT_EQ(line["cause"], "mailbox-refused");
}

TEST(Trace, LogAppendsLines) {
    const test::scratch dir;
    const std::string file = (dir.path / "trace").string();
    trace_log(file).write("{1}");
    trace_log(file).write("{2}");
    trace_log("").write("{3}");
    EXPECT_EQ(test::read_file(file), "{1}\n{2}\n");
    EXPECT_THROW(trace_log("/nonexistent/trace"), std::system_error);
}

} // namespace
