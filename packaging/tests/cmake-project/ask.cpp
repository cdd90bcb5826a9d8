// ask ADDRESS DNS-SERVER: the Asio verifier, permitted to call the lab's fake hosts.
#include <cbv/verifier.hpp>

#include <boost/asio/io_context.hpp>

#include <iostream>

int main(int argc, char** argv) {
    if (argc != 3)
        return 2;
    cbv::verifier_options options;
    options.verification.dialogue.helo_name = "mx.example.net";
    options.verification.addresses.permit(*cbv::ip_prefix::parse("198.18.0.0/15"));
    options.resolver.servers = {argv[2]};
    boost::asio::io_context context;
    cbv::verifier verifier(context.get_executor(), options);
    verifier.async_verify(cbv::parse_mailbox(argv[1]).value(),
                          [](boost::system::error_code, const cbv::verdict& v) {
                              std::cout << to_string(v.kind) << ' ' << to_string(v.why) << '\n';
                          });
    context.run();
}
