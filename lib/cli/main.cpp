// The command-line program `cbv`: verifies one reverse-path and prints the verdict, with the
// dialogue
// (--trace) or as JSON (--json). Options and output only; the library does the work.
#include "cbv/verifier.hpp"
#include "options.hpp"
#include "output.hpp"

#include <exception>
#include <iostream>

int main(int argc, char** argv) {
    using namespace cbv::cli;
    settings s;
    if (const auto status = read_options(argc, argv, s))
        return *status;
    try {
        transcript log(std::cerr, s.trace && !s.json);
        const auto address = cbv::parse_mailbox(s.address);
        if (!address) {
            std::cerr << "cbv: \"" << cbv::escape(s.address)
                      << "\" is not a mailbox: " << address.error().message << " at octet "
                      << address.error().offset + 1 << '\n';
            return exit_usage;
        }
        cbv::verify_request request{*address, {}, {}};
        if (s.trace)
            request.observer = [&](const cbv::trace_event& e) { log.add(e); };
        const auto verdict = cbv::verify(std::move(request), s.verifier);
        if (s.json)
            print_json(std::cout, s.address, verdict, s.trace ? &log : nullptr);
        else
            print_text(std::cout, s.address, verdict);
        std::cout.flush();
        if (!std::cout) {
            std::cerr << "cbv: cannot write to standard output\n";
            return exit_usage;
        }
        return exit_status(verdict.kind);
    } catch (const std::exception& e) {
        std::cerr << "cbv: " << e.what() << '\n';
        return exit_usage;
    }
}
