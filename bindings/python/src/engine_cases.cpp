// Targets, cases and worlds of the conformance engine in Python. A file that is not what it should
// be raises CaseError with file, line and column.
#include "cbv/text.hpp"
#include "engine/case.hpp"
#include "engine/run.hpp"
#include "parts.hpp"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <stdexcept>

namespace cbv::python {
namespace {

using engine::client_script;
using engine::conformance_case;
using engine::step;
using engine::step_kind;
using engine::target;

engine::target_kind to_target_kind(const std::string& word) {
    if (const auto kind = engine::target_kind_from(word))
        return *kind;
    throw py::value_error("a target's kind is library, smtp, command, policy or milter, not \"" +
                          escape(word) + '"');
}

// One key of Target(**declarations).
void set(target& t, const std::string& key, const py::handle& value) {
    if (key == "name")
        t.name = value.cast<std::string>();
    else if (key == "kind")
        t.kind = to_target_kind(value.cast<std::string>());
    else if (key == "address")
        t.address = to_address(value.cast<std::string>());
    else if (key == "port")
        t.port = value.cast<std::uint16_t>();
    else if (key == "capabilities")
        t.capabilities.merge(value.cast<std::set<std::string>>()); // its roles are there already
    else if (key == "timeouts")
        t.timeouts = value.cast<std::map<std::string, double>>();
    else if (key == "limits")
        for (const auto& [name, limit] : value.cast<std::map<std::string, unsigned>>())
            t.limits[name] = limit;
    else if (key == "identities")
        t.identities = value.cast<std::map<std::string, std::string>>();
    else if (key == "pending")
        t.pending = value.cast<std::string>();
    else if (key == "definite")
        t.definite = value.cast<std::string>();
    else if (key == "poll_interval")
        t.poll_interval = to_duration(value.cast<double>());
    else if (key == "poll_limit")
        t.poll_limit = to_duration(value.cast<double>());
    else if (key == "client_timeout")
        t.client_timeout = to_duration(value.cast<double>());
    else if (key == "slack")
        t.slack = to_duration(value.cast<double>());
    else if (key == "scale")
        t.scale = value.cast<double>();
    else
        throw py::type_error("Target has no \"" + escape(key) + '"');
}

// `roles` first: they replace the one that every target has otherwise.
target declared_target(const py::kwargs& declarations) {
    target t;
    if (declarations.contains("roles"))
        t.capabilities = declarations["roles"].cast<std::set<std::string>>();
    for (const auto& role : t.capabilities)
        if (role != "verifier" && role != "called-host")
            throw py::value_error("a target's roles are verifier and called-host, not \"" +
                                  escape(role) + '"');
    for (const auto& [key, value] : declarations)
        if (key.cast<std::string>() != "roles")
            set(t, key.cast<std::string>(), value);
    return t;
}

// The path of the first MAIL: what a command target is given. None for a raw line.
std::optional<std::string> first_path(const conformance_case& c) {
    for (const auto& s : c.clients.front().steps)
        if (s.kind == step_kind::mail)
            return s.argument;
    return std::nullopt;
}

const char* word(step_kind kind) {
    static constexpr std::array words = {"ehlo",
                                         "helo",
                                         "mail",
                                         "rcpt",
                                         "data",
                                         "rset",
                                         "noop",
                                         "quit",
                                         "send",
                                         "auth",
                                         "pause",
                                         "disconnect"};
    return words.at(static_cast<std::size_t>(kind));
}

void bind_target(py::module_& m) {
    py::class_<target>(m, "Target", "What the engine must know of the implementation under test.")
        .def(py::init(&declared_target),
             "Keywords: name, kind (library, smtp, command, policy, milter), address, port, roles "
             "({'verifier', 'called-host'}; default: the first), capabilities, timeouts "
             "({'rcpt-timeout': seconds, ...}), limits ({'attempts-per-address': 2, ...}; default: "
             "the draft's), identities, pending, definite, poll_interval, poll_limit, "
             "client_timeout, slack, scale.")
        .def_readonly("name", &target::name, "Its name.")
        .def_property_readonly(
            "kind",
            [](const target& t) { return std::string{engine::to_string(t.kind)}; },
            "library, smtp, command, policy or milter.")
        .def_readonly("capabilities",
                      &target::capabilities,
                      "What it declares it can do; its roles are among it.")
        .def_readonly("timeouts", &target::timeouts, "Declared seconds by name.")
        .def_readonly("limits", &target::limits, "Declared and default limits by name.")
        .def_readonly("identities", &target::identities, "Values of placeholders by name.")
        .def_readonly("scale", &target::scale, "Factor on all timeouts.");
    m.def("library_target", &engine::library_target, "The library itself, for virtual runs.");
}

std::vector<std::pair<std::string, std::string>> steps_of(const client_script& client) {
    std::vector<std::pair<std::string, std::string>> steps;
    for (const auto& s : client.steps)
        steps.emplace_back(word(s.kind), escape(s.line));
    return steps;
}

void bind_client(py::module_& m) {
    py::class_<client_script>(m, "ClientScript", "One client of a case and what it does.")
        .def_readonly("id", &client_script::id, "Its name, unique in the case.")
        .def_property_readonly(
            "start",
            [](const client_script& c) { return seconds(c.start); },
            "When it connects: seconds since the case's start.")
        .def_property_readonly(
            "address",
            [](const client_script& c) {
                return c.address ? std::optional{c.address->to_string()} : std::nullopt;
            },
            "The address it calls from; None: the runner gives one.")
        .def_property_readonly("steps", &steps_of, "[(kind, line)] of what it does; lines escaped.")
        .def("__repr__", [](const client_script& c) { return "<ClientScript " + c.id + '>'; });
}

void bind_case(py::module_& m) {
    py::class_<conformance_case>(m, "Case", "One case, loaded for one target.")
        .def_readonly("id", &conformance_case::id, "Its stable id.")
        .def_readonly("area", &conformance_case::area, "The requirement's group, lower case.")
        .def_readonly("requirements", &conformance_case::requirements, "Ids; the first is its own.")
        .def_readonly("level", &conformance_case::level, "MUST, SHOULD or MAY.")
        .def_readonly("title", &conformance_case::title, "One line.")
        .def_readonly("why", &conformance_case::why, "Why it matters, or ''.")
        .def_readonly("needs", &conformance_case::needs, "Capabilities it needs.")
        .def_readonly("file", &conformance_case::file, "Its file.")
        .def_property_readonly(
            "domain", [](const conformance_case& c) { return c.world.domain; }, "Its own domain.")
        .def_property_readonly(
            "path",
            [](const conformance_case& c) -> std::optional<py::bytes> {
                const auto path = first_path(c);
                return path ? std::optional<py::bytes>(*path) : std::nullopt;
            },
            "The reverse-path of the first MAIL, without <>; None: no MAIL.")
        .def_readonly("clients", &conformance_case::clients, "Its clients; all run at once.")
        .def_property_readonly(
            "steps",
            [](const conformance_case& c) { return steps_of(c.clients.front()); },
            "[(kind, line)] of what the first client does; lines escaped.")
        .def_property_readonly(
            "hosts",
            [](const conformance_case& c) {
                std::vector<std::pair<std::string, std::vector<std::string>>> hosts;
                for (const auto& h : c.world.hosts) {
                    std::vector<std::string> addresses;
                    for (const auto& address : h.addresses)
                        addresses.push_back(address.to_string());
                    hosts.emplace_back(h.id, std::move(addresses));
                }
                return hosts;
            },
            "[(id, addresses)] of the fake MX hosts.")
        .def("__repr__", [](const conformance_case& c) { return "<Case " + c.id + '>'; });

    m.def(
        "load_case",
        [](const std::string& file, const target& t) {
            fakemx::address_allocator addresses;
            return engine::load_case(file, t, addresses);
        },
        py::arg("file"),
        py::arg("target"),
        "Loads one case; raises CaseError.");
    m.def(
        "load_cases",
        [](const std::string& directory, const target& t) {
            const py::gil_scoped_release unlock;
            return engine::load_cases(directory, t);
        },
        py::arg("directory"),
        py::arg("target"),
        "Loads every case below a directory in order of path; raises CaseError.");
    m.def("missing_capability",
          &engine::missing_capability,
          py::arg("case"),
          py::arg("target"),
          "The capability the case needs and the target lacks, or None.");
}

} // namespace

void bind_engine_cases(py::module_& m) {
    bind_target(m);
    bind_client(m);
    bind_case(m);
}

} // namespace cbv::python
