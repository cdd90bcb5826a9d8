// The draft in Python: its requirements and tables as the reader finds them, so that the harness
// counts, digests and numbers exactly as the library's tests do. It renders and checks nothing.
#include "cbv/draft/document.hpp"
#include "parts.hpp"

namespace cbv::python {
namespace {

using draft::document;
using draft::requirement;
using draft::table;

void bind_requirement(py::module_& m) {
    py::class_<requirement>(m, "Requirement", "One normative sentence of the draft.")
        .def_readonly("id", &requirement::id, "Its anchor, such as CBV-DLG-005.")
        .def_property_readonly(
            "level",
            [](const requirement& r) { return std::string(draft::to_string(r.level)); },
            "MUST, MUST NOT, SHOULD, SHOULD NOT or MAY.")
        .def_readonly("sentence", &requirement::sentence, "As a reader sees it.")
        .def_readonly("section_number", &requirement::section_number, "As rendered: '6.2'.")
        .def_readonly("section_title", &requirement::section_title, "The section's name.")
        .def_readonly("digest",
                      &requirement::digest,
                      "FNV-1a of the sentence; references are anchors, so that a section's new "
                      "number changes nothing.")
        .def_readonly("line", &requirement::line, "Where it starts in the source.")
        .def("__repr__", [](const requirement& r) { return "<Requirement " + r.id + '>'; });
}

void bind_table(py::module_& m) {
    py::class_<table>(m, "DraftTable", "One table of the draft, as text.")
        .def_readonly("anchor", &table::anchor, "Its anchor.")
        .def_readonly("title", &table::title, "Its title.")
        .def_readonly("header", &table::header, "The names of the columns.")
        .def_readonly("rows", &table::rows, "Lists as long as the header.")
        .def_readonly("lines", &table::lines, "The line of each row in the source.")
        .def("__repr__", [](const table& t) { return "<DraftTable " + t.anchor + '>'; });
}

// KeyError is what Python has for an unknown name.
const table& table_of(const document& d, const std::string& anchor) {
    try {
        return d.table(anchor);
    } catch (const std::out_of_range& e) {
        throw py::key_error(e.what());
    }
}

} // namespace

void bind_draft(py::module_& m) {
    py::register_exception<draft::draft_error>(m, "DraftError", PyExc_ValueError).attr("__doc__") =
        "The draft is not what it should be; the text has file, line and what was expected.";
    bind_requirement(m);
    bind_table(m);
    py::class_<document>(m, "Draft", "A loaded draft.")
        .def_property_readonly(
            "name", [](const document& d) { return d.name(); }, "The draft's name with version.")
        .def_property_readonly(
            "requirements",
            [](const document& d) { return d.requirements(); },
            "Every requirement in the order of the document.")
        .def("table", &table_of, py::arg("anchor"), "The table with this anchor; else KeyError.")
        .def("__repr__", [](const document& d) { return "<Draft " + d.name() + '>'; });
    m.def(
        "load_draft",
        [](const std::string& path) { return draft::load(path); },
        py::arg("path"),
        "Reads a draft; raises DraftError.");
}

} // namespace cbv::python
