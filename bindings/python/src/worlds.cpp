// Scenarios of the fake MX in Python: a world read from a file, as plain data. Serving it is the
// program fake-mx's job, or LiveRun's.
#include "cbv/text.hpp"
#include "fakemx/load_world.hpp"
#include "fakemx/xml_error.hpp"
#include "parts.hpp"

#include <filesystem>
#include <tuple>

namespace cbv::python {
namespace {

using fakemx::host;
using fakemx::record;
using fakemx::world;

fakemx::load_options make_options(const std::map<std::string, double>& times,
                                  const std::map<std::string, std::string>& placeholders) {
    fakemx::load_options options;
    for (const auto& [name, value] : times)
        options.times[name] = to_duration(value);
    options.placeholders = placeholders;
    return options;
}

world load(const std::string& file,
           const std::map<std::string, double>& times,
           const std::map<std::string, std::string>& placeholders) {
    const fakemx::xml_document document{std::filesystem::path(file)};
    const auto root = document.root();
    const auto options = make_options(times, placeholders);
    const auto id = root.attribute("id").value_or(std::filesystem::path(file).stem().string());
    fakemx::address_allocator addresses;
    if (root.name() == "world")
        return fakemx::load_world(root, id, options, addresses);
    for (const auto& child : root.children())
        if (child.name() == "world")
            return fakemx::load_world(child, id, options, addresses);
    root.fail("expected <world>, or a <case> with one");
}

const char* word(fakemx::reach how) {
    switch (how) {
    case fakemx::reach::listen:
        return "listen";
    case fakemx::reach::refuse:
        return "refuse";
    case fakemx::reach::blackhole:
        return "blackhole";
    }
    return "?";
}

const char* word(fakemx::rr_type type) {
    switch (type) {
    case fakemx::rr_type::a:
        return "A";
    case fakemx::rr_type::cname:
        return "CNAME";
    case fakemx::rr_type::ptr:
        return "PTR";
    case fakemx::rr_type::mx:
        return "MX";
    case fakemx::rr_type::txt:
        return "TXT";
    case fakemx::rr_type::aaaa:
        return "AAAA";
    case fakemx::rr_type::any:
        break;
    }
    return "ANY";
}

/// What the record points to, as zone files write it.
std::string value(const record& r) {
    if (r.address)
        return r.address->to_string();
    if (r.type == fakemx::rr_type::mx)
        return std::to_string(r.preference) + ' ' + r.target + '.';
    return escape(r.target);
}

} // namespace

void bind_worlds(py::module_& m) {
    py::register_exception<fakemx::xml_error>(m, "CaseError", PyExc_ValueError).attr("__doc__") =
        "A file is not what it should be: FILE:LINE:COLUMN: what was expected.";

    py::class_<host>(m, "Host", "One fake MX host.")
        .def_readonly("id", &host::id, "Its name in the file.")
        .def_readonly("name", &host::name, "Its DNS name.")
        .def_property_readonly(
            "addresses",
            [](const host& h) {
                std::vector<std::string> list;
                for (const auto& address : h.addresses)
                    list.push_back(address.to_string());
                return list;
            },
            "Its addresses, given by the file or by the loader.")
        .def_property_readonly(
            "reach", [](const host& h) { return word(h.how); }, "listen, refuse or blackhole.")
        .def_readonly("keywords", &host::keywords, "EHLO keywords.")
        .def_property_readonly(
            "rules",
            [](const host& h) { return h.rules.size(); },
            "How many rules its script has.");

    py::class_<world>(m, "World", "Fake DNS and fake MX hosts of one file.")
        .def_readonly("id", &world::id, "The file's id.")
        .def_readonly("domain", &world::domain, "Its domain.")
        .def_readonly("hosts", &world::hosts, "Its hosts.")
        .def_property_readonly(
            "records",
            [](const world& w) {
                std::vector<std::tuple<std::string, std::string, std::string>> list;
                for (const auto& r : w.records)
                    list.emplace_back(r.name, word(r.type), value(r));
                return list;
            },
            "[(name, type, value)] of its DNS records.");

    m.def("load_world",
          &load,
          py::arg("file"),
          py::arg("times") = std::map<std::string, double>{},
          py::arg("placeholders") = std::map<std::string, std::string>{},
          "Reads the <world> of a file; raises CaseError.\n\ntimes: seconds by name "
          "('rcpt-timeout'); placeholders: texts by name ('helo').");
}

} // namespace cbv::python
