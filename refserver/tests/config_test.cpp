// The configuration: the example has the defaults, every fault is reported with its place.
#include "refserver/config.hpp"
#include "scratch.hpp"

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

#include <string>

namespace {

using namespace std::chrono_literals;
using namespace cbv::refserver;
using cbv::verdict_kind;

const std::string minimal = "host_name = \"mx.local.example\"\n"
                            "listen = [\"192.0.2.25:2525\"]\n"
                            "local_domains = [\"local.example\"]\n"
                            "mailboxes = \"any\"\n"
                            "spool = \"mail\"\n";

config read(const std::string& text) {
    return parse_config(text, "/etc/cbv/r.toml");
}

std::string fault(const std::string& text) {
    try {
        (void)read(text);
    } catch (const config_error& e) {
        return e.what();
    }
    return "no error";
}

TEST(Config, MinimalHasTheLibrarysDefaults) {
    const config c = read(minimal);
    const cbv::timeouts t;
    EXPECT_EQ(c.receiver.host_name, "mx.local.example");
    EXPECT_EQ(c.verifier.verification.dialogue.helo_name, "mx.local.example");
    EXPECT_EQ(c.verifier.verification.dialogue.timers.rcpt, t.rcpt);
    EXPECT_EQ(c.spool, "/etc/cbv/mail"); // relative to the file
    EXPECT_EQ(c.trace, "");
    EXPECT_TRUE(c.receiver.verify);
    EXPECT_FALSE(c.receiver.mailbox_exists);
    EXPECT_FALSE(c.receiver.authenticate);
    EXPECT_EQ(c.verifier.verification.addresses.check(c.listen[0].address),
              cbv::address_policy::ruling::own); // CBV-HOST-004
}

TEST(Config, ExampleStatesTheDefaults) {
    config example = load_config(REFSERVER_EXAMPLE);
    config plain = read("host_name = \"mx.example.net\"\nlisten = [\"192.0.2.25:25\"]\n"
                        "local_domains = [\"example.net\"]\n"
                        "users = [\"alice\", \"bob@example.net\"]\nspool = \"spool\"\n");
    example.spool = plain.spool;
    EXPECT_EQ(dump_settings(example), dump_settings(plain));
}

TEST(Config, EverySettingArrives) {
    const config c = read(minimal + R"(
trace = "-"
max_sessions = 7
max_message_size = 2048
max_recipients = 200
storage_threads = 3
idle_timeout = "1.5s"
shutdown_grace = "300ms"
[dns]
servers = ["192.0.2.53:5353", "[2001:db8::1]:53"]
timeout = "2s"
tries = 1
[timeouts]
dns = "1s"
connect = "2s"
greeting = "3s"
ehlo = "4s"
mail = "5s"
rcpt = "6s"
quit = "7s"
starttls = "8s"
budget = "9s"
[verify]
enabled = false
helo_name = "[192.0.2.1]"
permit = ["198.18.0.0/15"]
prohibit = ["198.18.1.1"]
own_addresses = ["198.18.0.9"]
own_names = ["other.example"]
source_v4 = "198.18.0.9"
source_v6 = "2001:db8::9"
max_attempts = 5
kept_share = 10
max_exchanges = 11
max_addresses = 12
max_lookups = 13
lookups_at_once = 14
max_aliases = 15
late_after = "16s"
port = 2526
ipv4 = false
ipv6 = true
pipelining = true
noop = "cbv"
soft_nxdomain = true
null_sender_fails = true
standing = "postmaster"
seed = 42
[allow]
clients = ["198.51.100.0/24"]
domains = ["d.example"]
paths = ["a@b.example"]
[reply]
quote_called_host = true
defer_unverifiable = true
[auth.users]
joe = "secret"
)");
    const auto dump = nlohmann::json::parse(dump_settings(c));
    EXPECT_EQ(dump["timeouts"].dump(),
              R"({"budget":"9s","connect":"2s","dns":"1s","ehlo":"4s","greeting":"3s","mail":"5s",)"
              R"("quit":"7s","rcpt":"6s","starttls":"8s"})");
    EXPECT_EQ(c.trace, "-");
    EXPECT_EQ(c.max_sessions, 7U);
    EXPECT_EQ(c.receiver.max_message_size, 2048U);
    EXPECT_EQ(c.receiver.idle_timeout, cbv::duration(1500ms));
    EXPECT_EQ(c.shutdown_grace, cbv::duration(300ms));
    EXPECT_EQ(c.verifier.resolver.servers.size(), 2U);
    EXPECT_EQ(c.verifier.resolver.tries, 1);
    EXPECT_FALSE(c.receiver.verify);
    const auto& v = c.verifier.verification;
    EXPECT_EQ(v.dialogue.helo_name, "[192.0.2.1]");
    using ruling = cbv::address_policy::ruling;
    const auto check = [&](const char* text) {
        return v.addresses.check(cbv::ip_address::parse(text).value());
    };
    EXPECT_EQ(check("198.18.0.1"), ruling::allowed);
    EXPECT_EQ(check("198.18.1.1"), ruling::prohibited);
    EXPECT_EQ(check("198.18.0.9"), ruling::own);
    EXPECT_EQ(v.selection.own_names.size(), 2U);
    EXPECT_EQ(v.max_attempts, 5U);
    EXPECT_EQ(v.kept_share, 10U);
    EXPECT_EQ(v.selection.max_exchanges, 11U);
    EXPECT_EQ(v.selection.max_addresses, 12U);
    EXPECT_EQ(v.selection.max_lookups, 13U);
    EXPECT_EQ(v.selection.lookups_at_once, 14U);
    EXPECT_EQ(v.selection.max_aliases, 15U);
    EXPECT_EQ(v.selection.late_after, std::chrono::seconds{16});
    EXPECT_EQ(v.port, 2526);
    EXPECT_FALSE(v.selection.ipv4);
    EXPECT_TRUE(v.dialogue.pipelining);
    EXPECT_EQ(v.dialogue.noop_text, "cbv");
    EXPECT_TRUE(v.selection.soft_nxdomain);
    EXPECT_TRUE(v.dialogue.decisions.null_sender_fails);
    EXPECT_EQ(v.dialogue.decisions.standing, cbv::standing_mode::postmaster);
    EXPECT_EQ(v.selection.seed, 42U);
    EXPECT_EQ(c.verifier.source_v6->to_string(), "2001:db8::9");
    EXPECT_EQ(c.receiver.eligibility.clients.size(), 1U);
    EXPECT_TRUE(c.receiver.replies.quote_called_host);
    EXPECT_TRUE(c.receiver.replies.defer_unverifiable);
    EXPECT_TRUE(c.receiver.authenticate("joe", "secret"));
    EXPECT_FALSE(c.receiver.authenticate("joe", "secretx"));
    EXPECT_FALSE(c.receiver.authenticate("joe", ""));
    EXPECT_FALSE(c.receiver.authenticate("ann", "secret"));
    EXPECT_EQ(dump_settings(c).find("secret"), std::string::npos);
}

TEST(Config, EverySettingOfTheManagerArrives) {
    const config c = read(minimal + R"(
[cache]
enabled = false
max_entries = 11
pass_lifetime = "240h"
fail_lifetime = "3h"
max_dns_lifetime = "4m"
pass_refresh = "20h"
tempfail_hold_off = "0s"
unverifiable_hold_off = "50m"
null_sender_hold_off = "3m"
[limits]
attempts_per_address = 3
attempts_in_all = 33
calls_in_all = 6
calls_per_domain = 0
rate_window = "30s"
over_limit = "none"
fails_per_client = 7
calls_per_client = 8
proving_paths = 0
patience = "24h"
refusal_pause = "2h"
refusals_per_domain = 4
listing_domains = 6
answer_early_after = "20s"
[do_not_call]
domains = ["objects.example"]
addresses = ["203.0.113.0/24", "2001:db8::5"]
[refuse]
clients = ["198.51.100.66"]
)");
    const auto dump = nlohmann::json::parse(dump_settings(c));
    EXPECT_EQ(dump["cache"].dump(),
              R"({"enabled":false,"fail_lifetime":"10800s","max_dns_lifetime":"240s",)"
              R"("max_entries":11,"null_sender_hold_off":"180s","pass_lifetime":"864000s",)"
              R"("pass_refresh":"72000s","tempfail_hold_off":"0s",)"
              R"("unverifiable_hold_off":"3000s"})");
    EXPECT_EQ(dump["limits"].dump(),
              R"({"answer_early_after":"20s","attempts_in_all":33,"attempts_per_address":3,)"
              R"("calls_in_all":6,"calls_per_client":8,"calls_per_domain":0,)"
              R"("fails_per_client":7,"listing_domains":6,"over_limit":"none",)"
              R"("patience":"86400s",)"
              R"("proving_paths":0,"rate_window":"30s","refusal_pause":"7200s",)"
              R"("refusals_per_domain":4})");
    EXPECT_EQ(
        dump["do_not_call"].dump(),
        R"({"addresses":["203.0.113.0/24","2001:db8::5/128"],"domains":["objects.example"]})");
    EXPECT_EQ(dump["refuse"].dump(), R"({"clients":["198.51.100.66/32"]})");
    const auto& m = c.verifier.management.value();
    EXPECT_FALSE(m.cache.enabled);
    EXPECT_EQ(m.cache.pass_lifetime, cbv::duration(240h));
    EXPECT_EQ(m.over_limit, verdict_kind::none);
    EXPECT_EQ(m.uncalled_addresses.size(), 2U);
    EXPECT_EQ(c.receiver.refused_clients.size(), 1U);
}

TEST(Config, RelaysAndResultsOfSpfAreRead) {
    const config c = read(minimal + R"(
[relay]
clients = ["198.51.100.0/28"]
domains = ["relayed.example", "b\u00fccher.example"]
mailboxes = ["ann@xn--bcher-kva.example"]
[spf]
pass_clients = ["198.51.100.64"]
fail_clients = ["198.51.100.64/26"]
call_on_softfail = true
[reply]
accept_tempfail = true
observe = true
)");
    const auto& r = c.receiver;
    EXPECT_EQ(r.eligibility.relay_clients.size(), 1U);
    EXPECT_EQ(r.relayed_mailbox_exists(*cbv::parse_mailbox("Ann@b\u00fccher.example")), true);
    EXPECT_EQ(r.relayed_mailbox_exists(*cbv::parse_mailbox("bob@xn--bcher-kva.example")), false);
    EXPECT_EQ(r.relayed_mailbox_exists(*cbv::parse_mailbox("ann@relayed.example")), std::nullopt);
    const auto spf = [&](const char* client) {
        return r.spf(
            *cbv::ip_address::parse(client), "c.example", *cbv::parse_mailbox("a@b.example"));
    };
    EXPECT_EQ(spf("198.51.100.64"), cbv::spf_result::pass);
    EXPECT_EQ(spf("198.51.100.65"), cbv::spf_result::fail);
    EXPECT_EQ(spf("198.51.100.1"), std::nullopt);
    EXPECT_TRUE(c.verifier.management->call_on_softfail);
    EXPECT_TRUE(r.replies.observe && r.replies.accept_tempfail);
    const auto dump = nlohmann::json::parse(dump_settings(c));
    EXPECT_EQ(dump["spf"].dump(),
              R"({"call_on_softfail":true,"fail_clients":["198.51.100.64/26"],)"
              R"("pass_clients":["198.51.100.64/32"]})");
    EXPECT_EQ(dump["relay"]["mailboxes"], 1);
}

TEST(Config, ManagementIsAlwaysOnWithTheLibrarysDefaults) {
    const config c = read(minimal);
    const auto& m = c.verifier.management.value();
    const cbv::call_manager_options plain;
    EXPECT_TRUE(m.cache.enabled);
    EXPECT_EQ(m.cache.fail_lifetime, plain.cache.fail_lifetime);
    EXPECT_EQ(m.calls_per_domain, plain.calls_per_domain);
    EXPECT_EQ(m.refusal_pause, plain.refusal_pause);
}

TEST(Config, UsersAreLocalPartsOrMailboxes) {
    std::string text = minimal;
    text.replace(text.find("mailboxes = \"any\""), 17, "users = [\"joe\", \"ann@a.example\"]");
    const auto exists = [c = read(text)](const char* mailbox) {
        return c.receiver.mailbox_exists(cbv::parse_mailbox(mailbox).value());
    };
    EXPECT_TRUE(exists("joe@local.example"));
    EXPECT_TRUE(exists("\"JOE\"@local.example"));
    EXPECT_TRUE(exists("ann@A.example"));
    EXPECT_FALSE(exists("ann@local.example"));
    EXPECT_FALSE(exists("joey@local.example"));
}

struct fault_case {
    std::string text;
    const char* message;
};

TEST(Config, FaultsNameTheirPlace) {
    const fault_case cases[] = {
        {minimal + "colour = 1\n", "/etc/cbv/r.toml:6:1: unknown key colour; expected one of: "},
        {minimal + "[verify]\nhelo = \"x\"\n", "r.toml:7:1: unknown key verify.helo; expected "},
        {minimal + "[nonsense]\n", "r.toml:6:2: unknown key nonsense; "},
        {minimal + "[timeouts]\nrcpt = 120\n",
         "r.toml:7:8: timeouts.rcpt: expected a duration above zero such as \"30s\" or \"300ms\", "
         "not an integer"},
        {minimal + "[timeouts]\nrcpt = \"0s\"\n", "r.toml:7:8: timeouts.rcpt: expected a duration"},
        {minimal + "[timeouts]\nrcpt = \"-1s\"\n", "not \"-1s\""},
        {minimal + "[timeouts]\nbudget = \"271s\"\n", "r.toml:7:10: timeouts.budget: the budget "},
        {minimal + "[verify]\nenabled = 1\n",
         "r.toml:7:11: verify.enabled: expected true or false"},
        {minimal + "[verify]\nmax_attempts = 1\n", "expected an integer from 2 to 100, not 1"},
        {minimal + "[verify]\nmax_lookups = 1\n", "expected an integer from 2 to 1000, not 1"},
        {minimal + "[verify]\nkept_share = 51\n", "expected an integer from 0 to 50, not 51"},
        {minimal + "[verify]\nmax_attempts = 2.5\n", "not a number with a fraction"},
        {minimal + "[verify]\nport = 65536\n", "r.toml:7:8: verify.port: expected an integer"},
        {minimal + "[verify]\npermit = \"198.18.0.0/15\"\n", "expected a list of strings"},
        {minimal + "[verify]\npermit = [\"198.18.0.0/33\"]\n", "r.toml:7:11: verify.permit: "},
        {minimal + "[verify]\npermit = [7]\n", "verify.permit: expected a string, not an integer"},
        {minimal + "[verify]\nhelo_name = \"a b\"\n",
         "expected a domain name or an address literal"},
        {minimal + "[verify]\nsource_v4 = \"::1\"\n", "expected an IPv4 address"},
        {minimal + "[dns]\nservers = [\"ns.example\"]\n",
         "r.toml:7:12: dns.servers: expected ADDR"},
        {minimal + "[verify]\nmax_concurrent = 6\n",
         "r.toml:7:18: verify.max_concurrent: has another place now; expected calls_in_all in "
         "[limits]"},
        {minimal + "[cache]\nentries = 6\n", "r.toml:7:1: unknown key cache.entries; expected "},
        {minimal + "[cache]\nmax_entries = 0\n", "r.toml:7:15: cache.max_entries: expected an "},
        {minimal + "[cache]\nenabled = \"no\"\n", "cache.enabled: expected true or false"},
        {minimal + "[cache]\ntempfail_hold_off = \"-1s\"\n",
         "r.toml:7:21: cache.tempfail_hold_off: expected a duration from \"0s\" to \"8760h\""},
        {minimal + "[cache]\ntempfail_hold_off = \"301s\"\n", "r.toml:6:1: cache: "},
        {minimal + "[cache]\nunverifiable_hold_off = \"61m\"\n", "r.toml:6:1: cache: "},
        {minimal + "[cache]\nnull_sender_hold_off = \"6m\"\n", "r.toml:6:1: cache: "},
        {minimal + "[limits]\nrefusal_pause = \"59m\"\n", "r.toml:6:1: limits: "},
        {minimal + "[limits]\nattempts_per_address = 0\n",
         "r.toml:7:24: limits.attempts_per_address: expected an integer from 1"},
        {minimal + "[limits]\ncalls_per_domain = -1\n", "expected an integer from 0"},
        {minimal + "[limits]\nover_limit = \"fail\"\n",
         "r.toml:7:14: limits.over_limit: expected \"tempfail\" or \"none\", not \"fail\""},
        {minimal + "[limits]\nanswer_early_after = \"2h\"\n",
         "limits.answer_early_after: expected a duration from \"0s\" to \"1h\""},
        {minimal + "[do_not_call]\ndomains = [\"a..b\"]\n",
         "r.toml:7:12: do_not_call.domains: expected a domain, not \"a..b\""},
        {minimal + "[relay]\nmailboxes = [\"a@b.example\"]\n",
         "relay.mailboxes: expected a mailbox in one of relay.domains"},
        {minimal + "[do_not_call]\naddresses = [\"mx\"]\n", "do_not_call.addresses: expected an "},
        {minimal + "[refuse]\nclients = [\"x\"]\n", "r.toml:7:12: refuse.clients: expected an "},
        {minimal + "[allow]\npaths = [\"a@@b\"]\n",
         "allow.paths: expected a mailbox, not \"a@@b\""},
        {minimal + "[auth]\nusers = 3\n", "auth.users: expected a table, not an integer"},
        {minimal + "[auth.users]\njoe = \"\"\n", "auth.users.joe: expected a user name and"},
        {minimal + "[auth]\nuser = \"joe\"\n", "unknown key auth.user"},
        {minimal + "users = [\"a\"]\n", "expected either users = [...] or mailboxes"},
        {minimal + "max_recipients = 99\n", "max_recipients: expected an integer from 100"},
        {minimal + "spool = \"again\"\n", "r.toml:6:"},
        {minimal + "x = \n", "r.toml:6:"},
        {"", "r.toml:1:1: host_name: is missing"},
        {minimal.substr(minimal.find('\n') + 1), "host_name: is missing"},
        {"host_name = \"a..b\"\n", "r.toml:1:13: host_name: expected the server's domain name"},
        {"host_name = \"a.example\"\nlisten = [\"localhost:25\"]\n",
         "r.toml:2:11: listen: expected"},
        {"host_name = \"a.example\"\nlisten = []\n", "listen: expected at least one ADDRESS:PORT"},
    };
    for (const fault_case& c : cases)
        EXPECT_NE(fault(c.text).find(c.message), std::string::npos)
            << c.text << "\ngot: " << fault(c.text) << "\nexpected: " << c.message;
}

TEST(Config, HostileKeysAreEscaped) {
    EXPECT_NE(fault(minimal + "\"a\\u001b\\n\" = 1\n").find("unknown key a\\x1b\\n;"),
              std::string::npos);
}

TEST(Config, MissingFileIsAnError) {
    EXPECT_THROW((void)load_config("/nonexistent/r.toml"), config_error);
}

TEST(Endpoint, ReadsAndWrites) {
    for (const char* text : {"192.0.2.1:25", "[2001:db8::1]:2525", "127.0.0.1:0"})
        EXPECT_EQ(endpoint::parse(text).value().to_string(), text);
    EXPECT_EQ(endpoint::parse("192.0.2.1").value().port, 25);
    EXPECT_EQ(endpoint::parse("2001:db8::1").value().port, 25);
    EXPECT_EQ(endpoint::parse("[2001:db8::1]").value().port, 25);
    for (const char* text : {"",
                             "x:25",
                             "192.0.2.1:",
                             "192.0.2.1:65536",
                             "192.0.2.1:-1",
                             "192.0.2.1:25x",
                             "[192.0.2.1]:25",
                             "[::1",
                             "[::1]25",
                             ":25"})
        EXPECT_FALSE(endpoint::parse(text)) << text;
}

} // namespace
