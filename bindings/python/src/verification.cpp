// The sans-I/O verification in Python: actions are small read-only classes, events are methods with
// the time as a float. Whoever drives it owns sockets and clock.
#include "cbv/text.hpp"
#include "parts.hpp"

#include <utility>

namespace cbv::python {
namespace {

dns_status to_dns_status(const std::string& word) {
    if (word == "ok")
        return dns_status::ok;
    if (word == "nxdomain")
        return dns_status::nxdomain;
    if (word == "temporary")
        return dns_status::temporary;
    throw py::value_error("a DNS status is ok, nxdomain or temporary, not \"" + escape(word) + '"');
}

dns_answer make_answer(const std::string& status,
                       const std::vector<std::pair<std::uint16_t, std::string>>& mx,
                       const std::vector<std::string>& addresses,
                       std::uint32_t ttl,
                       const std::string& detail) {
    dns_answer answer;
    answer.status = to_dns_status(status);
    for (const auto& [preference, exchange] : mx)
        answer.mx.push_back({preference, exchange});
    for (const auto& address : addresses)
        answer.addresses.push_back(to_address(address));
    answer.ttl = ttl;
    answer.detail = detail;
    return answer;
}

// A word of the draft as a read-only property.
template <class T, class E>
auto word_of(E T::*member) {
    return [member](const T& object) { return std::string(to_string(object.*member)); };
}

void bind_verdict(py::module_& m) {
    py::class_<attempt>(m, "Attempt", "One connection, or the attempt of one.")
        .def_property_readonly(
            "host", [](const attempt& a) { return text(a.host); }, "Exchange name or literal.")
        .def_property_readonly(
            "address", [](const attempt& a) { return a.address.to_string(); }, "Address called.")
        .def_readonly("preference", &attempt::preference, "MX preference.")
        .def_property_readonly(
            "stage", word_of(&attempt::last_stage), "Where it was decided or broke off.")
        .def_readonly("reply", &attempt::reply, "The deciding Reply, or None.")
        .def_property_readonly("kind", word_of(&attempt::kind), "This host's own verdict.")
        .def_property_readonly("why", word_of(&attempt::why), "Its cause.")
        .def_property_readonly(
            "elapsed", [](const attempt& a) { return seconds(a.elapsed); }, "Seconds.");

    py::class_<verdict>(m, "Verdict", "The outcome of one verification.")
        .def_property_readonly(
            "kind", word_of(&verdict::kind), "pass, fail, tempfail, unverifiable or none.")
        .def_property_readonly("why", word_of(&verdict::why), "The cause, a word of the draft.")
        .def_property_readonly("stage", word_of(&verdict::at), "The stage that decided.")
        .def_property_readonly(
            "host", [](const verdict& v) { return text(v.host); }, "The deciding host, or ''.")
        .def_property_readonly(
            "address",
            [](const verdict& v) -> std::optional<std::string> {
                return v.address ? std::optional(v.address->to_string()) : std::nullopt;
            },
            "Its address, or None.")
        .def_readonly("reply", &verdict::reply, "Its Reply, or None.")
        .def_property_readonly(
            "requirement",
            [](const verdict& v) { return std::string(v.requirement); },
            "The rule of the draft that decided.")
        .def_readonly("mx_count", &verdict::mx_count, "MX records seen.")
        .def_readonly("attempts", &verdict::attempts, "Every connection made, in order.")
        .def_property_readonly(
            "elapsed", [](const verdict& v) { return seconds(v.elapsed); }, "Seconds.")
        .def("__repr__", [](const verdict& v) {
            return "<Verdict " + std::string(to_string(v.kind)) + " (" +
                   std::string(to_string(v.why)) + ")>";
        });
}

void bind_actions(py::module_& m) {
    py::class_<act::query_dns>(m, "QueryDns", "Look a name up; answer with on_dns().")
        .def_readonly("id", &act::query_dns::id, "To be given to on_dns().")
        .def_readonly("name", &act::query_dns::name, "The name.")
        .def_property_readonly("type", word_of(&act::query_dns::type), "MX, A or AAAA.");
    py::class_<act::connect>(m, "Connect", "Connect to exactly this address.")
        .def_readonly("id", &act::connect::id, "Of the connection, in all its events.")
        .def_property_readonly(
            "address",
            [](const act::connect& a) { return a.address.to_string(); },
            "The address, as text.")
        .def_readonly("port", &act::connect::port, "The port.")
        .def_readonly("host", &act::connect::host, "The host's name, for traces.");
    py::class_<act::send>(m, "Send", "Send octets on a connection.")
        .def_readonly("id", &act::send::id, "Of the connection.")
        .def_property_readonly(
            "octets", [](const act::send& a) { return py::bytes(a.octets); }, "All to be sent.");
    py::class_<act::close>(m, "Close", "Close a connection.")
        .def_readonly("id", &act::close::id, "Of the connection.");
    py::class_<act::done>(m, "Done", "The verdict is known; connections may linger for QUIT.")
        .def_readonly("result", &act::done::result, "The Verdict.");
}

void bind_options(py::module_& m) {
    py::class_<options>(m, "Options", "Settings of a verifier.")
        .def(py::init<>())
        .def_property(
            "helo_name",
            [](const options& o) { return o.dialogue.helo_name; },
            [](options& o, const std::string& s) { o.dialogue.helo_name = s; },
            "Name said in EHLO.")
        .def_property(
            "timeouts",
            [](options& o) -> timeouts& { return o.dialogue.timers; },
            [](options& o, const timeouts& t) { o.dialogue.timers = t; },
            "Timeouts of the stages.")
        .def_property(
            "pipelining",
            [](const options& o) { return o.dialogue.pipelining; },
            [](options& o, bool b) { o.dialogue.pipelining = b; },
            "Send MAIL and RCPT together where offered.")
        .def_property(
            "noop_text",
            [](const options& o) { return o.dialogue.noop_text; },
            [](options& o, const std::string& s) { o.dialogue.noop_text = s; },
            "Text of one NOOP; '': none.")
        .def_property(
            "own_names",
            [](const options& o) { return o.selection.own_names; },
            [](options& o, std::vector<std::string> v) { o.selection.own_names = std::move(v); },
            "Our host names.")
        .def_property(
            "soft_nxdomain",
            [](const options& o) { return o.selection.soft_nxdomain; },
            [](options& o, bool b) { o.selection.soft_nxdomain = b; },
            "NXDOMAIN gives tempfail.")
        .def_property(
            "null_sender_fails",
            [](const options& o) { return o.dialogue.decisions.null_sender_fails; },
            [](options& o, bool b) { o.dialogue.decisions.null_sender_fails = b; },
            "A refusal of MAIL FROM:<> that nothing softens gives fail (CBV-INT-007).")
        .def_property(
            "standing",
            [](const options& o) { return std::string(to_string(o.dialogue.decisions.standing)); },
            [](options& o, const std::string& word) {
                const auto mode = standing_mode_from(word);
                if (!mode)
                    throw py::value_error("standing must be off, strict or postmaster, not " +
                                          escape(word));
                o.dialogue.decisions.standing = *mode;
            },
            "When a bare 550 at RCPT is believed: off, strict or postmaster (CBV-INT-015).")
        .def_property(
            "ipv4",
            [](const options& o) { return o.selection.ipv4; },
            [](options& o, bool b) { o.selection.ipv4 = b; },
            "Use A records.")
        .def_property(
            "ipv6",
            [](const options& o) { return o.selection.ipv6; },
            [](options& o, bool b) { o.selection.ipv6 = b; },
            "Use AAAA records.")
        .def_property(
            "seed",
            [](const options& o) { return o.selection.seed; },
            [](options& o, std::uint64_t n) { o.selection.seed = n; },
            "Of the shuffle of hosts of equal preference.")
        .def_property(
            "addresses",
            [](options& o) -> address_policy& { return o.addresses; },
            [](options& o, const address_policy& p) { o.addresses = p; },
            "AddressPolicy.")
        .def_readwrite("max_attempts", &options::max_attempts, "Connections in one call.")
        .def_readwrite("kept_share",
                       &options::kept_share,
                       "Per cent of the time kept for a further preference value.")
        .def_property(
            "max_exchanges",
            [](const options& o) { return o.selection.max_exchanges; },
            [](options& o, unsigned n) { o.selection.max_exchanges = n; },
            "Exchanges looked up.")
        .def_property(
            "max_addresses",
            [](const options& o) { return o.selection.max_addresses; },
            [](options& o, unsigned n) { o.selection.max_addresses = n; },
            "Addresses of an exchange.")
        .def_property(
            "max_lookups",
            [](const options& o) { return o.selection.max_lookups; },
            [](options& o, unsigned n) { o.selection.max_lookups = n; },
            "Address lookups in a call.")
        .def_property(
            "lookups_at_once",
            [](const options& o) { return o.selection.lookups_at_once; },
            [](options& o, unsigned n) { o.selection.lookups_at_once = n; },
            "Address lookups open at once.")
        .def_property(
            "max_aliases",
            [](const options& o) { return o.selection.max_aliases; },
            [](options& o, unsigned n) { o.selection.max_aliases = n; },
            "Aliases followed in a lookup.")
        .def_property(
            "late_after",
            [](const options& o) { return seconds(o.selection.late_after); },
            [](options& o, double s) { o.selection.late_after = to_duration(s); },
            "Seconds that known addresses wait for lookups that are still open.")
        .def_readwrite("port", &options::port, "TCP port called.")
        .def("problem", &options::problem, "What is wrong with the settings, or None.");
}

void bind_machine(py::module_& m) {
    py::class_<verification>(m, "Verification", "One verification as a state machine.")
        .def(py::init([](const py::object& box,
                         const options& o,
                         double now,
                         std::optional<double> client_waits_since) {
                 std::optional<instant> since;
                 if (client_waits_since)
                     since = to_instant(*client_waits_since);
                 if (const auto problem = o.problem())
                     throw py::value_error(*problem);
                 return verification(to_mailbox(box), o, to_instant(now), since);
             }),
             py::arg("mailbox"),
             py::arg("options"),
             py::arg("now") = 0.0,
             py::arg("client_waits_since") = py::none())
        .def("next_action",
             &verification::next_action,
             "The next action to carry out, or None: wait for an event or for deadline().")
        .def(
            "on_dns",
            [](verification& v,
               unsigned id,
               double now,
               const std::string& status,
               const std::vector<std::pair<std::uint16_t, std::string>>& mx,
               const std::vector<std::string>& addresses,
               std::uint32_t ttl,
               const std::string& detail) {
                v.on_dns(id, make_answer(status, mx, addresses, ttl, detail), to_instant(now));
            },
            py::arg("id"),
            py::arg("now"),
            py::arg("status") = "ok",
            py::arg("mx") = std::vector<std::pair<std::uint16_t, std::string>>{},
            py::arg("addresses") = std::vector<std::string>{},
            py::arg("ttl") = 300,
            py::arg("detail") = "",
            "The answer to a QueryDns: status ok, nxdomain or temporary.")
        .def(
            "on_connected",
            [](verification& v, unsigned id, double now) { v.on_connected(id, to_instant(now)); },
            py::arg("id"),
            py::arg("now"),
            "The connection is open.")
        .def(
            "on_bytes",
            [](verification& v, unsigned id, const py::bytes& data, double now) {
                v.on_bytes(id, std::string(data), to_instant(now));
            },
            py::arg("id"),
            py::arg("data"),
            py::arg("now"),
            "Octets came in.")
        .def(
            "on_eof",
            [](verification& v, unsigned id, double now) { v.on_eof(id, to_instant(now)); },
            py::arg("id"),
            py::arg("now"),
            "The peer closed.")
        .def(
            "on_refused",
            [](verification& v, unsigned id, double now) { v.on_refused(id, to_instant(now)); },
            py::arg("id"),
            py::arg("now"),
            "The connection was refused or there is no route.")
        .def(
            "on_error",
            [](verification& v, unsigned id, double now) { v.on_error(id, to_instant(now)); },
            py::arg("id"),
            py::arg("now"),
            "The connection was reset.")
        .def(
            "on_time",
            [](verification& v, double now) { v.on_time(to_instant(now)); },
            py::arg("now"),
            "Time has passed; due at deadline().")
        .def(
            "cancel",
            [](verification& v, double now) { v.cancel(to_instant(now)); },
            py::arg("now"),
            "Nobody is interested any more.")
        .def(
            "deadline",
            [](const verification& v) -> std::optional<double> {
                const auto due = v.deadline();
                return due ? std::optional(seconds(due->time_since_epoch())) : std::nullopt;
            },
            "When on_time() is due, or None.")
        .def_property_readonly(
            "result", [](const verification& v) { return v.result(); }, "The Verdict, or None.")
        .def_property_readonly(
            "finished", &verification::finished, "Decided, and every connection is closed.");
}

} // namespace

void bind_verification(py::module_& m) {
    bind_verdict(m);
    bind_actions(m);
    bind_options(m);
    bind_machine(m);
}

} // namespace cbv::python
