// log.hpp: lines for people. Columns: seconds since the start, client, host unless it is the main
// one, then `<` what came in, `>` what went out, `*` a fault being played, `--` anything else.
#include "cbv/text.hpp"
#include "log.hpp"

#include <fmt/format.h>

namespace cbv::fakemx::program {
namespace {

constexpr std::string_view red = "31";
constexpr std::string_view green = "32";
constexpr std::string_view yellow = "33";
constexpr std::string_view magenta = "35";
constexpr std::string_view cyan = "36";
constexpr std::string_view dim = "2";
constexpr std::size_t most_text = 400;  // octets of one line from the wire
constexpr std::size_t most_field = 120; // of a header field

double seconds(duration d) {
    return static_cast<double>(d.count()) / 1e6;
}

std::string_view colour_of_reply(std::string_view line) {
    switch (line.empty() ? ' ' : line.front()) {
    case '2':
    case '3':
        return green;
    case '4':
        return yellow;
    default:
        return red;
    }
}

std::string describe(const demo::message_summary& m) {
    std::string text = fmt::format("message of {} octets {}, for {} recipient{}",
                                   m.octets,
                                   m.taken ? "taken and dropped" : "refused",
                                   m.recipient_count,
                                   m.recipient_count == 1 ? "" : "s");
    for (const auto& [name, value] :
         {std::pair{"From", &m.from}, {"To", &m.to}, {"Subject", &m.subject}})
        if (!value->empty())
            text += fmt::format("; {}: {}", name, escape(*value, most_field));
    return text;
}

/// What happened, in words; nothing for what people need not see.
std::string_view in_words(std::string_view kind) {
    if (kind == "connected")
        return "connected from";
    if (kind == "peer-closed")
        return "client closed";
    if (kind == "peer-reset")
        return "client reset the connection";
    if (kind == "closed")
        return "closed by us";
    if (kind == "reset")
        return "reset by us";
    if (kind == "early-octets")
        return "spoke before the greeting:";
    return "";
}

} // namespace

text_log::text_log(line_sink out, clock since_start, bool colours)
    : event_log(std::move(out), std::move(since_start)), colours_(colours) {}

std::string text_log::paint(std::string_view colour, const std::string& text) const {
    return colours_ ? fmt::format("\x1b[{}m{}\x1b[0m", colour, text) : text;
}

void text_log::tell(const entry& e) {
    if (e.kind == "greeting-done")
        return;
    if (e.text == pipelined_note)
        return put(fmt::format("{:9.3f}  #{:<3} -- pipelined:", seconds(e.when), e.client));
    const bool dns = e.client == 0 && (e.kind == "query" || e.kind == "answer");
    std::string who = e.client != 0 ? fmt::format("#{}", e.client) : dns ? "dns" : "";
    if (e.client != 0 && e.world != "main")
        who += " " + escape(e.world, 60);
    const auto text = escape(e.text, most_text);
    std::string what;
    if (e.kind == "received")
        what = paint(cyan, "< " + text);
    else if (e.kind == "sent")
        what = paint(colour_of_reply(e.text), "> " + text);
    else if (e.kind == "query")
        what = paint(dim, "< " + text);
    else if (e.kind == "answer")
        what = paint(dim, "> " + text);
    else if (e.fault != nullptr)
        what = paint(magenta,
                     fmt::format("* {} at {}{}: {}",
                                 escape(e.fault->words, most_text),
                                 demo::stage_text(e.stage),
                                 e.whose.starts_with(e.fault->words)
                                     ? ""
                                     : " (of " + escape(e.whose, most_text) + ")",
                                 escape(e.fault->does, most_text)));
    else if (e.message != nullptr)
        what = paint(green, "-- " + describe(*e.message));
    else if (e.kind == "hint" || e.kind == "trouble")
        what = paint(yellow, "-- " + text);
    else {
        const auto words = in_words(e.kind);
        what = "-- " + std::string{words} + (words.empty() || text.empty() ? "" : " ") + text;
    }
    put(fmt::format("{:9.3f}  {:<4} {}", seconds(e.when), who, what));
}

void text_log::on_ready(const ready_state& state) {
    const bool loopback =
        state.hosts.front().address.starts_with("127.") || state.hosts.front().address == "::1";
    const auto& first = state.hosts.front();
    put("fake-mx demo: SMTP with faults that stand in the address. Nothing is delivered.\n");
    for (const auto& h : state.hosts)
        put(fmt::format("  SMTP  {} port {}", h.address, h.port));
    if (!state.dns_address.empty())
        put(fmt::format("  DNS   {} port {}, for {} and what lies below",
                        state.dns_address,
                        state.dns_port,
                        state.domain));
    const auto line = [&](const std::string& address, std::string_view meaning) {
        put(fmt::format("  {:<36} {}", address + state.domain, meaning));
    };
    put("\nRecipients to try (at any other domain, too):");
    line("user@", "accepted");
    line("550-5.1.1@", "refused for good");
    line("slow-5s.rcpt-451@", "a temporary refusal, after five seconds");
    put("\nOr, on another terminal:");
    if (loopback) {
        put(fmt::format(
            "  swaks --server {} --port {} --to full@{}", first.address, first.port, state.domain));
        if (!state.dns_address.empty())
            put(fmt::format("  dig @{} -p {} banner-554.{} mx",
                            state.dns_address,
                            state.dns_port,
                            state.domain));
    } else {
        put(fmt::format("  cbv --permit {} full@{}", state.range, state.domain));
    }
    put("\nAll words: fake-mx --demo --list. Ctrl-C ends it.\n");
}

void text_log::on_end(const counts& all) {
    const auto several = [](std::size_t n, std::string_view one) {
        return fmt::format("{} {}{}", n, one, n == 1 ? "" : "s");
    };
    put(fmt::format("\n{}, {} taken, {} played, {}.",
                    several(all.connections, "connection"),
                    several(all.messages, "message"),
                    several(all.faults, "fault"),
                    all.queries == 1 ? "1 DNS query" : fmt::format("{} DNS queries", all.queries)));
}

} // namespace cbv::fakemx::program
