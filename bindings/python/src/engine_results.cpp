// Results of cases in Python: status, findings, replies and the time line. Plain data; judging is
// the engine's.
#include "cbv/text.hpp"
#include "engine/result.hpp"
#include "parts.hpp"

namespace cbv::python {
namespace {

using engine::case_result;
using engine::finding;
using engine::step_reply;
using fakemx::event;

void bind_event(py::module_& m) {
    py::class_<event>(m, "Event", "One event of a time line.")
        .def_property_readonly(
            "at", [](const event& e) { return seconds(e.at); }, "Seconds since the case began.")
        .def_property_readonly(
            "leg",
            [](const event& e) { return std::string(to_string(e.where)); },
            "client, dns or host.")
        .def_readonly("party", &event::party, "Host id, 'dns', or the client's id.")
        .def_readonly("connection", &event::connection, "1, 2, ... per host; 0: none.")
        .def_property_readonly(
            "kind",
            [](const event& e) { return std::string(to_string(e.kind)); },
            "What happened, e.g. received, sent, peer-closed.")
        .def_property_readonly(
            "text", [](const event& e) { return escape(e.text); }, "The line, escaped.")
        .def_property_readonly(
            "raw", [](const event& e) { return py::bytes(e.text); }, "The line as it was.")
        .def("__str__", [](const event& e) { return fakemx::to_text(e); });
}

void bind_finding(py::module_& m) {
    py::class_<finding>(m, "Finding", "One deviation.")
        .def_readonly("word", &finding::word, "A word of the vocabulary.")
        .def_readonly("requirement", &finding::requirement, "The id it concerns.")
        .def_property_readonly(
            "expected", [](const finding& f) { return text(f.expected); }, "In words.")
        .def_property_readonly(
            "seen", [](const finding& f) { return text(f.seen); }, "In words.")
        .def_readonly("timing", &finding::timing, "Only a time bound was missed.")
        .def_readonly("note", &finding::note, "Acceptable, not preferred.")
        .def("__repr__", [](const finding& f) { return "<Finding " + f.word + '>'; });
}

void bind_reply(py::module_& m) {
    py::class_<step_reply>(m, "StepReply", "One reply the client saw.")
        .def_readonly("client", &step_reply::client, "Index into Case.clients.")
        .def_readonly("step", &step_reply::step, "Index into that client's steps.")
        .def_readonly("code", &step_reply::code, "0: no reply came.")
        .def_property_readonly(
            "text", [](const step_reply& r) { return escape(r.text); }, "Escaped.")
        .def_property_readonly(
            "sent_at", [](const step_reply& r) { return seconds(r.sent_at); }, "Seconds.")
        .def_property_readonly(
            "replied_at", [](const step_reply& r) { return seconds(r.replied_at); }, "Seconds.")
        .def_readonly("asked", &step_reply::asked, "Times the question was put.");
}

} // namespace

void bind_engine_results(py::module_& m) {
    bind_event(m);
    bind_finding(m);
    bind_reply(m);
    py::class_<case_result>(m, "Result", "The outcome of one case.")
        .def_readonly("id", &case_result::id, "The case's id.")
        .def_property_readonly(
            "status",
            [](const case_result& r) { return std::string(to_string(r.result)); },
            "pass, note, fail, unsupported or error.")
        .def_readonly("findings", &case_result::findings, "Deviations, notes included.")
        .def_property_readonly(
            "replies", [](const case_result& r) { return r.seen.replies; }, "What the client saw.")
        .def_property_readonly(
            "timeline", [](const case_result& r) { return r.seen.timeline; }, "Every event.")
        .def_property_readonly(
            "stated_verdict",
            [](const case_result& r) { return r.seen.stated_verdict; },
            "The word a command target stated, or ''.")
        .def_property_readonly(
            "elapsed", [](const case_result& r) { return seconds(r.elapsed); }, "Seconds.")
        .def_property_readonly(
            "reason",
            [](const case_result& r) { return text(r.reason); },
            "unsupported: the missing capability; error: what went wrong.")
        .def("__repr__", [](const case_result& r) {
            return "<Result " + r.id + ' ' + std::string(to_string(r.result)) + '>';
        });
}

} // namespace cbv::python
