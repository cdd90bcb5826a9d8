// The draft's tables in Python: decision table, reply table, timers, address policy.
#include "cbv/address_policy.hpp"
#include "cbv/decision.hpp"
#include "cbv/reply_policy.hpp"
#include "cbv/text.hpp"
#include "cbv/timeouts.hpp"
#include "parts.hpp"

#include <map>
#include <utility>

namespace cbv::python {
namespace {

const char* word(next_step step) {
    switch (step) {
    case next_step::next_stage:
        return "next-stage";
    case next_step::try_helo:
        return "try-helo";
    case next_step::clear:
        return "clear";
    case next_step::end:
        return "end";
    case next_step::next_host:
        return "next-host";
    case next_step::next_preference:
        return "next-preference";
    }
    return "?";
}

const char* word(address_policy::ruling ruling) {
    switch (ruling) {
    case address_policy::ruling::allowed:
        return "allowed";
    case address_policy::ruling::prohibited:
        return "prohibited";
    case address_policy::ruling::own:
        return "own";
    }
    return "?";
}

fault to_fault(const std::string& word) {
    static const std::map<std::string, fault, std::less<>> faults = {
        {"timeout", fault::timeout},
        {"refused", fault::refused},
        {"lost", fault::lost},
        {"protocol", fault::protocol},
        {"tls", fault::tls},
        {"local", fault::local},
    };
    if (const auto found = faults.find(word); found != faults.end())
        return found->second;
    throw py::value_error("a fault is timeout, refused, lost, protocol, tls or local, not \"" +
                          escape(word) + '"');
}

stage to_stage(const std::string& word) {
    if (const auto at = stage_from(word))
        return *at;
    throw py::value_error("no stage \"" + escape(word) + '"');
}

verdict_kind to_kind(const std::string& word) {
    if (const auto kind = verdict_kind_from(word))
        return *kind;
    throw py::value_error("no verdict \"" + escape(word) + '"');
}

cause to_cause(const std::string& word) {
    if (const auto why = cause_from(word))
        return *why;
    throw py::value_error("no cause \"" + escape(word) + '"');
}

void bind_tables(py::module_& m) {
    py::class_<ruling>(m, "Ruling", "A cell of the decision table.")
        .def_property_readonly(
            "then",
            [](const ruling& r) { return word(r.then); },
            "next-stage, try-helo, clear, end, next-host or next-preference.")
        .def_property_readonly(
            "kind",
            [](const ruling& r) -> std::optional<std::string> {
                return r.kind ? std::optional(std::string(to_string(*r.kind))) : std::nullopt;
            },
            "The host's verdict, or None while the dialogue goes on.")
        .def_property_readonly(
            "why",
            [](const ruling& r) -> std::optional<std::string> {
                return r.kind ? std::optional(std::string(to_string(r.why))) : std::nullopt;
            },
            "The cause, or None while the dialogue goes on.")
        .def_property_readonly(
            "requirement",
            [](const ruling& r) { return std::string(r.requirement); },
            "The draft's rule, or ''.")
        .def("__repr__", [](const ruling& r) {
            return std::string("<Ruling ") + word(r.then) +
                   (r.kind ? " " + std::string(to_string(*r.kind)) + " (" +
                                 std::string(to_string(r.why)) + ")"
                           : "") +
                   '>';
        });

    m.def(
        "decide",
        [](const std::string& at, const py::object& event, bool null_sender_fails) {
            if (py::isinstance<reply>(event))
                return decide(
                    to_stage(at), event.cast<reply>(), decision_options{null_sender_fails});
            return decide(to_stage(at), to_fault(event.cast<std::string>()));
        },
        py::arg("stage"),
        py::arg("event"),
        py::arg("null_sender_fails") = false,
        "The cell for a Reply, or for a fault (timeout, refused, lost, protocol, tls, local), at a "
        "stage. null_sender_fails: the operator's choice of CBV-INT-007.");

    m.def(
        "reply_codes",
        [](const std::string& kind,
           const std::string& why,
           bool defer_unverifiable) -> std::optional<std::pair<int, std::string>> {
            reply_options o;
            o.defer_unverifiable = defer_unverifiable;
            const auto codes = codes_for(to_kind(kind), to_cause(why), o);
            if (codes.code == 0)
                return std::nullopt;
            return std::pair(codes.code, codes.enhanced.to_string());
        },
        py::arg("kind"),
        py::arg("why"),
        py::arg("defer_unverifiable") = false,
        "(code, enhanced code) answered to the client, or None when the verdict has no effect.");
    m.def(
        "reply_for",
        [](const verdict& v,
           const py::object& reverse_path,
           bool quote_called_host,
           bool defer_unverifiable,
           bool enhanced_codes) {
            reply_options options;
            options.quote_called_host = quote_called_host;
            options.defer_unverifiable = defer_unverifiable;
            options.enhanced_codes = enhanced_codes;
            return reply_for(v, octets(reverse_path), options);
        },
        py::arg("verdict"),
        py::arg("reverse_path"),
        py::arg("quote_called_host") = false,
        py::arg("defer_unverifiable") = false,
        py::arg("enhanced_codes") = true,
        "The Reply to RCPT for a verdict, or None when the recipient is accepted.");
    m.def(
        "explain",
        [](const std::string& why) { return std::string(explain(to_cause(why))); },
        py::arg("why"),
        "A cause in words for people.");
}

void bind_timeouts(py::module_& m) {
    py::class_<timeouts> c(m, "Timeouts", "Seconds a stage may take; the draft's defaults.");
    using field = std::pair<const char*, duration timeouts::*>;
    static constexpr std::array<field, 9> fields = {{
        {"dns", &timeouts::dns},
        {"connect", &timeouts::connect},
        {"greeting", &timeouts::greeting},
        {"ehlo", &timeouts::ehlo},
        {"mail", &timeouts::mail},
        {"rcpt", &timeouts::rcpt},
        {"quit", &timeouts::quit},
        {"starttls", &timeouts::starttls},
        {"budget", &timeouts::budget},
    }};
    c.def(py::init([](const py::kwargs& given) {
        timeouts t;
        for (const auto& [key, value] : given) {
            const auto name = key.cast<std::string>();
            const auto* found = std::find_if(
                fields.begin(), fields.end(), [&](const field& f) { return name == f.first; });
            if (found == fields.end())
                throw py::type_error("no timeout \"" + escape(name) + '"');
            t.*(found->second) = to_duration(value.cast<double>());
        }
        return t;
    }));
    for (const auto& [name, member] : fields)
        c.def_property(
            name,
            [p = member](const timeouts& t) { return seconds(t.*p); },
            [p = member](timeouts& t, double s) { t.*p = to_duration(s); },
            "Seconds.");
    c.def("problem", &timeouts::problem, "What is wrong with the values, or None.");
    c.def("__repr__", [](const timeouts& t) {
        std::string out = "<Timeouts";
        for (const auto& [name, member] : fields)
            out += ' ' + std::string(name) + '=' +
                   py::str(py::float_(seconds(t.*member))).cast<std::string>();
        return out + '>';
    });
}

void bind_addresses(py::module_& m) {
    m.def(
        "special_ranges",
        [] {
            std::vector<std::pair<std::string, std::string>> list;
            for (const auto& r : special_ranges())
                list.emplace_back(r.prefix.to_string(), std::string(r.name));
            return list;
        },
        "[(prefix, name)] of the ranges never called by default.");

    py::class_<address_policy>(m, "AddressPolicy", "Which addresses may be called.")
        .def(py::init<>())
        .def(
            "permit",
            [](address_policy& p, const std::string& t) { p.permit(to_prefix(t)); },
            py::arg("prefix"),
            "Permits calls into a special-purpose prefix.")
        .def(
            "prohibit",
            [](address_policy& p, const std::string& t) { p.prohibit(to_prefix(t)); },
            py::arg("prefix"),
            "Forbids calls into a prefix; wins over permit().")
        .def(
            "add_own",
            [](address_policy& p, const std::string& t) { p.add_own(to_address(t)); },
            py::arg("address"),
            "Adds one of the verifier's own addresses.")
        .def(
            "check",
            [](const address_policy& p, const std::string& t) {
                return word(p.check(to_address(t)));
            },
            py::arg("address"),
            "'allowed', 'prohibited' or 'own'.")
        .def(
            "explain",
            [](const address_policy& p, const std::string& t) { return p.explain(to_address(t)); },
            py::arg("address"),
            "Why check() says so, in words.");
}

} // namespace

void bind_rules(py::module_& m) {
    bind_timeouts(m);
    bind_addresses(m);
    bind_tables(m);
}

} // namespace cbv::python
