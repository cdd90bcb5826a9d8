// Drives the front of a milter by hand: packets as text, and sessions up to the point that matters.
#pragma once

#include "front_rig.hpp"
#include "milter_front.hpp"

#include <string>

namespace cbv::engine::testing {

using namespace std::string_literals;

inline std::string negotiation(std::uint32_t protocol,
                               const std::string& lists = {},
                               std::uint32_t version = 6,
                               std::uint32_t actions = milter::all_actions) {
    std::string data;
    for (const auto number : {version, actions, protocol})
        milter::put_u32(data, number);
    return milter::encode(milter::command::negotiate, data + lists);
}

struct milter_rig : front_rig<milter_front> {
    /// Packets since the last call: "M<a>;" with NULs as "|"; "(connect)" and "(close)" as they
    /// are.
    std::string packets(bool macros = false) {
        std::string text;
        auto all = moves();
        for (std::string_view rest = all; !rest.empty();) {
            if (rest.starts_with('(')) {
                const auto end = rest.find(')') + 1;
                text += rest.substr(0, end);
                rest.remove_prefix(end);
                continue;
            }
            milter::packet_reader reader;
            if (reader.feed(rest) != milter::packet_reader::status::complete)
                return text + "?";
            auto p = reader.take();
            if (p.code == milter::command::macro && !macros)
                continue;
            for (auto& c : p.data)
                c = c == '\0' ? '|' : c;
            text += p.code + p.data + ";";
        }
        return text;
    }
    void say(char code, const std::string& data = {}, duration now = ms(0)) {
        target(milter::encode(code, data), now);
    }
    void begin(const std::string& answer_to_offer) {
        front.on_client_connected(ms(0));
        EXPECT_EQ(packets(), "(connect)");
        front.on_target_connected(ms(0));
        EXPECT_EQ(moves(), "\0\0\0\x0DO\0\0\0\6\0\0\1\xFF\0\x1F\xFF\xFF"s);
        target(answer_to_offer);
    }
    /// Up to the reply to EHLO.
    void greet() {
        say(milter::answer::go_on);
        EXPECT_EQ(hears(), "220 verifier.target.test ESMTP\r\n");
        client("EHLO client.test\r\n");
        say(milter::answer::go_on);
        EXPECT_TRUE(hears().starts_with("250-verifier.target.test\r\n"));
        packets();
    }
    void mail() {
        client("MAIL FROM:<good@a.test>\r\n");
        say(milter::answer::go_on);
        EXPECT_EQ(hears(), "250 2.1.0 Ok\r\n");
        packets();
    }
    /// A session in which a recipient is being asked about.
    void ask(std::uint32_t protocol = 0) {
        begin(negotiation(protocol));
        greet();
        mail();
        EXPECT_EQ(client("RCPT TO:<user@target.test> NOTIFY=NEVER\r\n"), "");
        EXPECT_EQ(packets(), "R<user@target.test>|NOTIFY=NEVER|;");
    }
};

} // namespace cbv::engine::testing
