// Mailboxes, paths and replies in Python. A refused text raises an exception that says where; it
// never comes back as None.
#include "cbv/reply.hpp"
#include "cbv/text.hpp"
#include "parts.hpp"

namespace cbv::python {
namespace {

const char* word(path_fault fault) {
    switch (fault) {
    case path_fault::syntax:
        return "syntax";
    case path_fault::control_octet:
        return "control-octet";
    case path_fault::not_utf8:
        return "not-utf8";
    case path_fault::too_long:
        return "too-long";
    }
    return "?";
}

// Exception types live as long as the interpreter.
py::handle path_error_type;
py::handle reply_error_type;

[[noreturn]] void raise(const path_error& e) {
    py::object error =
        path_error_type(e.message + " at octet " + std::to_string(e.offset + 1)); // as people count
    error.attr("fault") = word(e.fault);
    error.attr("offset") = e.offset;
    PyErr_SetObject(path_error_type.ptr(), error.ptr());
    throw py::error_already_set();
}

[[noreturn]] void raise_reply_error(std::string_view fault) {
    py::object error = reply_error_type("not an SMTP reply: " + std::string(fault));
    error.attr("fault") = std::string(fault);
    PyErr_SetObject(reply_error_type.ptr(), error.ptr());
    throw py::error_already_set();
}

template <class T>
T value_or_raise(const result<T, path_error>& r) {
    if (!r)
        raise(r.error());
    return *r;
}

std::vector<reply> feed(reply_parser& parser, const py::bytes& data) {
    const auto octets = data.cast<std::string>();
    std::string_view rest = octets;
    std::vector<reply> replies;
    while (true) {
        const auto status = parser.feed(rest);
        if (status == reply_parser::status::malformed)
            raise_reply_error(to_string(parser.fault()));
        if (status == reply_parser::status::need_more)
            return replies;
        replies.push_back(parser.take());
    }
}

void bind_paths(py::module_& m) {
    path_error_type = py::exception<path_error>(m, "PathError", PyExc_ValueError).release();
    path_error_type.attr("__doc__") = "A path or mailbox was refused. fault: 'syntax', "
                                      "'control-octet', 'not-utf8' or 'too-long'; offset: octet.";

    py::class_<mailbox>(m, "Mailbox", "local-part@domain by RFC 5321 section 4.1.2.")
        .def_property_readonly(
            "local_part", [](const mailbox& b) { return text(b.local_part); }, "As received.")
        .def_property_readonly(
            "domain", [](const mailbox& b) { return text(b.domain); }, "As received.")
        .def_property_readonly(
            "literal",
            [](const mailbox& b) -> std::optional<std::string> {
                return b.literal ? std::optional(b.literal->to_string()) : std::nullopt;
            },
            "The address of an address literal, or None.")
        .def_property_readonly(
            "needs_smtputf8", &mailbox::needs_smtputf8, "The local-part is not ASCII.")
        .def_property_readonly(
            "unquoted_local_part",
            [](const mailbox& b) { return text(b.unquoted_local_part()); },
            "The local-part without quotes and backslashes.")
        .def("__str__", [](const mailbox& b) { return text(b.to_string()); })
        .def("__repr__", [](const mailbox& b) { return "<Mailbox " + escape(b.to_string()) + '>'; })
        .def("__eq__", [](const mailbox& a, const mailbox& b) { return a == b; });

    py::class_<path>(m, "Path", "A reverse-path or forward-path.")
        .def_property_readonly(
            "mailbox", [](const path& p) { return p.box; }, "The mailbox; None for <>.")
        .def_readonly("had_source_route", &path::had_source_route, "A source route was dropped.")
        .def_property_readonly("is_null", &path::is_null, "Whether it is <>.");

    m.def(
        "parse_mailbox",
        [](const py::object& t) { return value_or_raise(parse_mailbox(octets(t))); },
        py::arg("text"),
        "Reads local-part@domain; raises PathError.");
    m.def(
        "parse_reverse_path",
        [](const py::object& t) { return value_or_raise(parse_reverse_path(octets(t))); },
        py::arg("text"),
        "Reads <> or <mailbox>; raises PathError.");
    m.def(
        "parse_forward_path",
        [](const py::object& t) { return value_or_raise(parse_forward_path(octets(t))); },
        py::arg("text"),
        "Reads <mailbox> or <Postmaster>; raises PathError.");
}

void bind_replies(py::module_& m) {
    reply_error_type = py::exception<reply_fault>(m, "ReplyError", PyExc_ValueError).release();
    reply_error_type.attr("__doc__") =
        "Octets are not an SMTP reply. fault: a word such as 'mixed-codes'.";

    py::class_<reply>(m, "Reply", "A complete SMTP reply.")
        .def(py::init([](int code, const std::vector<py::bytes>& lines) {
                 if (code < 200 || code > 599)
                     throw py::value_error("a reply code is 200 to 599");
                 reply r;
                 r.code = code;
                 for (const auto& line : lines)
                     r.lines.push_back(line);
                 return r;
             }),
             py::arg("code"),
             py::arg("lines") = std::vector<py::bytes>{})
        .def_readonly("code", &reply::code, "200 to 599.")
        .def_property_readonly(
            "lines",
            [](const reply& r) { return bytes_list(r.lines); },
            "Text of each line, without code and CR LF.")
        .def_property_readonly(
            "enhanced",
            [](const reply& r) -> std::optional<std::string> {
                const auto code = r.enhanced();
                return code ? std::optional(code->to_string()) : std::nullopt;
            },
            "Enhanced status code such as '5.1.1', or None.")
        .def("__str__", &reply::to_string)
        .def("__repr__", [](const reply& r) { return "<Reply " + r.to_string() + '>'; })
        .def("__eq__", [](const reply& a, const reply& b) { return a == b; });

    py::class_<reply_parser>(m, "ReplyParser", "Reads replies from octets in any segmentation.")
        .def(py::init([](std::size_t max_lines, std::size_t max_octets) {
                 return reply_parser(reply_limits{max_lines, max_octets});
             }),
             py::arg("max_lines") = reply_limits{}.max_lines,
             py::arg("max_octets") = reply_limits{}.max_octets)
        .def("feed", &feed, py::arg("data"), "The replies completed by `data`; raises ReplyError.")
        .def_property_readonly(
            "in_progress", &reply_parser::in_progress, "A reply has begun and is not complete.")
        .def("reset", &reply_parser::reset, "Back to the initial state.");

    m.def(
        "parse_reply",
        [](const py::bytes& data) {
            reply_parser parser;
            auto replies = feed(parser, data);
            if (replies.size() != 1 || parser.in_progress())
                raise_reply_error(replies.empty() ? "incomplete" : "more than one reply");
            return replies.front();
        },
        py::arg("data"),
        "Reads exactly one reply; raises ReplyError.");
    m.def(
        "escape",
        [](const py::object& t, std::size_t limit) { return escape(octets(t), limit); },
        py::arg("text"),
        py::arg("limit") = 1024,
        "Printable ASCII: other octets as \\xHH; at most `limit` octets.");
}

} // namespace

mailbox to_mailbox(const py::object& mailbox_or_text) {
    if (py::isinstance<mailbox>(mailbox_or_text))
        return mailbox_or_text.cast<mailbox>();
    // What is too long is for the verifier to know (CBV-ADDR-006).
    return value_or_raise(parse_mailbox(octets(mailbox_or_text), lengths::any));
}

void bind_values(py::module_& m) {
    bind_paths(m);
    bind_replies(m);
}

} // namespace cbv::python
