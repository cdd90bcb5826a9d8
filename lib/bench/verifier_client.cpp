// The same dialogues by the Asio verifier, and the memory of hanging ones.
#include "bench.hpp"
#include "cbv/verifier.hpp"

#include <boost/asio/io_context.hpp>

#include <chrono>
#include <malloc.h>
#include <stdexcept>

namespace cbv::bench {

namespace asio = boost::asio;

namespace {

verifier_options options_for(std::uint16_t port) {
    verifier_options o;
    o.verification.port = port;
    o.verification.dialogue.helo_name = "verifier.example";
    o.verification.addresses.permit(ip_prefix::parse("198.18.0.0/15").value());
    return o;
}

mailbox literal_of(const ip_address& to) {
    return parse_mailbox("user@[" + to.to_string() + "]").value();
}

std::size_t allocated() {
    return mallinfo2().uordblks;
}

} // namespace

figures run_verifier_client(const ip_address& to,
                            std::uint16_t port,
                            std::size_t dialogues,
                            std::size_t in_flight) {
    asio::io_context context(1);
    verifier v(context.get_executor(), options_for(port));
    const auto box = literal_of(to);
    std::size_t started = 0;
    std::size_t passed = 0;
    const auto on_verdict = [&](boost::system::error_code, const verdict& result) {
        if (result.kind != verdict_kind::pass)
            throw std::runtime_error("the responder was misread: " +
                                     std::string(to_string(result.why)));
        ++passed;
    };
    const auto begin = std::chrono::steady_clock::now();
    // The verdict comes before QUIT's reply, but like the bare client's a dialogue is in flight
    // until its connection is closed.
    for (;;) {
        for (; started < dialogues && v.active() < in_flight; ++started)
            v.async_verify(box, on_verdict);
        context.restart();
        if (context.run_one() == 0)
            break;
        context.poll(); // what else is ready
    }
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (passed != dialogues)
        throw std::runtime_error("verdicts are missing");
    return {took.count(), dialogues};
}

double memory_of_hanging(const ip_address& to, std::uint16_t port, std::size_t count) {
    asio::io_context context(1);
    verifier v(context.get_executor(), options_for(port));
    const auto box = literal_of(to);
    const auto before = allocated();
    for (std::size_t i = 0; i < count; ++i)
        v.async_verify(box, [](boost::system::error_code, const verdict&) {});
    // Let every connection be made; the hosts stay silent, so nothing more comes.
    context.run_for(std::chrono::milliseconds(1500));
    if (v.active() != count)
        throw std::runtime_error("not every verification hangs");
    return static_cast<double>(allocated() - before) / static_cast<double>(count);
}

} // namespace cbv::bench
