// Reads a `<client>`: the steps, unrolled, with what each expects (conformance/FORMAT.md). Running
// them is client_session.cpp's.
#include "cbv/text.hpp"
#include "cbv/verdict.hpp"
#include "load_parts.hpp"
#include "patterns.hpp"

#include <algorithm>
#include <map>

namespace cbv::engine {
namespace {

constexpr unsigned max_steps = 2000;  // of one client, repeats unrolled
constexpr unsigned max_rounds = 500;  // of one repeat
constexpr unsigned max_clients = 200; // of one case

using attributes = std::vector<std::string_view>;

struct step_element {
    step_kind kind;
    attributes allowed;
    bool has_reply = true;
};

const std::map<std::string_view, step_element>& kinds() {
    static const std::map<std::string_view, step_element> table{
        {"mail", {step_kind::mail, {"from", "params"}}},
        {"rcpt", {step_kind::rcpt, {"to", "params"}}},
        {"data", {step_kind::data, {}}},
        {"rset", {step_kind::rset, {}}},
        {"noop", {step_kind::noop, {}}},
        {"quit", {step_kind::quit, {}}},
        {"helo", {step_kind::helo, {"name"}}},
        {"ehlo", {step_kind::ehlo, {"name"}}},
        {"send", {step_kind::send, {"line"}}},
        {"auth", {step_kind::auth, {}}},
        {"pause", {step_kind::pause, {"for"}, false}},
        {"disconnect", {step_kind::disconnect, {}, false}},
    };
    return table;
}

constexpr std::string_view expectation_attributes[] = {
    "verdict", "reply", "enhanced", "text", "min", "max", "finding", "await"};

std::string base64(std::string_view octets) {
    static constexpr std::string_view digits =
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    std::string text;
    for (std::size_t i = 0; i < octets.size(); i += 3) {
        const auto octet = [&](std::size_t at) -> unsigned {
            return at < octets.size() ? static_cast<unsigned char>(octets[at]) : 0U;
        };
        const unsigned bits = octet(i) << 16U | octet(i + 1) << 8U | octet(i + 2);
        for (std::size_t k = 0; k < 4; ++k)
            text += i + k <= octets.size() ? digits[bits >> (18 - 6 * k) & 63U] : '=';
    }
    return text;
}

/// Reads the script of one client; `number` is its `{n}` (0: there is none).
class client_loader {
public:
    client_loader(load_context& context, client_script& script, unsigned number)
        : context_(context), script_(script), number_(number) {}

    void load(const fakemx::element& client) {
        if (const auto text = client.attribute("address")) {
            script_.address = ip_address::parse(context_.expand(client, *text, number_));
            if (!script_.address)
                client.fail("address=\"" + *text + "\": expected an IPv4 or IPv6 address");
            transactions_ = true;
        }
        if (const auto text = client.attribute("helo")) {
            script_.helo = context_.expand(client, *text, number_);
            transactions_ = true;
        }
        if (script_.helo.empty())
            script_.helo = "client." + context_.loaded.world.domain;
        script_.start = context_.time(client, "start").value_or(duration{});
        for (const auto& child : client.children())
            read(child, 0, number_);
        if (steps().empty())
            client.fail("<client> is empty; expected steps");
        if (session_)
            context_.loaded.needs.insert("session");
        else if (transactions_ || !command_can_run())
            context_.loaded.needs.insert("transactions");
        add_ehlo_and_quit();
    }

private:
    std::vector<step>& steps() { return script_.steps; }

    void read(const fakemx::element& e, unsigned group, unsigned round) {
        if ((e.name() == "group" || e.name() == "repeat") && e.children().empty())
            e.fail("<" + std::string{e.name()} + "> is empty; expected steps");
        if (e.name() == "group") {
            e.allow_only({});
            session_ = true;
            if (group > 0)
                e.fail("<group> inside <group>");
            const auto number = ++groups_;
            for (const auto& child : e.children())
                read(child, number, round);
            return;
        }
        if (e.name() == "repeat") {
            e.allow_only({"times"});
            transactions_ = true;
            const auto times = read_times(e);
            for (unsigned n = 1; n <= times; ++n) {
                const auto number = group > 0 ? group : 0;
                for (const auto& child : e.children())
                    read(child, number, n);
            }
            return;
        }
        read_step(e, group, round);
    }

    static unsigned read_times(const fakemx::element& e) {
        (void)e.required("times");
        return e.number("times", 1, 1, max_rounds);
    }

