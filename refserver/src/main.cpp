// The program cbv-refserver: options and configuration; serve.hpp does the rest. Exit status: 0
// stopped by a signal, 2 for whatever kept it from running.
#include "refserver/config.hpp"
#include "refserver/serve.hpp"
#include "system_call.hpp"

#include <CLI/CLI.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <string>
#include <unistd.h>

namespace {

constexpr int exit_error = 2;

void complain(const std::string& text) {
    (void)cbv::write_all(STDERR_FILENO, "cbv-refserver: " + text + '\n'); // nobody is left to tell
}

void warn(const cbv::refserver::config& c) {
    for (const auto& where : c.listen)
        if (where.address.to_string() == "0.0.0.0" || where.address.to_string() == "::")
            complain("warning: " + where.to_string() +
                     " names no address; list ours in verify.own_addresses (CBV-HOST-004)");
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("An SMTP server that verifies return paths by call-back (cbv).", "cbv-refserver");
    std::string file;
    bool check = false;
    bool dump = false;
    app.set_version_flag("--version", "cbv-refserver " CBV_VERSION);
    app.add_option("--config", file, "the configuration, TOML")->required()->type_name("FILE");
    app.add_flag("--check", check, "only read the configuration");
    app.add_flag("--dump-settings", dump, "print every setting in effect as JSON");
    try {
        app.parse(argc, argv);
    } catch (const CLI::ParseError& e) {
        return app.exit(e) == 0 ? 0 : exit_error;
    }
    std::signal(SIGPIPE, SIG_IGN); // a reader of our output that went away
    try {
        const auto settings = cbv::refserver::load_config(file);
        warn(settings);
        if (dump)
            std::cout << cbv::refserver::dump_settings(settings);
        else if (check)
            std::cout << file << ": good\n";
        else
            cbv::refserver::serve(settings, complain);
        std::cout.flush();
        return 0;
    } catch (const std::exception& e) {
        complain(e.what());
        return exit_error;
    }
}
