// The command-line program `cbv`: verifies one reverse-path and prints the verdict, with the
// dialogue (--trace) or as JSON (--json). Options and output only; the library does the work.
#include "cbv/eligibility.hpp"
#include "cbv/verifier.hpp"
#include "options.hpp"
#include "output.hpp"

#include <exception>
#include <iostream>

namespace {

/// A mailbox, or a path in its angle brackets.
cbv::result<cbv::path, cbv::path_error> read_path(const std::string& text) {
    if (text.starts_with('<'))
        return cbv::parse_reverse_path(text, cbv::lengths::any);
    auto box = cbv::parse_mailbox(text, cbv::lengths::any);
    if (!box)
        return box.error();
    cbv::path path;
    path.box = *box;
    return path;
}

cbv::verdict
ask(const cbv::path& path, const cbv::verifier_options& options, cbv::trace_observer observer) {
    // `<>` has nothing to verify, and what is too long is not asked for.
    if (const auto no_call = cbv::exempt(path, {}, {}))
        return cbv::without_call(cbv::verdict_kind::none, no_call->why, no_call->requirement);
    return cbv::verify({*path.box, {}, std::move(observer)}, options);
}

} // namespace

int main(int argc, char** argv) {
    using namespace cbv::cli;
    settings s;
    if (const auto status = read_options(argc, argv, s))
        return *status;
    try {
        transcript log(std::cerr, s.trace && !s.json);
        const auto path = read_path(s.address);
        if (!path) {
            std::cerr << "cbv: \"" << cbv::escape(s.address)
                      << "\" is not an address: " << path.error().message << " at octet "
                      << path.error().offset + 1 << '\n';
            return exit_usage;
        }
        cbv::trace_observer observer;
        if (s.trace)
            observer = [&log](const cbv::trace_event& e) { log.add(e); };
        const auto verdict = ask(*path, s.verifier, std::move(observer));
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