    void read_step(const fakemx::element& e, unsigned group, unsigned round) {
        const auto found = kinds().find(e.name());
        if (found == kinds().end())
            e.fail("unknown element <" + std::string{e.name()} +
                   "> in <client>; expected mail, rcpt, data, rset, noop, quit, helo, ehlo, send, "
                   "auth, pause, disconnect, group or repeat");
        auto allowed = found->second.allowed;
        if (found->second.has_reply)
            allowed.insert(allowed.end(),
                           std::begin(expectation_attributes),
                           std::end(expectation_attributes));
        e.allow_only(allowed);
        e.allow_no_content();
        may_follow(e, found->second);
        step s;
        s.kind = found->second.kind;
        s.group = group;
        fill(e, s, round);
        if (s.line.find("\r\n") != std::string::npos)
            e.fail("a CR LF in the line \"" + escape(s.line, 200) +
                   "\"; expected one command a step, in a <group> to send them together");
        if (group > 0 && !found->second.has_reply)
            e.fail("<" + std::string{e.name()} + "> cannot be part of a <group>");
        if (found->second.has_reply && !read_await(e, s))
            read_expectation(e, s, round);
        // A front's own replies say nothing of what stands behind it.
        if (s.kind != step_kind::mail && s.kind != step_kind::rcpt && beyond_verdict(s.expect))
            session_ = true;
        if (steps().size() >= max_steps)
            e.fail("more than " + std::to_string(max_steps) + " steps");
        steps().push_back(std::move(s));
    }

    /// Refuses a step that would never be done, or of which nothing could be seen.
    void may_follow(const fakemx::element& e, const step_element& about) {
        const auto name = "<" + std::string{e.name()} + ">";
        if (steps().empty())
            return;
        if (unawaited_ && about.has_reply)
            e.fail(name + " after await=\"no\"; only <pause> and <disconnect> may follow");
        const auto& last = steps().back();
        if (last.kind == step_kind::disconnect)
            e.fail(name + " after <disconnect>, which ends the session; expected nothing");
        if (last.kind == step_kind::quit && last.awaited)
            e.fail(name + " after <quit>, which ends the session; expected nothing");
    }

    void fill(const fakemx::element& e, step& s, unsigned round) {
        const auto path = [&](std::string_view command, const std::string& text) {
            s.argument = context_.expand(e, text, round);
            s.line = std::string{command} + "<" + s.argument + ">";
            if (const auto params = e.attribute("params"))
                s.line += " " + context_.expand(e, *params, round);
            transactions_ = transactions_ || e.attribute("params");
        };
        switch (s.kind) {
        case step_kind::mail:
            path("MAIL FROM:", e.required("from"));
            break;
        case step_kind::rcpt:
            transactions_ = transactions_ || e.attribute("to");
            path("RCPT TO:", e.attribute("to").value_or("{recipient}"));
            break;
        case step_kind::data:
            s.line = "DATA";
            break;
        case step_kind::rset:
            s.line = "RSET";
            break;
        case step_kind::noop:
            s.line = "NOOP";
            break;
        case step_kind::quit:
            s.line = "QUIT";
            break;
        case step_kind::helo:
        case step_kind::ehlo:
            s.argument = script_.helo;
            if (const auto name = e.attribute("name"))
                s.argument = context_.expand(e, *name, round);
            s.line = (s.kind == step_kind::helo ? "HELO " : "EHLO ") + s.argument;
            break;
        case step_kind::send:
            s.line = unescape_line(e, context_.expand(e, e.required("line"), round));
            session_ = true;
            break;
        case step_kind::auth: {
            context_.loaded.needs.insert("auth");
            session_ = true;
            const auto credentials =
                context_.expand(e, "{auth-user}") + '\0' + context_.expand(e, "{auth-password}");
            s.line = "AUTH PLAIN " + base64('\0' + credentials);
            break;
        }
        case step_kind::pause:
            s.pause = context_.required_time(e, "for");
            break;
        case step_kind::disconnect:
            break;
        }
    }

    static std::string unescape_line(const fakemx::element& e, const std::string& text) {
        return fakemx::unescape(e, text);
    }

    /// Whether the step says that its reply is not awaited.
    bool read_await(const fakemx::element& e, step& s) {
        const auto text = e.attribute("await");
        if (!text)
            return false;
        if (*text != "no")
            e.fail_at("await", "await=\"" + *text + "\": expected no");
        for (const auto name : expectation_attributes)
            if (name != "await" && e.attribute(name))
                e.fail("await=\"no\" and " + std::string{name} + "=: nothing may be expected");
        if (s.group > 0)
            e.fail("await=\"no\" cannot be part of a <group>");
        session_ = true;
        unawaited_ = true;
        s.awaited = false;
        return true;
    }

