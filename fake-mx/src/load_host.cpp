// Reads `<host>` and its `<rule>`s (conformance/FORMAT.md).
#include "cbv/text.hpp"
#include "load_parts.hpp"

#include <utility>

namespace cbv::fakemx {
namespace {

using namespace std::chrono_literals;
using word_of_at = std::pair<std::string_view, at>;

constexpr word_of_at at_words[] = {
    {"connect", at::connect},
    {"banner", at::banner},
    {"ehlo", at::ehlo},
    {"helo", at::helo},
    {"mail", at::mail},
    {"rcpt", at::rcpt},
    {"data", at::data},
    {"message", at::message},
    {"rset", at::rset},
    {"noop", at::noop},
    {"vrfy", at::vrfy},
    {"quit", at::quit},
    {"starttls", at::starttls},
    {"unknown", at::unknown},
    {"any", at::any},
};
constexpr std::pair<std::string_view, then> then_words[] = {
    {"keep", then::keep},
    {"close", then::close},
    {"reset", then::reset},
    {"silent", then::silent},
};
constexpr std::pair<std::string_view, reach> reach_words[] = {
    {"listen", reach::listen},
    {"refuse", reach::refuse},
    {"blackhole", reach::blackhole},
};
constexpr std::pair<std::string_view, bool> yes_no[] = {{"yes", true}, {"no", false}};

enum class family { ipv4, ipv6, both };
constexpr std::pair<std::string_view, family> family_words[] = {
    {"ipv4", family::ipv4},
    {"ipv6", family::ipv6},
    {"both", family::both},
};

template <class E, std::size_t N>
E word(const element& e,
       std::string_view name,
       const std::pair<std::string_view, E> (&words)[N],
       E otherwise) {
    return e.word<E>(name, std::span<const std::pair<std::string_view, E>>{words}, otherwise);
}

/// The lines of `reply=`, each with its CR LF.
std::string with_line_ends(std::string_view text) {
    std::string out;
    for (const char c : text) {
        if (c == '\n')
            out += '\r';
        out += c;
    }
    return out + "\r\n";
}

rule read_rule(const element& e, const world_loader& loader) {
    if (e.name() != "rule")
        e.fail("unknown element <" + escape(e.name(), 100) + "> in <host>; expected: rule");
    e.allow_only({"at",
                  "match",
                  "times",
                  "connection",
                  "delay",
                  "reply",
                  "bytes",
                  "segments",
                  "gap",
                  "drip",
                  "endless",
                  "then"});
    e.allow_no_content();
    if (!e.attribute("at"))
        (void)e.required("at");
    rule r;
    r.where = word(e, "at", at_words, at::any);
    r.match = loader.expand(e, e.attribute("match").value_or(""));
    r.times = e.number("times", 0, 1, 1'000'000);
    r.connection = e.number("connection", 0, 1, 1'000'000);
    r.delay = loader.time(e, "delay", duration{});
    r.after = word(e, "then", then_words, then::keep);
    const auto reply = e.attribute("reply");
    const auto bytes = e.attribute("bytes");
    if (reply && bytes)
        e.fail_at("bytes", "expected reply= or bytes=, not both");
    if (reply)
        r.octets = with_line_ends(loader.octets(e, *reply));
    if (bytes)
        r.octets = loader.octets(e, *bytes);
    r.default_reply = !r.octets && r.after == then::keep;
    r.segments = e.number("segments", 1, 1, 10'000);
    r.endless = word(e, "endless", yes_no, false);
    r.drip = e.attribute("drip").has_value();
    const bool has_gap = e.attribute("gap").has_value();
    if (r.drip && e.attribute("segments"))
        e.fail_at("segments", "expected segments= or drip=, not both");
    if (r.drip && has_gap)
        e.fail_at("gap", "expected gap= or drip=, not both; drip= is the gap");
    if (has_gap && r.segments == 1 && !r.endless)
        e.fail_at("gap", "expected gap= only with segments= or endless=");
    r.gap = loader.time(e, r.drip ? "drip" : "gap", r.gap);
    if (r.endless && (r.octets ? r.octets->empty() : !r.default_reply))
        e.fail_at("endless", "expected reply= or bytes= to repeat");
    if (r.endless && r.after != then::keep)
        e.fail_at("then", "expected no then= with endless=, which never ends");
    return r;
}

} // namespace

host read_host(const element& e, const world_loader& loader) {
    e.allow_only({"id", "mx", "family", "address", "dns", "reach", "keywords", "name"});
    host h;
    h.id = e.required("id");
    if (!is_id(h.id))
        e.fail_at("id", "id=\"" + escape(h.id, 100) + "\": expected [a-z0-9-]{1,50}");
    h.name = h.id + "." + loader.loaded.domain;
    if (e.attribute("name"))
        h.name = loader.dns_name(e, "name");
    h.how = word(e, "reach", reach_words, reach::listen);
    (void)word(e, "dns", yes_no, true);
    (void)e.number("mx", 0, 0, 65535);
    const auto wanted = word(e, "family", family_words, family::ipv4);
    if (const auto text = e.attribute("address")) {
        if (e.attribute("family"))
            e.fail_at("family", "expected family= or address=, not both");
        for (const auto& part : split(loader.expand(e, *text), ' ')) {
            const auto address = ip_address::parse(part);
            if (!address)
                e.fail_at("address",
                          "address=\"" + escape(part, 100) + "\": expected IP addresses");
            h.addresses.push_back(*address);
        }
        if (h.addresses.empty())
            e.fail_at("address", "expected at least one IP address");
    } else {
        try {
            const bool dead = h.how == reach::blackhole;
            auto& pool = loader.addresses;
            if (wanted != family::ipv6)
                h.addresses.push_back(dead ? pool.next_blackhole_v4() : pool.next_v4());
            if (wanted != family::ipv4)
                h.addresses.push_back(dead ? pool.next_blackhole_v6() : pool.next_v6());
        } catch (const std::runtime_error& used_up) {
            e.fail(used_up.what());
        }
    }
    h.keywords = split(loader.expand(e, e.attribute("keywords").value_or("")), ';');
    return h;
}

std::vector<rule> read_rules(const element& host_element, const world_loader& loader) {
    std::vector<rule> rules;
    for (const auto& child : host_element.children())
        rules.push_back(read_rule(child, loader));
    return rules;
}

} // namespace cbv::fakemx
