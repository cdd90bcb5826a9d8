// The state machine alone, driven by hand: no socket, no clock, no Boost.
#include <cbv/verification.hpp>

#include <iostream>

int main() {
    cbv::verification_options options;
    options.dialogue.helo_name = "mx.example.net";
    const cbv::instant now{};
    cbv::verification call(cbv::parse_mailbox("user@example.org").value(), options, now);
    while (const auto action = call.next_action())
        if (const auto* query = std::get_if<cbv::act::query_dns>(&*action)) {
            std::cout << "query " << to_string(query->type) << ' ' << query->name << '\n';
            call.on_dns(query->id, {cbv::dns_status::nxdomain, {}, {}, 0, "NXDOMAIN"}, now);
        }
    std::cout << to_string(call.result()->kind) << '\n';
    return call.finished() ? 0 : 1;
}
