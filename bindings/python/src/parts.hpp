// What the parts of the module share: how they register, and conversions (seconds as float, words
// for enumerators, octets as bytes). It binds nothing itself.
#pragma once

#include "cbv/ip_address.hpp"
#include "cbv/mailbox.hpp"
#include "cbv/time.hpp"
#include "cbv/verdict.hpp"
#include "cbv/verification.hpp"

#include <pybind11/pybind11.h>
#include <pybind11/stl.h>

#include <chrono>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace cbv::python {

namespace py = pybind11;

void bind_values(py::module_& m);           ///< mailboxes, paths, replies, text
void bind_rules(py::module_& m);            ///< decision table, reply table, timers, address policy
void bind_verification(py::module_& m);     ///< the sans-I/O machine and its verdict
void bind_verifier(py::module_& m);         ///< the blocking verify()
void bind_managed_verifier(py::module_& m); ///< Verifier
void bind_draft(py::module_& m);            ///< the draft's requirements and tables
void bind_worlds(py::module_& m);           ///< scenarios of the fake MX
void bind_engine_cases(py::module_& m);
void bind_engine_results(py::module_& m);
void bind_engine_run(py::module_& m);

/// Seconds as Python has them. Half a microsecond is rounded to the nearest.
inline double seconds(duration d) {
    return std::chrono::duration<double>(d).count();
}
inline duration to_duration(double s) {
    return std::chrono::round<duration>(std::chrono::duration<double>(s));
}
inline instant to_instant(double s) {
    return instant(to_duration(s));
}

/// Octets of a str (as UTF-8) or bytes argument.
std::string octets(const py::object& text_or_bytes);
/// ValueError unless `text` is an address.
ip_address to_address(const std::string& text);
/// ValueError unless `text` is a prefix or an address.
ip_prefix to_prefix(const std::string& text);
/// The mailbox a Mailbox, str or bytes argument means; PathError unless it is one.
mailbox to_mailbox(const py::object& mailbox_or_text);
/// A list of octet strings as a list of bytes.
py::list bytes_list(const std::vector<std::string>& lines);
/// `text` as str when it is UTF-8, else escaped.
py::str text(std::string_view text);

/// The settings of a verification as a Python class: the same fields, seconds as float.
using options = verification_options;

} // namespace cbv::python
