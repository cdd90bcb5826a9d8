// Tests of program/log.hpp: the lines people and scripts get, with escapes.
#include "log.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>
#include <vector>

namespace {

using namespace std::chrono_literals;
using namespace cbv::fakemx;
using namespace cbv::fakemx::program;
using ::testing::ElementsAre;
using ::testing::HasSubstr;

struct printed {
    std::vector<std::string> lines;
    event_log::line_sink sink() {
        return [this](const std::string& line) { lines.push_back(line); };
    }
};

event of_host(event_kind kind, std::string text, unsigned connection = 1) {
    return {1203ms, leg::host, "mx", connection, kind, std::move(text)};
}

/// One of everything.
void tell_all(event_log& l) {
    l.on_event("main", of_host(event_kind::connected, "127.0.0.1 port 4"));
    l.on_event("banner-554", of_host(event_kind::connected, "127.0.0.1 port 5"));
    l.on_event("main", of_host(event_kind::greeting_done, ""));
    l.on_event("main", of_host(event_kind::received, "RCPT TO:<a\x1b[31m\r@b>"));
    demo::fault f;
    f.words = "slow-5s";
    f.does = "waits 5s, gives the usual reply";
    l.on_fault("127.0.0.1 port 4", at::rcpt, "slow-5s@demo.test", f);
    l.on_fault("127.0.0.1 port 5", at::banner, "host\n", f);
    l.on_event("main", of_host(event_kind::sent, "250 OK"));
    l.on_event("banner-554", of_host(event_kind::closed, ""));
    demo::message_summary m;
    m.peer = "127.0.0.1 port 4";
    m.octets = 12;
    m.recipient_count = 1;
    m.recipients = {"a@b"};
    m.subject = "\x07 \"hi\"";
    l.on_message(m);
    l.on_event("main", {2s, leg::dns, "dns", 0, event_kind::query, "MX demo.test"});
    l.on_hint("", "careful");
    l.on_end(l.all());
}

TEST(program_log, has_a_readable_line_for_each_event) {
    printed p;
    text_log l{p.sink(), [] { return cbv::duration{1500ms}; }, false};
    tell_all(l);
    EXPECT_THAT(
        p.lines,
        ElementsAre(
            "    1.203  #1   -- connected from 127.0.0.1 port 4",
            "    1.203  #2 banner-554 -- connected from 127.0.0.1 port 5",
            "    1.203  #1   < RCPT TO:<a\\x1b[31m\\r@b>",
            "    1.500  #1   * slow-5s at RCPT: waits 5s, gives the usual reply",
            "    1.500  #2 banner-554 * slow-5s at the greeting (of host\\n): waits 5s, gives the "
            "usual reply",
            "    1.203  #1   > 250 OK",
            "    1.203  #2 banner-554 -- closed by us",
            "    1.500  #1   -- message of 12 octets taken and dropped, for 1 recipient; Subject: "
            "\\x07 \"hi\"",
            "    2.000  dns  < MX demo.test",
            "    1.500       -- careful",
            "\n2 connections, 1 message taken, 2 faults played, 1 DNS query."));
}

TEST(program_log, is_coloured_only_when_asked) {
    printed p;
    text_log l{p.sink(), [] { return cbv::duration{}; }, true};
    tell_all(l);
    std::string all;
    for (const auto& line : p.lines)
        all += line;
    EXPECT_THAT(all, HasSubstr("\x1b[32m> 250 OK\x1b[0m"));
    EXPECT_THAT(all, HasSubstr("a\\x1b[31m")); // the client's own
}

TEST(program_log, has_a_json_object_for_each_event) {
    printed p;
    json_log l{p.sink(), [] { return cbv::duration{1500ms}; }};
    tell_all(l);
    std::vector<std::string> kinds;
    for (const auto& line : p.lines) {
        EXPECT_EQ(line.find('\n'), std::string::npos);
        kinds.push_back(nlohmann::json::parse(line).at("kind"));
    }
    EXPECT_THAT(kinds,
                ElementsAre("connected",
                            "connected",
                            "greeting-done",
                            "received",
                            "fault",
                            "fault",
                            "sent",
                            "closed",
                            "message",
                            "query",
                            "hint",
                            "end"));
    const auto fault = nlohmann::json::parse(p.lines[4]);
    EXPECT_EQ(fault.at("at"), 1.5);
    EXPECT_EQ(fault.at("client"), 1);
    EXPECT_EQ(fault.at("host"), "mx");
    EXPECT_EQ(fault.at("words"), "slow-5s");
    EXPECT_EQ(fault.at("stage"), "RCPT");
    EXPECT_EQ(nlohmann::json::parse(p.lines[8]).at("recipients"), nlohmann::json{"a@b"});
    EXPECT_EQ(nlohmann::json::parse(p.lines[11]).at("connections"), 2);
}

TEST(program_log, tells_ports_on_one_line_of_json) {
    ready_state state;
    state.domain = "demo.test";
    state.hosts = {{"mx", "mx.demo.test", "127.0.0.1", 2525, ""}};
    state.dns_address = "127.0.0.1";
    state.dns_port = 53;
    const auto j = nlohmann::json::parse(state.to_json());
    EXPECT_EQ(j.at("kind"), "ready");
    EXPECT_EQ(j.at("smtp_port"), 2525);
    EXPECT_EQ(j.at("dns_port"), 53);
    EXPECT_EQ(j.at("hosts").at(0).at("address"), "127.0.0.1");
    state.hosts.clear();
    EXPECT_EQ(nlohmann::json::parse(state.to_json()).at("smtp_port"), 0);
}

} // namespace
