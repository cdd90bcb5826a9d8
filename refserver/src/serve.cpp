// The wiring of a server (refserver/serve.hpp).
#include "refserver/serve.hpp"

#include "cbv/text.hpp"
#include "refserver/maildir.hpp"
#include "refserver/message.hpp"
#include "refserver/trace.hpp"
#include "system_call.hpp"

#include <boost/asio/signal_set.hpp>

#include <cerrno>
#include <chrono>
#include <csignal>
#include <cstring>
#include <stdexcept>
#include <string>
#include <system_error>
#include <unistd.h>
#include <utility>

namespace cbv::refserver {
namespace {

/// An error that names the place of the setting.
maildir open_spool(const config& c) {
    try {
        return {c.spool, c.receiver.host_name};
    } catch (const std::system_error& e) {
        throw std::runtime_error(c.spool_place + ": cannot make a Maildir of \"" +
                                 escape(c.spool.string()) + "\": " + e.code().message());
    }
}

} // namespace

void serve(const config& settings,
           const std::function<void(const std::string&)>& complain,
           const std::function<void(services&)>& change) {
    const std::string& host_name = settings.receiver.host_name;
    maildir spool = open_spool(settings);
    trace_log trace(settings.trace);

    boost::asio::io_context context(1);
    cbv::verifier verifier(context.get_executor(), settings.verifier);
    services use;
    use.verify = verify_by(verifier);
    use.store = [&](const received_message& m) {
        spool.deliver(stored_text(m, host_name, std::chrono::system_clock::now()));
    };
    use.trace = [&](const decision_record& r) {
        trace.write(trace_line(r, std::chrono::system_clock::now()));
    };
    use.log = complain;
    if (change)
        change(use);
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
    if (!write_all(STDOUT_FILENO, ready + '\n') && complain)
        complain(std::string("cannot write to standard output: ") + std::strerror(errno));
    context.run();
}

} // namespace cbv::refserver
