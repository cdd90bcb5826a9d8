// A verifier that lives on: one thread of its own carries out the calls, any number of Python
// threads ask and wait without the interpreter lock. What it remembers and limits is the library's
// call_manager; nothing is decided here.
#include "cbv/verifier.hpp"
#include "parts.hpp"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>

#include <future>
#include <memory>
#include <stdexcept>
#include <thread>

namespace cbv::python {
namespace {

namespace asio = boost::asio;

class managed_verifier {
public:
    explicit managed_verifier(verifier_options o)
        : work_(io_.get_executor()),
          verifier_(std::make_unique<verifier>(io_.get_executor(), std::move(o))),
          thread_([this] { io_.run(); }) {}

    managed_verifier(const managed_verifier&) = delete;
    managed_verifier& operator=(const managed_verifier&) = delete;

    /// Calls under way are cancelled; who waits for one gets an error.
    ~managed_verifier() {
        const py::gil_scoped_release unlock; // the thread takes no lock, those who wait do
        asio::post(io_, [this] { verifier_.reset(); });
        work_.reset();
        thread_.join();
    }

    verdict verify(const py::object& box, double waited) {
        verify_request request{to_mailbox(box), to_duration(waited), {}};
        auto answer = std::make_shared<std::promise<verdict>>();
        auto waiting = answer->get_future();
        const py::gil_scoped_release unlock;
        asio::post(io_, [this, answer, r = std::move(request)]() mutable {
            verifier_->async_verify(
                std::move(r), [answer](boost::system::error_code error, verdict v) {
                    if (error)
                        answer->set_exception(std::make_exception_ptr(
                            std::runtime_error{"the verifier is gone: " + error.message()}));
                    else
                        answer->set_value(std::move(v));
                });
        });
        return waiting.get();
    }

private:
    asio::io_context io_{1};
    asio::executor_work_guard<asio::io_context::executor_type> work_;
    std::unique_ptr<verifier> verifier_;
    std::thread thread_;
};

std::unique_ptr<managed_verifier> make(const std::optional<options>& settings,
                                       const std::vector<std::string>& servers,
                                       double dns_try,
                                       const std::vector<std::string>& sources,
                                       double pass_lifetime,
                                       double fail_lifetime,
                                       double hold_off,
                                       unsigned attempts_per_address,
                                       unsigned attempts_in_all,
                                       unsigned calls_in_all,
                                       unsigned calls_per_domain,
                                       double refusal_pause,
                                       unsigned listing_domains,
                                       const std::vector<std::string>& uncalled_domains,
                                       const std::vector<std::string>& uncalled_addresses) {
    verifier_options o;
    if (settings)
        o.verification = *settings;
    o.resolver.servers = servers;
    o.resolver.timeout = to_duration(dns_try);
    for (const auto& text : sources) {
        const auto address = to_address(text);
        (address.is_v4() ? o.source_v4 : o.source_v6) = address;
    }
    auto& m = o.management.emplace();
    m.cache.pass_lifetime = m.cache.pass_refresh = to_duration(pass_lifetime);
    m.cache.fail_lifetime = to_duration(fail_lifetime);
    m.cache.tempfail_hold_off = to_duration(hold_off);
    m.attempts_per_address = attempts_per_address;
    m.attempts_in_all = attempts_in_all;
    m.calls_in_all = calls_in_all;
    m.calls_per_domain = calls_per_domain;
    m.refusal_pause = to_duration(refusal_pause);
    m.listing_domains = listing_domains;
    m.uncalled_domains = uncalled_domains;
    for (const auto& text : uncalled_addresses)
        m.uncalled_addresses.push_back(to_prefix(text));
    if (const auto problem = o.verification.problem())
        throw py::value_error(*problem);
    if (const auto problem = m.problem())
        throw py::value_error(*problem);
    return std::make_unique<managed_verifier>(std::move(o));
}

} // namespace

void bind_managed_verifier(py::module_& m) {
    const call_manager_options plain; // the draft's limits
    py::class_<managed_verifier>(
        m,
        "Verifier",
        "A verifier that remembers verdicts, shares calls and keeps limits; any thread may ask it.")
        .def(
            py::init(&make),
            py::arg("options") = py::none(),
            py::kw_only(),
            py::arg("servers") = std::vector<std::string>{},
            py::arg("dns_try") = 5.0,
            py::arg("sources") = std::vector<std::string>{},
            py::arg("pass_lifetime") = seconds(plain.cache.pass_lifetime),
            py::arg("fail_lifetime") = seconds(plain.cache.fail_lifetime),
            py::arg("hold_off") = seconds(plain.cache.tempfail_hold_off),
            py::arg("attempts_per_address") = plain.attempts_per_address,
            py::arg("attempts_in_all") = plain.attempts_in_all,
            py::arg("calls_in_all") = plain.calls_in_all,
            py::arg("calls_per_domain") = plain.calls_per_domain,
            py::arg("refusal_pause") = seconds(plain.refusal_pause),
            py::arg("listing_domains") = plain.listing_domains,
            py::arg("uncalled_domains") = std::vector<std::string>{},
            py::arg("uncalled_addresses") = std::vector<std::string>{},
            "options, servers, dns_try: as for verify(); sources: addresses calls leave from, one "
            "a "
            "family; pass_lifetime, fail_lifetime, hold_off (of a tempfail), refusal_pause (a host "
            "that refused the verifier): seconds; the limits: of attempts and calls at once, and "
            "of "
            "calls for a domain in a minute; uncalled_domains, uncalled_addresses: the do-not-call "
            "list. The defaults are the draft's.")
        .def("verify",
             &managed_verifier::verify,
             py::arg("mailbox"),
             py::arg("waited") = 0.0,
             "The Verdict on one mailbox, by a call or from memory. waited: seconds the client has "
             "waited already.");
}

} // namespace cbv::python
