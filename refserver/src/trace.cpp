// Records as JSON lines (refserver/trace.hpp).
#include "refserver/trace.hpp"

#include "cbv/reply_policy.hpp"
#include "cbv/text.hpp"
#include "system_call.hpp"

#include <nlohmann/json.hpp>

#include <cerrno>
#include <cstdio>
#include <cstring>
#include <ctime>
#include <fcntl.h>
#include <system_error>
#include <unistd.h>

namespace cbv::refserver {
namespace {

using nlohmann::ordered_json;

std::int64_t to_ms(duration d) {
    return std::chrono::duration_cast<std::chrono::milliseconds>(d).count();
}

/// "2026-11-24T12:00:00.123Z" (RFC 3339).
std::string timestamp(std::chrono::system_clock::time_point t) {
    using namespace std::chrono;
    const std::time_t seconds = system_clock::to_time_t(t);
    const auto ms = duration_cast<milliseconds>(t.time_since_epoch()).count() % 1000;
    std::tm parts{};
    gmtime_r(&seconds, &parts);
    char date[32];
    std::strftime(date, sizeof date, "%Y-%m-%dT%H:%M:%S", &parts);
    char out[48];
    std::snprintf(out, sizeof out, "%s.%03dZ", date, static_cast<int>(ms));
    return out;
}

ordered_json attempt_json(const attempt& a) {
    ordered_json out;
    out["host"] = escape(a.host);
    out["address"] = a.address.to_string();
    out["preference"] = a.preference;
    out["stage"] = to_string(a.last_stage);
    out["code"] = a.reply ? a.reply->code : 0;
    out["reply"] = a.reply ? a.reply->to_string() : std::string();
    out["verdict"] = to_string(a.kind);
    out["cause"] = to_string(a.why);
    out["stages"] = ordered_json::object();
    for (const stage_time& s : a.stages)
        out["stages"][std::string(to_string(s.at))] = to_ms(s.spent);
    out["ms"] = to_ms(a.elapsed);
    return out;
}

} // namespace

std::string trace_line(const decision_record& r, std::chrono::system_clock::time_point end) {
    ordered_json out;
    out["version"] = 1;
    out["time"] =
        timestamp(end - std::chrono::duration_cast<std::chrono::system_clock::duration>(r.total));
    out["state"] = "rcpt";
    out["cip"] = r.client.to_string();
    out["cdn"] = escape(r.helo);
    out["from"] = escape(r.reverse_path);
    out["rcpt"] = escape(r.recipient);
    out["tests"] = ordered_json::array(); // this server has none before the call
    out["mx"] = r.result.mx_count;
    out["attempts"] = ordered_json::array();
    for (const attempt& a : r.result.attempts)
        out["attempts"].push_back(attempt_json(a));
    out["verdict"] = to_string(r.result.kind);
    out["cause"] = to_string(r.result.why);
    out["cached"] = r.result.cached;
    out["stage"] = to_string(r.result.at);
    out["requirement"] = r.result.requirement;
    out["reply"] = r.answer ? r.answer->to_string() : std::string();
    out["ms"] = to_ms(r.total);
    return out.dump(-1, ' ', true, ordered_json::error_handler_t::replace);
}

trace_log::trace_log(const std::string& target) {
    if (target.empty())
        return;
    if (target == "-") {
        fd_ = STDOUT_FILENO;
        return;
    }
    fd_ = resumed(
        [&] { return ::open(target.c_str(), O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0640); });
    if (fd_ < 0)
        throw std::system_error(errno, std::generic_category(), "cannot open the trace " + target);
    owned_ = true;
}

trace_log::~trace_log() {
    if (owned_)
        (void)close_once(fd_);
}

void trace_log::write(std::string line) {
    if (fd_ < 0)
        return;
    line += '\n';
    if (write_all(fd_, line))
        return;
    const std::string why = std::strerror(errno);
    if (!complained_) // once; and where else could one say so if this fails
        (void)write_all(STDERR_FILENO, "cbv-refserver: cannot write the trace: " + why + '\n');
    complained_ = true;
}

} // namespace cbv::refserver