    void read_expectation(const fakemx::element& e, step& s, unsigned round) {
        auto& x = s.expect;
        x.verdicts = split(e.attribute("verdict").value_or(""));
        if (s.kind != step_kind::rcpt && e.attribute("verdict"))
            e.fail_at("verdict",
                      "verdict= at <" + std::string{e.name()} +
                          ">; expected it at <rcpt>, which is judged by the reply to MAIL where "
                          "that refused, and reply= at other steps");
        for (const auto& verdict : x.verdicts)
            if (!verdict_kind_from(verdict))
                e.fail("verdict=\"" + verdict +
                       "\": expected pass, fail, tempfail, unverifiable or none");
        x.replies = split(e.attribute("reply").value_or(""));
        for (const auto& pattern : x.replies)
            if (!is_reply_pattern(pattern))
                e.fail("reply=\"" + pattern +
                       "\": expected a pattern such as 250, 45z, 4yz or "
                       "not-5yz");
        x.enhanced = split(e.attribute("enhanced").value_or(""));
        for (const auto& pattern : x.enhanced)
            if (!is_enhanced_pattern(pattern))
                e.fail("enhanced=\"" + pattern + "\": expected a pattern such as 5.1.1 or 5.1.z");
        x.text = context_.regular(e, "text", round);
        x.min = context_.time(e, "min");
        x.max = context_.time(e, "max");
        if (x.min && x.max && *x.min > *x.max)
            e.fail("min is greater than max");
        x.finding = read_finding(e, context_);
    }

    static bool beyond_verdict(const step_expectation& x) {
        return !x.replies.empty() || !x.enhanced.empty() || !x.text.empty() || x.min || x.max;
    }

    /// One MAIL and one RCPT, judged by the verdict alone.
    bool command_can_run() {
        if (steps().size() != 2 || steps()[0].kind != step_kind::mail ||
            steps()[1].kind != step_kind::rcpt)
            return false;
        return !beyond_verdict(steps()[0].expect) && !beyond_verdict(steps()[1].expect);
    }

    void add_ehlo_and_quit() {
        const auto first = steps().front().kind;
        if (first != step_kind::ehlo && first != step_kind::helo) {
            step s;
            s.kind = step_kind::ehlo;
            s.added = true;
            s.argument = script_.helo;
            s.line = "EHLO " + s.argument;
            steps().insert(steps().begin(), std::move(s));
        }
        const auto last = steps().back().kind;
        if (last != step_kind::quit && last != step_kind::disconnect) {
            step s;
            s.added = true;
            s.kind = unawaited_ ? step_kind::disconnect : step_kind::quit;
            s.line = unawaited_ ? "" : "QUIT";
            steps().push_back(std::move(s));
        }
    }

    load_context& context_;
    client_script& script_;
    unsigned number_;
    unsigned groups_ = 0;
    bool transactions_ = false; // more than one MAIL and RCPT judged by the verdict alone ...
    bool session_ = false;      // ... or what only the target's own SMTP session shows
    bool unawaited_ = false;
};

/// The id as given, or the default: "client", "client-2" ... by the place of the element.
std::string read_id(const fakemx::element& client, const conformance_case& c) {
    auto id = client.attribute("id");
    if (!id)
        return c.clients.empty() ? "client" : "client-" + std::to_string(c.clients.size() + 1);
    if (!fakemx::is_id(*id))
        client.fail_at("id", "id=\"" + *id + "\": expected [a-z0-9-]{1,50}");
    return *id;
}

} // namespace

void load_client(const fakemx::element& client, load_context& context) {
    client.allow_only({"id", "start", "times", "address", "helo"});
    auto& clients = context.loaded.clients;
    const auto id = read_id(client, context.loaded);
    const auto times = read_limit(client, "times", context);
    if (times == 0U || times.value_or(1) + clients.size() > max_clients)
        client.fail("expected at least 1 and at most " + std::to_string(max_clients) +
                    " clients in a case");
    for (unsigned n = 1; n <= times.value_or(1); ++n) {
        client_script script;
        script.id = times ? id + "-" + std::to_string(n) : id;
        for (const auto& other : clients)
            if (other.id == script.id)
                client.fail("client \"" + script.id + "\" is there already");
        client_loader{context, script, times ? n : 0}.load(client);
        clients.push_back(std::move(script));
    }
}

} // namespace cbv::engine
