// Trace records match the grammar in the draft's source (CBV-TRC-005), and so does the draft's own
// example.
#include "cddl.hpp"
#include "refserver/trace.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <stdexcept>
#include <string>

namespace {

using namespace std::chrono_literals;
namespace test = cbv::refserver::test;
using nlohmann::json;

/// The draft's artwork that begins so.
std::string artwork(const std::string& beginning) {
    const std::string draft = test::read_file(CBV_DRAFT_XML);
    const auto begin = draft.find("<![CDATA[\n" + beginning);
    if (begin == std::string::npos)
        throw std::runtime_error("the draft has no artwork that begins with " + beginning);
    const auto text = begin + 10;
    return draft.substr(text, draft.find("]]>", text) - text);
}

const test::cddl& grammar() {
    static const std::string text = artwork("record = {");
    static const test::cddl rules(text);
    return rules;
}

bool valid(const json& record) {
    return grammar().matches(record, "record");
}

cbv::decision_record record() {
    cbv::decision_record r;
    r.helo = "c.example";
    r.client = cbv::ip_address::parse("2001:db8::7").value();
    r.reverse_path = "a@d.example";
    r.recipient = "u@local.example";
    r.total = 1234ms;
    r.result.kind = cbv::verdict_kind::fail;
    r.result.why = cbv::cause::mailbox_refused;
    r.result.at = cbv::stage::rcpt;
    cbv::attempt a;
    a.host = "mx1.d.example";
    a.address = cbv::ip_address::parse("198.51.100.7").value();
    a.last_stage = cbv::stage::rcpt;
    a.reply = cbv::reply{550, {"no such user"}};
    a.stages = {{cbv::stage::connect, 10ms}, {cbv::stage::rcpt, 990ms}};
    r.result.attempts = {a, a};
    r.answer = cbv::reply{550, {"no"}};
    return r;
}

json written(const cbv::decision_record& r) {
    return json::parse(cbv::refserver::trace_line(r, std::chrono::system_clock::from_time_t(0)));
}

TEST(TraceGrammar, RecordsMatchIt) {
    EXPECT_TRUE(valid(written(record())));
    auto r = record();
    r.result.attempts.clear();
    r.answer.reset();
    EXPECT_TRUE(valid(written(r)));
    r = record();
    r.result.attempts[0].reply.reset();
    r.result.attempts[0].stages.clear();
    r.helo = r.reverse_path = std::string("\0\r\n\xFF\"", 5);
    EXPECT_TRUE(valid(written(r)));
}

TEST(TraceGrammar, HasEveryVerdictAndStage) {
    using cbv::stage;
    for (const auto kind : {cbv::verdict_kind::pass,
                            cbv::verdict_kind::fail,
                            cbv::verdict_kind::tempfail,
                            cbv::verdict_kind::unverifiable,
                            cbv::verdict_kind::none}) {
        auto r = record();
        r.result.kind = r.result.attempts[0].kind = kind;
        EXPECT_TRUE(valid(written(r))) << to_string(kind);
    }
    for (const auto at : {stage::eligibility,
                          stage::mx_lookup,
                          stage::address_lookup,
                          stage::connect,
                          stage::greeting,
                          stage::ehlo,
                          stage::helo,
                          stage::starttls,
                          stage::noop,
                          stage::mail,
                          stage::rcpt,
                          stage::control,
                          stage::quit}) {
        auto r = record();
        r.result.at = r.result.attempts[0].last_stage = at;
        r.result.attempts[0].stages = {{at, 1ms}};
        EXPECT_TRUE(valid(written(r))) << to_string(at);
    }
}

TEST(TraceGrammar, TheDraftsExampleMatchesIt) {
    const json example = json::parse(artwork("{\"version\""));
    EXPECT_TRUE(valid(example));
    EXPECT_EQ(example["attempts"].size(), 2U);
}

TEST(TraceGrammar, RefusesWhatIsMissingUnknownOrOfAnotherKind) {
    const json good = written(record());
    for (const auto& [name, value] : good.items()) {
        json bad = good;
        bad.erase(name);
        EXPECT_EQ(valid(bad), name == "stage" || name == "requirement") << name;
        bad[name] = value.is_string() ? json(1) : json("x");
        EXPECT_FALSE(valid(bad)) << name;
    }
    for (const auto& [name, value] : good["attempts"][0].items()) {
        json bad = good;
        bad["attempts"][1].erase(name);
        EXPECT_FALSE(valid(bad)) << name;
        bad["attempts"][1][name] = value.is_string() ? json(1) : json("x");
        EXPECT_FALSE(valid(bad)) << name;
    }
    json bad = good;
    bad["extra"] = 1U;
    EXPECT_FALSE(valid(bad));
    bad = good;
    bad["version"] = 2U;
    EXPECT_FALSE(valid(bad));
    bad = good;
    bad["attempts"][0]["code"] = 199U;
    EXPECT_FALSE(valid(bad));
    bad = good;
    bad["attempts"][0]["stages"]["lunch"] = 1U;
    EXPECT_FALSE(valid(bad));
    bad = good;
    bad["tests"] = json::array({json{{"name", "spf"}, {"result", "pass"}, {"ms", 3U}}});
    EXPECT_TRUE(valid(bad));
    bad["tests"][0].erase("result");
    EXPECT_FALSE(valid(bad));
}

TEST(TraceGrammar, TheReaderRefusesWhatItDoesNotKnow) {
    for (const char* text :
         {"a", "a =", "a = {", "a = [b]", "a = { b text }", "a = \"x", "a = { * b: c }"})
        EXPECT_THROW(test::cddl{text}, std::runtime_error) << text;
    EXPECT_THROW((void)test::cddl("a = b").matches(1, "a"), std::out_of_range);
}

} // namespace
