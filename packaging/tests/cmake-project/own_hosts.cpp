// A test with a fake MX host and a fake DNS of its own, in one process. To be run in the lab.
#include <cbv/verifier.hpp>
#include <fakemx/load_world.hpp>
#include <fakemx/servers.hpp>

#include <boost/asio/io_context.hpp>

#include <iostream>

namespace fakemx = cbv::fakemx;

int main(int argc, char** argv) {
    if (argc != 2)
        return 2;
    const fakemx::xml_document file{std::filesystem::path{argv[1]}};
    fakemx::address_allocator addresses;
    const auto world = fakemx::load_world(file.root(), "shop", {}, addresses);

    boost::asio::io_context context;
    fakemx::server_settings settings; // the lab's DNS address, port 25
    settings.epoch = fakemx::steady_now();
    unsigned recipients = 0;
    fakemx::servers hosts(context, settings, [&](const std::string&, const fakemx::event& e) {
        recipients += fakemx::to_text(e).find("RCPT TO:<") != std::string::npos ? 1 : 0;
    });
    hosts.add(world);
    hosts.open();

    cbv::verifier_options options;
    options.verification.dialogue.helo_name = "mx.example.net";
    options.verification.addresses.permit(*cbv::ip_prefix::parse("198.18.0.0/15"));
    cbv::verifier verifier(context.get_executor(), options);
    verifier.async_verify(cbv::parse_mailbox("gone@" + world.domain).value(),
                          [&](boost::system::error_code, const cbv::verdict& v) {
                              std::cout << to_string(v.kind) << " after " << recipients << " RCPT\n";
                              hosts.stop();
                              context.stop();
                          });
    context.run();
}
