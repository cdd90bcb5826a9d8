// The program cbv-mutant-server: the reference server with the settings or the verdicts of a
// mutant, for tests of the suite against a real implementation that is known to be wrong. Only
// mutants that are nothing else can run so (--list). Mail is stored as usual; there are no trace
// records. Exit status: 0 stopped by a signal, 2 for whatever kept it from running.
#include "mutants/mutant.hpp"
#include "refserver/config.hpp"
#include "refserver/maildir.hpp"
#include "refserver/message.hpp"
#include "refserver/server.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include <chrono>
#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
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
    return
        [right = std::move(right), change = std::move(change)](
            const cbv::mailbox& box, cbv::duration waited, std::function<void(cbv::verdict)> done) {
            return right(box, waited, [change, done = std::move(done)](cbv::verdict v) {
                change(v);
                done(std::move(v));
            });
        };
}

void serve(const mutant& m, config& settings) {
    change_settings(m, settings);
    maildir spool(settings.spool, settings.receiver.host_name);
    boost::asio::io_context context(1);
    cbv::verifier verifier(context.get_executor(), settings.verifier);
    services use;
    use.verify = verify_by(verifier);
    if (m.verdict)
        use.verify = with_wrong_verdicts(std::move(use.verify), m.verdict);
    use.store = [&](const cbv::received_message& message) {
        spool.deliver(
            stored_text(message, settings.receiver.host_name, std::chrono::system_clock::now()));
    };
    server smtp(context, settings, std::move(use));
    boost::asio::signal_set signals(context, SIGTERM, SIGINT);
    signals.async_wait([&](boost::system::error_code error, int) {
        if (!error)
            smtp.stop([&] { context.stop(); });
    });
    std::string ready = "ready";
    for (const endpoint& where : smtp.listen())
        ready += ' ' + where.to_string();
    std::cout << ready << std::endl;
    context.run();
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
        serve(m, settings);
        return 0;
    } catch (const std::exception& e) {
        std::cerr << "cbv-mutant-server: " << e.what() << std::endl;
        return exit_error;
    }
}
