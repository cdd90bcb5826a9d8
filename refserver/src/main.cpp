// The program cbv-refserver: configuration, wiring, signals. Exit status: 0 stopped by a signal, 2
// for whatever kept it from running.
#include "cbv/text.hpp"
#include "refserver/config.hpp"
#include "refserver/maildir.hpp"
#include "refserver/message.hpp"
#include "refserver/server.hpp"
#include "refserver/trace.hpp"

#include <CLI/CLI.hpp>
#include <boost/asio/signal_set.hpp>

#include <csignal>
#include <exception>
#include <iostream>
#include <stdexcept>
#include <system_error>

namespace {

constexpr int exit_error = 2;

void complain(const std::string& text) {
    std::cerr << "cbv-refserver: " << text << std::endl;
}

void warn(const cbv::refserver::config& c) {
    for (const auto& where : c.listen)
        if (where.address.to_string() == "0.0.0.0" || where.address.to_string() == "::")
            complain("warning: " + where.to_string() +
                     " names no address; list ours in verify.own_addresses (CBV-HOST-004)");
}

/// An error that names the place of the setting.
cbv::refserver::maildir open_spool(const cbv::refserver::config& c) {
    try {
        return {c.spool, c.receiver.host_name};
    } catch (const std::system_error& e) {
        throw std::runtime_error(c.spool_place + ": cannot make a Maildir of \"" +
                                 cbv::escape(c.spool.string()) + "\": " + e.code().message());
    }
}

void serve(const cbv::refserver::config& settings) {
    using namespace cbv::refserver;
    const std::string& host_name = settings.receiver.host_name;
    maildir spool = open_spool(settings);
    trace_log trace(settings.trace);

    boost::asio::io_context context(1);
    cbv::verifier verifier(context.get_executor(), settings.verifier);
    services use;
    use.verify = verify_by(verifier);
    use.store = [&](const cbv::received_message& m) {
        spool.deliver(stored_text(m, host_name, std::chrono::system_clock::now()));
    };
    use.trace = [&](const cbv::decision_record& r) {
        trace.write(trace_line(r, std::chrono::system_clock::now()));
    };
    use.log = complain;
    server smtp(context, settings, std::move(use));

    boost::asio::signal_set signals(context, SIGTERM, SIGINT);
    std::function<void(boost::system::error_code, int)> on_signal =
        [&](boost::system::error_code error, int) {
            if (error)
                return;
            signals.async_wait(on_signal); // a second signal ends it by force
            // A call's QUIT may still wait for its reply; nobody else waits for that.
            smtp.stop([&] { context.stop(); });
        };
    signals.async_wait(on_signal);

    std::string ready = "ready";
    for (const endpoint& where : smtp.listen())
        ready += ' ' + where.to_string();
    std::cout << ready << std::endl;
    context.run();
}

} // namespace

int main(int argc, char** argv) {
    CLI::App app("An SMTP server that verifies return paths by call-back (cbv).", "cbv-refserver");
    std::string file;
    bool check = false;
    bool dump = false;
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
            serve(settings);
        std::cout.flush();
        return 0;
    } catch (const std::exception& e) {
        complain(e.what());
        return exit_error;
    }
}
