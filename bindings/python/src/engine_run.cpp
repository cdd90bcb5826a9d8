// The runners in Python: one case in virtual time, or many at once in a live world. The
// interpreter lock is released wherever the engine waits or works.
#include "engine/run.hpp"
#include "parts.hpp"

namespace cbv::python {
namespace {

using engine::case_result;
using engine::conformance_case;
using engine::live_run;
using engine::live_settings;
using engine::target;
using unlocked = py::call_guard<py::gil_scoped_release>;

std::unique_ptr<live_run>
make_live_run(std::vector<conformance_case> cases,
              const target& t,
              const std::string& dns_address,
              std::uint16_t dns_port,
              std::uint16_t mx_port,
              const std::string& client_range,
              std::vector<std::pair<std::string, std::string>> static_addresses,
              double start_spread,
              double linger) {
    live_settings s;
    s.dns_address = dns_address;
    s.dns_port = dns_port;
    s.mx_port = mx_port;
    s.client_range = client_range;
    s.static_addresses = std::move(static_addresses);
    s.start_spread = to_duration(start_spread);
    s.linger = to_duration(linger);
    const py::gil_scoped_release unlock;
    return std::make_unique<live_run>(std::move(cases), t, std::move(s));
}

} // namespace

void bind_engine_run(py::module_& m) {
    m.def("run_virtual",
          py::overload_cast<const conformance_case&, const target&>(&engine::run_virtual),
          py::arg("case"),
          py::arg("target"),
          unlocked(),
          "Runs one case against the library in memory on virtual time.");

    const live_settings defaults;
    py::class_<live_run>(m, "LiveRun", "Worlds, clients and recorder of many cases at once.")
        .def(py::init(&make_live_run),
             py::arg("cases"),
             py::arg("target"),
             py::arg("dns_address") = defaults.dns_address,
             py::arg("dns_port") = defaults.dns_port,
             py::arg("mx_port") = defaults.mx_port,
             py::arg("client_range") = defaults.client_range,
             py::arg("static_addresses") = defaults.static_addresses,
             py::arg("start_spread") = seconds(defaults.start_spread),
             py::arg("linger") = seconds(defaults.linger))
        .def("open", &live_run::open, unlocked(), "Opens DNS and every host; RuntimeError.")
        .def("start", &live_run::start, unlocked(), "Starts every client (smtp targets).")
        .def(
            "next_result",
            [](live_run& run, double timeout) { return run.next_result(to_duration(timeout)); },
            py::arg("timeout"),
            unlocked(),
            "The next Result, or None after `timeout` seconds or when all have been handed out.")
        .def("waiting", &live_run::waiting, unlocked(), "[(case id, seconds run)] not finished.")
        .def("begin",
             &live_run::begin,
             py::arg("case_id"),
             unlocked(),
             "Command targets: the case's process starts now.")
        .def("finish",
             &live_run::finish,
             py::arg("case_id"),
             py::arg("verdict"),
             py::arg("trouble"),
             unlocked(),
             "Command targets: it ended, stating `verdict`; or trouble says why it did not.")
        .def("stop", &live_run::stop, unlocked(), "Ends everything.");
}

} // namespace cbv::python
