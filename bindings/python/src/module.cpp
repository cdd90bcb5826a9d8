// The module `cbv`: puts the parts together. Each part documents what it binds; the stub cbv.pyi
// says the same with types.
#include "cbv/text.hpp"
#include "parts.hpp"

#include <stdexcept>

namespace cbv::python {

std::string octets(const py::object& text_or_bytes) {
    if (py::isinstance<py::bytes>(text_or_bytes) || py::isinstance<py::str>(text_or_bytes))
        return text_or_bytes.cast<std::string>();
    throw py::type_error("expected str or bytes");
}

ip_address to_address(const std::string& text) {
    if (const auto address = ip_address::parse(text))
        return *address;
    throw py::value_error("not an IPv4 or IPv6 address: \"" + escape(text) + '"');
}

ip_prefix to_prefix(const std::string& text) {
    if (const auto prefix = ip_prefix::parse(text))
        return *prefix;
    throw py::value_error("not a prefix such as 198.18.0.0/15: \"" + escape(text) + '"');
}

py::list bytes_list(const std::vector<std::string>& lines) {
    py::list list;
    for (const auto& line : lines)
        list.append(py::bytes(line));
    return list;
}

py::str text(std::string_view octets) {
    return is_utf8(octets) ? py::str(octets.data(), octets.size()) : py::str(escape(octets));
}

} // namespace cbv::python

PYBIND11_MODULE(cbv, m) {
    using namespace cbv::python;
    m.doc() = "SMTP call-back verification: the library's rules and machines, and the conformance "
              "engine.\n\nTimes are seconds as float. Verdicts, causes and stages are the draft's "
              "words as str. Octets from the wire are bytes.";
    bind_values(m);
    bind_rules(m);
    bind_verification(m);
#ifdef CBV_PYTHON_VERIFIER
    bind_verifier(m);
    bind_managed_verifier(m);
#endif
#ifdef CBV_PYTHON_DRAFT
    bind_draft(m);
#endif
#ifdef CBV_PYTHON_ENGINE
    bind_worlds(m);
    bind_engine_cases(m);
    bind_engine_results(m);
    bind_engine_run(m);
#endif
}
