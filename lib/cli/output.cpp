// Text for people, JSON for programs. JSON keys are stable; words are those of the draft.
#include "output.hpp"

#include <fmt/format.h>
#include <nlohmann/json.hpp>

namespace cbv::cli {
namespace {

double seconds(duration d) {
    return static_cast<double>(d.count()) / 1e6;
}

std::string_view arrow(trace_kind k) {
    switch (k) {
    case trace_kind::sent:
        return ">";
    case trace_kind::received:
        return "<";
    default:
        return "*";
    }
}

nlohmann::ordered_json reply_json(const std::optional<reply>& r) {
    if (!r)
        return nullptr;
    nlohmann::ordered_json lines = nlohmann::ordered_json::array();
    for (const auto& line : r->lines)
        lines.push_back(escape(line));
    const auto enhanced = r->enhanced();
    return {{"code", r->code},
            {"enhanced", enhanced ? nlohmann::ordered_json(enhanced->to_string()) : nullptr},
            {"lines", lines}};
}

nlohmann::ordered_json attempt_json(const attempt& a) {
    return {{"host", escape(a.host)},
            {"address", a.address.to_string()},
            {"preference", a.preference},
            {"stage", to_string(a.last_stage)},
            {"verdict", to_string(a.kind)},
            {"cause", to_string(a.why)},
            {"reply", reply_json(a.reply)},
            {"seconds", seconds(a.elapsed)}};
}

} // namespace

void transcript::put(const trace_event& e, std::string_view text) {
    line l{e.at, e.kind, e.id, escape(text)};
    if (live_) {
        const bool octets = e.kind == trace_kind::sent || e.kind == trace_kind::received;
        std::string what(octets ? "" : to_string(l.kind));
        what += (what.empty() || l.text.empty() ? "" : " ") + l.text;
        out_ << fmt::format("{:9.3f} #{} {} {}\n", seconds(l.at), l.id, arrow(l.kind), what);
    }
    lines_.push_back(std::move(l));
}

void transcript::add(const trace_event& e) {
    if (e.kind == trace_kind::received || e.kind == trace_kind::sent) {
        // Lines, whatever the segments; the ends of lines are not shown.
        std::string text = e.kind == trace_kind::received ? std::move(unfinished_[e.id]) : "";
        text += e.text;
        std::size_t begin = 0;
        for (auto end = text.find('\n'); end != std::string::npos; end = text.find('\n', begin)) {
            std::string_view one(text.data() + begin, end - begin);
            if (one.ends_with('\r'))
                one.remove_suffix(1);
            put(e, one);
            begin = end + 1;
        }
        if (e.kind == trace_kind::received)
            unfinished_[e.id] = text.substr(begin);
        return;
    }
    auto& rest = unfinished_[e.id];
    const bool ends = e.kind == trace_kind::closed || e.kind == trace_kind::peer_closed ||
                      e.kind == trace_kind::failed;
    if (ends && !rest.empty()) {
        put({e.at, trace_kind::received, e.id, {}}, rest);
        rest.clear();
    }
    put(e, e.text);
}

void print_text(std::ostream& out, const std::string& address, const verdict& v) {
    out << fmt::format("{}: {} ({}) at {}, {:.3f} s\n",
                       escape(address),
                       to_string(v.kind),
                       to_string(v.why),
                       to_string(v.at),
                       seconds(v.elapsed));
    if (!v.requirement.empty())
        out << "  rule:  " << v.requirement << '\n';
    if (!v.host.empty())
        out << "  host:  " << escape(v.host)
            << (v.address ? " [" + v.address->to_string() + "]" : std::string()) << '\n';
    if (v.reply)
        out << "  reply: " << v.reply->to_string() << '\n';
    for (const auto& a : v.attempts)
        out << fmt::format("  asked: {} [{}] preference {}: {} ({}) at {}, {:.3f} s\n",
                           escape(a.host),
                           a.address.to_string(),
                           a.preference,
                           to_string(a.kind),
                           to_string(a.why),
                           to_string(a.last_stage),
                           seconds(a.elapsed));
}

void print_json(std::ostream& out,
                const std::string& address,
                const verdict& v,
                const transcript* log) {
    nlohmann::ordered_json root = {
        {"address", escape(address)},
        {"verdict", to_string(v.kind)},
        {"cause", to_string(v.why)},
        {"stage", to_string(v.at)},
        {"requirement", v.requirement},
        {"host", escape(v.host)},
        {"ip", v.address ? nlohmann::ordered_json(v.address->to_string()) : nullptr},
        {"reply", reply_json(v.reply)},
        {"mx_count", v.mx_count},
        {"seconds", seconds(v.elapsed)},
    };
    auto& attempts = root["attempts"] = nlohmann::ordered_json::array();
    for (const auto& a : v.attempts)
        attempts.push_back(attempt_json(a));
    if (log != nullptr) {
        auto& events = root["trace"] = nlohmann::ordered_json::array();
        for (const auto& l : log->lines())
            events.push_back({{"seconds", seconds(l.at)},
                              {"event", to_string(l.kind)},
                              {"id", l.id},
                              {"text", l.text}});
    }
    out << root.dump(2) << '\n';
}

} // namespace cbv::cli
