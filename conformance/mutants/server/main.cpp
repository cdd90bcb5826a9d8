// The program cbv-mutant-server: the reference server with the settings or the verdicts of a
// mutant, for tests of the suite against a real implementation that is known to be wrong. Only
// mutants that are nothing else can run so (--list). All else is as in the reference server. Exit
// status: 0 stopped by a signal, 2 for whatever kept it from running.
#include "mutants/mutant.hpp"
#include "refserver/config.hpp"
#include "refserver/serve.hpp"
#include "system_call.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <string>
#include <unistd.h>
#include <utility>

namespace {

using namespace cbv::refserver;
using cbv::mutants::mutant;

constexpr int exit_error = 2;

void list() {
    for (const auto& m : cbv::mutants::registry())
        if (m.live())
            std::cout << m.id << ' ' << m.requirement << ' ' << m.sentence << '\n';
}

const mutant& live_mutant(const std::string& id) {
    const auto* m = cbv::mutants::find(id);
    if (m == nullptr)
        throw std::runtime_error("there is no mutant \"" + id + "\"");
    if (!m->live())
        throw std::runtime_error("the mutant \"" + id +
                                 "\" exists in virtual time only; see --list");
    return *m;
}

void change_settings(const mutant& m, config& settings) {
    if (!m.options)
        return;
    cbv::call_manager_options unused;
    auto& management = settings.verifier.management;
    m.options(settings.verifier.verification, settings.receiver, management ? *management : unused);
}

verify_function with_wrong_verdicts(verify_function right, cbv::mutants::verdict_change change) {
    return [right = std::move(right), change = std::move(change)](
               cbv::verify_request request, std::function<void(cbv::verdict)> done) {
        return right(std::move(request), [change, done = std::move(done)](cbv::verdict v) {
            change(v);
            done(std::move(v));
        });
    };
}

void complain(const std::string& text) {
    (void)cbv::write_all(STDERR_FILENO,
                         "cbv-mutant-server: " + text + '\n'); // nobody is left to tell
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("The reference server with one rule broken.", "cbv-mutant-server");
    std::string id;
    std::string file;
    bool only_list = false;
    app.add_option("--mutant", id, "which one")->type_name("ID");
    app.add_option("--config", file, "the configuration of cbv-refserver")->type_name("FILE");
    app.add_flag("--list", only_list, "list the mutants that can run so");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : exit_error;
    }
    std::signal(SIGPIPE, SIG_IGN);
    try {
        if (only_list) {
            list();
            return 0;
        }
        if (id.empty() || file.empty())
            throw std::runtime_error("--mutant and --config are needed");
        const auto& m = live_mutant(id);
        auto settings = load_config(file);
        change_settings(m, settings);
        serve(settings, complain, [&m](services& use) {
            if (m.verdict)
                use.verify = with_wrong_verdicts(std::move(use.verify), m.verdict);
        });
        return 0;
    } catch (const std::exception& e) {
        complain(e.what());
        return exit_error;
    }
}
