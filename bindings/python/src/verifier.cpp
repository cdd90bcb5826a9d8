// The blocking verify() over real sockets. The interpreter lock is released while it waits; the
// observer takes it for each event.
#include "cbv/verifier.hpp"

#include "parts.hpp"

namespace cbv::python {
namespace {

verdict run(const py::object& box,
            const std::optional<options>& settings,
            const std::vector<std::string>& servers,
            double dns_try,
            const std::string& source,
            double waited,
            const py::object& observer) {
    verifier_options o;
    if (settings)
        o.verification = *settings;
    o.resolver.servers = servers;
    o.resolver.timeout = to_duration(dns_try);
    if (!source.empty()) {
        const auto address = to_address(source);
        (address.is_v4() ? o.source_v4 : o.source_v6) = address;
    }
    if (const auto problem = o.verification.problem())
        throw py::value_error(*problem);

    verify_request request{to_mailbox(box), to_duration(waited), {}};
    if (!observer.is_none())
        request.observer = [&observer](const trace_event& e) {
            const py::gil_scoped_acquire lock;
            try {
                observer(seconds(e.at),
                         std::string(to_string(e.kind)),
                         e.id,
                         py::bytes(e.text.data(), e.text.size()));
            } catch (py::error_already_set& error) {
                error.discard_as_unraisable("the observer of cbv.verify()");
            }
        };
    const py::gil_scoped_release unlock;
    return verify(std::move(request), o);
}

} // namespace

void bind_verifier(py::module_& m) {
    m.def("verify",
          &run,
          py::arg("mailbox"),
          py::arg("options") = py::none(),
          py::arg("servers") = std::vector<std::string>{},
          py::arg("dns_try") = 5.0,
          py::arg("source") = "",
          py::arg("waited") = 0.0,
          py::arg("observer") = py::none(),
          "Verifies one mailbox with real DNS and SMTP, and returns the Verdict.\n\n"
          "options: Options() when not given; servers: DNS servers as 'address' or 'address:port', "
          "[] for the system's; dns_try: "
          "seconds of the first try; source: address calls leave from; waited: seconds the client "
          "has waited already; observer(seconds, event, id, octets): called for each event.");
}

} // namespace cbv::python
